#!/usr/bin/env python3
# R1 through the server: what was answered with 202 arrives, once, however often the server and its engines are killed.
import http.client
import json
import os
import random
import signal
import sqlite3
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import node, until  # noqa: E402
from serving import ServeTest  # noqa: E402

KILLS = int(os.environ.get("WEIR_KILLS", "50"))
PEOPLE = 6


def engines_of(server):
    """Processes that it has started and that go on."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == server.process.pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


class Poster(threading.Thread):
    """Posts numbers of its own, each until it is acknowledged."""

    def __init__(self, port, first):
        super().__init__(daemon=True)
        self.port, self.first, self.acknowledged, self.answers, self.ending = port, first, [], {}, threading.Event()

    def post(self, number):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/hooks/team/in", json.dumps({"id": number}), {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def run(self):
        number = self.first
        while not self.ending.is_set():
            status = self.post(number)
            self.answers[status] = self.answers.get(status, 0) + 1
            if status == 202:
                self.acknowledged.append(number)
                number += PEOPLE
            else:
                time.sleep(0.02)


class Kills(ServeTest):
    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def flow(self):
        """Ten nodes, the first edge durable, the sink idempotent."""
        nodes = [node("hook", "http/webhook", path="/in", auth="none"), node("number", "logic/map", set={"id": "row.body.id"}),
                 node("bare", "logic/map", drop=["body", "method", "path", "query", "parameters", "headers", "remoteAddress", "receivedAt"])]
        nodes += [node(f"step-{i}", "logic/map", set={"steps": str(i)}) for i in range(6)]
        nodes.append(node("out", "sql/write", file="sink:out.db", table="t", mode="upsert", keys=["id"], columns=["steps"]))
        edges = [{"id": f"e{i}", "source": {"node": a["id"], "port": "rows"}, "target": {"node": b["id"], "port": "rows"}} for i, (a, b) in enumerate(zip(nodes, nodes[1:]))]
        edges[0]["guarantee"] = "durable"
        return {"id": "ten", "version": "1.0.0", "nodes": nodes, "edges": edges}

    def test_R1_what_a_webhook_acknowledged_arrives_once_however_often_server_and_engine_are_killed(self):
        server = self.serve()
        port = server.port
        (self.folder / "sink").mkdir()
        sink = sqlite3.connect(self.folder / "sink/out.db")
        self.addCleanup(sink.close)
        sink.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, steps INTEGER)")
        # What is written again after a kill, which the key makes one row of.
        sink.execute("CREATE TABLE writes (id INTEGER)")
        for kind in ("INSERT", "UPDATE"):
            sink.execute(f"CREATE TRIGGER on_{kind.lower()} AFTER {kind} ON t BEGIN INSERT INTO writes VALUES (new.id); END")
        sink.commit()
        self.json(server, "PUT", "/mounts/sink?folder=team", {"directory": str(self.folder / "sink"), "writes": True}, 201)
        flow = self.flow()
        self.assertEqual(len(flow["nodes"]), 10)
        self.json(server, "POST", "/flows?folder=team", flow, 201)
        self.json(server, "POST", "/flows/ten/versions", {"publish": True}, 201)
        run = self.json(server, "POST", "/flows/ten/runs", {}, 201)["id"]
        posters = [Poster(port, first) for first in range(PEOPLE)]
        for poster in posters:
            poster.start()
            self.addCleanup(poster.ending.set)
        chance, ends = random.Random(1), {"server": 0, "engine": 0}
        count = lambda: sum(len(poster.acknowledged) for poster in posters)  # noqa: E731
        until(lambda: count() > 50, 120)
        for _ in range(KILLS):
            time.sleep(chance.random() / 2)
            before = count()
            if chance.random() < 0.4:
                # None, if it is just being started.
                for engine in engines_of(server):
                    ends["engine"] += 1
                    os.kill(engine, signal.SIGKILL)
            else:
                ends["server"] += 1
                server.kill()
                server = self.serve("--listen", f"127.0.0.1:{port}")
            if chance.random() < 0.7:
                # Else the next one falls into the recovery from this one.
                until(lambda before=before: count() > before, 120)
        before = count()
        until(lambda: count() > before + 100, 120)
        for poster in posters:
            poster.ending.set()
        for poster in posters:
            poster.join(60)
        acknowledged = {number for poster in posters for number in poster.acknowledged}
        arrived = lambda: [number for number, in sink.execute("SELECT id FROM t")]  # noqa: E731
        until(lambda: acknowledged <= set(arrived()), 120)
        answers = {status: sum(poster.answers.get(status, 0) for poster in posters) for status in sorted({one for poster in posters for one in poster.answers})}
        print(f"\nR1 over HTTP: {ends['server']} kills of the server, {ends['engine']} of the engine; {len(acknowledged)} acknowledged, {len(arrived())} arrived; answers {answers}", flush=True)
        if KILLS > 10:
            self.assertGreater(min(ends.values()), 0)
        again, = sink.execute("SELECT COUNT(*) - COUNT(DISTINCT id) FROM writes").fetchone()
        print(f"written again by key: {again}", flush=True)
        # What nobody was told of may have arrived too, but nothing that was not sent.
        self.assertLessEqual(len(set(arrived()) - acknowledged), PEOPLE * (KILLS + 1))
        self.assertEqual(set(sink.execute("SELECT DISTINCT steps FROM t").fetchall()), {(5,)})
        state = self.json(server, "GET", f"/runs/{run}")
        self.assertEqual(state["state"], "running", state)
        self.assertEqual(self.json(server, "GET", f"/runs/{run}/dead-letters")["letters"], [])


if __name__ == "__main__":
    unittest.main()
