#!/usr/bin/env python3
# weir run over real files: exit codes, options, signals, metrics.
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, edge, node, until  # noqa: E402

try:
    import pyarrow
except ImportError:
    pyarrow = None


def pattern(rows, **more):
    return node("numbers", "generate/pattern", pattern="random", rows=rows, startTime="2026-01-01T00:00:00Z", **more)


class ExitCodes(ProgramTest):
    def test_a_flow_that_ends_well_ends_with_0_and_writes_its_file(self):
        self.write("in.csv", "id,price\n1,2.5\n2,9.5\n")
        flow = self.flow("good", node("read", "files/csv-read", path="in.csv"), node("keep", "logic/filter", condition="row.price > 5"),
                         node("write", "files/csv-write", path="out/kept.csv"))
        self.weir("run", flow)
        self.assertEqual((self.folder / "out/kept.csv").read_text(), "id,price\n2,9.5\n")
        self.assertNothingHalfWritten()

    def test_a_missing_input_ends_with_1_and_names_node_and_file(self):
        flow = self.flow("gone", node("read", "files/csv-read", path="gone.csv"), node("write", "files/csv-write", path="out.csv"))
        self.write("out.csv", "old\n")
        self.fails("run", "-q", flow, code=1, says=["node 'read'", "gone.csv", "files."])
        self.assertEqual((self.folder / "out.csv").read_text(), "old\n")
        self.assertNothingHalfWritten()

    def test_an_invalid_document_ends_with_2_and_only_says_what_is_wrong(self):
        flow = self.flow("bad", node("read", "files/csv-reed", path="x.csv"), node("write", "files/csv-write", path="y.csv"))
        _, err = self.fails("run", flow, code=2, says=["files/csv-reed", "Did you mean 'files/csv-read'?", "flow.unknown_type"])
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        self.assertFalse((self.folder / "y.csv").exists())

    def test_dead_letters_end_with_3_and_lie_beside_the_flow(self):
        self.write("in.csv", "a,b\n1,2\n3,4,5\n6,7\n")
        flow = self.flow("dead", node("read", "files/csv-read", path="in.csv"), node("write", "files/csv-write", path="out.csv"))
        _, err = self.fails("run", flow, code=3, says=["1 dead letter in .weir/dead-letters/", "csv.field_count", "line 3"])
        self.assertEqual((self.folder / "out.csv").read_text(), "a,b\n1,2\n6,7\n")
        kept = list((self.folder / ".weir/dead-letters").iterdir())
        self.assertEqual(len(kept), 1)
        if pyarrow is None:
            return
        with pyarrow.OSFile(str(kept[0])) as file:
            rows = pyarrow.ipc.open_stream(file).read_all().to_pylist()
        self.assertEqual([row["code"] for row in rows], ["csv.field_count"])
        self.assertEqual(rows[0]["nodeId"], "read")

    def test_dead_letters_of_any_number_are_read_back(self):
        self.write("in.csv", "a,b\n" + "".join(f"{i}\n" for i in range(30_000)) + "6,7\n")
        flow = self.flow("dead", node("read", "files/csv-read", path="in.csv"), node("write", "files/csv-write", path="out.csv"))
        self.fails("run", "-q", flow, "--max-errors", "1000000", code=3, says=["30,000 dead letters"])
        kept = next((self.folder / ".weir/dead-letters").iterdir())
        self.assertIn(": arrow, 30,000 rows, 0 errors", self.weir("inspect", kept)[0])
        if pyarrow is None:
            return
        with pyarrow.OSFile(str(kept)) as file:
            self.assertEqual(pyarrow.ipc.open_stream(file).read_all().num_rows, 30_000)

    def test_too_many_errors_end_with_4(self):
        flow = self.flow("many", pattern(5000), node("map", "logic/map", set={"x": "1 / (row.id - row.id)"}),
                         node("write", "files/csv-write", path="out.csv"))
        self.fails("run", "-q", flow, code=4, says=["cel.divide_by_zero"])
        self.fails("run", "-q", flow, "--max-errors", "0", code=4)
        self.weir("run", "-q", flow, "--max-errors", "5000", code=3)

    def test_one_bad_row_of_many_is_no_reason_to_stop_but_is_with_max_errors_0(self):
        flow = self.flow("one", pattern(5000), node("map", "logic/map", set={"x": "1 / (row.id - 7)"}),
                         node("write", "files/csv-write", path="out.csv"))
        self.weir("run", "-q", flow, code=3)
        self.assertEqual(len((self.folder / "out.csv").read_text().splitlines()), 5000)
        self.fails("run", "-q", flow, "--max-errors", "0", code=4)
        self.assertNothingHalfWritten()

    def test_too_little_memory_ends_with_5_and_names_the_holders(self):
        flow = self.flow("big", pattern(3_000_000), node("sort", "aggregate/sort", keys=[{"field": "value"}], memoryBytes="1GiB"),
                         node("write", "files/csv-write", path="out.csv"))
        out = self.start("run", "-q", flow, "--memory", "16MiB")
        text = "".join(out.communicate(timeout=120))
        self.assertIn(out.returncode, (0, 5), text)  # a sort that spills may succeed
        if out.returncode == 5:
            self.assertIn("memory.limit", text)
            self.assertIn("sort", text)
        self.assertNothingHalfWritten()

    def test_the_memory_that_a_flow_allows_holds_unless_the_person_says_something_else(self):
        nodes = [pattern(400_000), node("sort", "aggregate/sort", keys=[{"field": "value"}], memoryBytes="1GiB"), node("write", "files/csv-write", path="out.csv")]
        flow = self.flow("small", *nodes, config={"limits": {"memoryBytes": 9_000_000}})
        for extra, most in (([], 9_000_000), (["--memory", "1GiB"], 1 << 30)):
            process = self.start("run", "-q", flow, *extra, "--metrics", "m.json")
            text = "".join(process.communicate(timeout=120))
            self.assertIn(process.returncode, (0, 5), text)
            self.assertLessEqual(json.loads((self.folder / "m.json").read_text())["run"]["peakBytes"], most)
        self.assertGreater(json.loads((self.folder / "m.json").read_text())["run"]["peakBytes"], 9_000_000)

    def test_an_error_port_that_is_wired_leaves_no_dead_letters(self):
        nodes = [pattern(10), node("map", "logic/map", set={"x": "1 / (row.id - 3)"}), node("write", "files/csv-write", path="out.csv"),
                 node("bad", "files/json-write", path="bad.ndjson")]
        flow = self.flow("wired", *nodes, edges=[edge("e1", "numbers.rows", "map.rows"), edge("e2", "map.rows", "write.rows"),
                                                 edge("e3", "map.error", "bad.rows")])
        self.weir("run", "-q", flow)
        bad = [json.loads(line) for line in (self.folder / "bad.ndjson").read_text().splitlines()]
        self.assertEqual([(row["code"], row["row"]["id"]) for row in bad], [("cel.divide_by_zero", 3)])


