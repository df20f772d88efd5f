# What runs of an encrypted server keep is sealed: journals, checkpoints, dead letters, spilled rows; and goes on after a
# kill, and after its keys were changed.
import itertools
import json
import os
import random
import subprocess
import unittest
from pathlib import Path

from network_servers import serve
from program import chain, node, until
from serving import ServeTest

CANARY = "canary-row-7715"


class SealedRuns(ServeTest):
    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def begin(self, server, flow, folder=""):
        self.json(server, "POST", f"/flows?folder={folder}", flow, 201)
        self.json(server, "POST", f"/flows/{flow['id']}/versions", {"publish": True}, 201)
        return self.json(server, "POST", f"/flows/{flow['id']}/runs", {}, 201)["id"]

    def state(self, server, run):
        return self.json(server, "GET", f"/runs/{run}")

    def reaches(self, server, run, *states):
        return until(lambda: (found := self.state(server, run))["state"] in states and found)

    def kept(self, data="data"):
        """What a server keeps of runs, not what flows write."""
        return [path for path in sorted((self.folder / data / "runs").rglob("*")) if path.is_file()]

    def files_with(self, text, data="data"):
        return [str(path.relative_to(self.folder)) for path in self.kept(data) if text.encode() in self.bytes_of(path)]

    def bytes_of(self, path):
        """Nothing of one that has gone meanwhile."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""

    def setUp(self):
        super().setUp()
        numbers = itertools.count()
        row = lambda h: h.answer(200, json.dumps({"id": next(numbers), "text": CANARY}), Content_Type="application/json")
        self.given = serve(self, {"/": row})

    def serve(self, *arguments, **more):
        return super().serve("--network-allow", "127.0.0.0/8", *arguments, **more)

    def durable(self, name="durable", rows=0):
        """Rows that nobody would give again wait behind a durable edge."""
        source = node("count", "http/poll", url=self.given.url, interval="10ms", times=rows)
        mark = node("mark", "logic/map", set={"id": "row.body.id", "text": "row.body.text"}, drop=["body", "headers", "status", "url"])
        slow = node("slow", "flow/rate-limit", rows=50)
        out = node("write", "files/json-write", path=f"{name}.ndjson")
        edges = chain(source, mark, slow, out)
        edges[0]["guarantee"] = "durable"
        return {"id": name, "version": "1.0.0", "nodes": [source, mark, slow, out], "edges": edges}

    def failing(self, name="failing"):
        source = node("count", "generate/pattern", rows=50)
        mark = node("mark", "logic/map", set={"text": f"'{CANARY}'"})
        bad = node("bad", "logic/map", set={"share": "1 / (row.id - row.id)"})
        out = node("write", "files/json-write", path=f"{name}.ndjson")
        return {"id": name, "version": "1.0.0", "nodes": [source, mark, bad, out], "edges": chain(source, mark, bad, out)}

    def sorting(self, name="sorting"):
        """Never comes to its end, so its sorted parts stay in a temporary file."""
        source = node("count", "generate/pattern", rows=0, rate=20000)
        mark = node("mark", "logic/map", set={"text": f"'{CANARY}-' + string(row.id)"})
        sort = node("sort", "aggregate/sort", keys=[{"field": "value"}], memoryBytes="64KiB")
        out = node("write", "files/json-write", path=f"{name}.ndjson")
        return {"id": name, "version": "1.0.0", "nodes": [source, mark, sort, out], "edges": chain(source, mark, sort, out)}

    def spilled(self, server):
        """What stands in the nameless files of its engines."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
                if int(fields[1]) != server.process.pid:
                    continue
                for one in (stat.parent / "fd").iterdir():
                    if "weir-spill" in os.readlink(one):
                        found.append(one.read_bytes())
            except OSError:
                continue
        return b"".join(found)

    def ids(self, name="durable"):
        """Of the rows that were written: a file that is being written still has its other name."""
        for path in (self.folder / "data/files").rglob(f"*{name}.ndjson*"):
            return [json.loads(line)["id"] for line in path.read_text().splitlines() if line.endswith("}")]
        return []

    def assertWhole(self, kills):
        """No row twice; none is missing but one that a kill met between the server and the journal."""
        ids = self.ids()
        self.assertEqual(len(set(ids)), len(ids))
        self.assertLessEqual(len(set(range(max(ids))) - set(ids)), 3 * kills)

    def all_kinds(self, server):
        runs = [self.begin(server, flow, "team") for flow in (self.durable(), self.failing(), self.sorting())]
        self.reaches(server, runs[1], "done", "failed")
        until(lambda: len(self.ids()) > 50 and len(self.spilled(server)) > 200_000)
        until(lambda: any(path.suffix == ".segment" and path.stat().st_size for path in self.kept()))
        return runs

    def test_S11_no_row_of_a_run_can_be_read_from_the_disk(self):
        server = self.serve()
        runs = self.all_kinds(server)
        self.assertTrue(any("dead-letters" in str(path) for path in self.kept()))
        self.assertEqual(self.files_with(CANARY), [])
        self.assertNotIn(CANARY.encode(), self.spilled(server))
        letters = self.json(server, "GET", f"/runs/{runs[1]}/dead-letters")["letters"]
        self.assertEqual(letters[0]["row"]["text"], CANARY)
        for run in (runs[0], runs[2]):
            self.json(server, "POST", f"/runs/{run}/stop", status=202)
        server.stop()
        self.assertEqual(self.files_with(CANARY), [])
        # That the search would find it.
        plain = self.serve("--no-encryption", data="plain")
        run = self.begin(plain, self.durable())
        self.begin(plain, self.failing())
        until(lambda: self.files_with(CANARY, "plain"))
        self.json(plain, "POST", f"/runs/{run}/stop", status=202)

    def test_R1_sealed_runs_go_on_after_a_kill_also_under_new_keys(self):
        server = self.serve()
        run = self.begin(server, self.durable(rows=300))
        until(lambda: len(self.ids()) > 100)
        server.kill()
        out, _ = self.weir("rotate-keys", "data")
        self.assertIn("new keys", out)
        again = self.serve()
        self.assertEqual(self.reaches(again, run, "done", "failed")["state"], "done")
        self.assertWhole(1)
        self.assertEqual(self.files_with(CANARY), [])

    def test_keys_are_rotated_while_the_server_works_and_what_there_is_is_written_anew(self):
        server = self.serve()
        before = self.json(server, "GET", "/keys")
        self.assertEqual(before["database"], {"kind": "sqlite", "encrypted": True})
        run = self.begin(server, self.durable(rows=300))
        failed = self.begin(server, self.failing())
        self.reaches(server, failed, "done", "failed")
        until(lambda: len(self.ids()) > 100)
        rotated = self.json(server, "POST", "/keys/rotate")
        self.assertEqual((rotated["master"], rotated["encrypted"]), (before["master"], True))
        self.assertGreater(rotated["old"], before["old"])
        server.kill()
        out, _ = self.weir("rotate-keys", "data", "--rewrite")
        self.assertIn("runs: 2 of 2", out)
        keys = json.loads((self.folder / "data/keys.json").read_text())["keys"]
        self.assertEqual([one for one in keys if one.get("is") == "old"], [])
        again = self.serve()
        self.assertEqual(self.reaches(again, run, "done", "failed")["state"], "done")
        self.assertWhole(1)
        self.assertEqual(self.json(again, "GET", f"/runs/{failed}/dead-letters")["letters"][0]["row"]["text"], CANARY)
        self.assertEqual(self.files_with(CANARY), [])
        plain = self.serve("--no-encryption", data="plain")
        self.assertEqual(self.json(plain, "POST", "/keys/rotate", status=409)["code"], "key.not_encrypted")

    def test_R1_runs_go_on_in_a_folder_that_was_encrypted_later_also_when_that_was_killed(self):
        server = self.serve("--no-encryption")
        run, failed = self.begin(server, self.durable(rows=300)), self.begin(server, self.failing())
        self.reaches(server, failed, "done", "failed")
        until(lambda: len(self.ids()) > 100)
        server.kill()
        self.assertNotEqual(self.files_with(CANARY), [])
        for _ in range(5):
            process = self.start("encrypt", "data")
            try:
                process.wait(random.random() * 0.2)
            except subprocess.TimeoutExpired:
                process.kill()
            process.communicate()
        if "encrypting" in [path.name for path in (self.folder / "data").iterdir()]:
            self.fails("serve", "--data", "data", "--listen", "127.0.0.1:0", code=2, says=["weir encrypt"])
        self.start("encrypt", "data").communicate()
        self.fails("encrypt", "data", code=2, says=["[key.encrypted]"])
        self.assertEqual(self.files_with(CANARY), [])
        again = self.serve()
        self.assertEqual(self.reaches(again, run, "done", "failed")["state"], "done")
        self.assertWhole(1)
        self.assertEqual(self.json(again, "GET", f"/runs/{failed}/dead-letters")["letters"][0]["row"]["text"], CANARY)

    def test_R5_a_sealed_journal_that_was_changed_never_gives_other_rows(self):
        server = self.serve()
        run = self.begin(server, self.durable(rows=300))
        until(lambda: len(self.ids()) > 100)
        server.kill()
        segments = [path for path in self.kept() if path.suffix == ".segment"]
        for path in segments:
            text = bytearray(path.read_bytes())
            end = len(bytes(text).rstrip(b"\0"))
            for at in range(4200, end, max(1, (end - 4200) // 7 + 1)):
                text[at] ^= 16
            path.write_bytes(text)
        again = self.serve()
        self.reaches(again, run, "running", "failed", "done")
        until(lambda: self.state(again, run)["state"] in ("failed", "done") or len(self.ids()) > 200)
        self.assertEqual(len(set(self.ids())), len(self.ids()))
        self.assertEqual(again.ask("GET", "/api/v1/health")[0], 200)

    def test_what_dead_processes_left_half_written_is_removed_at_the_start(self):
        server = self.serve()
        run = self.begin(server, self.failing())
        self.reaches(server, run, "done", "failed")
        server.kill()
        left = [self.folder / "data" / name for name in ("tmp/half", f"runs/{run}/weir-spill-abc", "weir.db.making", f"runs/{run}/state.making")]
        for path in left:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("half")
        again = self.serve()
        self.assertEqual([str(path) for path in left if path.exists()], [])
        self.assertEqual(self.state(again, run)["id"], run)


if __name__ == "__main__":
    unittest.main()
