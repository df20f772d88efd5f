#!/usr/bin/env python3
# The SQL nodes on a real PostgreSQL: types, bad rows, hostile names, servers that go away.
import json
import os
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, node, until  # noqa: E402
from servers import POSTGRES, PostgreSql, free_port, needs  # noqa: E402


@needs(POSTGRES / "postgres")
class Postgres(ProgramTest):
    def setUp(self):
        super().setUp()
        self.server = PostgreSql(self, self.folder / "server")

    def given(self, rows, name="in.ndjson"):
        self.write(name, "".join(json.dumps(row) + "\n" for row in rows))
        return node("in", "files/json-read", path=name)

    def out(self, name="out.ndjson"):
        return [json.loads(line) for line in (self.folder / name).read_text().split("\n")[:-1]]

    def run_write(self, rows, code=0, says=(), env=None, connection=None, **settings):
        out = {**node("out", "sql/write", connection=connection or self.server.url, **settings), "retry": {"attempts": 3}}
        flow = self.flow("write", self.given(rows), out)
        return self.fails("run", "-q", flow, code=code, says=says, env=env)

    def read(self, source, **settings):
        flow = self.flow("read", node("in", "sql/read", connection=self.server.url, **{"from": source}, **settings),
                         node("out", "files/json-write", path="out.ndjson"))
        self.weir("run", "-q", flow)
        return self.out()

    def test_values_of_every_type_go_in_and_come_out(self):
        self.server.sql("CREATE TABLE t(b boolean, i int, l bigint, r real, d double precision, n numeric(12,3), t text, v varchar(9),"
                        " y bytea, ts timestamptz, tl timestamp, da date, j jsonb, u uuid, nothing int)")
        row = {"b": True, "i": -5, "l": 2**62, "r": 0.25, "d": 1e300, "n": 12.125, "t": "ünïcödé '\" \\ $1 %s", "v": "v", "y": "AP8=",
               "ts": "2024-02-29T12:00:00.123456Z", "tl": "2024-02-29T12:00:00Z", "da": "2024-02-29", "j": {"a": [1, None, "x"]},
               "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "nothing": None}
        self.run_write([row], table="t", columns=[name for name in row if name != "y"])
        self.server.sql("UPDATE t SET y = '\\x00ff'")
        self.assertEqual(self.read("t"), [{**row, "da": "2024-02-29T00:00:00Z"}])
        flow = self.flow("copy", node("in", "sql/read", connection=self.server.url, **{"from": "SELECT * FROM t;"}),
                         node("out", "sql/write", connection=self.server.url, table="public.t"))
        self.weir("run", "-q", flow)
        self.assertEqual(self.server.sql("SELECT count(*), count(DISTINCT t.*::text) FROM t"), ["2|1"])

    def test_upsert_update_delete_and_query(self):
        self.server.sql("CREATE TABLE t(id int PRIMARY KEY, n text, at timestamptz)")
        rows = [{"id": i % 50, "n": f"n{i}"} for i in range(1000)]
        self.run_write(rows, table="t", mode="upsert", keys=["id"])
        self.assertEqual(self.server.sql("SELECT count(*), min(n), max(n) FROM t"), ["50|n950|n999"])
        self.run_write([{"id": 3, "n": "new"}, {"id": 777, "n": "nobody"}], table="t", mode="update", keys=["id"])
        self.run_write([{"id": 4, "n": "any"}], table="t", mode="delete", keys=["id"])
        flow = self.flow("ask", self.given([{"k": 3}, {"k": 4}, {"k": 5}]),
                         node("ask", "sql/query", connection=self.server.url, statement="SELECT n FROM t WHERE id = $1", parameters=["row.k"], ifNone="keep"),
                         node("out", "files/json-write", path="out.ndjson"))
        self.weir("run", "-q", flow)
        self.assertEqual(self.out(), [{"k": 3, "n": "new"}, {"k": 4, "n": None}, {"k": 5, "n": "n955"}])

    def test_bad_rows_are_dead_letters_and_their_neighbours_are_written(self):
        self.server.sql("CREATE TABLE t(id int PRIMARY KEY, n int NOT NULL CHECK(n < 900))")
        rows = [{"id": i, "n": str(i)} for i in range(1000)] + [{"id": 5, "n": "1"}, {"id": 2000, "n": None}, {"id": 2001, "n": "many"}, {"id": 2002, "n": "2"}]
        _, err = self.run_write(rows, table="t", code=3, says=["102  sql.constraint", "1  sql.type"])
        self.assertEqual(self.server.sql("SELECT count(*), max(id) FROM t"), ["901|2002"])
        flow = self.flow("ask", self.given([{"k": "1"}, {"k": "one"}, {"k": "2"}]),
                         node("ask", "sql/query", connection=self.server.url, statement="SELECT n FROM t WHERE id = $1", parameters=["row.k"], emit="result"),
                         node("out", "files/json-write", path="out.ndjson"))
        self.fails("run", "-q", flow, code=3, says=["1  sql.type"])
        self.assertEqual(self.out(), [{"n": 1}, {"n": 2}])

    def test_S12_hostile_names_and_values_stay_names_and_values(self):
        hostile = 'a"; DROP TABLE keep; --'
        quoted = '"' + hostile.replace('"', '""') + '"'
        self.server.sql(f"CREATE TABLE keep(x int); CREATE TABLE {quoted}({quoted} text PRIMARY KEY, \"select\" int)")
        values = ["x'; DROP TABLE keep; --", "\\'; --", "$1", "E'\\x27'", "\u2028", "${secret:KEY}"]
        for mode in ("insert", "upsert", "update"):
            self.run_write([{hostile: v, "select": i} for i, v in enumerate(values)], table=hostile, mode=mode, keys=[] if mode == "insert" else [hostile])
        self.assertEqual(sorted(r[hostile] for r in self.read(hostile, key=hostile)), sorted(values))
        self.run_write([{hostile: v} for v in values], table=hostile, mode="delete", keys=[hostile])
        self.assertEqual(self.server.sql(f"SELECT count(*) FROM {quoted}"), ["0"])
        self.assertEqual(self.server.sql("SELECT count(*) FROM keep"), ["0"])

    def test_what_is_no_statement_no_table_or_not_allowed_is_said(self):
        self.server.sql("CREATE TABLE t(x int)")
        for statement, says in (("SELEC 1", "sql.statement"), ("SELECT nope FROM t", "sql.statement"), ("SELECT 1; DROP TABLE t", "sql.statement"),
                                ("SELECT $1", "parameters"), ("COPY t TO '/tmp/x'", "sql."), ("SELECT 1 AS a, 2 AS a", "called 'a'")):
            flow = self.flow("ask", self.given([{"a": 1}]), node("ask", "sql/query", connection=self.server.url, statement=statement),
                             node("out", "files/json-write", path="out.ndjson"))
            if statement.startswith("COPY"):
                continue  # the test's user is the server's administrator, who may
            self.fails("run", "-q", flow, code=1, says=[says, "node 'ask'"])
        self.run_write([{"x": 1}], table="nowhere", code=1, says=["sql.statement", "nowhere"])
        flow = self.flow("read", node("in", "sql/read", connection=self.server.url, **{"from": "WITH a AS (INSERT INTO t VALUES(1) RETURNING x) SELECT x FROM a"}),
                         node("out", "files/json-write", path="out.ndjson"))
        self.fails("run", "-q", flow, code=1, says=["sql."])
        self.assertEqual(self.server.sql("SELECT count(*) FROM t"), ["0"])

    def test_connections_that_name_files_sockets_or_services_are_refused(self):
        for connection in (f"host={self.server.folder} user=u", "postgresql://u@/x", "postgresql://u@h/x?service=y", "postgresql://u@h/x?passfile=/etc/passwd",
                           "postgresql://u@h/x?sslkey=/etc/shadow", "postgresql://u@h/x?hostaddr=127.0.0.1", "postgresql://u@h1,h2/x", "postgresql://u@h:99999/x",
                           "postgresql://u@h/x?options=-csearch_path%3Dx", "nonsense", "postgresql://127.0.0.1/x"):
            self.run_write([{"x": 1}], connection=connection, table="t", code=1, says=["settings.invalid"])

    def test_S6_addresses_that_lead_to_cloud_metadata_are_refused(self):
        self.run_write([{"x": 1}], connection="postgresql://u@169.254.169.254:5432/x", table="t", code=1, says=["network.refused"])

    def test_an_unreachable_server_is_tried_again_and_then_said(self):
        self.run_write([{"x": 1}], connection=f"postgresql://u@127.0.0.1:{free_port()}/x", table="t", code=1, says=["node 'out'", "sql.unavailable"])

    def test_a_restart_in_the_middle_loses_nothing(self):
        self.server.sql("CREATE TABLE t(id int PRIMARY KEY, n int)")
        rows = self.given([{"id": i, "n": i} for i in range(3000)])
        flow = self.flow("steady", rows, node("slow", "flow/throttle", rowsPerSecond=1500),
                         node("out", "sql/write", connection=self.server.url, table="t", mode="upsert", keys=["id"]))
        run = self.start("run", "-q", flow)
        until(lambda: self.server.sql("SELECT count(*) FROM t") != ["0"])
        self.server.kill(signal.SIGQUIT)
        time.sleep(0.3)
        self.server.start()
        _, err = run.communicate(timeout=120)
        self.assertEqual(run.returncode, 0, err)
        self.assertEqual(self.server.sql("SELECT count(*), sum(n) FROM t"), [f"3000|{2999 * 3000 // 2}"])

    def test_a_poll_finds_rows_that_come_later_by_time_of_change(self):
        self.server.sql("CREATE TABLE t(id int, at timestamptz DEFAULT clock_timestamp())")
        flow = self.flow("poll", node("in", "sql/read", connection=self.server.url, key="at", every="20ms", pageRows=7, **{"from": "t"}),
                         node("all", "flow/limit", "2.0.0", count=60),
                         node("out", "files/json-write", path="out.ndjson"))
        run = self.start("run", "-q", flow)
        for begin in range(0, 60, 20):
            self.server.sql(f"INSERT INTO t SELECT g FROM generate_series({begin}, {begin + 19}) g")
            time.sleep(0.1)
        _, err = run.communicate(timeout=120)
        self.assertEqual(run.returncode, 0, err)
        self.assertEqual(sorted(row["id"] for row in self.out()), list(range(60)))


@needs(POSTGRES / "postgres")
class PostgresPassword(ProgramTest):
    def test_S11_a_password_is_a_secret_and_never_shown(self):
        canary = "canary-f3b1 %&/"
        server = PostgreSql(self, self.folder / "server", password=canary)
        server.sql("CREATE TABLE t(x int)", password=canary)
        self.write("in.ndjson", '{"x": 1}\n')
        for name, code, secret in (("right", 0, canary), ("wrong", 1, "canary-wrong-one"), ("absent", 1, None)):
            environment = {**os.environ, **({"WEIR_SECRET_DB": secret} if secret else {})}
            flow = self.flow(name, node("in", "files/json-read", path="in.ndjson"),
                             node("out", "sql/write", connection=server.url.replace("u@", "u:${secret:DB}@"), table="t"))
            out, err = self.weir("run", flow, code=code, env=environment)
            self.assertNotIn("canary", out + err)
            if name == "wrong":
                self.assertIn("sql.denied", err)
            if name == "absent":
                self.assertIn("secret.missing", err)
        for path in self.folder.rglob("*"):
            if path.is_file() and "server" not in path.parts and path.suffix != ".json":
                self.assertNotIn(b"canary", path.read_bytes(), path)
        self.assertEqual(server.sql("SELECT x FROM t", password=canary), ["1"])


if __name__ == "__main__":
    unittest.main()
