#!/usr/bin/env python3
# R1: weir run --resume, killed at any moment, ends with the files that an undisturbed run writes.
import contextlib
import json
import os
import random
import signal
import sqlite3
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, edge, node, until  # noqa: E402

KILLS = int(os.environ.get("WEIR_KILLS", "50"))
OUTPUTS = ("all.csv", "odd.ndjson", "lines.txt", "sums.csv", "seen.json")


class Resume(ProgramTest):
    def ten_nodes(self, **more):
        """Two sources, five sinks, state in between; about half a second of work."""
        draw = random.Random(3)
        self.write("in.csv", "id,v,t\n" + "".join(f"{i},{draw.randint(0, 999)},{'x' * draw.randint(0, 60)}\n" for i in range(120_000)))
        nodes = [node("read", "files/csv-read", path="in.csv", schema="{id: int, v: int, t: string}"),
                 node("map", "logic/map", set={"w": "row.v * 2 + row.id"}),
                 node("all", "files/csv-write", path="all.csv"),
                 node("pick", "logic/filter", condition="row.w % 2 == 1"),
                 node("odd", "files/json-write", path="odd.ndjson"),
                 node("sum", "aggregate/group", keys=["v"], measures=[{"name": "n", "function": "count"}, {"name": "s", "function": "sum", "of": "row.w"}]),
                 node("sums", "files/csv-write", path="sums.csv"),
                 node("ticks", "generate/pattern", rows=60_000, rate=120_000, batchRows=200, pattern="random", seed=7),
                 node("line", "logic/map", set={"line": "string(row.id) + ' ' + string(row.value)", "bucket": "row.id % 5000"}, keep=["id"]),
                 node("lines", "files/text-write", path="lines.txt"),
                 node("once", "aggregate/distinct", keys=["bucket"]),
                 node("seen", "files/json-write", path="seen.json", format="array")]
        edges = [edge("a", "read.rows", "map.rows"), edge("b", "map.rows", "all.rows"), edge("c", "map.rows", "pick.rows"),
                 edge("d", "pick.match", "odd.rows"), edge("e", "map.rows", "sum.rows"), edge("f", "sum.rows", "sums.rows"),
                 edge("g", "ticks.rows", "line.rows"), edge("h", "line.rows", "lines.rows"), edge("i", "line.rows", "once.rows"),
                 edge("j", "once.rows", "seen.rows")]
        return self.flow("ten", *nodes, edges=edges, config={"checkpoint": {"everyMs": 20, "rows": 20_000}, **more})

    def outputs(self):
        return {name: (self.folder / name).read_bytes() for name in OUTPUTS}

    def forget(self):
        for name in OUTPUTS:
            (self.folder / name).unlink(missing_ok=True)

    def test_r1_a_run_that_is_killed_again_and_again_writes_what_an_undisturbed_run_writes(self):
        self.kill_again_and_again(self.ten_nodes(), KILLS)

    def test_r1_with_durable_edges_too_which_sources_that_read_again_need_no_journal_for(self):
        flow = self.ten_nodes()
        document = json.loads((self.folder / flow).read_text())
        for each in document["edges"]:
            each["guarantee"] = "durable"
        self.write(flow, json.dumps(document))
        self.kill_again_and_again(flow, KILLS // 5)

    def test_r1_a_run_that_is_stopped_in_order_again_and_again_goes_on_too(self):
        # SIGTERM before a program says what it does about it ends it as SIGKILL does.
        self.kill_again_and_again(self.ten_nodes(), KILLS // 5, end=signal.SIGTERM, codes=(-signal.SIGTERM, 143))

    def test_r1_a_source_without_end_loses_nothing_and_repeats_nothing_over_stops(self):
        flow = self.flow("ticks", node("ticks", "generate/pattern", rows=0, rate=5000, batchRows=10),
                         node("only", "logic/map", set={"n": "row.id"}, keep=["id"]),
                         node("write", "sql/write", file="out.db", table="t", columns=["n"], exactlyOnce=True))
        with contextlib.closing(sqlite3.connect(self.folder / "out.db")) as base:
            base.execute("CREATE TABLE t (n INTEGER)")
        last = 0
        for _ in range(4):
            run = self.start("run", flow, "--resume", "--no-socket")
            more = lambda: self.count_of("out.db") > last + 100  # noqa: E731, B023
            until(more)
            run.send_signal(signal.SIGTERM)
            _, err = run.communicate(timeout=60)
            self.assertEqual(run.returncode, 143, err)
            self.assertIn("--resume goes on", err)
            last = self.count_of("out.db")
        rows, distinct, most = self.asked("out.db", "SELECT count(*), count(DISTINCT n), max(n) - min(n) + 1 FROM t")
        self.assertEqual((rows, rows), (distinct, most))
        # --finish ends it: what is under way is finished, and nothing is left to go on with.
        run = self.start("run", flow, "--resume", "--finish", "--no-socket")
        until(lambda: self.count_of("out.db") > last + 100)
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 143, err)
        self.assertIn("sources end", err)

    def test_a_stop_waits_ten_seconds_at_most_for_a_checkpoint_that_does_not_come(self):
        # The barrier stands behind thousands of rows that one a second is taken of.
        flow = self.flow("slow", node("ticks", "generate/pattern", rows=0, batchRows=100), node("slow", "flow/throttle", rowsPerSecond=1),
                         node("out", "files/json-write", path="out.ndjson"))
        run = self.start("run", flow, "--resume", "--no-socket", "--events", "events.ndjson")
        until(lambda: (self.folder / "events.ndjson").exists())
        time.sleep(1)
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 143, err)
        self.assertIn("stopping at a checkpoint", err)

    def asked(self, database, text):
        with contextlib.closing(sqlite3.connect(self.folder / database, timeout=30)) as base:
            return base.execute(text).fetchone()

    def count_of(self, database):
        return self.asked(database, "SELECT count(*) FROM t")[0]

    def kill_again_and_again(self, flow, kills, end=signal.SIGKILL, codes=(-signal.SIGKILL,)):
        began = time.monotonic()
        self.weir("run", "-q", flow, "--seed", "5")
        calm = time.monotonic() - began
        expected = self.outputs()
        self.assertEqual(len(expected["lines.txt"].splitlines()), 60_000)
        draw = random.Random(11)
        killed = went_on = 0
        while killed < kills:
            self.forget()
            events = self.folder / "events.ndjson"
            while True:
                run = self.start("run", "-q", flow, "--seed", "5", "--resume", "--events", "events.ndjson")
                try:
                    run.wait(draw.uniform(0.01, calm))
                except Exception:
                    run.send_signal(end)
                _, err = run.communicate()
                if events.exists() and "checkpoint.restored" in events.read_text():
                    went_on += 1
                if run.returncode == 0:
                    break
                self.assertIn(run.returncode, codes, err)
                killed += 1
            got = self.outputs()
            for name in OUTPUTS:
                self.assertTrue(got[name] == expected[name], f"{name} after {killed} kills")
            self.assertNothingHalfWritten()
        self.assertGreater(went_on, kills // 5)

    def test_changed_settings_of_a_node_with_state_are_an_error_that_names_them_and_those_of_others_are_not(self):
        def flow(end, step=0, note="x", rate=2000):
            return self.flow("set", node("ticks", "generate/pattern", rows=end, rate=rate, batchRows=10),
                             node("add", "logic/map", set={"v": f"row.id + {step}"}),
                             node("sum", "aggregate/group", keys=[], measures=[{"name": note, "function": "count"}]),
                             node("out", "files/csv-write", path="n.csv"), config={"checkpoint": {"everyMs": 10}})

        run = self.start("run", "-q", flow(0), "--resume", "--events", "events.ndjson")
        events = self.folder / "events.ndjson"
        state = self.folder / ".weir/state"
        until = time.monotonic() + 60
        while time.monotonic() < until and not (state.exists() and any(path.stat().st_size > 30_000 for path in state.iterdir())):
            time.sleep(0.05)
        time.sleep(0.5)
        run.kill()
        run.communicate()
        self.assertTrue(events.exists())
        self.fails("run", "-q", flow(100_000, note="rows"), "--resume", code=1, says=["state.changed", "'ticks'", "'rows'", "--resume-changed"])
        self.fails("run", "-q", flow(0, note="rows"), "--resume", code=1, says=["state.changed", "'sum'", "'measures'"])
        # A node that keeps nothing may change.
        out, err = self.weir("run", "-q", flow(1_000_000, step=5, rate=10_000_000), "--resume", "--resume-changed", "--events", "events.ndjson")
        said = [json.loads(line) for line in events.read_text().splitlines()]
        changed = [event["message"] for event in said if event["kind"] == "checkpoint.changed"]
        self.assertEqual(len(changed), 1)
        self.assertNotIn("'add'", changed[0])
        self.assertEqual((self.folder / "n.csv").read_text(), "x\n1000000\n")

    def test_an_ended_run_leaves_nothing_to_resume_and_the_next_one_begins_anew(self):
        self.write("in.csv", "a\n1\n2\n")
        flow = self.flow("short", node("read", "files/csv-read", path="in.csv"),
                         node("write", "files/csv-write", path="out.csv", ifExists="append"))
        for times in (1, 2):
            self.weir("run", "-q", flow, "--resume")
            self.assertEqual((self.folder / "out.csv").read_text(), "a\n" + "1\n2\n" * times)

    def test_a_state_of_another_flow_is_refused_and_says_which_node(self):
        endless = node("ticks", "generate/pattern", rows=0, rate=1000)
        flow = self.flow("long", endless, node("log", "files/text-write", path="out.txt", field="id"),
                         config={"checkpoint": {"everyMs": 10}})
        run = self.start("run", "-q", flow, "--resume", "--events", "events.ndjson")
        for _ in range(6000):
            events = self.folder / "events.ndjson"
            if events.exists() and "checkpoint.done" in events.read_text():
                break
            time.sleep(0.01)
        run.kill()
        run.communicate()
        self.assertTrue((self.folder / ".out.txt.weir-part").exists())
        self.flow("long", endless, node("other", "files/text-write", path="out.txt", field="id"))
        self.fails("run", "-q", flow, "--resume", code=1, says=("state.mismatch", "'log'", "--resume"))
        again, _ = self.weir("run", "-q", self.flow("brief", node("ticks", "generate/pattern", rows=3),
                                                    node("log", "files/text-write", path="out.txt", field="id")))
        self.assertEqual((self.folder / "out.txt").read_text(), "0\n1\n2\n")

    def test_two_runs_cannot_share_a_state(self):
        flow = self.flow("long", node("ticks", "generate/pattern", rows=0, rate=1000),
                         node("log", "files/text-write", path="out.txt", field="id"))
        run = self.start("run", "-q", flow, "--resume")
        try:
            for _ in range(6000):
                if (self.folder / ".out.txt.weir-part").exists():
                    break
                time.sleep(0.01)
            self.fails("run", "-q", flow, "--resume", code=75, says=("state.busy",))
        finally:
            run.kill()
            run.communicate()


if __name__ == "__main__":
    unittest.main()
