#!/usr/bin/env python3
# Rows that fail: the same error packets on every run, and the end of a run that has too many of them.
import json
import random
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, edge, node  # noqa: E402

FROZEN = ("--seed", "5", "--clock", "2026-01-01T00:00:00Z")


class SameOnEveryRun(ProgramTest):
    def files(self):
        """Small files and a few that are read in pieces, with records that are no rows and rows that the map cannot compute."""
        draw = random.Random(4)
        for number in range(90):
            rows = 9000 if number in (20, 60) else 3 if number % 7 else 40
            lines = ["id,v"]
            for row in range(rows):
                kind = draw.random() * (50 if rows > 1000 else 1)
                tail = ",x" if kind < 0.1 else "y" if kind < 0.13 else "z" * 3_000_000 if row in (2000, 4000, 6000) else ""
                lines.append(f"{number * 10000 + row},{draw.randint(0, 400 if rows > 1000 else 9)}{tail}")
            self.write(f"in/{number:03}.csv", "\n".join(lines) + "\n")
        self.write("in/empty.csv", "")

    def test_error_packets_are_the_same_bytes_for_any_number_of_workers_and_in_mode_sync(self):
        self.files()
        nodes = [node("read", "files/csv-read", path="in/*.csv", maxRecordBytes="2MiB", schema="{id: int, v: int}"),
                 node("map", "logic/map", set={"x": "1 / row.v"}),
                 node("write", "files/csv-write", path="out.csv"), node("bad", "files/json-write", path="bad.ndjson"),
                 node("failed", "files/json-write", path="failed.ndjson")]
        edges = [edge("a", "read.rows", "map.rows"), edge("b", "map.rows", "write.rows"), edge("c", "read.error", "bad.rows"),
                 edge("d", "map.error", "failed.rows")]
        flow = self.flow("same", *nodes, edges=edges)
        seen = {}
        for options in (("--threads", "1"), ("--threads", "2"), ("--threads", "7"), ("--threads", "7"), ("--mode", "sync")):
            self.weir("run", "-q", flow, *FROZEN, *options)
            for name in ("out.csv", "bad.ndjson", "failed.ndjson"):
                text = (self.folder / name).read_text()
                self.assertEqual(seen.setdefault(name, text), text, f"{name} {options}")
        packets = [json.loads(line) for name in ("bad.ndjson", "failed.ndjson") for line in seen[name].splitlines()]
        codes = {packet["code"] for packet in packets}
        self.assertEqual(codes, {"csv.field_count", "csv.record_too_long", "csv.value", "cel.divide_by_zero"})
        self.assertEqual(len({packet["traceId"] for packet in packets}), len(packets))
        places = [(packet["row"]["file"], packet["row"]["line"]) for packet in packets if "file" in packet["row"]]
        self.assertEqual([file for file, _ in places], sorted(file for file, _ in places))

    def test_another_seed_gives_other_trace_ids(self):
        self.write("in.csv", "a,b\n1,2\n3,4,5\n")
        flow = self.flow("seeds", node("read", "files/csv-read", path="in.csv"), node("write", "files/json-write", path="out.ndjson"),
                         edges=[edge("e", "read.error", "write.rows")])
        traces = set()
        for seed in ("1", "2"):
            self.weir("run", "-q", flow, "--seed", seed)
            traces.add(json.loads((self.folder / "out.ndjson").read_text())["traceId"])
        self.assertEqual(len(traces), 2)


class WhoIsIt(ProgramTest):
    def test_a_row_says_in_expressions_the_trace_id_and_origin_that_its_error_packet_has(self):
        self.write("a.csv", "id,n\n" + "".join(f"{i},{i % 3}\n" for i in range(9)))
        flow = self.flow("t", node("read", "files/csv-read", path="a.csv"),
                         node("say", "logic/map", set={"trace": "packet.traceId", "origin": "packet.originNode", "whole": "packet"}),
                         node("share", "logic/map", set={"share": "10 / row.n"}),
                         node("good", "files/json-write", path="good.ndjson"), node("bad", "files/json-write", path="bad.ndjson"),
                         edges=[edge("e1", "read.rows", "say.rows", filter="packet.originNode == 'read' && size(packet.traceId) == 32"),
                                edge("e2", "say.rows", "share.rows"), edge("e3", "share.rows", "good.rows"),
                                edge("e4", "share.error", "bad.rows")])
        self.weir("run", flow)
        good, bad = ([json.loads(line) for line in (self.folder / f"{name}.ndjson").read_text().splitlines()] for name in ("good", "bad"))
        self.assertEqual((len(good), [error["row"]["id"] for error in bad]), (6, [0, 3, 6]))
        for error in bad:
            self.assertRegex(error["traceId"], "^[0-9a-f]{32}$")
            self.assertEqual((error["row"]["trace"], error["row"]["origin"]), (error["traceId"], "read"))
        rows = good + [error["row"] for error in bad]
        self.assertEqual(len({row["trace"] for row in rows}), 9)
        self.assertEqual({(row["whole"]["traceId"] == row["trace"], row["whole"]["originNode"]) for row in rows}, {(True, "read")})


