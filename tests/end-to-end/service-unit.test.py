# deploy/weir.service: what it starts comes up as a user without a home, who may write to its two folders alone.
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import unittest

from program import ROOT, WEIR, ProgramTest, signals_as_from_a_shell, until

NOBODY = 65534


class Unit(ProgramTest):
    def setUp(self):
        super().setUp()
        self.settings = {}
        for line in (ROOT / "deploy/weir.service").read_text().splitlines():
            if found := re.match(r"(\w+)=(.*)", line):
                self.settings.setdefault(found[1], []).append(found[2])
        self.folder.chmod(0o755)
        self.states = self.settings["StateDirectory"][0].split()
        (self.folder / "var").mkdir(mode=0o755)
        for name in self.states:
            path = self.folder / "var" / name
            path.mkdir(mode=int(self.settings["StateDirectoryMode"][0], 8))
            if os.geteuid() == 0:
                os.chown(path, NOBODY, NOBODY)
        shutil.copy(WEIR, self.folder / "weir")

    def here(self, text):
        return text.replace("/var/lib/", f"{self.folder}/var/").replace("/usr/local/bin/weir", f"{self.folder}/weir")

    def begin(self):
        variables = [self.here(one) for one in self.settings["Environment"]]
        as_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
        command = ["env", "-i", "PATH=/usr/bin:/bin", "HOME=/", "USER=weir", "WEIR_LISTEN=127.0.0.1:0", *variables,
                   *shlex.split(self.here(self.settings["ExecStart"][0]))]
        log = self.folder / "said"
        with log.open("w") as out:
            process = subprocess.Popen([*as_user, *command], cwd="/", stdout=out, stderr=out, preexec_fn=signals_as_from_a_shell)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        until(lambda: "listening at" in log.read_text() or process.poll() is not None)
        self.assertIsNone(process.poll(), log.read_text())
        return process, log.read_text()

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(60), 0)

    def test_it_starts_and_its_key_is_apart_from_its_data(self):
        process, said = self.begin()
        self.assertIn("A master key was made", said)
        self.end(process)
        data, keys = (self.folder / "var" / name for name in self.states)
        self.assertTrue((data / "weir.db").exists())
        key = keys / "weir/master.key"
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.assertFalse([path for path in data.rglob("*") if path.name == "master.key"])
        made = key.read_bytes()
        process, said = self.begin()
        self.assertNotIn("A master key was made", said)
        self.end(process)
        self.assertEqual(key.read_bytes(), made)
        # The guide says where it is.
        self.assertIn("/var/lib/weir-keys/weir/master.key", (ROOT / "docs/guide/running-a-server.md").read_text())

    def test_it_writes_to_its_own_folders_alone(self):
        self.assertEqual(self.settings["ProtectSystem"], ["strict"])
        for variable in self.settings["Environment"]:
            path = variable.partition("=")[2]
            self.assertIn(path.removeprefix("/var/lib/"), self.states, variable)


if __name__ == "__main__":
    unittest.main()
