#!/usr/bin/env python3
# Watching runs from outside: weir runs, tap, top and debug over the run's socket.
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from live_runs import LiveTest  # noqa: E402
from program import WEIR, chain, node, signals_as_from_a_shell, until  # noqa: E402


class Runs(LiveTest):
    def test_a_run_listens_where_only_its_user_can_connect_and_leaves_nothing_behind(self):
        process, run = self.going()
        path = self.runtime / "weir" / run
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assertEqual(path.parent.stat().st_mode & 0o777, 0o700)
        self.assertIn("live", self.weir("runs")[0])
        self.stop(process)
        self.assertEqual(list(path.parent.iterdir()), [])
        self.assertIn("no run goes on", self.weir("runs")[0])

    def test_without_a_runtime_folder_the_socket_is_below_the_temporary_one(self):
        os.environ["XDG_RUNTIME_DIR"] = "/nowhere"
        before = os.environ.get("TMPDIR")
        os.environ["TMPDIR"] = str(self.runtime)
        self.addCleanup(lambda: os.environ.pop("TMPDIR") if before is None else os.environ.update(TMPDIR=before))
        process, run = self.going()
        path = self.runtime / f"weir-{os.getuid()}"
        self.assertEqual(path.stat().st_mode & 0o777, 0o700)
        self.assertEqual([entry.name for entry in path.iterdir()], [run])
        self.stop(process)

    def test_a_folder_that_others_may_write_to_is_not_used_and_the_run_goes_on(self):
        (self.runtime / "weir").mkdir()
        (self.runtime / "weir").chmod(0o777)
        flow = self.flow("short", node("numbers", "generate/pattern", rows=5), node("write", "files/csv-write", path="o.csv"))
        _, err = self.weir("run", flow)
        self.assertIn("cannot be watched", err)
        self.fails("runs", code=2, says=["only you can write to"])

    def test_the_socket_of_a_run_that_was_killed_is_removed_by_the_next(self):
        process, run = self.going()
        process.kill()
        process.wait()
        path = self.runtime / "weir" / run
        self.assertTrue(path.exists())
        self.fails("tap", run, "e1", code=2, says=["no run goes on"])
        process, other = self.going()
        self.assertFalse(path.exists())
        self.stop(process)

    def test_no_socket_means_none(self):
        flow = self.flow("short", node("numbers", "generate/pattern", rows=300, rate=1000), node("write", "files/csv-write", path="o.csv"))
        self.weir("run", flow, "--no-socket")
        self.assertFalse((self.runtime / "weir").exists())
        self.fails("run", flow, "--no-socket", "--mode", "step", code=2, says=["--mode step waits"])

    def test_several_runs_are_told_apart_by_the_beginning_of_their_ids(self):
        one, first = self.going()
        two, second = self.going(rate=500, nodes=(node("odd", "logic/filter", condition="row.id % 2 == 1"),), to="p.csv")
        self.fails("tap", "e1", "--limit", "1", code=2, says=["several runs go on", first, second])
        same = len(os.path.commonprefix([first, second]))
        out, _ = self.weir("tap", second[: same + 1], "e2", "--limit", "1", "--format", "json")
        self.assertEqual(json.loads(out)["id"] % 2, 1)
        self.fails("tap", "zz", "e1", code=2, says=["no run's id begins with 'zz'"])
        self.stop(one)
        self.stop(two)