class NoRow(ProgramTest):
    def through(self, transform, **more):
        self.write("a.csv", "id\n1\n2\n3\n")
        nodes = [node("read", "files/csv-read", path="a.csv", **more), node("write", "files/json-write", path="out.ndjson")]
        return self.flow("t", *nodes, edges=[edge("wire", "read.rows", "write.rows", transform=transform)])

    def test_what_a_transform_gives_that_is_no_map_is_a_dead_letter_of_the_edge_and_other_rows_pass(self):
        for one in ("dyn(5)", "dyn(null)", "dyn({1: 2})", "dyn([row])"):
            with self.subTest(one=one):
                self.fails("run", self.through("row.id == 2 ? " + one + " : dyn({'a': row.id})"), code=3, says=["1 dead letter in"])
                self.assertEqual((self.folder / "out.ndjson").read_text(), '{"a":1}\n{"a":3}\n')
                letters = sorted((self.folder / ".weir/dead-letters").iterdir())[-1]
                bad = json.loads(self.weir("inspect", "--json", str(letters))[0])["rows"]
                self.assertEqual([(error["nodeId"], error["code"], error["row"]) for error in bad], [("wire", "schema.mismatch", {"id": 2})])
        self.weir("run", self.through("dyn(row.id)"), code=3)

    def test_a_transform_that_can_give_no_map_is_refused(self):
        for transform in ("null", "size(string(row.id))", "[1]"):
            self.fails("validate", self.through(transform), code=2, says=["a transform gives a map"])
        self.fails("validate", self.through("row.id", schema=[{"name": "id", "type": "int"}]), code=2, says=["expected map"])


class NoFieldIsLost(ProgramTest):
    def test_a_name_that_another_field_has_is_refused(self):
        self.write("a.ndjson", '{"a": [1], "b": 2}\n')
        for type_id, settings, where in (("logic/map", {"rename": {"a": "b"}}, "/settings/rename/a"), ("flow/split", {"field": "a", "as": "b"}, "/settings/as"),
                                         ("flow/split", {"field": "a", "index": "b"}, "/settings/index")):
            with self.subTest(settings=settings):
                for known in (True, False):
                    schema = {"schema": [{"name": "a", "type": "list<int>"}, {"name": "b", "type": "int"}]} if known else {}
                    flow = self.flow("t", node("read", "files/json-read", path="a.ndjson", **schema), node("change", type_id, **settings),
                                     node("write", "files/json-write", path="out.ndjson"))
                    self.fails("validate" if known else "run", flow, code=2 if known else 1,
                               says=["settings.duplicate", "'change'", "'b'", *([where] if known else [])])


class MaxErrors(ProgramTest):
    def test_with_max_errors_0_the_first_bad_row_is_the_only_one_listed_on_every_run(self):
        self.write("in.csv", "id,v\n" + "".join(f"{row},{row % 4999}\n" for row in range(200_000)))
        flow = self.flow("first", node("read", "files/csv-read", path="in.csv"), node("map", "logic/map", set={"x": "1 / (row.v - 77)"}),
                         node("write", "files/csv-write", path="out.csv"))
        seen = set()
        for threads in ("1", "2", "7", "7"):
            _, err = self.fails("run", flow, "-q", *FROZEN, "--threads", threads, "--max-errors", "0", code=4,
                                says=["1 rows failed, more than maxErrors (0) allows", "cel.divide_by_zero"])
            seen.add(err)
            letters = sorted((self.folder / ".weir/dead-letters").iterdir())[-1]
            out, _ = self.weir("run", "-q", self.letters(letters))
            self.assertEqual(len(out.splitlines()), 0)
            self.assertEqual([row["row"]["id"] for row in self.rows("letters.ndjson")], [77])
        self.assertEqual(len(seen), 1, seen)

    def letters(self, path):
        return self.flow("letters", node("read", "files/arrow-read", path=str(path.relative_to(self.folder))),
                         node("write", "files/json-write", path="letters.ndjson"))

    def rows(self, name):
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

    def test_one_row_in_a_hundred_may_fail_wherever_the_bad_ones_stand(self):
        flow = self.flow("share", node("numbers", "generate/pattern", pattern="sequential", rows=300_000),
                         node("map", "logic/map", set={"x": "1 / (row.id % 150 - 149)"}), node("write", "files/csv-write", path="out.csv"))
        for threads in ("1", "7"):
            self.weir("run", "-q", flow, "--threads", threads, code=3)
        flow = self.flow("share", node("numbers", "generate/pattern", pattern="sequential", rows=300_000),
                         node("map", "logic/map", set={"x": "1 / (row.id % 50 - 49)"}), node("write", "files/csv-write", path="out.csv"))
        seen = {self.weir("run", "-q", flow, *FROZEN, "--threads", threads, code=4)[1] for threads in ("1", "2", "7")}
        self.assertEqual(len(seen), 1, seen)