class Options(ProgramTest):
    def test_set_gives_parameters_and_names_unknown_ones(self):
        flow = self.flow("params", node("numbers", "generate/pattern", pattern="sequential", rows="${rows}"),
                         node("write", "files/csv-write", path="${name}.csv", columns=["id"]),
                         parameters=[{"name": "rows", "type": "integer", "default": 2}, {"name": "name", "type": "string", "default": "out"}])
        self.weir("run", "-q", flow, "--set", "rows=3", "--set", "name=three")
        self.assertEqual((self.folder / "three.csv").read_text(), "id\n0\n1\n2\n")
        self.fails("run", flow, "--set", "rovs=3", code=2, says=["rovs", "Did you mean 'rows'?"])
        self.fails("run", flow, "--set", "rows=many", code=2, says=["rows", "integer"])
        self.fails("run", flow, "--set", "rows", code=2, says=["name=value"])

    def test_paths_stay_inside_mounts(self):
        (self.folder / "data").mkdir()
        flow = self.flow("mounted", pattern(3), node("write", "files/csv-write", path="data:x.csv", columns=["id"]))
        self.fails("run", "-q", flow, code=2, says=["there is no mount 'data'", "--mount data=DIR"])
        self.fails("run", "-q", flow, "--mount", "data=/does/not/exist", code=2, says=["/does/not/exist", "--mount data"])
        self.weir("run", "-q", flow, "--mount", "data=data")
        self.assertTrue((self.folder / "data/x.csv").exists())
        flow = self.flow("outside", pattern(3), node("write", "files/csv-write", path="../outside.csv"))
        self.fails("run", "-q", flow, code=1, says=["files.outside_mount", "../outside.csv"])

    def test_workers_mode_and_seed_change_no_byte(self):
        self.write("in.csv", "id,region,price\n" + "".join(f"{i},r{i % 7},{i * 0.1:.2f}\n" for i in range(40_000)))
        flow = self.flow("same", node("read", "files/csv-read", path="in.csv"), node("map", "logic/map", set={"twice": "row.price * 2.0"}),
                         node("keep", "logic/filter", condition="row.id % 3 != 0"),
                         node("group", "aggregate/group", keys=["region"], measures=[{"name": "n", "function": "count"},
                                                                                     {"name": "sum", "function": "sum", "of": "row.twice"},
                                                                                     {"name": "mean", "function": "mean", "of": "row.price"}]),
                         node("write", "files/csv-write", path="out.csv"))
        seen = set()
        for extra in (["--threads", "1"], ["--threads", "2"], ["--threads", "7"], ["--mode", "sync"]):
            self.weir("run", "-q", flow, *extra)
            seen.add((self.folder / "out.csv").read_bytes())
        self.assertEqual(len(seen), 1)
        flow = self.flow("random", pattern(1000), node("write", "files/csv-write", path="random.csv"))
        texts = []
        for seed in ("7", "7", "8"):
            self.weir("run", "-q", flow, "--seed", seed)
            texts.append((self.folder / "random.csv").read_bytes())
        self.assertEqual(texts[0], texts[1])
        self.assertNotEqual(texts[0], texts[2])

    def test_metrics_keep_the_books_and_the_trace_is_json(self):
        flow = self.flow("books", pattern(20_000), node("map", "logic/map", set={"x": "1 / (row.id % 5000 - 1)"}),
                         node("keep", "logic/filter", condition="row.x >= 0"), node("limit", "flow/limit", count=3000),
                         node("write", "files/csv-write", path="out.csv"))
        self.weir("run", "-q", flow, "--metrics", "m.json", "--trace", "t.json", code=3)
        metrics = json.loads((self.folder / "m.json").read_text())
        for each in metrics["edges"]:
            right = sum(each[key] for key in ("taken", "filtered", "dropped", "discarded", "failed", "held"))
            self.assertEqual(each["offered"], right, each)
            self.assertEqual(each["held"], 0, each)
        nodes = {each["id"]: each for each in metrics["nodes"]}
        self.assertEqual(nodes["write"]["rowsIn"], 3000)
        self.assertEqual(nodes["limit"]["rowsOut"], 3000)
        self.assertEqual(sum(each["failed"] for each in nodes.values()), metrics["run"]["deadLetters"])
        self.assertEqual(metrics["run"]["exitCode"], 3)
        events = json.loads((self.folder / "t.json").read_text())["traceEvents"]
        self.assertTrue({"numbers", "map", "write"} <= {event["name"] for event in events})
        self.assertTrue(all(event["ts"] >= 0 and event["dur"] >= 0 for event in events))

    def test_metrics_that_cannot_be_written_are_a_failure_not_a_usage_error(self):
        self.fails("run", "-q", self.flow("x", pattern(3), node("write", "files/csv-write", path="o.csv")), "--metrics", "no/m.json", code=1,
                   says=["no/m.json"])

    def test_usage_errors_end_with_2(self):
        flow = self.flow("x", pattern(3), node("write", "files/csv-write", path="o.csv"))
        for arguments in (["--mode", "fast"], ["--memory", "1KB"], ["--memory", "much"], ["--threads", "0"], ["--clock", "soon"], ["--bogus"]):
            self.weir("run", "-q", flow, *arguments, code=2)
        self.weir("run", code=2)
        self.weir(code=2)

    def test_documents_that_are_none(self):
        self.fails("run", ".", code=2, says=["is a folder"])
        self.fails("run", "none.flow.json", code=2, says=["none.flow.json", "files.not_found"])
        self.write("empty.flow.json", "")
        self.fails("run", "empty.flow.json", code=2, says=["empty.flow.json:1:1", "json.syntax"])
        self.write("comma.flow.json", '{\n "id": "x",\n "nodes": [,]\n}')
        self.fails("run", "comma.flow.json", code=2, says=["comma.flow.json:3:12"])
        self.write("deep.flow.json", "[" * 2_000_000)
        self.fails("run", "deep.flow.json", code=2, says=["json."])
        self.write("huge.flow.json", '{"id":"x","version":"1.0.0","nodes":[' + "{}," * 300_000 + '{}],"edges":[]}')
        _, err = self.weir("run", "huge.flow.json", code=2)
        self.assertLess(len(err), 1_000_000)

    def test_a_preview_writes_nothing(self):
        self.weir("run", "-q", "--preview", self.flow("p", pattern(3), node("write", "files/csv-write", path="o.csv")))
        self.assertFalse((self.folder / "o.csv").exists())


