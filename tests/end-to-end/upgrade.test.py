#!/usr/bin/env python3
# A data folder of an earlier version: what it was is kept until people say that they stay.
import json
import shutil
import sqlite3
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from servers import POSTGRES, PostgreSql, needs  # noqa: E402
from serving import ServeTest  # noqa: E402

CANARY = "canary-row-8841"
# What the last step of one kind has done, undone.
OLDER = ("ALTER TABLE schedules DROP COLUMN flow_made_at", "UPDATE migrations SET step = step - 1 WHERE kind = 'schedules'")


def flow(name):
    return {"id": name, "version": "1.0.0", "metadata": {"description": CANARY}, "nodes": [], "edges": []}


class Upgrade(ServeTest):
    def older(self, *arguments):
        """A data folder with a flow, as an earlier version would have left it."""
        server = self.serve("--no-encryption", *arguments)
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow("kept"))[0], 201)
        self.assertEqual(server.stop(), 0)
        database = sqlite3.connect(self.folder / "data/weir.db")
        for statement in OLDER:
            database.execute(statement)
        database.commit()
        self.version = database.execute("SELECT sum(step) FROM migrations").fetchone()[0]
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        self.copy = self.folder / f"data/before-v{self.version}.db"

    def columns(self, path):
        with sqlite3.connect(path) as database:
            return [row[1] for row in database.execute("PRAGMA table_info(schedules)")]

    def test_an_older_database_is_kept_until_the_upgrade_is_committed(self):
        self.older()
        out, _ = self.weir("upgrade", "data")
        self.assertIn(f"version {self.version}; this program has {self.version + 1}", out)
        self.assertRegex(out, r"schedules \d+ to \d+")
        self.fails("upgrade", "data", "--commit", code=2, says=["[upgrade.not_begun]"])
        self.assertFalse(self.copy.exists())
        self.assertNotIn("flow_made_at", self.columns(self.folder / "data/weir.db"))
        server = self.serve()
        self.assertIn(f"A copy of it as it was is kept as {self.copy.name}", server.said())
        self.assertIn("weir upgrade data --commit", server.said())
        self.assertEqual(self.copy.stat().st_mode & 0o077, 0)
        self.assertNotIn("flow_made_at", self.columns(self.copy))
        self.assertIn("flow_made_at", self.columns(self.folder / "data/weir.db"))
        self.assertEqual(server.ask("GET", "/api/v1/flows/kept")[0], 200)
        uses = {one["name"]: one for one in json.loads(server.ask("GET", "/api/v1/disk")[2])["files"]}
        self.assertEqual(uses[self.copy.name]["bytes"], self.copy.stat().st_size)
        self.assertIn("weir upgrade --commit", uses[self.copy.name]["what"])
        # A backup is of what is now.
        self.weir("backup", "data", "kept.backup")
        self.weir("restore", "kept.backup", "again")
        self.assertEqual(list((self.folder / "again").glob("before*")), [])
        out, _ = self.weir("upgrade", "data")
        self.assertIn(f"kept         {self.copy.name}", out)
        self.assertTrue(self.copy.exists())
        self.assertEqual(server.stop(), 0)
        # Nothing is kept twice.
        again = self.serve()
        self.assertNotIn("A copy of it", again.said())
        out, _ = self.weir("upgrade", "data", "--commit")
        self.assertIn("no way back", out)
        self.assertFalse(self.copy.exists())
        self.assertEqual(again.ask("GET", "/api/v1/flows/kept")[0], 200)
        out, _ = self.weir("upgrade", "data", "--commit")
        self.assertIn("no copy from before", out)

    def test_the_copy_is_a_way_back(self):
        self.older()
        server = self.serve()
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow("later"))[0], 201)
        self.assertEqual(server.stop(), 0)
        for name in ("weir.db-wal", "weir.db-shm"):
            (self.folder / "data" / name).unlink(missing_ok=True)
        shutil.move(self.copy, self.folder / "data/weir.db")
        back = self.serve()
        self.assertEqual([back.ask("GET", f"/api/v1/flows/{name}")[0] for name in ("kept", "later")], [200, 404])

    def test_the_copy_is_sealed_as_the_folder_is_and_no_key_is_changed_over_it(self):
        self.older()
        self.weir("encrypt", "data")
        self.serve().stop()
        self.assertNotIn(CANARY.encode(), self.copy.read_bytes())
        self.assertNotIn(b"SQLite format", self.copy.read_bytes())
        self.fails("rotate-keys", "data", "--rewrite", code=2, says=["[upgrade.not_committed]", self.copy.name])
        self.weir("rotate-keys", "data")
        self.weir("upgrade", "data", "--commit")
        self.weir("rotate-keys", "data", "--rewrite")
        self.assertEqual(self.serve().ask("GET", "/api/v1/flows/kept")[0], 200)

    def test_a_folder_with_a_copy_in_the_clear_is_not_encrypted_around_it(self):
        self.older()
        self.serve().stop()
        self.fails("encrypt", "data", code=2, says=["[upgrade.not_committed]", self.copy.name])
        self.weir("upgrade", "data", "--commit")
        self.weir("encrypt", "data")
        self.assertEqual(self.serve().ask("GET", "/api/v1/flows/kept")[0], 200)

    def test_nothing_is_upgraded_when_no_copy_can_be_kept(self):
        self.older()
        Path(f"{self.copy}.making").mkdir()
        process = self.start("serve", "--data", "data", "--listen", "127.0.0.1:0")
        out, err = process.communicate(timeout=120)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn("it was left as it is", out + err)
        self.assertNotIn("flow_made_at", self.columns(self.folder / "data/weir.db"))

    def test_a_folder_of_a_newer_program_or_none_at_all(self):
        self.older()
        with sqlite3.connect(self.folder / "data/weir.db") as database:
            database.execute("UPDATE migrations SET step = 99 WHERE kind = 'runs'")
        database.close()
        self.fails("upgrade", "data", code=2, says=["[storage.newer]", "runs"])
        self.fails("upgrade", "nowhere", code=2, says=["[backup.no_data]"])
        segment = self.folder / "data/runs/r/journal/0000000000000001.segment"
        with sqlite3.connect(self.folder / "data/weir.db") as database:
            database.execute("UPDATE migrations SET step = 1 WHERE kind = 'runs'")
        database.close()
        segment.parent.mkdir(parents=True)
        segment.write_bytes(bytes(256))
        self.weir("upgrade", "data")


