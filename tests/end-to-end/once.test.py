#!/usr/bin/env python3
# R1 for sinks that write with their checkpoint in one transaction: killed at any moment, every row is written once. Two owners of one
# flow: the older one is refused.
import json
import os
import random
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import together  # noqa: E402
from program import ProgramTest, node, until  # noqa: E402
from servers import POSTGRES, PostgreSql, Server, needs  # noqa: E402

KILLS = int(os.environ.get("WEIR_ONCE_KILLS", "20"))
ROWS = 9000
RATE = 900


class Redis(Server):
    def __init__(self, test, folder, *more):
        super().__init__(test, folder)
        self.more = more
        self.start()

    def start(self):
        self.run("redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.folder, "--save", "", "--appendonly", "yes", "--appendfsync", "always",
                 *self.more)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def cli(self, *words):
        return subprocess.run(["redis-cli", "-p", str(self.port), *map(str, words)], capture_output=True, text=True, check=True).stdout

    def entries(self, stream):
        lines = self.cli("XRANGE", stream, "-", "+").splitlines()
        return [json.loads(line) for line in lines[2::3]]


class OnceTest(ProgramTest):
    def given(self, sink, name="once", rows=ROWS, rate=RATE, **config):
        return self.flow(name, node("in", "generate/pattern", rows=rows, rate=rate, batchRows=20), node("map", "logic/map", set={"t": "'row ' + string(row.id)"}, keep=["id"]), sink,
                         config={"checkpoint": {"everyMs": 60, "rows": 100000}, **config})

    def events(self):
        path = self.folder / "events.ndjson"
        return [json.loads(line)["kind"] for line in path.read_text().split("\n")[:-1]] if path.exists() else []

    def checkpoints(self):
        return self.events().count("checkpoint.done")

    def kill_again_and_again(self, flow, *more):
        """Runs until it is done; each run but the last is killed, at any moment or soon after a checkpoint. Gives how many of them went
        on from a checkpoint."""
        draw = random.Random(17)
        went_on = killed = 0
        alive = 0.0
        while True:
            began = time.monotonic()
            # Rows come at their rate only, so that a run which was alive for less than this is not near its end.
            kills = killed < KILLS and alive < 0.8 * ROWS / RATE
            (self.folder / "events.ndjson").unlink(missing_ok=True)
            run = self.start("run", "-q", flow, "--resume", "--events", "events.ndjson", *more)
            if kills and killed % 2 == 0:
                until(lambda: self.checkpoints() > 0 or run.poll() is not None)
            try:
                run.wait(draw.uniform(0, 0.15 if killed % 2 == 0 else 0.4) if kills else 120)
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
            _, err = run.communicate()
            alive += time.monotonic() - began
            went_on += "checkpoint.restored" in self.events()
            if run.returncode == 0:
                # A run that is killed between its end and its exit would be begun anew, so the end is kept away.
                self.assertGreaterEqual(killed, KILLS // 4, "the flow was done before it could be killed so often")
                return went_on
            self.assertEqual(run.returncode, -signal.SIGKILL, err)
            killed += 1


class Once(OnceTest):
    def test_R1_a_killed_run_writes_every_row_to_SQLite_once(self):
        import sqlite3
        path = self.folder / "out.db"
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE rows(id INTEGER, t TEXT)")
        flow = self.given(node("out", "sql/write", file="out.db", table="rows", exactlyOnce=True))
        self.assertGreaterEqual(self.kill_again_and_again(flow), KILLS // 5)
        with sqlite3.connect(path) as database:
            got = database.execute("SELECT id, t FROM rows ORDER BY rowid").fetchall()
        self.assertEqual(got, [(i, f"row {i}") for i in range(ROWS)])

    @needs(POSTGRES / "postgres")
    def test_R1_a_killed_run_writes_every_row_to_PostgreSQL_once(self):
        server = PostgreSql(self, self.folder / "server")
        server.sql("CREATE TABLE rows(place SERIAL, id INTEGER, t TEXT)")
        flow = self.given(node("out", "sql/write", connection=server.url, table="rows", exactlyOnce=True))
        self.assertGreaterEqual(self.kill_again_and_again(flow), KILLS // 5)
        got = server.sql("SELECT id, t FROM rows ORDER BY place")
        self.assertEqual(got, [f"{i}|row {i}" for i in range(ROWS)])

    @needs("redis-server")
    def test_R1_a_killed_run_writes_every_row_to_Redis_once(self):
        server = Redis(self, self.folder / "server")
        flow = self.given(node("out", "redis/stream-write", server=server.address, stream="s", exactlyOnce=True))
        self.assertGreaterEqual(self.kill_again_and_again(flow), KILLS // 5)
        self.assertEqual(server.entries("s"), [{"id": i, "t": f"row {i}"} for i in range(ROWS)])

    @needs("redis-server")
    def test_R1_state_and_rows_in_one_Redis(self):
        server = Redis(self, self.folder / "server")
        flow = self.given(node("out", "redis/stream-write", server=server.address, stream="s", exactlyOnce=True), stateStorage="redis")
        self.assertGreaterEqual(self.kill_again_and_again(flow, "--state", f"redis://{server.address}/3"), KILLS // 5)
        self.assertEqual(server.entries("s"), [{"id": i, "t": f"row {i}"} for i in range(ROWS)])

    @needs(POSTGRES / "postgres")
    def test_R1_a_database_that_restarts_in_the_middle_has_every_row_once(self):
        server = PostgreSql(self, self.folder / "server")
        server.sql("CREATE TABLE rows(place SERIAL, id INTEGER, t TEXT)")
        sink = {**node("out", "sql/write", connection=server.url, table="rows", exactlyOnce=True, timeout="5s"), "retry": {"attempts": 100, "delayMs": 50, "maxDelayMs": 200}}
        run = self.start("run", "-q", self.given(sink, rows=8000, rate=2000), "--resume")
        try:
            until(lambda: int(server.sql("SELECT count(*) FROM rows")[0]) > 200)
            server.kill()
            time.sleep(0.5)
            server.start()
            _, err = run.communicate(timeout=120)
        finally:
            run.kill()
        self.assertEqual(run.returncode, 0, err)
        self.assertEqual(server.sql("SELECT id FROM rows ORDER BY place"), [str(i) for i in range(8000)])


@needs("redis-server")
class Fencing(OnceTest):
    """The state in a Redis, which two processes can reach: one is paused, another one goes on, then the first wakes up."""

    def setUp(self):
        super().setUp()
        self.redis = Redis(self, self.folder / "redis")
        self.state = f"redis://{self.redis.address}"

    def paused_and_overtaken(self, flow, written):
        """Gives the exit codes and words of both."""
        old = self.start("run", "-q", flow, "--state", self.state, "--events", "events.ndjson")
        try:
            until(lambda: self.checkpoints() >= 3 and written() > 0)
            old.send_signal(signal.SIGSTOP)
            new = self.start("run", "-q", flow, "--state", self.state, "--resume", "--events", "new.ndjson")
            try:
                until(lambda: (self.folder / "new.ndjson").exists() and "checkpoint.done" in (self.folder / "new.ndjson").read_text())
                old.send_signal(signal.SIGCONT)
                _, said = old.communicate(timeout=60)
                _, err = new.communicate(timeout=120)
            finally:
                new.kill()
        finally:
            old.kill()
        self.assertEqual(new.returncode, 0, err)
        return old.returncode, said

    def test_R1_a_run_that_was_only_paused_writes_nothing_after_another_went_on_Redis(self):
        flow = self.given(node("out", "redis/stream-write", server=self.redis.address, stream="s", exactlyOnce=True), rate=2000, stateStorage="redis")
        code, said = self.paused_and_overtaken(flow, lambda: int(self.redis.cli("XLEN", "s")))
        self.assertEqual(code, 75, said)
        self.assertIn("state.fenced", said)
        self.assertEqual(self.redis.entries("s"), [{"id": i, "t": f"row {i}"} for i in range(ROWS)])

    @needs(POSTGRES / "postgres")
    def test_R1_a_run_that_was_only_paused_writes_nothing_after_another_went_on_PostgreSQL(self):
        server = PostgreSql(self, self.folder / "server")
        server.sql("CREATE TABLE rows(place SERIAL, id INTEGER, t TEXT)")
        flow = self.given(node("out", "sql/write", connection=server.url, table="rows", exactlyOnce=True, timeout="3s"), rate=2000, stateStorage="redis")
        code, said = self.paused_and_overtaken(flow, lambda: int(server.sql("SELECT count(*) FROM rows")[0]))
        self.assertEqual(code, 75, said)
        self.assertIn("state.fenced", said)
        self.assertEqual(server.sql("SELECT id FROM rows ORDER BY place"), [str(i) for i in range(ROWS)])

    def test_a_state_file_has_one_owner_even_if_that_is_paused(self):
        flow = self.given(node("out", "redis/stream-write", server=self.redis.address, stream="s", exactlyOnce=True), rate=2000)
        old = self.start("run", "-q", flow, "--resume", "--events", "events.ndjson")
        try:
            until(lambda: self.checkpoints() >= 1)
            old.send_signal(signal.SIGSTOP)
            self.fails("run", "-q", flow, "--resume", code=75, says=["state.busy"])
        finally:
            old.kill()
            old.communicate()


@needs("redis-server")
class StateInRedis(OnceTest):
    def counting(self, name="count", **config):
        """A fold over keys: its state is all there is to keep."""
        return self.flow(name, node("in", "generate/pattern", rows=ROWS, rate=900, batchRows=20), node("map", "logic/map", set={"k": "row.id % 7"}, keep=["id"]),
                         node("first", "flow/deduplicate", key="row.k"), node("out", "files/json-write", path="out.ndjson"),
                         config={"checkpoint": {"everyMs": 60, "rows": 100000}, "stateStorage": "redis", **config})

    def test_the_state_of_nodes_survives_kills_in_Redis(self):
        server = Redis(self, self.folder / "server")
        flow = self.counting()
        self.assertGreaterEqual(self.kill_again_and_again(flow, "--state", f"redis://{server.address}"), KILLS // 5)
        got = [json.loads(line)["k"] for line in (self.folder / "out.ndjson").read_text().split("\n")[:-1]]
        self.assertEqual(got, list(range(7)))
        self.assertFalse((self.folder / ".weir/state").exists())

    def test_which_Redis_is_said_or_asked_for(self):
        flow = self.counting()
        self.fails("run", "-q", flow, code=2, says=["host.missing", "WEIR_STATE"])
        self.fails("run", "-q", flow, "--state", "folder", code=2, says=["host.missing", "'folder' is a folder"])
        for where in ("redis://", "redis://x:y:z", "redis://h:1/x"):
            self.fails("run", "-q", flow, "--state", where, code=2, says=["settings.invalid"])
        server = Redis(self, self.folder / "server", "--requirepass", "canary-5151")
        where = f"redis://:${{secret:STATE}}@{server.address}"
        out, err = self.weir("run", "-q", flow, code=0, env={**os.environ, "WEIR_STATE": where, "WEIR_SECRET_STATE": "canary-5151"})
        out, err = self.weir("run", "-q", flow, code=1, env={**os.environ, "WEIR_STATE": where, "WEIR_SECRET_STATE": "canary-wrong"})
        self.assertNotIn("canary", out + err)
        self.assertIn("state.", err)

    def test_a_state_store_that_vanishes_in_mid_run_is_said_and_the_run_goes_on_when_it_is_back(self):
        server = Redis(self, self.folder / "server")
        flow = self.counting()
        run = self.start("run", flow, "--state", f"redis://{server.address}", "--events", "events.ndjson")
        try:
            until(lambda: self.checkpoints() >= 2)
            server.kill()
            until(lambda: "checkpoint.failed" in self.events())
            before = self.checkpoints()
            server.start()
            until(lambda: self.checkpoints() > before or run.poll() is not None)
            _, err = run.communicate(timeout=120)
        finally:
            run.kill()
        self.assertEqual(run.returncode, 0, err)
        self.assertIn("cannot be stored", err)

    def test_a_state_store_that_stays_away_ends_the_run_with_an_error(self):
        server = Redis(self, self.folder / "server")
        flow = self.counting()
        run = self.start("run", "-q", flow, "--state", f"redis://{server.address}", "--events", "events.ndjson")
        try:
            until(lambda: self.checkpoints() >= 1)
            server.kill()
            _, err = run.communicate(timeout=120)
        finally:
            run.kill()
        self.assertEqual(run.returncode, 1, err)
        self.assertIn("state.unavailable", err)


if __name__ == "__main__":
    together.main()
