#!/usr/bin/env python3
# What a person sees: plain lines in a pipe, a table drawn in place on a terminal.
import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, WEIR, node  # noqa: E402


def screen_of(text):
    """The lines that are left on a terminal: knows line ends, one line up, clear line."""
    lines, row = [""], 0
    rest = text.replace("\r\n", "\n")
    while rest:
        if rest.startswith("\x1b[1A"):
            row, rest = row - 1, rest[4:]
        elif rest.startswith("\x1b[2K"):
            lines[row], rest = "", rest[4:]
        elif rest[0] == "\n":
            row, rest = row + 1, rest[1:]
            if row == len(lines):
                lines.append("")
        else:
            lines[row], rest = lines[row] + rest[0], rest[1:]
    return lines


class Terminal(ProgramTest):
    def on_terminal(self, *arguments, columns=100, rows=30, interrupt_after=None):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        process = subprocess.Popen([WEIR, *arguments], cwd=self.folder, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        started, text = time.monotonic(), b""
        os.set_blocking(ours, False)
        while True:
            ended = process.poll() is not None
            try:
                text += os.read(ours, 1 << 16)
            except BlockingIOError:
                if ended:  # and nothing left to read
                    break
                time.sleep(0.02)
            except OSError:
                break
            if interrupt_after and time.monotonic() - started > interrupt_after:
                process.send_signal(signal.SIGINT)
                interrupt_after = None
            if time.monotonic() - started > 120:
                break
        os.close(ours)
        return process.wait(timeout=120), text.decode()

    def slow(self, last=None):
        return self.flow("slow", node("numbers", "generate/pattern", rows=800, rate=1000, batchRows=100), last or node("write", "files/csv-write", path="o.csv"))

    def test_in_a_pipe_there_are_no_escape_codes(self):
        out, err = self.weir("run", self.slow())
        self.assertNotIn("\x1b", out + err)
        self.assertNotIn("\r", out + err)
        self.assertRegex(err, r"^done in \d")
        self.assertRegex(err, r"numbers +0 +800 ")
        out, err = self.weir("run", "-q", "slow.flow.json")
        self.assertEqual(out + err, "")

    def test_on_a_terminal_the_table_is_drawn_in_place(self):
        code, text = self.on_terminal("run", self.slow())
        self.assertEqual(code, 0)
        self.assertIn("\x1b[1A\x1b[2K", text)
        lines = [line for line in screen_of(text) if line]
        self.assertEqual(len(lines), 4, lines)
        self.assertRegex(lines[0], r"^done in ")
        self.assertIn("running ", text)

    def test_lines_of_a_log_stay_above_the_table(self):
        code, text = self.on_terminal("run", self.slow(node("show", "debug/log", rows=1)))
        self.assertEqual(code, 0)
        lines = [line for line in screen_of(text) if line]
        logged = [line for line in lines if line.startswith("info [show]")]
        self.assertEqual(len(logged), text.count("info [show]"))
        self.assertGreater(len(logged), 1)
        self.assertEqual(len(lines), len(logged) + 4, lines)

    def test_a_narrow_terminal_never_wraps_and_still_shows_rows_rate_and_queue(self):
        for columns in (40, 60, 79):
            with self.subTest(columns=columns):
                _, text = self.on_terminal("run", self.slow(), columns=columns)
                lines = [line for line in screen_of(text) if line]
                self.assertLessEqual(max(map(len, lines)), columns - 1)
                head = next(i for i, line in enumerate(lines) if line.startswith("node "))
                for title in ("rows", "rate", "queue"):
                    self.assertIn(title, lines[head])
                self.assertRegex(lines[head + 1], r"^num.* 800 .*/s +[#.]{8}")
                self.assertEqual(len(lines), head + 3, lines)

    def test_bytes_percent_and_the_time_left_are_shown(self):
        for i in range(40):
            self.write(f"in/{i:02}.csv", "id,text\n" + f"{i},xxxxxxxxxxxxxxxxxx\n" * 9000)
        flow = self.flow("bytes", node("read", "files/csv-read", path="in/*.csv"), node("slow", "flow/throttle", rowsPerSecond=250_000),
                         node("write", "files/csv-write", path="o.csv"))
        for columns in (120, 40):
            code, text = self.on_terminal("run", flow, columns=columns)
            self.assertEqual(code, 0)
            self.assertRegex(text, r"MB of \d\.\d MB \(\d+ %\)")
            self.assertRegex(text, r"about \d.* left")
            self.assertIn("(100 %)", "".join(screen_of(text)))

    def test_a_dumb_terminal_gets_plain_lines(self):
        before = os.environ.get("TERM")
        os.environ["TERM"] = "dumb"
        self.addCleanup(lambda: os.environ.update(TERM=before) if before is not None else os.environ.pop("TERM"))
        code, text = self.on_terminal("run", self.slow())
        self.assertEqual(code, 0)
        self.assertNotIn("\x1b", text)
        self.assertIn("done in", text)

    def test_ctrl_c_on_a_terminal_leaves_message_and_table(self):
        flow = self.flow("endless", node("numbers", "generate/pattern", rows=0, rate=1000), node("write", "files/csv-write", path="o.csv"))
        code, text = self.on_terminal("run", flow, interrupt_after=0.5)
        self.assertEqual(code, 130)
        lines = [line for line in screen_of(text) if line]
        self.assertTrue(any(line.startswith("stopping: ") for line in lines), lines)
        self.assertTrue(any(line.startswith("stopped after ") for line in lines), lines)

    def test_a_reader_that_goes_away_does_not_end_the_run(self):
        process = self.start("run", self.slow(node("write", "files/csv-write", path="gone.csv", columns=["id"])))
        process.stderr.close()
        process.stdout.close()
        self.assertEqual(process.wait(timeout=120), 0)
        self.assertEqual(len((self.folder / "gone.csv").read_text().splitlines()), 801)


if __name__ == "__main__":
    unittest.main()