@needs(POSTGRES / "postgres")
class UpgradeOfDatabase(ServeTest):
    def test_an_older_postgresql_is_dumped_into_the_data_folder_first(self):
        database = PostgreSql(self, self.folder / "postgres")
        server = self.serve("--database-url", database.url)
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow("kept"))[0], 201)
        self.assertEqual(server.stop(), 0)
        for statement in OLDER:
            database.sql(statement)
        version = int(database.sql("SELECT sum(step) FROM migrations")[0])
        out, _ = self.weir("upgrade", "data", "--database-url", database.url)
        self.assertIn(f"version {version}; this program has {version + 1}", out)
        server = self.serve("--database-url", database.url)
        copy = self.folder / f"data/before-v{version}.backup"
        self.assertIn(copy.name, server.said())
        self.assertNotIn(CANARY.encode(), copy.read_bytes())
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow("later"))[0], 201)
        self.assertEqual(server.stop(), 0)
        database.sql("CREATE DATABASE again")
        url = f"postgresql://u@127.0.0.1:{database.port}/again"
        self.weir("restore", str(copy), "again", "--database-url", url)
        # It is of the version that it was.
        self.assertEqual(int(database.sql("SELECT sum(step) FROM migrations", url=url)[0]), version)
        self.tokens["again"] = self.tokens["data"]
        back = self.serve("--database-url", url, data="again")
        self.assertEqual([back.ask("GET", f"/api/v1/flows/{name}")[0] for name in ("kept", "later")], [200, 404])
        self.weir("upgrade", "data", "--commit", "--database-url", database.url)
        self.assertFalse(copy.exists())


if __name__ == "__main__":
    unittest.main()
