#!/usr/bin/env python3
# weir dead-letters: rows that failed are seen, mended, replayed and discarded, and none is lost on the way.
import json
import os
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, edge, node  # noqa: E402

CSV = "id,n,at\n1,2,2026-01-01T00:00:00Z\n2,0,2026-01-02T00:00:00Z\n3,4\n4,0,2026-01-03T00:00:00Z\n"


class Letters(ProgramTest):
    def setUp(self):
        super().setUp()
        self.store = self.folder / ".weir/dead-letters"

    def share(self, name="share", writer="files/json-write", path="out.ndjson", **more):
        return self.flow(name, node("read", "files/csv-read", path="in.csv", schema="{id: int, n: int, at: timestamp}"),
                         node("share", "logic/map", set={"share": "100 / row.n"}), node("write", writer, path=path, **more))

    def failed(self):
        """Three dead letters: a record of the wrong length, and two rows that divide by zero."""
        self.write("in.csv", CSV)
        flow = self.share()
        self.weir("run", "-q", flow, code=3)
        return flow

    def shown(self, *more, run="last"):
        return [json.loads(line) for line in self.weir("dead-letters", "show", run, *more)[0].splitlines()]

    def rows(self, name="out.ndjson"):
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

    def edit(self, *lines, code=0, **more):
        return self.weir("dead-letters", "edit", "last", given="".join(json.dumps(line) + "\n" for line in lines), code=code, **more)


class SeenAndMended(Letters):
    def test_list_counts_by_node_and_code_and_show_has_all_that_is_known(self):
        self.failed()
        out, _ = self.weir("dead-letters", "list")
        for text in ("3 letters", "2  share  cel.divide_by_zero", "1  read  csv.field_count"):
            self.assertIn(text, out)
        listed = json.loads(self.weir("dl", "list", "--json")[0])
        self.assertEqual((listed["letters"], listed["state"]), (3, "whole"))
        letters = self.shown()
        self.assertEqual([letter["number"] for letter in letters], [1, 2, 3])
        mine = self.shown("--node", "share", "--limit", "1")[0]
        self.assertEqual((mine["code"], mine["tries"], mine["edited"], mine["row"]),
                         ("cel.divide_by_zero", 1, False, {"id": 2, "n": 0, "at": "2026-01-02T00:00:00Z"}))
        self.assertRegex(mine["traceId"], "^[0-9a-f]{32}$")
        self.assertRegex(mine["time"], "^20")
        self.assertEqual(len(self.shown("--code", "csv.field_count")), 1)

    def test_edited_rows_are_replayed_and_leave_their_file_and_the_others_stay(self):
        flow = self.failed()
        letter = self.shown("--node", "share")[0]
        letter["row"]["n"] = 5
        self.edit(letter)
        self.assertTrue(self.shown("--node", "share")[0]["edited"])
        _, err = self.weir("dead-letters", "replay", "last", flow, "--edited")
        self.assertIn("'write' appends to 'out.ndjson'", err)
        self.assertEqual([(row["id"], row["share"]) for row in self.rows()], [(1, 50), (2, 20)])
        self.assertEqual(self.rows()[1]["at"], "2026-01-02T00:00:00Z")
        self.assertEqual([letter["row"].get("id") for letter in self.shown()], [None, 4])

    def test_what_fails_again_is_a_dead_letter_of_the_new_run_with_its_old_trace(self):
        flow = self.failed()
        run = self.weir("dead-letters", "list", "--json")[0]
        old = json.loads(run)["run"]
        traces = {letter["traceId"] for letter in self.shown("--node", "share")}
        _, err = self.weir("dead-letters", "replay", old, flow, "-q", code=3)
        self.assertIn("1 of 'read' cannot be replayed and stay: it is a source", err)
        self.assertEqual([letter["nodeId"] for letter in self.shown(run=old)], ["read"])
        runs = [json.loads(line)["run"] for line in self.weir("dl", "list", "--json")[0].splitlines()]
        self.assertEqual(len(runs), 2)
        new = next(run for run in runs if run != old)
        self.assertEqual({letter["traceId"] for letter in self.shown(run=new)}, traces)
        self.assertNothingHalfWritten()

    def test_R11_a_poison_row_is_replayed_once_the_flow_is_mended(self):
        self.failed()
        mended = self.flow("mended", node("read", "files/csv-read", path="in.csv"),
                           node("share", "logic/map", set={"share": "row.n == 0 ? 0 : 100 / row.n"}), node("write", "files/json-write", path="out.ndjson"))
        self.weir("dead-letters", "replay", "last", mended, "-q")
        self.assertEqual([(row["id"], row["share"]) for row in self.rows()], [(1, 50), (2, 0), (4, 0)])
        self.assertEqual([letter["nodeId"] for letter in self.shown()], ["read"])

    def test_discard_removes_what_was_meant(self):
        self.failed()
        out, _ = self.weir("dead-letters", "discard", "last", "--code", "csv.field_count")
        self.assertIn("1 discarded, 2 left", out)
        self.weir("dead-letters", "discard", "last")
        self.assertEqual(list(self.store.iterdir()), [])
        self.assertIn("no dead letters", self.weir("dead-letters", "list")[0])