class Reports(ProgramTest):
    def dead(self, rows=500):
        self.write("in.csv", "a,b\n1,2\n" + "3,4,5\n" * rows)
        return self.flow("dead", node("read", "files/csv-read", path="in.csv"), node("write", "files/csv-write", path="out.csv"))

    def test_a_place_for_metrics_that_cannot_be_written_is_said_before_anything_runs(self):
        flow = self.dead(1)
        for option in ("--metrics", "--trace"):
            self.fails("run", "-q", flow, option, "none/m.json", code=1, says=["none/m.json", "files.io"])
            self.assertFalse((self.folder / "out.csv").exists())
        self.assertNothingHalfWritten()

    def test_metrics_that_fail_at_the_end_do_not_hide_how_the_run_ended(self):
        self.fails("run", "-q", self.dead(1), "--metrics", "/dev/full", code=3, says=["/dev/full", "files.io"])
        flow = self.flow("fine", pattern(3), node("write", "files/csv-write", path="fine.csv"))
        self.fails("run", "-q", flow, "--metrics", "/dev/full", code=1, says=["/dev/full", "files.io"])

    def test_dead_letters_that_cannot_be_kept_are_an_error_and_none_are_claimed(self):
        flow = self.dead()
        _, err = self.fails("run", "-q", flow, code=1, before=("prlimit", "--fsize=4096"), says=["500 dead letters, not kept", "cannot be kept"])
        self.assertNotIn("dead letters in", err)
        self.assertEqual(list((self.folder / ".weir").rglob("*.*")), [])
        shutil.rmtree(self.folder / ".weir")
        self.write(".weir", "a file")
        _, err = self.fails("run", "-q", flow, code=1, says=["dead letters, not kept", "cannot be kept", "[files."])
        self.assertNotIn("dead letters in", err)

    def test_a_seed_below_zero_is_refused(self):
        self.fails("run", "-q", self.dead(1), "--seed", "-1", code=2, says=["at least 0"])


