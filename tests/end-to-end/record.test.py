#!/usr/bin/env python3
# weir record and weir replay: an edge's rows kept with their times, and fed in again.
import json
import os
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, edge, node, until  # noqa: E402


class Recording(ProgramTest):
    def source(self, **settings):
        return node("numbers", "generate/pattern", **{"rows": 1000, "batchRows": 10, **settings})

    def even(self):
        return node("even", "logic/filter", condition="row.id % 2 == 0")

    def recorded(self, *more, **settings):
        flow = self.flow("whole", self.source(**settings), self.even(), node("write", "files/csv-write", path="o.csv"))
        _, err = self.weir("record", flow, "e1", *more)
        return flow, err

    def lines(self, name="o.csv"):
        return (self.folder / name).read_text().splitlines()[1:]

    def index(self, name="e1.weir-recording"):
        return json.loads((self.folder / name / "recording.json").read_text())

    def test_what_was_recorded_is_fed_in_again_row_by_row(self):
        flow, err = self.recorded()
        self.assertIn("recorded 1,000 rows of edge e1", err)
        first = self.lines()
        self.assertEqual(len(first), 500)
        (self.folder / "o.csv").unlink()
        _, err = self.weir("replay", "e1.weir-recording", flow, "e1", "--speed", "max")
        self.assertIn("not running, the recording stands in for them: numbers", err)
        self.assertEqual(self.lines(), first)
        index = self.index()
        self.assertEqual((index["format"], index["flow"], index["edge"], index["finished"]), (1, "whole", "e1", True))
        self.assertEqual(sum(segment["rows"] for segment in index["segments"]), 1000)

    def test_into_a_draft_whose_other_nodes_are_different(self):
        self.recorded()
        draft = self.flow("draft", self.source(rows=1), node("more", "logic/map", set={"twice": "row.id * 2"}),
                          node("write", "files/csv-write", path="d.csv"))
        self.weir("replay", "e1.weir-recording", draft, "e1", "--speed", "max")
        rows = self.lines("d.csv")
        self.assertEqual(len(rows), 1000)
        self.assertTrue(rows[7].endswith(",14"), rows[7])
        self.weir("replay", "e1.weir-recording", self.flow("held", self.source(), node("write", "files/csv-write", path="p.csv")), "e1",
                  "--speed", "max", "--preview")
        self.assertFalse((self.folder / "p.csv").exists())

    def test_the_times_between_batches_are_kept_scaled_or_left_out(self):
        flow, _ = self.recorded(rows=800, rate=1000)
        def spent(speed):
            began = time.monotonic()
            self.weir("replay", "e1.weir-recording", flow, "e1", "--speed", speed)
            self.assertEqual(len(self.lines()), 400)
            return time.monotonic() - began

        whole = spent("1")
        self.assertGreater(whole, 0.6)
        # A machine that is busy may take its time now and then, but no speed makes it quicker than what was asked for.
        quarter = until(lambda: (took := spent("4")) < whole and took)
        self.assertGreater(quarter, 0.15)
        spent("max")

    def test_from_and_to_cut_a_piece_out(self):
        flow, _ = self.recorded(rows=1500, rate=1000)
        segments = self.index()["segments"]
        span = (segments[-1]["lastMicros"] - segments[0]["firstMicros"]) / 1e6
        self.weir("replay", "e1.weir-recording", flow, "e1", "--speed", "max", "--from", f"{span / 3:.3f}s", "--to", f"{span * 2 / 3:.3f}s")
        ids = [int(line.split(",")[1]) for line in self.lines()]
        self.assertGreater(ids[0], 0)
        self.assertLess(ids[-1], 1498)
        self.assertEqual(ids, list(range(ids[0], ids[-1] + 1, 2)))
        segment = self.index()["segments"][0]
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(segment["lastMicros"] / 1e6 + 5))
        before = self.lines()
        self.fails("replay", "e1.weir-recording", flow, "e1", "--speed", "max", "--from", at, code=2, says=["behind what was recorded"])
        self.assertEqual(self.lines(), before)

    def test_the_oldest_segments_go_when_there_is_no_more_room(self):
        flow = self.flow("big", self.source(rows=3_000_000, batchRows=10000), node("write", "files/csv-write", path="o.csv", columns=["id"]))
        self.weir("record", flow, "e1", "--bytes", "2MiB")
        folder = self.folder / "e1.weir-recording"
        size = sum(path.stat().st_size for path in folder.glob("*.zst"))
        self.assertLess(size, 2.3 * (1 << 20))
        index = self.index()
        self.assertEqual(sorted(path.name for path in folder.glob("*.zst")), [segment["file"] for segment in index["segments"]])
        self.assertNotEqual(index["segments"][0]["file"], "000001.arrows.zst")
        self.weir("replay", "e1.weir-recording", flow, "e1", "--speed", "max")
        ids = self.lines()
        self.assertEqual(ids[-1], "2999999")
        self.assertEqual(len(ids), int(ids[-1]) - int(ids[0]) + 1)

    def test_age_bounds_it_too(self):
        self.recorded("--age", "400ms", rows=1500, rate=1000)
        index = self.index()
        self.assertNotEqual(index["segments"][0]["file"], "000001.arrows.zst")
        self.assertGreater(len(index["segments"]), 2)

    def test_a_recording_that_was_killed_is_read_as_far_as_it_goes(self):
        flow = self.flow("whole", self.source(rows=0, rate=5000), self.even(), node("write", "files/csv-write", path="o.csv"))
        process = self.start("record", flow, "e1", "-q")
        until(lambda: sum(path.stat().st_size for path in (self.folder / "e1.weir-recording").glob("*.zst")) > 0)
        time.sleep(1)
        process.kill()
        process.communicate()
        self.assertFalse(self.index()["finished"])
        for left in self.folder.glob("o.csv*"):
            left.unlink()
        self.weir("replay", "e1.weir-recording", flow, "e1", "--speed", "max")
        self.assertGreater(len(self.lines()), 0)

    def test_ctrl_c_ends_a_recording_in_order(self):
        flow = self.flow("whole", self.source(rows=0, rate=1000), node("write", "files/csv-write", path="o.csv"))
        process = self.start("record", flow, "e1")
        until((self.folder / "e1.weir-recording/recording.json").exists)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130)
        self.assertRegex(err, r"recorded [\d,]+ rows")
        self.assertTrue(self.index()["finished"])

    def test_fields_that_no_node_reads_are_recorded_too(self):
        self.write("in.csv", "a,b,c\n" + "1,2,3\n" * 10)
        flow = self.flow("csv", node("read", "files/csv-read", path="in.csv"), node("sum", "aggregate/group", measures=[{"name": "s", "function": "sum", "of": "row.a"}]),
                         node("write", "files/csv-write", path="o.csv"))
        self.weir("record", flow, "e1", "--out", "kept")
        other = self.flow("other", node("read", "files/csv-read", path="in.csv"), node("write", "files/csv-write", path="o.csv"))
        self.weir("replay", "kept", other, "e1", "--speed", "max")
        self.assertEqual(self.lines(), ["1,2,3"] * 10)

    def test_a_node_that_also_needs_what_does_not_run_is_an_error_with_its_name(self):
        self.write("in.csv", "a,b\n1,2\n")
        nodes = [node("read", "files/csv-read", path="in.csv"), node("split", "logic/filter", condition="true"), node("join", "data/join", keys=[{"field": "a"}], prefix="r_"),
                 node("write", "files/csv-write", path="o.csv")]
        edges = [edge("x", "read.rows", "split.rows"), edge("left", "split.match", "join.rows"), edge("right", "split.match", "join.lookup"),
                 edge("out", "join.rows", "write.rows")]
        flow = self.flow("two", *nodes, edges=edges)
        out, err = self.weir("validate", flow, code=0)
        self.weir("record", flow, "left")
        self.fails("replay", "left.weir-recording", flow, "left", code=2, says=["node 'join' also needs 'lookup' from 'split'"])
        self.weir("record", flow, "out")
        self.weir("replay", "out.weir-recording", flow, "out", "--speed", "max")
        self.assertEqual(len(self.lines()), 1)

    def test_mistakes_are_told(self):
        flow, _ = self.recorded(rows=10)
        self.fails("record", flow, "e1", code=2, says=["is there already", "files.exists"])
        self.fails("record", flow, "e9", "--out", "x", code=2, says=["no edge 'e9'"])
        self.assertFalse((self.folder / "x").exists())
        self.fails("record", flow, "e1", "--out", "x", "--bytes", "5", code=2, says=["at least 1MiB"])
        self.fails("record", flow, "e1", "--out", "x", "--age", "soon", code=2, says=["--age 'soon'"])
        for piece in (("--from", "9h"), ("--from", "2100-01-01T00:00:00Z"), ("--to", "2000-01-01T00:00:00Z")):
            self.fails("replay", "e1.weir-recording", flow, "e1", *piece, code=2, says=["what was recorded, which goes from 20", "settings.range"])
        self.fails("replay", "nothing", flow, "e1", code=2, says=["recording.not_found"])
        self.fails("replay", "e1.weir-recording", flow, "e1", "--speed", "-1", code=2, says=["--speed"])
        self.fails("replay", "e1.weir-recording", flow, "e1", "--from", "then", code=2, says=["--from 'then'"])
        self.fails("replay", "e1.weir-recording", flow, "e1", "--from", "5s", "--to", "1s", code=2, says=["--from is later"])

    def test_a_damaged_recording_is_an_error_of_the_run_and_never_a_crash(self):
        flow, _ = self.recorded()
        folder = self.folder / "e1.weir-recording"
        segment = next(folder.glob("*.zst"))
        whole, index = segment.read_bytes(), (folder / "recording.json").read_text()

        def replayed(code, says):
            self.fails("replay", "e1.weir-recording", flow, "e1", "--speed", "max", code=code, says=[says])

        segment.write_bytes(whole[: len(whole) // 2])
        replayed(1, "ends in the middle")
        segment.write_bytes(b"nonsense" * 100)
        replayed(1, "codec.corrupt")
        damaged = bytearray(whole)
        damaged[len(damaged) // 2] ^= 0xFF
        segment.write_bytes(bytes(damaged))
        out = os.popen(f"cd {self.folder} && {Path(os.environ.get('WEIR_BINARY', Path(__file__).resolve().parent.parent.parent / 'build/bin/weir'))} replay e1.weir-recording {flow} e1 --speed max -q 2>&1; echo code $?").read()
        self.assertRegex(out, r"code [01]\n")
        segment.unlink()
        replayed(1, "cannot be opened")
        for text, says in (("{", "recording.invalid"), ('{"format": 2}', "format 2"), ('{"format": 1}', "no segments"),
                           ('{"format": 1, "segments": [{"file": "../../etc/passwd"}]}', "no name of a segment")):
            (folder / "recording.json").write_text(text)
            replayed(2, says)
        (folder / "recording.json").write_text(index)


if __name__ == "__main__":
    unittest.main()
