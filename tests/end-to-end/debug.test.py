#!/usr/bin/env python3
# weir debug: breakpoints, held rows, changes, steps, from scripts and on a terminal.
import importlib.util
import os
import pty
import re
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import WEIR, node  # noqa: E402

spec = importlib.util.spec_from_file_location("live_test", Path(__file__).resolve().parent / "live.test.py")
live = importlib.util.module_from_spec(spec)
spec.loader.exec_module(live)


class Debug(live.LiveTest):
    def debug(self, *lines, code=0, more=()):
        commands = [word for line in lines for word in ("--command", line)]
        return self.weir("debug", *commands, *more, code=code)

    def rows(self):
        return (self.folder / "o.csv").read_text().splitlines()[1:]

    def test_a_row_is_held_changed_and_let_go(self):
        process, run = self.going(rows=2000, rate=500)
        out, _ = self.debug("break e2 if row.id == 1500", "wait", "set value=-1.5", "list", "continue")
        self.assertRegex(out, r"held \d+ on edge e2 \(even -> write\)")
        self.assertRegex(out, r"\n  id +1500  \(int\)\n  value +1500(\.0)?  \(\w+\)\n")
        self.assertRegex(out, r"\n  value +-1.5")
        self.assertIn("at edge e2 if row.id == 1500, hit 1 time\n", out)
        self.assertEqual(process.wait(timeout=120), 0)
        rows = self.rows()
        self.assertEqual(len(rows), 1000)
        self.assertTrue(rows[750].split(",")[1:] == ["1500", "-1.5"], rows[750])

    def test_a_row_is_dropped_and_the_run_counts_it(self):
        process, run = self.going("--metrics", "m.json", rows=2000, rate=500)
        self.debug("break write if row.id == 1500", "wait", "drop")
        self.assertEqual(process.wait(timeout=120), 0)
        self.assertEqual(len(self.rows()), 999)
        import json
        edge = json.loads((self.folder / "m.json").read_text())["edges"][1]
        self.assertEqual((edge["offered"], edge["taken"], edge["discarded"]), (1000, 999, 1))

    def test_a_step_follows_the_row_to_the_next_edge(self):
        process, run = self.going(rows=2000, rate=500)
        out, _ = self.debug("break e1 if row.id == 1500", "wait", "step", "next", "continue")
        self.assertRegex(out, r"(?s)on edge e1 .*  id +1500 .*on edge e2 .*  id +1500 .*on edge e2 .*  id +1502 ")
        self.assertEqual(process.wait(timeout=120), 0)
        self.assertEqual(len(self.rows()), 1000)

    def test_a_row_that_a_filter_drops_is_not_seen_again_and_that_is_said(self):
        process, run = self.going(rows=9000)
        out, _ = self.debug("break e1 if row.id == 3001", "wait", "step", more=("--wait", "4500"))
        self.assertIn("the row was not seen again", out)
        self.assertEqual(process.wait(timeout=120), 0)

    def test_when_the_debugger_is_killed_held_rows_go_on(self):
        process, run = self.going(rows=2000, rate=500)
        watcher = self.start("debug", run, stdin=subprocess.PIPE)
        watcher.stdin.write("break e1 if row.id == 1500\nwait\n")
        watcher.stdin.flush()
        for line in watcher.stdout:
            if "held" in line:
                break
        time.sleep(0.5)
        self.assertIsNone(process.poll())
        watcher.kill()
        watcher.communicate()
        self.assertEqual(process.wait(timeout=120), 0)
        self.assertEqual(len(self.rows()), 1000)

    def test_ctrl_c_ends_a_run_that_holds_a_row(self):
        process, run = self.going()
        watcher = self.start("debug", run, stdin=subprocess.PIPE)
        watcher.stdin.write("break e1\nwait\n")
        watcher.stdin.flush()
        while "held" not in watcher.stdout.readline():
            pass
        self.stop(process)
        watcher.communicate(timeout=120)
        self.assertEqual(watcher.returncode, 0)

    def test_log_points_hold_nothing(self):
        process, run = self.going(rows=2000, rate=500)
        out, _ = self.debug("break e1 log 'row {row.id} of {{x}}' if row.id % 500 == 0", "tap e1 600", "events")
        self.assertRegex(out, r"e1: row \d+ of \{x\}")
        self.assertEqual(process.wait(timeout=120), 0)

    def test_mistakes_are_told_and_harm_nothing(self):
        process, run = self.going()
        for lines, says in ((["break nowhere"], "no node or edge 'nowhere'"), (["break e1 if row."], "cel."), (["continue"], "no row is held"),
                            (["jump"], "no word of the debugger"), (["break e1", "wait", "set id=\"x\""], "debug.row"),
                            (["break e1", "wait", "set idd=1"], "Did you mean 'id'"), (["continue 999"], "debug.unknown"),
                            (["remove 999"], "no breakpoint 999"), (["break e1 if row.id < 0", "wait"], "no row was held"),
                            (["break e1 if row.nope == 'a b'", "wait"], 'could not be computed')):
            with self.subTest(lines=lines):
                _, err = self.debug(*lines, code=2, more=("--wait", "500"))
                self.assertIn(says, err)
        self.assertIsNone(process.poll())
        self.stop(process)

    def test_two_debuggers_see_the_same_rows_and_the_one_that_leaves_takes_its_breakpoints_along(self):
        process, run = self.going(rows=6000, rate=500)
        first = subprocess.Popen([WEIR, "debug", "--wait", "60000"], cwd=self.folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        first.stdin.write("break e2 if row.id >= 500\nwait\n")
        first.stdin.flush()
        held = next(line for line in first.stdout if line.startswith("held "))
        out, _ = self.debug("show", "list", "set value=-2", "break e1 if row.id < 0")
        self.assertIn(" ".join(held.split()[:4]), out)
        self.assertIn("at edge e2 if row.id >= 500, hit 1 time", out)
        out, _ = self.debug("list", "show")
        self.assertIn("value  -2", out)
        self.assertNotIn("row.id < 0", out)
        first.stdin.write("quit\n")
        first.stdin.close()
        self.assertEqual(first.wait(timeout=120), 0)
        first.stdout.close()
        out, _ = self.debug("list", "show")
        self.assertEqual(out, "no breakpoints\nno row is held\n")
        self.stop(process)

    def test_mode_step_waits_for_the_debugger_with_the_first_row(self):
        process, run = self.going("--mode", "step", rows=30)
        time.sleep(0.3)
        out, _ = self.debug("show", "step", "continue", "wait", "list", "remove 1")
        seen = re.findall(r"(?s)held \d+ on edge (\w+) .*?  id +(\d+) ", out)
        self.assertEqual(set(seen), {("e1", "0"), ("e2", "0"), ("e1", "1")}, out)
        self.assertIn("at every source", out)
        self.assertEqual(process.wait(timeout=120), 0)
        self.assertEqual(len(self.rows()), 15)

    def test_on_a_terminal_there_is_a_prompt(self):
        process, run = self.going()
        ours, theirs = pty.openpty()
        watcher = subprocess.Popen([WEIR, "debug", run], cwd=self.folder, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        os.set_blocking(ours, False)
        text, lines = "", ["help", "break e1 if row.id > 100", "wait", "show", "jump", "continue", "quit"]
        limit = time.monotonic() + 120
        while time.monotonic() < limit:
            try:
                text += os.read(ours, 1 << 16).decode()
            except BlockingIOError:
                time.sleep(0.02)
            except OSError:
                break
            if text.count("(weir) ") > 7 - len(lines) and lines:
                os.write(ours, (lines.pop(0) + "\n").encode())
        os.close(ours)
        self.assertEqual(watcher.wait(timeout=120), 0, text)
        self.assertIn("breakpoint ", text)
        self.assertIn("on edge e1", text)
        self.assertIn("no word of the debugger", text)
        self.stop(process)


if __name__ == "__main__":
    unittest.main()