def takes(process, number):
    """The process has its own way with this signal."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16) >> (number - 1) & 1


class Signals(ProgramTest):
    def endless(self):
        return self.flow("endless", pattern(0, rate=200_000), node("write", "files/csv-write", path="endless.csv"))

    def stopped(self, number, code):
        process = self.start("run", self.endless(), "--metrics", "m.json")
        self.written("endless.csv")
        process.send_signal(number)
        _, err = process.communicate(timeout=120)
        self.assertIn("stopping", err)
        self.assertIn("stopped after", err)
        lines = (self.folder / "endless.csv").read_text().splitlines()
        self.assertGreater(len(lines), 10)
        self.assertTrue(all(line.count(",") == lines[0].count(",") for line in lines))
        self.assertNothingHalfWritten()
        self.assertEqual(process.returncode, code)
        self.assertEqual(json.loads((self.folder / "m.json").read_text())["run"]["exitCode"], code)

    def test_ctrl_c_finishes_what_is_under_way_and_ends_with_130(self):
        self.stopped(signal.SIGINT, 130)

    def test_sigterm_ends_with_143(self):
        self.stopped(signal.SIGTERM, 143)

    def test_a_terminal_that_is_closed_ends_it_with_129(self):
        self.stopped(signal.SIGHUP, 129)

    def test_nohup_keeps_a_run_alive(self):
        process = self.start("run", "-q", self.endless(), preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.written("endless.csv")
        process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 143)

    def test_the_metrics_of_a_run_that_failed_have_its_exit_code(self):
        flow = self.flow("failing", pattern(0, rate=2000), node("map", "logic/map", set={"x": "1 / (row.id - row.id)"}), node("write", "files/csv-write", path="f.csv"),
                         config={"maxErrors": 0})
        process = self.start("run", "-q", flow, "--metrics", "m.json")
        _, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 4, err)
        self.assertEqual(json.loads((self.folder / "m.json").read_text())["run"]["exitCode"], 4)

    def test_ctrl_c_twice_stops_at_once_and_leaves_the_old_output(self):
        self.write("o.csv", "old\n")
        flow = self.flow("slow", pattern(0), node("slow", "flow/throttle", rowsPerSecond=1), node("write", "files/csv-write", path="o.csv"))
        process = self.start("run", "-q", flow)
        until((self.folder / ".o.csv.weir-part").exists)
        # Two signals that come too fast are one.
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130)
        self.assertNothingHalfWritten()

    def test_a_killed_run_leaves_the_old_output_and_the_next_run_works(self):
        self.write("endless.csv", "old\n")
        process = self.start("run", "-q", self.endless())
        until((self.folder / ".endless.csv.weir-part").exists)
        process.kill()
        process.communicate()
        self.assertEqual((self.folder / "endless.csv").read_text(), "old\n")
        self.weir("run", "-q", self.flow("next", pattern(3), node("write", "files/csv-write", path="endless.csv", columns=["id"])))
        self.assertEqual((self.folder / "endless.csv").read_text(), "id\n0\n1\n2\n")
        self.assertNothingHalfWritten()

    def test_of_two_runs_that_write_one_file_the_second_is_refused(self):
        process = self.start("run", "-q", self.endless())
        until((self.folder / ".endless.csv.weir-part").exists)
        self.fails("run", "-q", "endless.flow.json", code=1, says=["endless.csv", "files.busy"])
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130)


    def test_bench_and_test_stop_in_order_too(self):
        self.write("o.csv", "old\n")
        flow = self.flow("slow", pattern(0, rate=2000), node("write", "files/csv-write", path="o.csv"))
        self.write("slow.test.json", json.dumps({"tests": [{"name": name, "out": {"write": []}} for name in ("first", "second")]}))
        for arguments in (["bench", flow], ["test", flow]):
            for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
                with self.subTest(arguments=arguments, code=code):
                    process = self.start(*arguments)
                    until(lambda: takes(process, number))
                    process.send_signal(number)
                    out, err = process.communicate(timeout=120)
                    self.assertEqual(process.returncode, code, out + err)
                    self.assertIn("stopped", out + err)
                    self.assertNotIn("second", out)
                    self.assertEqual((self.folder / "o.csv").read_text(), "old\n")
                    self.assertNothingHalfWritten()


class FileSizeLimit(ProgramTest):
    """A write that fails in the middle, without a disk of its own: the shell's limit on the size of files."""

    def limited(self, *arguments):
        process = self.start(*arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
        out, err = process.communicate(timeout=120)
        return process.returncode, out + err

    def test_every_sink_says_it_names_the_file_and_leaves_the_old_one(self):
        for name, type_id in (("o.csv", "files/csv-write"), ("o.ndjson", "files/json-write"), ("o.arrow", "files/arrow-write"), ("o.txt", "files/text-write")):
            with self.subTest(name=name):
                self.write(name, "old\n")
                more = {"field": "value"} if name == "o.txt" else {}
                code, text = self.limited("run", "-q", self.flow("full", pattern(200_000), node("write", type_id, path=name, **more)))
                self.assertEqual(code, 1, text)
                for says in ("node 'write'", name, "free space"):
                    self.assertIn(says, text)
                self.assertEqual((self.folder / name).read_text(), "old\n")
                self.assertNothingHalfWritten()

    def test_convert_says_it_and_leaves_the_old_file(self):
        self.write("a.csv", "id,text\n" + "".join(f"{i},{'x' * 50}\n" for i in range(5000)))
        self.write("a.ndjson", "old\n")
        code, text = self.limited("convert", "a.csv", "a.ndjson")
        self.assertEqual(code, 1, text)
        self.assertIn("a.ndjson", text)
        self.assertEqual((self.folder / "a.ndjson").read_text(), "old\n")
        self.assertNothingHalfWritten()

    def test_a_sort_that_cannot_spill_says_it(self):
        flow = self.flow("spill", pattern(200_000), node("sort", "aggregate/sort", keys=[{"field": "value"}], memoryBytes="1MiB"), node("write", "files/csv-write", path="o.csv"))
        code, text = self.limited("run", "-q", flow)
        self.assertEqual(code, 1, text)
        self.assertIn("node 'sort'", text)
        self.assertFalse((self.folder / "o.csv").exists())
        self.assertNothingHalfWritten()


@unittest.skipUnless(os.geteuid() == 0 and shutil.which("mount"), "mounting needs root")
class FullDisk(ProgramTest):
    def test_a_full_disk_is_said_and_the_old_file_stays(self):
        disk = self.folder / "disk"
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode != 0:
            self.skipTest("this machine mounts nothing")
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        (disk / "out.csv").write_text("old\n")
        flow = self.flow("full", pattern(300_000), node("write", "files/csv-write", path="disk/out.csv"))
        self.fails("run", "-q", flow, code=1, says=["node 'write'", "the disk is full", "files.disk_full"])
        self.assertEqual((disk / "out.csv").read_text(), "old\n")
        self.assertNothingHalfWritten()


class Zones(ProgramTest):
    def test_named_time_zones_are_known_in_nodes_on_edges_and_in_alerts(self):
        self.write("in.csv", "id,at\n1,2024-07-01T22:30:00Z\n2,2024-01-01T22:30:00Z\n")
        nodes = [node("read", "files/csv-read", path="in.csv", schema="{id: int, at: timestamp}"),
                 node("map", "logic/map", set={"hour": "row.at.getHours('Europe/Berlin')"}),
                 node("pick", "logic/filter", condition="row.at.getDayOfMonth('Europe/Berlin') == 1"),
                 node("write", "files/csv-write", path="out.csv")]
        edges = [edge("a", "read.rows", "map.rows", filter="row.at.getHours('America/New_York') < 20"), edge("b", "map.rows", "pick.rows"),
                 edge("c", "pick.match", "write.rows")]
        self.weir("run", "-q", self.flow("zones", *nodes, edges=edges))
        self.assertEqual((self.folder / "out.csv").read_text().splitlines()[1:], ["1,2024-07-01T22:30:00Z,0"])
        nodes[1]["settings"]["set"]["hour"] = "row.at.getHours('Europe/Berlyn')"
        self.fails("run", "-q", self.flow("zones", *nodes, edges=edges), code=3, says=["zone.unknown"])


if __name__ == "__main__":
    unittest.main()