class Taps(LiveTest):
    def test_a_tap_shows_the_rows_that_match_as_they_pass(self):
        process, run = self.going()
        out, err = self.weir("tap", run, "e2", "--where", "row.id % 10 == 4", "--limit", "5", "--format", "json")
        ids = [json.loads(line)["id"] for line in out.splitlines()]
        self.assertEqual(len(ids), 5)
        self.assertEqual(ids, list(range(ids[0], ids[0] + 50, 10)))
        self.assertTrue(all(i % 10 == 4 for i in ids))
        self.assertRegex(err, r"showing 5 of \d+ matches in [\d,]+ seen, [\d,]+ passed")
        out, _ = self.weir("tap", "e1", "--limit", "3", "--format", "table")
        self.assertEqual(len(out.splitlines()), 4)
        self.assertRegex(out.splitlines()[0], r"^ts +id +value$")
        self.stop(process)

    def test_the_budget_is_kept_and_what_is_left_out_is_said(self):
        process, run = self.going(rate=20000)
        began = time.monotonic()
        watcher = self.start("tap", run, "e1", "--rate", "50", "--format", "json")
        time.sleep(2)
        watcher.send_signal(signal.SIGINT)
        out, err = watcher.communicate(timeout=120)
        self.assertEqual(watcher.returncode, 130)
        shown, matched = (int(n.replace(",", "")) for n in re.search(r"showing ([\d,]+) of ([\d,]+)", err).groups())
        self.assertEqual(shown, len(out.splitlines()))
        self.assertGreater(matched, 2 * shown)
        self.assertLess(shown, 50 * (time.monotonic() - began + 4))
        self.stop(process)

    def test_bad_edges_and_conditions_are_refused_with_the_reason(self):
        process, run = self.going()
        self.fails("tap", run, "e9", code=2, says=["no edge 'e9'", "debug.unknown"])
        self.fails("tap", run, "e1", "--where", "row.", code=2)
        self.fails("tap", run, "e1", "--where", "1 + 1", code=2, says=["bool"])
        self.fails("tap", run, "e1", "--limit", "0", code=2)
        out, err = self.weir("tap", run, "e1", "--where", "row.id / 0 == 1 || row.id % 100 == 0", "--limit", "2", "--format", "json")
        self.assertIn("the condition could not be computed", err)
        self.assertIsNone(process.poll())
        self.stop(process)

    def test_the_tap_ends_with_the_run_and_has_its_last_rows(self):
        process, run = self.going(rows=4000)
        watcher = self.start("tap", run, "e1", "--format", "json", "--where", "row.id == 3999")
        out, err = watcher.communicate(timeout=120)
        self.assertEqual(watcher.returncode, 0)
        self.assertEqual([json.loads(line)["id"] for line in out.splitlines()], [3999])
        self.assertEqual(process.wait(timeout=120), 0)

    def test_sensitive_fields_are_masked_unless_asked_for(self):
        process, run = self.going(config={"sensitive": ["value"]})
        out, _ = self.weir("tap", run, "e1", "--limit", "1", "--format", "json")
        self.assertEqual(json.loads(out)["value"], "(sensitive)")
        out, _ = self.weir("tap", run, "e1", "--limit", "1", "--format", "json", "--reveal")
        self.assertIsInstance(json.loads(out)["value"], (int, float))
        self.stop(process)

    def test_a_watcher_that_does_not_read_costs_the_run_nothing(self):
        process, run = self.going(rate=50000, rows=150000)
        watcher = self.start("tap", run, "e1", "--rate", "1000000", "--format", "json")
        time.sleep(0.5)
        watcher.send_signal(signal.SIGSTOP)
        self.assertEqual(process.wait(timeout=120), 0)
        self.assertEqual(len((self.folder / "o.csv").read_text().splitlines()), 75001)
        watcher.send_signal(signal.SIGCONT)
        watcher.communicate(timeout=120)
        self.assertEqual(watcher.returncode, 0)