class LittleMemory(ProgramTest):
    def compare(self, name, *nodes, edges=None):
        flow = self.flow(name, *nodes, edges=edges)
        self.weir("run", "-q", flow, "--memory", "1GiB")
        wanted = (self.folder / "out.csv").read_bytes()
        for threads, memory in (("2", "16MiB"), ("7", "16MiB"), ("1", "8MiB"), ("2", "8MiB")):
            self.weir("run", "-q", flow, "--memory", memory, "--threads", threads)
            self.assertTrue((self.folder / "out.csv").read_bytes() == wanted, f"{name} with {memory} and {threads} threads")

    def setUp(self):
        super().setUp()
        draw = random.Random(3)
        lines = [f"{row},{draw.randrange(150_000)},{draw.random()},{'abcdefgh' * draw.randrange(4)}" for row in range(400_000)]
        self.write("in.csv", "id,key,value,text\n" + "\n".join(lines) + "\n")
        self.read = node("read", "files/csv-read", path="in.csv")
        self.out = node("write", "files/csv-write", path="out.csv")

    def test_sort_spills_where_the_run_may_use_little(self):
        self.compare("sort", self.read, node("x", "aggregate/sort", keys=[{"field": "value"}]), self.out)

    def test_distinct_spills_where_the_run_may_use_little(self):
        self.compare("distinct", self.read, node("x", "aggregate/distinct", keys=["key"]), self.out)

    def test_group_spills_where_the_run_may_use_little(self):
        measures = [{"name": "total", "function": "sum", "of": "row.value"}, {"name": "rows", "function": "count"}]
        self.compare("group", self.read, node("x", "aggregate/group", keys=["key"], measures=measures), self.out)

    def test_join_spills_where_the_run_may_use_little(self):
        keys = list(range(150_000))
        random.Random(5).shuffle(keys)
        self.write("look.csv", "key,name\n" + "".join(f"{key},the name of key {key}\n" for key in keys))
        self.compare("join", self.read, node("look", "files/csv-read", path="look.csv"), node("x", "data/join", keys=[{"field": "key"}]), self.out,
                     edges=[edge("a", "read.rows", "x.rows"), edge("b", "look.rows", "x.lookup"), edge("c", "x.rows", "write.rows")])

    def test_what_really_does_not_fit_names_the_node_the_limit_and_what_to_do(self):
        self.write("wide.csv", "id,text\n1," + "x" * 6_000_000 + "\n2,y\n")
        flow = self.flow("wide", node("read", "files/csv-read", path="wide.csv"), self.out)
        self.fails("run", "-q", flow, "--memory", "8MiB", code=5,
                   says=["memory.limit", "node 'read'", "of 8388608 bytes are in use", "more bytes do not fit", "Raise the memory limit"])


class OtherEnds(ProgramTest):
    def test_a_run_that_takes_longer_than_it_may_ends_with_5(self):
        flow = self.flow("slow", node("numbers", "generate/pattern", pattern="sequential", rows=1000),
                         node("pace", "flow/throttle", rowsPerSecond=1), node("write", "files/csv-write", path="out.csv"),
                         config={"limits": {"maxRunMs": 200}})
        self.fails("run", "-q", flow, code=5, says=["run.time_limit", "maxRunMs"])
        self.assertNothingHalfWritten()

    @unittest.skipUnless(shutil.which("strace"), "strace makes fsync fail")
    def test_an_fsync_that_fails_ends_with_74_and_leaves_the_old_file(self):
        flow = self.flow("sync", node("numbers", "generate/pattern", pattern="sequential", rows=10), node("write", "files/csv-write", path="out.csv"))
        self.write("out.csv", "old\n")
        failing = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO")
        if subprocess.run([*failing, "true"], capture_output=True).returncode != 0:
            self.skipTest("strace may not trace here")
        self.fails("run", "-q", flow, code=74, before=failing, says=["node 'write'", "out.csv", "files.sync_failed"])
        self.assertEqual((self.folder / "out.csv").read_text(), "old\n")
        self.assertNothingHalfWritten()


if __name__ == "__main__":
    unittest.main()
