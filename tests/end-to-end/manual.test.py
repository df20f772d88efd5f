# The manual page and the systemd unit: what groff and systemd say of them.
import re
import shutil
import subprocess
import unittest

from program import ROOT, ProgramTest


class Manual(ProgramTest):
    def test_every_command_and_every_option_of_serve_is_in_the_manual(self):
        page, _ = self.weir("manual")
        plain = page.replace("\\-", "-")
        commands = re.findall(r"^  (\S+) ", self.weir("--help")[0].split("Commands:\n")[1], re.M)
        self.assertGreater(len(commands), 20)
        for command in commands:
            self.assertIn(f'.SS "{command}"', plain)
        for option in re.findall(r"^  (--[a-z0-9-]+)", self.weir("serve", "--help")[0], re.M):
            self.assertIn(f"\\fB{option}\\fR", plain)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_groff_has_nothing_to_say_against_it(self):
        page, _ = self.weir("manual")
        done = subprocess.run(["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-P-c", "-P-b", "-P-u"], input=page, capture_output=True, text=True, timeout=60)
        complaints = [line for line in done.stderr.splitlines() if "adjust line" not in line and "break line" not in line]
        self.assertEqual((done.returncode, complaints), (0, []))
        self.assertIn("SYNOPSIS", done.stdout)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_systemd_has_nothing_to_say_against_the_units(self):
        unit = (ROOT / "deploy/weir.service").read_text()
        self.write("weir.service", unit.replace("/usr/local/bin/weir", "/bin/true"))
        self.write("weir.socket", (ROOT / "deploy/weir.socket").read_text())
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", *(str(self.folder / f"weir.{kind}") for kind in ("service", "socket"))],
                              capture_output=True, text=True, timeout=60)
        complaints = [line for line in done.stderr.splitlines() if "weir." in line]
        self.assertEqual(complaints, [])


if __name__ == "__main__":
    unittest.main()
