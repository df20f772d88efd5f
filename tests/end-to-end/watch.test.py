#!/usr/bin/env python3
# files/watch on real files: growth, rotation by renaming and by emptying, lines that are not finished yet.
import json
import os
import shutil
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, node  # noqa: E402


class Watch(ProgramTest):
    def follow(self, **settings):
        self.log = self.folder / "app.log"
        self.reader, writer = os.pipe()
        os.set_blocking(self.reader, False)
        flow = self.flow("watch", node("watch", "files/watch", path="app.log", interval="20ms", **settings), node("log", "debug/log", rows=1000))
        self.run_ = self.start("run", "-q", flow, stderr=writer)
        os.close(writer)
        self.addCleanup(os.close, self.reader)
        self.addCleanup(self.stop)
        self.text = ""

    def stop(self):
        if self.run_.poll() is None:
            self.run_.send_signal(signal.SIGTERM)
        self.run_.communicate(timeout=120)

    def lines(self, count, seconds=120):
        """Waits for that many lines in the log of the run, and a moment more for what should not come."""
        limit = time.monotonic() + seconds
        grace = None
        while time.monotonic() < limit and (grace is None or time.monotonic() < grace):
            try:
                self.text += os.read(self.reader, 1 << 20).decode()
            except BlockingIOError:
                time.sleep(0.02)
            found = self.seen()
            if grace is None and len(found) >= count:
                grace = time.monotonic() + 0.15
        return self.seen()

    def seen(self):
        return [json.loads(line[line.index("{"):])["line"] for line in self.text.split("\n")[:-1] if '{"line"' in line]

    def append(self, text):
        with open(self.log, "a") as file:
            file.write(text)

    def test_what_is_added_comes_and_what_was_there_does_not(self):
        self.write("app.log", "old 1\nold 2\n")
        self.follow()
        while "follows" not in self.text:
            self.lines(0, 0.1)
        self.append("one\ntwo\nhal")
        self.assertEqual(self.lines(2), ["one", "two"])
        self.append("f\nthree\n")
        self.assertEqual(self.lines(4), ["one", "two", "half", "three"])

    def test_a_file_may_begin_later_and_is_read_from_its_start(self):
        self.follow()
        while "is not there yet" not in self.text:
            self.lines(0, 0.1)
        self.append("first\n")
        self.assertEqual(self.lines(1), ["first"])

    def test_a_renamed_file_is_read_to_its_end_before_the_new_one(self):
        self.write("app.log", "begin\n")
        self.follow(**{"from": "start"})
        expected = ["begin"]
        self.assertEqual(self.lines(1), expected)
        for turn in range(5):
            for i in range(50):
                self.append(f"{turn}:{i}\n")
                expected.append(f"{turn}:{i}")
            with open(self.log, "a") as old:
                os.rename(self.log, self.folder / f"app.log.{turn}")
                old.write(f"{turn}:after\nlast of {turn}")  # whoever had it open still writes, and ends without a line feed
                expected += [f"{turn}:after", f"last of {turn}"]
            self.assertEqual(self.lines(len(expected) - 1)[:len(expected) - 1], expected[:-1])
            self.append("")
            self.assertEqual(self.lines(len(expected)), expected)

    def test_a_file_that_is_copied_and_emptied_is_read_anew(self):
        self.write("app.log", "")
        self.follow(**{"from": "start"})
        self.append("one\ntwo\nthree\n")
        self.assertEqual(self.lines(3), ["one", "two", "three"])
        shutil.copy(self.log, self.folder / "app.log.1")
        os.truncate(self.log, 0)
        time.sleep(0.2)
        self.append("four\n")
        self.assertEqual(self.lines(4), ["one", "two", "three", "four"])


if __name__ == "__main__":
    unittest.main()
