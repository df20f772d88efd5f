#!/usr/bin/env python3
# What make run does once the program is built: the service with the examples, one of them over real data.
import os
import pty
import re
import signal
import subprocess
import sys
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ROOT, ProgramTest, signals_as_from_a_shell, until  # noqa: E402

SCRIPT = str(ROOT / "tools/run-service")
DATA = [ROOT / "node_modules/vega-datasets/data", Path("/usr/share/iso-codes/json")]


@unittest.skipUnless(all(path.is_dir() for path in DATA), "the data of the examples is not installed")
class MakeRun(ProgramTest):
    def environment(self, **more):
        return {**{name: value for name, value in os.environ.items() if name != "CI"}, "PORT": "0", **more}

    def test_without_a_terminal_it_tells_what_happened_and_ends_and_a_second_time_finds_all_there(self):
        passwords = set()
        for _ in range(2):
            done = subprocess.run([SCRIPT, str(self.folder)], capture_output=True, text=True, timeout=300, env=self.environment())
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("countries, life expectancy", done.stdout)
            self.assertIn("2005,Japan", done.stdout)
            self.assertRegex(done.stdout, r"11 flows at http://127\.0\.0\.1:\d+")
            self.assertIn("no terminal to stay at", done.stdout)
            passwords.add(re.search(r"sign in as admin with (\S+);", done.stdout)[1])
        self.assertEqual(len(passwords), 1)
        self.assertEqual((self.folder / "account.json").stat().st_mode & 0o777, 0o600)

    def test_at_a_terminal_it_stays_until_it_is_interrupted_and_takes_the_server_with_it(self):
        ours, theirs = pty.openpty()
        process = subprocess.Popen([SCRIPT, str(self.folder)], stdout=theirs, stderr=theirs, stdin=theirs, env=self.environment(), preexec_fn=signals_as_from_a_shell)
        os.close(theirs)
        self.addCleanup(os.close, ours)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        said = b""
        while b"Ctrl+C ends it" not in said:
            said += os.read(ours, 4096)
        address = re.search(rb"flows at (http://[\d.:]+)", said)[1].decode()
        with urllib.request.urlopen(address + "/health/live", timeout=60) as answer:
            self.assertEqual(answer.status, 200)
        process.send_signal(signal.SIGINT)
        while process.poll() is None:
            try:
                said += os.read(ours, 4096)
            except OSError:
                break  # it has let go of the terminal
        self.assertEqual(process.wait(60), 0, said)

        def gone():
            try:
                urllib.request.urlopen(address + "/health/live", timeout=60).close()
            except OSError:
                return True
        until(gone)


if __name__ == "__main__":
    unittest.main()