class Edges(Letters):
    def test_a_row_that_failed_on_an_edge_goes_through_its_expressions_again(self):
        self.write("in.csv", "id,n\n1,2\n2,0\n3,5\n")
        read, write = node("read", "files/csv-read", path="in.csv"), node("write", "files/json-write", path="out.ndjson")
        flow = self.flow("wire", read, write, edges=[edge("wire", "read.rows", "write.rows", filter="10 / row.n > 1", transform="{'id': row.id}")])
        self.weir("run", "-q", flow, code=3)
        self.assertEqual(self.rows(), [{"id": 1}, {"id": 3}])
        letter = self.shown()[0]
        self.assertEqual((letter["nodeId"], letter["row"]), ("wire", {"id": 2, "n": 0}))
        letter["row"]["n"] = 3
        self.edit(letter)
        self.weir("dead-letters", "replay", "last", flow, "-q")
        self.assertEqual(self.rows(), [{"id": 1}, {"id": 3}, {"id": 2}])
        self.assertEqual(list(self.store.iterdir()), [])

    def test_the_other_side_of_a_join_is_read_again_and_the_rows_meet_it(self):
        self.write("in.csv", "id,n\n1,2\n2,0\n")
        self.write("names.csv", "id,name\n1,one\n2,two\n")
        nodes = [node("read", "files/csv-read", path="in.csv"), node("names", "files/csv-read", path="names.csv"),
                 node("share", "logic/map", set={"share": "10 / row.n"}), node("join", "data/join", keys=[{"field": "id"}]),
                 node("write", "files/json-write", path="out.ndjson")]
        edges = [edge("a", "read.rows", "share.rows"), edge("b", "share.rows", "join.rows"), edge("c", "names.rows", "join.lookup"),
                 edge("d", "join.rows", "write.rows")]
        flow = self.flow("joined", *nodes, edges=edges)
        self.weir("run", "-q", flow, code=3)
        letter = self.shown()[0]
        letter["row"]["n"] = 5
        self.edit(letter)
        self.weir("dead-letters", "replay", "last", flow, "-q")
        self.assertEqual([(row["id"], row["share"], row["name"]) for row in self.rows()], [(1, 5, "one"), (2, 2, "two")])


