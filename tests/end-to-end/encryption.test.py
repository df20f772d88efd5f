# What a server keeps is encrypted: no row, name or secret on its disk; keys that are lost, wrong, rotated and made later.
import json
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import time
import unittest

from serving import ServeTest

CANARY = "canary-row-8842"


def flow(name):
    return {"id": name, "version": "1.0.0", "metadata": {"description": CANARY}, "nodes": [], "edges": []}


class Encryption(ServeTest):
    def files_with(self, text, data="data"):
        """Of the whole data folder, whatever the server keeps there."""
        return [str(path.relative_to(self.folder)) for path in sorted((self.folder / data).rglob("*"))
                if path.is_file() and path.name != "reserve" and text.encode() in path.read_bytes()]

    def fill(self, server, count=20):
        for number in range(count):
            self.assertEqual(server.ask("POST", "/api/v1/flows", flow(f"flow-{number}"))[0], 201)
        status, _, said = server.ask("PUT", "/api/v1/secrets/API_KEY?folder=team", {"value": CANARY, "hosts": ["api.example.com"]})
        self.assertEqual(status, 201, said)

    def names(self, server):
        status, _, said = server.ask("GET", "/api/v1/flows?limit=500")
        self.assertEqual(status, 200, said)
        return sorted(one["id"] for one in json.loads(said)["flows"])

    def refused(self, *arguments, code, says, data="data"):
        """The server ends before it listens, and changes nothing."""
        folder = self.folder / data
        before = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name not in ("lock", "reserve")}
        self.fails("serve", "--data", data, "--listen", "127.0.0.1:0", *arguments, code=2, says=[*says, f"[{code}]"])
        after = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name not in ("lock", "reserve")}
        self.assertEqual(before, after)

    def test_S11_no_row_and_no_secret_can_be_read_from_the_disk(self):
        server = self.serve()
        self.fill(server)
        self.assertIn("master key was made", server.said())
        key = self.folder / "config/weir/master.key"
        self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
        self.assertEqual(self.files_with(CANARY), [], "while it runs")
        self.assertEqual(self.files_with("flow-7"), [])
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.files_with(CANARY), [], "when it has ended")
        self.assertEqual(self.files_with(key.read_text().strip()), [])
        again = self.serve()
        self.assertEqual(len(self.names(again)), 20)
        self.assertNotIn("master key was made", again.said())
        self.assertNotIn(CANARY, again.ask("GET", "/api/v1/secrets")[2])
        # That the search would find it.
        plain = self.serve("--no-encryption", data="plain")
        self.fill(plain)
        self.assertIn("not encrypted", plain.said())
        self.assertNotEqual(self.files_with(CANARY, "plain"), [])

    SECRET = "canary-of-a-secret-77"

    def secret(self, server, status=201, **more):
        got, _, said = server.ask("PUT", "/api/v1/secrets/KEPT?folder=team", {"value": self.SECRET, "hosts": ["api.example.com"]}, **more)
        self.assertEqual(got, status, said)
        return said

    def test_S11_secrets_are_sealed_also_where_nothing_else_is(self):
        server = self.serve("--no-encryption")
        self.secret(server)
        self.fill(server, 1)
        self.assertEqual(self.files_with(self.SECRET), [], "while it runs")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(self.files_with(self.SECRET), [])
        self.assertNotEqual(self.files_with(CANARY), [], "the search would find it")
        # In the clear, as an earlier program left it: converted by the next start.
        with sqlite3.connect(self.folder / "data/weir.db") as database:
            database.execute("UPDATE secrets SET value = ?, sealed = 0 WHERE name = 'KEPT'", (self.SECRET.encode(),))
        database.close()
        self.assertNotEqual(self.files_with(self.SECRET), [])
        again = self.serve()
        self.assertEqual(again.stop(), 0)
        self.assertEqual(self.files_with(self.SECRET), [])
        # Its master key can be another one.
        self.weir("rotate-keys", "data", "--new-master-key-file", "new.key")
        without = self.serve()
        self.assertIn("Values of secrets can be neither kept nor read", without.said())
        self.assertIn("key.missing", self.secret(without, status=503))
        self.assertEqual(without.stop(), 0)
        renewed = self.serve("--master-key-file", "new.key")
        self.secret(renewed, status=200)
        self.assertEqual(renewed.stop(), 0)
        # And the folder can be encrypted as a whole.
        self.assertEqual(self.files_with(self.SECRET), [])
        self.weir("encrypt", "data", "--master-key-file", "new.key")
        whole = self.serve("--master-key-file", "new.key")
        self.secret(whole, status=200)
        self.assertFalse((self.folder / "data/secret-keys").exists())

    def test_a_lost_or_wrong_master_key_is_refused_by_name(self):
        server = self.serve()
        self.fill(server, 1)
        self.assertEqual(server.stop(), 0)
        key = self.folder / "config/weir/master.key"
        kept = key.read_text()
        needed = json.loads((self.folder / "data/keys.json").read_text())["master"]
        key.unlink()
        self.refused(code="key.missing", says=[needed])
        self.assertFalse(key.exists(), "no other key is made for data that needs this one")
        self.write("other.key", os.urandom(32).hex())
        (self.folder / "other.key").chmod(0o600)
        self.refused("--master-key-file", "other.key", code="key.wrong", says=[needed])
        (self.folder / "other.key").chmod(0o644)
        self.refused("--master-key-file", "other.key", code="key.file", says=["chmod 600"])
        self.write("data/inside.key", kept)
        (self.folder / "data/inside.key").chmod(0o600)
        self.refused("--master-key-file", "data/inside.key", code="key.file", says=["data folder"])
        self.refused("--no-encryption", code="key.missing", says=[needed])
        os.environ["WEIR_MASTER_KEY"] = kept.strip()
        self.addCleanup(os.environ.pop, "WEIR_MASTER_KEY", None)
        self.assertEqual(self.names(self.serve()), ["flow-0"])

    def test_a_folder_that_lacks_its_database_or_its_keys_is_not_begun_anew(self):
        server = self.serve()
        self.fill(server, 2)
        big = flow("large")
        big["metadata"]["description"] = "x" * 200_000
        self.assertEqual(server.ask("POST", "/api/v1/flows", big)[0], 201)
        self.assertEqual(server.stop(), 0)
        data = self.folder / "data"
        objects = sorted(path.name for path in (data / "objects").rglob("*"))
        self.assertNotEqual(objects, [])
        aside = self.folder / "aside"
        for name, says in (("weir.db", "weir.db"), ("keys.json", "keys.json")):
            (data / name).rename(aside)
            self.refused(code="server.data", says=[says, "Nothing was changed"])
            if name == "weir.db":
                (data / name).touch()
                self.refused(code="server.data", says=["empty"])
                (data / "database").rename(self.folder / "mark")
                self.refused(code="server.data", says=["empty"])
                (self.folder / "mark").rename(data / "database")
            aside.rename(data / name)
        self.refused("--database-url", "postgresql://weir@127.0.0.1:1/weir", code="server.data", says=["a database of its own"])
        again = self.serve()
        self.assertEqual(len(self.names(again)), 3)
        self.assertEqual(again.ask("GET", "/api/v1/flows/large")[0], 200)
        self.assertEqual(sorted(path.name for path in (data / "objects").rglob("*")), objects)
        self.assertEqual(again.stop(), 0)
        (data / "database").write_text("postgresql\n")
        self.refused(code="server.data", says=["--database-url"])

    def test_one_server_at_a_time_has_a_data_folder(self):
        server = self.serve()
        self.fails("serve", "--data", "data", "--listen", "127.0.0.1:0", code=2, says=[str(server.process.pid), "[server.busy]"])
        self.fails("rotate-keys", "data", code=2, says=["[server.busy]"])
        server.kill()
        self.serve()

    def test_keys_are_rotated_and_the_data_stays(self):
        server = self.serve()
        self.fill(server)
        self.assertEqual(server.stop(), 0)
        old = (self.folder / "data/weir.db").read_bytes()
        out, _ = self.weir("rotate-keys", "data", "--new-master-key-file", "new.key", "--rewrite")
        self.assertIn("The database has a new key", out)
        self.assertEqual(stat.S_IMODE((self.folder / "new.key").stat().st_mode), 0o600)
        self.assertNotEqual(old[:64], (self.folder / "data/weir.db").read_bytes()[:64])
        self.refused(code="key.wrong", says=[])
        again = self.serve("--master-key-file", "new.key")
        self.assertEqual(len(self.names(again)), 20)
        self.assertIn("API_KEY", again.ask("GET", "/api/v1/secrets")[2])
        self.assertEqual(self.files_with(CANARY), [])

    def killed_somewhere(self, *arguments, most):
        """Runs the command and kills it after a random part of the time it takes at most."""
        process = self.start(*arguments)
        try:
            process.wait(random.random() * most)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.communicate()

    def test_R1_a_rotation_that_is_killed_leaves_a_database_that_opens(self):
        server = self.serve()
        self.fill(server)
        self.assertEqual(server.stop(), 0)
        begin = time.monotonic()
        self.weir("rotate-keys", "data", "--rewrite")
        most = time.monotonic() - begin
        for _ in range(12):
            self.killed_somewhere("rotate-keys", "data", "--rewrite", most=most)
        again = self.serve()
        self.assertEqual(len(self.names(again)), 20)
        self.assertEqual(again.stop(), 0)
        self.weir("rotate-keys", "data", "--rewrite")
        self.assertEqual(len(self.names(self.serve())), 20)

    def test_R1_a_folder_made_without_encryption_is_converted_also_when_that_is_killed(self):
        server = self.serve("--no-encryption")
        self.fill(server)
        self.fails("encrypt", "data", code=2, says=["[server.busy]"])
        self.assertEqual(server.stop(), 0)
        self.assertNotEqual(self.files_with(CANARY), [])
        for _ in range(6):
            self.killed_somewhere("encrypt", "data", most=0.05)
        self.start("encrypt", "data").communicate()
        self.fails("encrypt", "data", code=2, says=["[key.encrypted]"])
        self.assertEqual(self.files_with(CANARY), [])
        again = self.serve()
        self.assertEqual(len(self.names(again)), 20)
        self.assertIn("API_KEY", again.ask("GET", "/api/v1/secrets")[2])

    def test_R1_a_conversion_that_is_killed_at_its_very_end_leaves_a_folder_that_opens(self):
        server = self.serve("--no-encryption")
        self.fill(server)
        self.assertEqual(server.stop(), 0)
        self.weir("encrypt", "data")

        def left():
            """The keys are in their place, and what they were made in is there still."""
            (self.folder / "data/encrypting").mkdir(mode=0o700)
            (self.folder / "data/encrypting/keys.json").touch(mode=0o600)
            (self.folder / "data/encrypting/keys.json").write_bytes((self.folder / "data/keys.json").read_bytes())

        left()
        again = self.serve()
        self.assertEqual(len(self.names(again)), 20)
        self.assertEqual(again.stop(), 0)
        shutil.rmtree(self.folder / "data/encrypting", ignore_errors=True)
        left()
        self.fails("encrypt", "data", code=2, says=["[key.encrypted]"])
        self.assertFalse((self.folder / "data/encrypting").exists())
        self.assertEqual(len(self.names(self.serve())), 20)


if __name__ == "__main__":
    unittest.main()
