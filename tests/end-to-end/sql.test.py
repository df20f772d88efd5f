#!/usr/bin/env python3
# The SQL nodes: SQLite files with Python's sqlite3 as the other side; the same on PostgreSQL is in postgres.test.py.
import json
import sqlite3
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, node  # noqa: E402

HOSTILE = ["x'; DROP TABLE t; --", 'say "hi"', "\\'; --", "a\x00b", "ünïcödé \U0001f600", "=1+1", "${secret:KEY}", "%s %n {}", "\r\nX: y"]


class Sql(ProgramTest):
    def database(self, script, name="shop.db"):
        with sqlite3.connect(self.folder / name) as database:
            database.executescript(script)
        return self.folder / name

    def rows(self, statement, name="shop.db"):
        database = sqlite3.connect(self.folder / name)
        try:
            return database.execute(statement).fetchall()
        finally:
            database.close()

    def given(self, rows, name="in.ndjson"):
        self.write(name, "".join(json.dumps(row) + "\n" for row in rows))
        return node("in", "files/json-read", path=name)

    def out(self, name="out.ndjson"):
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

    def test_a_table_is_written_read_and_asked(self):
        self.database("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, price REAL, paid BOOLEAN, at TIMESTAMP, raw BLOB, extra)")
        rows = [{"id": i, "name": text, "price": i / 4, "paid": i % 2 == 0, "at": "2024-02-29T12:00:00Z", "raw": None, "extra": [i]}
                for i, text in enumerate(HOSTILE)]
        flow = self.flow("write", self.given(rows), node("out", "sql/write", file="shop.db", table="t"))
        self.weir("run", "-q", flow)
        self.assertEqual(self.rows("SELECT id, name, price, paid, at, extra FROM t ORDER BY id"),
                         [(r["id"], r["name"], r["price"], int(r["paid"]), r["at"], json.dumps(r["extra"])) for r in rows])
        flow = self.flow("read", node("in", "sql/read", file="shop.db", **{"from": "t"}), node("out", "files/json-write", path="out.ndjson"))
        self.weir("run", "-q", flow)
        self.assertEqual([(r["id"], r["name"], r["price"], r["paid"], r["extra"]) for r in self.out()],
                         [(r["id"], r["name"], r["price"], r["paid"], json.dumps(r["extra"])) for r in rows])
        flow = self.flow("ask", self.given(rows), node("ask", "sql/query", file="shop.db", emit="result",
                                                      statement="SELECT count(*) AS n FROM t WHERE name = $2 AND id = $1",
                                                      parameters=["row.id", "row.name"]),
                         node("out", "files/json-write", path="out.ndjson"))
        self.weir("run", "-q", flow)
        self.assertEqual(self.out(), [{"n": 1}] * len(rows))

    def test_S12_names_of_tables_and_columns_are_quoted_whatever_they_hold(self):
        hostile = 'a"; DROP TABLE keep; --'
        quoted = '"' + hostile.replace('"', '""') + '"'
        self.database(f"CREATE TABLE keep(x); CREATE TABLE {quoted}({quoted} TEXT PRIMARY KEY, \"select\" INTEGER);")
        rows = [{hostile: text, "select": i} for i, text in enumerate(HOSTILE)]
        for mode in ("insert", "upsert", "update"):
            flow = self.flow("write", self.given(rows), node("out", "sql/write", file="shop.db", table=hostile, mode=mode,
                                                            keys=[] if mode == "insert" else [hostile]))
            self.weir("run", "-q", flow)
            self.assertEqual(self.rows(f"SELECT * FROM {quoted} ORDER BY \"select\""), [(t, i) for i, t in enumerate(HOSTILE)])
        flow = self.flow("read", node("in", "sql/read", file="shop.db", key=hostile, columns=[hostile], **{"from": hostile}),
                         node("out", "files/json-write", path="out.ndjson"))
        self.weir("run", "-q", flow)
        self.assertEqual(sorted(r[hostile] for r in self.out()), sorted(HOSTILE))
        flow = self.flow("delete", self.given(rows), node("out", "sql/write", file="shop.db", table=hostile, mode="delete", keys=[hostile]))
        self.weir("run", "-q", flow)
        self.assertEqual(self.rows(f"SELECT * FROM {quoted}"), [])
        self.assertEqual(self.rows("SELECT * FROM keep"), [])

    def test_a_bad_row_is_a_dead_letter_and_its_neighbours_are_written(self):
        self.database("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER NOT NULL CHECK(n < 900))")
        rows = [{"id": i, "n": i} for i in range(1000)] + [{"id": 5, "n": 1}, {"id": 2000, "n": None}, {"id": 2001, "n": 2}]
        flow = self.flow("write", self.given(rows), node("out", "sql/write", file="shop.db", table="t", batchRows=7))
        self.fails("run", "-q", flow, code=3, says=["102  sql.constraint", "CHECK constraint failed"])
        self.assertEqual(self.rows("SELECT count(*), max(id) FROM t"), [(901, 2001)])

    def test_statements_can_neither_attach_nor_load_nor_change_how_it_works(self):
        self.database("CREATE TABLE t(x)")
        self.database("CREATE TABLE secret(x); INSERT INTO secret VALUES(1)", "other.db")
        for statement in ("ATTACH 'other.db' AS o", "VACUUM INTO 'copy.db'", "PRAGMA journal_mode=DELETE", "PRAGMA writable_schema=1",
                          "SELECT load_extension('x')", "DETACH main", "SELECT 1; DROP TABLE t", "", "-- nothing", "PRAGMA user_version=7"):
            flow = self.flow("ask", self.given([{"a": 1}]), node("ask", "sql/query", file="shop.db", statement=statement),
                             node("out", "files/json-write", path="out.ndjson"))
            _, err = self.fails("run", "-q", flow, code=1)
            self.assertRegex(err, r"\[(sql\.(denied|statement))\]", statement)
        self.assertFalse((self.folder / "copy.db").exists())
        self.assertEqual(self.rows("SELECT name FROM sqlite_schema"), [("t",)])

    def test_a_reader_cannot_write(self):
        self.database("CREATE TABLE t(x)")
        for text in ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", "t"):
            flow = self.flow("read", node("in", "sql/read", file="shop.db", **{"from": text}), node("out", "files/json-write", path="out.ndjson"))
            self.weir("run", "-q", flow, code=0 if text == "t" else 1)
        self.assertEqual(self.rows("SELECT * FROM t"), [])

    def test_files_that_are_no_database_not_there_or_elsewhere_are_said(self):
        self.write("text.db", "this is no database, " * 100)
        (self.folder / "folder.db").mkdir()
        for path, says in (("text.db", "sql.corrupt"), ("nowhere.db", "files.not_found"), ("../x.db", "files.outside_mount"), ("folder.db", "files.is_folder")):
            flow = self.flow("home/read", node("in", "sql/read", file=path, **{"from": "t"}), node("out", "files/json-write", path="out.ndjson"))
            (self.folder / "home").mkdir(exist_ok=True)
            for name in ("text.db", "folder.db"):
                if not (self.folder / "home" / name).exists():
                    (self.folder / name).rename(self.folder / "home" / name)
            self.fails("run", "-q", flow, code=1, says=[says, "node 'in'"])

    def test_a_link_to_a_database_outside_is_not_followed(self):
        self.database("CREATE TABLE t(x); INSERT INTO t VALUES(1)")
        (self.folder / "home").mkdir()
        (self.folder / "home/shop.db").symlink_to("../shop.db")
        flow = self.flow("home/read", node("in", "sql/read", file="shop.db", **{"from": "t"}), node("out", "files/json-write", path="out.ndjson"))
        self.fails("run", "-q", flow, code=1, says=["files.outside_mount"])
        flow = self.flow("home/write", self.given([{"x": 2}], "home/in.ndjson"), node("out", "sql/write", file="shop.db", table="t"))
        self.fails("run", "-q", flow.replace("home/in", "in"), code=1)
        self.assertEqual(self.rows("SELECT * FROM t"), [(1,)])

    def test_a_poll_finds_the_rows_that_come_later_each_once(self):
        path = self.database("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER)")
        flow = self.flow("poll", node("in", "sql/read", file="shop.db", key="id", every="20ms", pageRows=10, **{"from": "t"}),
                         node("all", "flow/limit", "2.0.0", count=100),
                         node("out", "files/json-write", path="out.ndjson"))
        run = self.start("run", "-q", flow)
        database = sqlite3.connect(path, timeout=120)
        for begin in range(0, 100, 25):
            with database:
                database.executemany("INSERT INTO t VALUES(?, ?)", [(i, i) for i in range(begin, begin + 25)])
            time.sleep(0.1)
        database.close()
        _, err = run.communicate(timeout=120)
        self.assertEqual(run.returncode, 0, err)
        self.assertEqual([row["id"] for row in self.out()], list(range(100)))

    def test_values_of_other_kinds_make_a_column_any(self):
        self.database("CREATE TABLE t(n INTEGER, m); INSERT INTO t VALUES(1, 'a'), ('two', 2), (3.5, NULL), (NULL, x'00ff')")
        flow = self.flow("read", node("in", "sql/read", file="shop.db", **{"from": "t"}), node("out", "files/json-write", path="out.ndjson"))
        self.weir("run", "-q", flow)
        self.assertEqual(self.out(), [{"n": 1, "m": "a"}, {"n": "two", "m": 2}, {"n": 3.5, "m": None}, {"n": None, "m": "AP8="}])

    def test_a_large_table_is_a_stream(self):
        self.database("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT);"
                      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < 200000) INSERT INTO t SELECT x, hex(randomblob(100)) FROM c")
        for more in ({}, {"key": "id"}):
            flow = self.flow("read", node("in", "sql/read", file="shop.db", **{"from": "t"}, **more),
                             node("sum", "aggregate/group", keys=[], measures=[{"name": "n", "function": "count"}, {"name": "s", "function": "sum", "of": "row.id"}]),
                             node("out", "files/json-write", path="out.ndjson"))
            self.weir("run", "-q", "--memory", "32MiB", flow)
            self.assertEqual(self.out(), [{"n": 200000, "s": 20000100000}])

    def test_a_locked_database_is_waited_for_and_then_said(self):
        path = self.database("CREATE TABLE t(id INTEGER)")
        database = sqlite3.connect(path, isolation_level=None)
        database.execute("BEGIN IMMEDIATE")
        out = {**node("out", "sql/write", file="shop.db", table="t", timeout="200ms"), "retry": {"attempts": 3}}
        flow = self.flow("write", self.given([{"id": 1}]), out)
        self.fails("run", "-q", flow, code=1, says=["sql.busy", "node 'out'"])
        database.execute("ROLLBACK")
        database.close()
        self.weir("run", "-q", flow)
        self.assertEqual(self.rows("SELECT id FROM t"), [(1,)])


if __name__ == "__main__":
    unittest.main()