class NothingIsLost(Letters):
    def unchanged(self, act):
        before = {path.name: path.read_bytes() for path in self.store.iterdir()}
        act()
        self.assertEqual({path.name: path.read_bytes() for path in self.store.iterdir()}, before)

    def test_a_wrong_line_changes_nothing(self):
        self.failed()
        good = self.shown("--node", "share")[0]
        changed = {**good, "row": {**good["row"], "n": 5}}
        for bad, says in (({"number": 99, "row": {}}, "no such letter"), ({"row": {}}, "number or its traceId"),
                          ({"number": 3, "row": [1]}, "expected a row"), ({"number": 3, "traceId": "0" * 32, "row": {}}, "show them again"),
                          ({"number": 3}, "there is no 'row'"), ({"number": 3, "rows": {}}, "'rows' is no key"),
                          ({"number": 2, "row": {}}, "in a line before"), ({"number": 0, "row": {}}, "from 1"), ([1], "expected an object"),
                          ({"number": 3, "row": {"id": 4, "at": "yesterday"}}, "at: expected a time")):
            with self.subTest(bad=bad):
                self.unchanged(lambda bad=bad, says=says: self.assertIn("line 2: ", self.edit(changed, bad, code=2)[1]))
                self.assertIn(says, self.edit(changed, bad, code=2)[1])
        self.unchanged(lambda: self.weir("dl", "edit", "last", given='{"number": 1, "row": {}\n', code=2))
        self.unchanged(lambda: self.weir("dl", "edit", "nobody", given="", code=2))

    def test_a_replay_that_fails_leaves_the_letters_as_they_were(self):
        flow = self.failed()
        self.unchanged(lambda: self.fails("dl", "replay", "last", self.share("bad", path="in.csv/x"), "-q", code=1, says=["are as they were"]))
        self.unchanged(lambda: self.weir("dl", "replay", "last", "nothing.flow.json", code=2))
        self.unchanged(lambda: self.fails("dl", "replay", "last", flow, "--code", "csv.field_count", code=2, says=["can be replayed"]))
        self.unchanged(lambda: self.fails("dl", "replay", "last", flow, "--edited", code=2, says=["none of the letters"]))

    def test_a_file_is_not_replaced_by_the_replayed_rows_alone(self):
        self.write("in.csv", CSV)
        flow = self.share(writer="files/arrow-write", path="out.arrow")
        self.weir("run", "-q", flow, code=3)
        before = (self.folder / "out.arrow").read_bytes()
        self.unchanged(lambda: self.fails("dl", "replay", "last", flow, code=2, says=["'write' would replace 'out.arrow'", "--overwrite"]))
        self.assertEqual((self.folder / "out.arrow").read_bytes(), before)
        self.weir("dl", "replay", "last", flow, "-q", "--overwrite", "--node", "share", code=3)

    def test_letters_of_a_run_that_was_killed_are_read_as_far_as_they_are_whole(self):
        flow = self.flow("live", node("numbers", "generate/pattern", pattern="sequential", rows=0, rate=200),
                         node("share", "logic/map", set={"share": "100 / (int(row.value) % 10)"}), node("write", "files/json-write", path="out.ndjson"))
        run = self.start("run", "-q", flow, "--max-errors", "1000000")
        try:
            # They are on the disk while the run goes on.
            for _ in range(1200):
                time.sleep(0.05)
                listed = self.weir("dl", "list", "--json")[0]
                if listed and json.loads(listed)["letters"] >= 10:
                    break
            self.assertEqual(json.loads(listed)["state"], "live")
            self.fails("dl", "discard", "last", code=2, says=["goes on"])
        finally:
            run.send_signal(signal.SIGKILL)
            run.communicate()
        listed = json.loads(self.weir("dl", "list", "--json")[0])
        self.assertEqual(listed["state"], "unfinished")
        self.assertGreaterEqual(listed["letters"], 10)
        part = next(self.store.iterdir())
        self.assertTrue(part.name.endswith(".weir-part"))
        part.write_bytes(part.read_bytes()[:-100])  # the last batch is torn
        kept = self.shown()
        self.assertGreaterEqual(len(kept), 1)
        self.edit({"number": 1, "row": {"value": 3}})
        self.assertEqual([path.name.endswith(".arrows") for path in self.store.iterdir()], [True])
        self.assertEqual(len(self.shown()), len(kept))

    def test_old_letters_go_and_that_is_told(self):
        self.failed()
        old = next(self.store.iterdir())
        os.utime(old, (1, 1))
        _, err = self.weir("run", self.share(), code=3)
        self.assertIn("old dead letters were removed: 1 file", err)
        self.assertFalse(old.exists())

    def test_files_that_are_no_letters_are_named(self):
        self.failed()
        self.write("x.csv", "a\n1\n")
        self.weir("convert", "x.csv", "x.arrow")
        (self.store / "other.arrows").write_bytes((self.folder / "x.arrow").read_bytes()[8:])
        (self.store / "junk.arrows").write_bytes(b"no arrow at all, but long enough to be looked at")
        (self.store / "notes.txt").write_text("not ours")
        out, err = self.fails("dl", "list", code=1, says=["other rows than dead letters", "junk.arrows"])
        self.assertIn("3 letters", out)
        self.fails("dl", "show", "junk", code=2, says=["junk.arrows"])
        self.fails("dl", "show", "", code=2, says=["several runs"])
        self.fails("dl", "show", "zzz", code=2, says=["there are: "])


if __name__ == "__main__":
    unittest.main()