class Frames(LiveTest):
    """The protocol by hand, good and bad."""

    def connect(self, run):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(120)
        peer.connect(str(self.runtime / "weir" / run))
        self.addCleanup(peer.close)
        return peer

    def send(self, peer, control, kind=0, version=1):
        payload = json.dumps(control).encode() if not isinstance(control, bytes) else control
        peer.sendall(struct.pack("<IBBHIQQ", 24 + len(payload), version, kind, 0, 0, 0, 0) + payload)

    def receive(self, peer, wanted):
        """The next control frame of one of the types."""
        while True:
            head = self.exactly(peer, 28)
            length, version, kind, flags, subscription, sequence, shed = struct.unpack("<IBBHIQQ", head)
            payload = self.exactly(peer, length - 24)
            self.assertEqual((version, flags), (1, 0))
            if kind == 0 and (frame := json.loads(payload))["type"] in wanted:
                return {**frame, "sequence": sequence}

    def exactly(self, peer, count):
        data = b""
        while len(data) < count:
            got = peer.recv(count - len(data))
            if not got:
                raise EOFError
            data += got
        return data

    def ask(self, peer, request, **data):
        self.send(peer, {"v": 1, "type": request, "id": "q", "data": data})
        return self.receive(peer, ("ok", "error"))

    def test_hello_metrics_and_events(self):
        process, run = self.going()
        peer = self.connect(run)
        about = self.ask(peer, "hello")["data"]
        self.assertEqual((about["run"], about["flow"]), (run, "live"))
        self.assertEqual([edge["id"] for edge in about["edges"]], ["e1", "e2"])
        self.assertEqual(self.ask(peer, "subscribe", kind="metrics")["data"], {"subscription": 1})
        seen = [self.receive(peer, ("metrics",)) for _ in range(3)]
        self.assertEqual([frame["sequence"] for frame in seen], [1, 2, 3])
        self.assertGreater(seen[2]["data"]["nodes"][0]["rowsOut"], seen[0]["data"]["nodes"][0]["rowsOut"])
        self.stop(process)
        self.assertEqual(self.receive(peer, ("ended",))["data"]["outcome"], "stopped")

    def test_without_credit_nothing_more_comes_until_there_is_some(self):
        process, run = self.going(rate=100000)
        peer = self.connect(run)
        self.ask(peer, "subscribe", kind="tap", edge="e1", rowsPerSecond=1e6, bytesPerSecond=1e9)
        got = 0
        try:
            while True:
                peer.settimeout(1.5 if got > 256 << 10 else 120)
                got += len(self.exactly(peer, 1))
                got += len(peer.recv(1 << 16))
        except TimeoutError:
            pass
        # One message may pass the bound: the credit is what is left, not what is to come.
        self.assertGreater(got, 256 << 10)
        self.assertLess(got, 8 << 20)
        peer.settimeout(120)
        self.send(peer, {"v": 1, "type": "credit", "subscription": 1, "data": {"bytes": 16 << 20}})
        self.assertEqual(len(self.exactly(peer, 4)), 4)
        self.stop(process)

    def test_a_session_that_comes_back_gets_the_events_that_it_missed(self):
        process, run = self.going()
        peer = self.connect(run)
        session = self.ask(peer, "hello")["data"]["session"]
        self.ask(peer, "subscribe", kind="events")
        number = self.ask(peer, "break", edge="e1", where="row.id % 50 == 0", log="row {row.id}")["data"]["breakpoint"]
        first = self.receive(peer, ("event",))["data"]
        self.assertRegex(first["message"], r"^row \d+$")
        self.assertEqual(first["kind"], "debug.log")
        peer.close()
        peer = self.connect(run)
        answer = self.ask(peer, "resume", session=session, last={"1": first["number"]})
        self.assertEqual(answer["data"], {"subscriptions": [1]})
        # A breakpoint goes with its connection.
        until(lambda: all(each["breakpoint"] != number for each in self.ask(peer, "breakpoints")["data"]["breakpoints"]))
        self.ask(peer, "break", edge="e1", where="row.id % 50 == 0", log="row {row.id}")
        self.assertEqual(self.receive(peer, ("event",))["data"]["number"], first["number"] + 1)
        self.assertEqual(self.ask(peer, "resume", session="none")["type"], "error")
        self.stop(process)

    def test_bad_frames_are_answered_or_end_the_connection_and_never_the_run(self):
        process, run = self.going()
        for control in (b"nonsense", {"v": 9, "type": "hello"}, {"v": 1}, {"v": 1, "type": "dance", "id": "q"},
                        {"v": 1, "type": "subscribe", "id": "q", "data": {"kind": "tap", "edge": 3}},
                        {"v": 1, "type": "act", "id": "q", "data": {"held": 5, "action": "continue"}},
                        {"v": 1, "type": "credit", "id": "q", "subscription": 1, "data": {"bytes": -1}}):
            with self.subTest(control=control):
                peer = self.connect(run)
                self.send(peer, control)
                self.assertEqual(self.receive(peer, ("error",))["type"], "error")
        for raw in (struct.pack("<I", 0xFFFFFFFF), struct.pack("<I", 3), struct.pack("<IBBHIQQ", 24, 7, 0, 0, 0, 0, 0),
                    struct.pack("<IBBHIQQ", 24, 1, 3, 0, 0, 0, 0), struct.pack("<IBBHIQQ", 16 << 20, 1, 0, 0, 0, 0, 0)):
            with self.subTest(raw=raw):
                peer = self.connect(run)
                peer.sendall(raw)
                self.assertRaises((EOFError, ConnectionError), self.receive, peer, ("never",))
        flood = self.connect(run)
        try:
            for _ in range(1000):
                self.send(flood, {"v": 1, "type": "hello"})
            self.assertRaises((EOFError, ConnectionError), self.receive, flood, ("never",))
        except (BrokenPipeError, ConnectionError):
            pass
        crowd = [self.connect(run) for _ in range(40)]
        for peer in crowd:
            peer.close()
        self.assertIsNone(process.poll())
        self.weir("tap", run, "e1", "--limit", "1")
        self.stop(process)


