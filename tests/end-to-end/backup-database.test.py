#!/usr/bin/env python3
# R21 with PostgreSQL: a backup holds the records and the data folder of one moment, and is restored whole or not at all.
import json
import os
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import chain, node, until  # noqa: E402
from servers import POSTGRES, PostgreSql, needs  # noqa: E402
from serving import ServeTest  # noqa: E402

CANARY = "canary-row-5523"


def flow(name):
    return {"id": name, "version": "1.0.0", "metadata": {"description": f"{CANARY} \\ \t 'x' ü"}, "nodes": [], "edges": []}


@needs(POSTGRES / "postgres")
class BackupOfDatabase(ServeTest):
    def setUp(self):
        super().setUp()
        self.database = PostgreSql(self, self.folder / "postgres")

    def url(self, name):
        return f"postgresql://u@127.0.0.1:{self.database.port}/{name}"

    def empty(self, name):
        self.database.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def rows(self, name, statement):
        return self.database.sql(statement, url=self.url(name))

    def again(self, data, url):
        self.tokens[data] = self.tokens["data"]
        return self.serve("--database-url", url, data=data)

    def names(self, server):
        names, cursor = set(), ""
        while True:
            status, _, said = server.ask("GET", "/api/v1/flows?limit=500" + (f"&cursor={cursor}" if cursor else ""))
            self.assertEqual(status, 200, said)
            page = json.loads(said)
            names |= {one["id"] for one in page["flows"]}
            cursor = page.get("next")
            if not cursor:
                return names

    def made(self):
        server = self.serve("--database-url", self.database.url)
        for number in range(3):
            self.assertEqual(server.ask("POST", "/api/v1/flows", flow(f"flow-{number}"))[0], 201)
        self.assertEqual(server.ask("PUT", "/api/v1/secrets/KEY", {"value": CANARY, "hosts": ["db"]})[0], 201)
        self.weir("backup", "data", "kept.backup", "--database-url", self.database.url)
        return server

    def test_R21_a_backup_under_writes_holds_all_that_was_acknowledged_before_it(self):
        server = self.serve("--database-url", self.database.url)
        acknowledged, ends = [], threading.Event()

        def write(who):
            number = 0
            while not ends.is_set() and number < 400:
                if server.ask("POST", "/api/v1/flows", flow(f"w{who}-{number}"))[0] == 201:
                    acknowledged.append(f"w{who}-{number}")
                number += 1

        writers = [threading.Thread(target=write, args=(who,)) for who in range(3)]
        for writer in writers:
            writer.start()
        try:
            until(lambda: len(acknowledged) > 20)
            for number in range(2):
                before = set(acknowledged)
                self.weir("backup", "data", f"{number}.backup", env={**os.environ, "WEIR_DATABASE_URL": self.database.url})
                after = len(acknowledged)
                url = self.empty(f"again{number}")
                out, _ = self.weir("restore", f"{number}.backup", f"restored-{number}", "--database-url", url)
                self.assertIn("does not hold its master key", out)
                restored = self.again(f"restored-{number}", url)
                there = self.names(restored)
                self.assertTrue(before <= there, before - there)
                self.assertLessEqual(len(there), after + 3 + len(writers))
                # What is written there goes on behind what was.
                self.assertEqual(restored.ask("POST", "/api/v1/flows", flow("later"))[0], 201)
                self.assertEqual(json.loads(restored.ask("GET", f"/api/v1/flows/{min(before)}")[2])["document"]["metadata"], flow("x")["metadata"])
                self.assertEqual(restored.stop(), 0)
        finally:
            ends.set()
            for writer in writers:
                writer.join()

    def test_R21_runs_and_sessions_of_what_was_restored(self):
        server = self.serve("--database-url", self.database.url)
        source, out = node("count", "generate/pattern", rows=0, rate=300, batchRows=10), node("slow", "flow/rate-limit", rows=100)
        document = {"id": "count", "version": "1.0.0", "nodes": [source, out], "edges": chain(source, out), "config": {"checkpoint": {"everyMs": 200}}}
        self.assertEqual(server.ask("POST", "/api/v1/flows?folder=team", document)[0], 201)
        self.assertEqual(server.ask("POST", "/api/v1/flows/count/versions", {"publish": True})[0], 201)
        status, _, said = server.ask("POST", "/api/v1/flows/count/runs", {})
        self.assertEqual(status, 201, said)
        run = json.loads(said)["id"]
        state = lambda at: json.loads(at.ask("GET", f"/api/v1/runs/{run}")[2])
        until(lambda: state(server)["state"] == "running")
        until(lambda: any((self.folder / "data/runs" / run).rglob("state")))
        self.assertNotEqual(self.database.sql("SELECT id FROM identities WHERE kind = 'session'"), [])
        self.weir("backup", "data", "kept.backup", "--database-url", self.database.url)
        url = self.empty("again")
        out, _ = self.weir("restore", "kept.backup", "again", "--database-url", url)
        self.assertIn("are held", out)
        self.assertIn(run, out)
        self.assertEqual(self.rows("again", "SELECT id FROM identities WHERE kind = 'session'"), [])
        self.assertEqual(self.rows("again", "SELECT owner, state FROM runs"), ["|held"])
        restored = self.again("again", url)
        self.assertEqual(state(restored)["state"], "held")
        self.assertIn("restored", state(restored)["why"])
        self.assertEqual(state(server)["state"], "running")
        self.assertIn(restored.ask("POST", f"/api/v1/runs/{run}/resume", {})[0], (200, 202))
        until(lambda: state(restored)["state"] == "running")
        one, other = (json.loads((self.folder / name / "keys.json").read_text()) for name in ("data", "again"))
        self.assertNotEqual(one["instance"], other["instance"])

    def test_S11_what_a_backup_holds_of_the_database_is_sealed(self):
        self.made()
        kept = (self.folder / "kept.backup").read_bytes()
        self.assertNotIn(CANARY.encode(), kept)
        self.assertNotIn(b"flow-1", kept)
        self.assertEqual(list((self.folder / "data/tmp").iterdir()), [])

    def test_R21_nothing_is_written_into_a_database_that_is_not_empty(self):
        self.made()
        before = self.database.sql("SELECT count(*) FROM flows")
        _, err = self.fails("restore", "kept.backup", "again", "--database-url", self.database.url, code=2, says=["[backup.not_empty]", "audit"])
        self.assertEqual(self.database.sql("SELECT count(*) FROM flows"), before)
        url = self.empty("other")
        self.rows("other", "CREATE TABLE mine (x INT)")
        self.fails("restore", "kept.backup", "again", "--database-url", url, code=2, says=["[backup.not_empty]", "mine"])
        self.assertEqual(self.rows("other", "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"), ["mine"])
        self.assertFalse((self.folder / "again").exists())

    def test_R21_a_damaged_backup_is_refused_before_anything_is_written(self):
        self.made()
        whole = (self.folder / "kept.backup").read_bytes()
        url = self.empty("other")
        for place in (40, len(whole) // 3, len(whole) // 2, len(whole) - 1):
            changed = bytearray(whole)
            changed[place] ^= 4
            for text in (bytes(changed), whole[:place]):
                self.write("bad.backup", text)
                self.fails("restore", "bad.backup", "again", "--database-url", url, code=2)
        self.assertEqual(self.rows("other", "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"), [])
        self.assertEqual([path.name for path in self.folder.glob("again*")], [])

    def test_a_backup_is_restored_into_the_kind_of_store_that_it_is_of(self):
        server = self.made()
        self.fails("restore", "kept.backup", "again", code=2, says=["--database-url"])
        self.fails("backup", "data", "other.backup", code=2, says=["WEIR_DATABASE_URL"])
        self.assertEqual(server.stop(), 0)
        plain = self.serve(data="plain")
        self.weir("backup", "plain", "plain.backup")
        url = self.empty("other")
        self.fails("restore", "plain.backup", "again", "--database-url", url, code=2, says=["leave --database-url out"])
        self.fails("backup", "plain", "x.backup", "--database-url", url, code=2, says=["[backup.no_data]"])
        self.assertEqual(plain.stop(), 0)

    def test_a_backup_of_a_newer_program_is_refused(self):
        server = self.made()
        self.assertEqual(server.stop(), 0)
        self.database.sql("UPDATE migrations SET step = 99 WHERE kind = 'flows'")
        self.fails("backup", "data", "x.backup", "--database-url", self.database.url, code=2, says=["[storage.newer]", "format 99"])
        self.assertFalse((self.folder / "x.backup").exists())


if __name__ == "__main__":
    unittest.main()