class Top(LiveTest):
    def test_one_table_of_all_nodes(self):
        process, run = self.going()
        out, _ = self.weir("top", run, "--once", "--every", "300")
        lines = out.splitlines()
        self.assertRegex(lines[0], r"^running ")
        self.assertRegex(lines[1], r"^node +type +in +out +queue +queued +busy +errors +retries +waits for$")
        self.assertRegex(lines[2], r"^numbers +generate/pattern +0 /s +\d")
        self.assertRegex(lines[3], r"^even +logic/filter +\d.* rows$")
        self.assertEqual(len(lines), 5)
        self.stop(process)

    def test_in_a_pipe_tables_follow_each_other_until_the_run_ends(self):
        process, run = self.going(rows=1200)
        out, err = self.weir("top", "--every", "200", "--sort", "name")
        self.assertIn("the run is over", err)
        self.assertNotIn("\x1b", out)
        self.assertGreater(out.count("running "), 2)
        self.assertLess(out.index("\neven"), out.index("\nnumbers"))
        self.assertEqual(process.wait(timeout=120), 0)

    def test_on_a_terminal_it_is_drawn_in_place_sorted_by_a_key_and_ended_by_another(self):
        import pty

        process, run = self.going()
        ours, theirs = pty.openpty()
        watcher = subprocess.Popen([WEIR, "top", run, "--every", "100"], cwd=self.folder, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        text, started, pressed = b"", time.monotonic(), 0
        os.set_blocking(ours, False)
        while watcher.poll() is None and time.monotonic() - started < 120:
            try:
                text += os.read(ours, 1 << 16)
            except (BlockingIOError, OSError):
                time.sleep(0.02)
            if text.count(b"running") > 2 + 2 * pressed and pressed < 6:
                os.write(ours, b"s" if pressed < 5 else b"q")
                pressed += 1
        os.close(ours)
        self.assertEqual(watcher.wait(timeout=120), 0)
        self.assertIn(b"\x1b[1A\x1b[2K", text)
        self.assertIn(b"q quit", text)
        self.stop(process)


if __name__ == "__main__":
    unittest.main()
