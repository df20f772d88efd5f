#!/usr/bin/env python3
# Durable edges: what was acknowledged comes out of a run that is killed at any moment, and comes out once.
import http.client
import importlib.util
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, edge, node  # noqa: E402
from servers import needs  # noqa: E402

KILLS = int(os.environ.get("WEIR_KILLS", "50"))
JSON = {"Content-Type": "application/json"}
LIMIT = 60  # seconds that a wait may take on a slow machine


class Senders:
    """Send rows with increasing ids over kept-alive connections, each once, and note those that were acknowledged."""

    def __init__(self, count, size=0, pause=0.0):
        self.port = None
        self.acknowledged, self.refused, self.sent = set(), 0, 0
        self.size, self.pause = size, pause
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def work(self):
        client, at = None, None
        while not self.over.is_set():
            port = self.port
            if port is None:
                time.sleep(0.002)
                continue
            with self.lock:
                number = self.sent
                self.sent += 1
            try:
                if client is None or at != port:
                    client, at = http.client.HTTPConnection("127.0.0.1", port, timeout=30), port
                client.request("POST", "/hook", json.dumps({"id": number, "text": "x" * self.size}), JSON)
                answer = client.getresponse()
                answer.read()
                with self.lock:
                    if answer.status == 202:
                        self.acknowledged.add(number)
                    else:
                        self.refused += 1
                if answer.status == 429:
                    time.sleep(0.02)
            except (OSError, http.client.HTTPException):
                client.close()
                client = None
                time.sleep(0.002)
            if self.pause:
                time.sleep(self.pause)
        if client is not None:
            client.close()

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join(LIMIT)


class Durable(ProgramTest):
    def hook_flow(self, *between, out=None, **config):
        nodes = [node("hook", "http/webhook", path="/hook", rows="body"), *between, out or node("out", "files/json-write", path="out.ndjson")]
        edges = [edge(f"e{i}", f"{a['id']}.rows", f"{b['id']}.rows") for i, (a, b) in enumerate(zip(nodes, nodes[1:]))]
        edges[0]["guarantee"] = "durable"
        return self.flow("hook", *nodes, edges=edges, config={"checkpoint": config or {"everyMs": 20}})

    def listening(self, flow, *options, **more):
        """Starts it, and gives it and its port once it listens."""
        # A signal is to end it with its outputs.
        finish = ("--finish",) if "--resume" in options else ()
        run = self.start("run", flow, "--listen", "127.0.0.1:0", "--no-socket", *options, *finish, **more)
        self.addCleanup(self.kill, run)
        run.told = ""
        for line in run.stderr:
            run.told += line
            if found := re.search(r"listens at http://127.0.0.1:(\d+)", line):
                run.drain = threading.Thread(target=self.read_on, args=(run,), daemon=True)
                run.drain.start()
                return run, int(found[1])
        self.fail(run.told)

    @staticmethod
    def read_on(run):
        for line in run.stderr:
            run.told += line

    @staticmethod
    def kill(run):
        if run.poll() is None:
            run.kill()
        run.wait(LIMIT)
        if drain := getattr(run, "drain", None):
            drain.join(LIMIT)
        run.stderr.close()
        run.stdout.close()

    def until(self, condition, what):
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.005)
        self.fail(f"waited in vain for {what}")

    def post(self, port, row):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        client.request("POST", "/hook", json.dumps(row), JSON)
        answer = client.getresponse()
        answer.read()
        client.close()
        return answer.status

    def out(self, name="out.ndjson"):
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]

    def ended(self, run):
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(LIMIT), 143, run.told)

    def journal(self, ending="segment"):
        return sorted((self.folder / ".weir/journal/hook").glob(f"*.{ending}"))


class Killed(Durable):
    def test_r1_acknowledged_requests_come_out_once_however_often_the_run_is_killed(self):
        """Ten nodes; the webhook's edges are durable, and some of those behind."""
        nodes = [node("hook", "http/webhook", path="/hook", rows="body"),
                 node("map", "logic/map", set={"double": "row.id * 2"}),
                 node("out", "files/json-write", path="out.ndjson"),
                 node("pick", "logic/filter", condition="row.double % 4 == 0"),
                 node("even", "files/csv-write", path="even.csv"),
                 node("line", "logic/map", set={"line": "string(row.id)"}),
                 node("lines", "files/text-write", path="lines.txt", field="line"),
                 node("once", "flow/deduplicate", key="row.id"),
                 node("first", "files/json-write", path="first.ndjson"),
                 node("none", "flow/limit", "2.0.0", count=0)]
        edges = [edge("a", "hook.rows", "map.rows", guarantee="durable"), edge("b", "map.rows", "out.rows"),
                 edge("c", "map.rows", "pick.rows", guarantee="durable"), edge("d", "pick.match", "even.rows"),
                 edge("e", "hook.rows", "line.rows", guarantee="durable"), edge("f", "line.rows", "lines.rows"),
                 edge("g", "hook.rows", "once.rows", guarantee="durable"), edge("h", "once.rows", "first.rows", guarantee="durable"),
                 edge("i", "once.rows", "none.rows")]
        flow = self.flow("hook", *nodes, edges=edges, config={"checkpoint": {"everyMs": 20}})
        draw = random.Random(7)
        senders = Senders(4)
        self.addCleanup(senders.stop)
        came_back = 0
        for kill in range(KILLS):
            run, senders.port = self.listening(flow, "--resume", "--events", "events.ndjson")
            # Now and then long enough for its events to be written.
            time.sleep(0.25 if kill % 8 == 7 else draw.uniform(0.0, 0.06))
            run.send_signal(signal.SIGKILL)
            run.wait(LIMIT)
            self.kill(run)
            came_back += "rows came back" in (self.folder / "events.ndjson").read_text()
        run, senders.port = self.listening(flow, "--resume")
        before = len(senders.acknowledged)
        self.until(lambda: len(senders.acknowledged) > before + 100, "requests")
        senders.stop()
        self.ended(run)
        ids = [row["id"] for row in self.out()]
        self.assertEqual(len(set(ids)), len(ids), "a row came out twice")
        self.assertEqual(senders.acknowledged - set(ids), set(), "acknowledged rows are lost")
        self.assertGreater(came_back, 0)
        self.assertEqual(sorted(int(line) for line in (self.folder / "lines.txt").read_text().split()), sorted(ids))
        self.assertEqual(sorted(row["id"] for row in self.out("first.ndjson")), sorted(ids))
        even = (self.folder / "even.csv").read_text().splitlines()
        column = even[0].split(",").index("id")
        self.assertEqual(sorted(int(line.split(",")[column]) for line in even[1:]), sorted(i for i in ids if i % 2 == 0))
        self.assertEqual(self.journal(), [], "a run that has ended keeps nothing")
        self.assertNothingHalfWritten()


class Unfinished(Durable):
    def interrupted(self, rows=5):
        """A run that was killed with acknowledged rows that no checkpoint has passed."""
        flow = self.hook_flow(everyMs=600_000, rows=1_000_000)
        run, port = self.listening(flow)
        for number in range(rows):
            self.assertEqual(self.post(port, {"id": number}), 202)
        run.kill()
        self.kill(run)
        return flow

    def test_rows_that_a_run_has_left_are_not_forgotten_without_a_word(self):
        flow = self.interrupted()
        self.fails("run", flow, "--listen", "127.0.0.1:0", code=2, says=("journal.unfinished", "5 rows", "--resume", "--anew", ".weir/journal/hook"))
        run, _ = self.listening(flow, "--resume")
        self.ended(run)
        self.assertEqual([row["id"] for row in self.out()], [0, 1, 2, 3, 4])
        # Now nothing is left, and the next run needs no word.
        run, port = self.listening(flow)
        self.assertEqual(self.post(port, {"id": 7}), 202)
        self.ended(run)
        self.assertEqual([row["id"] for row in self.out()], [7])

    def test_anew_throws_them_away(self):
        flow = self.interrupted()
        run, port = self.listening(flow, "--anew")
        self.assertEqual(self.post(port, {"id": 9}), 202)
        self.ended(run)
        self.assertEqual([row["id"] for row in self.out()], [9])
        self.fails("run", flow, "--anew", "--resume", code=2)

    def test_r8_a_second_run_of_the_flow_is_refused(self):
        flow = self.hook_flow()
        run, _ = self.listening(flow)
        self.fails("run", flow, "--resume", code=75, says=("state.busy",))
        # Also one that has lost the state of the first out of sight.
        (self.folder / ".weir/state").rename(self.folder / "elsewhere")
        self.fails("run", flow, "--resume", code=75, says=("journal.busy", "another process"))
        (self.folder / ".weir/state").rename(self.folder / "second")
        (self.folder / "elsewhere").rename(self.folder / ".weir/state")
        self.ended(run)

    def test_r4_what_was_not_written_completely_is_cut_off_and_said(self):
        flow = self.interrupted()
        segment = self.journal()[0]  # the others are empty
        data = bytearray(segment.read_bytes())
        end = len(bytes(data).rstrip(b"\0"))
        data[end + 64:end + 128] = b"\x55" * 64
        segment.write_bytes(data)
        run, _ = self.listening(flow, "--resume")
        self.ended(run)
        self.assertIn("cut off", run.told)
        self.assertEqual([row["id"] for row in self.out()], [0, 1, 2, 3, 4])

    def test_r5_damage_in_the_middle_is_an_alarm_the_file_is_kept_and_the_rest_is_used(self):
        flow = self.interrupted()
        segment = self.journal()[0]  # the others are empty
        data = bytearray(segment.read_bytes())
        used = len(bytes(data).rstrip(b"\0"))
        for offset in range(used * 6 // 10, used * 6 // 10 + 8):
            data[offset] ^= 0xFF
        segment.write_bytes(data)
        run, _ = self.listening(flow, "--resume")
        self.ended(run)
        self.assertIn("was damaged", run.told)
        self.assertIn("acknowledged and are lost", run.told)
        ids = [row["id"] for row in self.out()]
        self.assertTrue(0 < len(ids) < 5 and set(ids) < {0, 1, 2, 3, 4}, ids)
        self.assertEqual(len(self.journal("quarantined")), 1)

    def test_a_journal_of_another_flow_or_with_other_edges_is_refused(self):
        flow = self.interrupted()
        document = json.loads((self.folder / flow).read_text())
        document["edges"][0]["guarantee"] = "memory"
        document["edges"].append(edge("more", "hook.rows", "log.rows", guarantee="durable"))
        document["nodes"].append(node("log", "debug/log"))
        self.write(flow, json.dumps(document))
        self.fails("run", flow, "--resume", code=1, says=("state.mismatch",))


def part_of(file):
    """A test file of its own as a module: its servers are of use here, too."""
    spec = importlib.util.spec_from_file_location(file.replace(".", "_"), Path(__file__).parent / file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Brokers(Durable):
    ROWS = 500

    def killed_when_answered(self, source, answered):
        """All rows are acknowledged, none has been published; then the run is killed."""
        nodes = [source, node("out", "files/json-write", path="out.ndjson")]
        flow = self.flow("hook", *nodes, edges=[edge("e", "in.rows", "out.rows", guarantee="durable")],
                         config={"checkpoint": {"everyMs": 600_000, "rows": 1_000_000}})
        run = self.start("run", flow, "--no-socket")
        self.addCleanup(self.kill, run)
        self.until(lambda: run.poll() is not None or answered(), "acknowledgements")
        self.assertIsNone(run.poll(), "the run has ended")
        self.kill(run)
        self.assertFalse((self.folder / "out.ndjson").exists())
        run = self.start("run", flow, "--no-socket", "--resume", "--finish", "--events", "events.ndjson")
        self.addCleanup(self.kill, run)
        events = self.folder / "events.ndjson"
        self.until(lambda: events.exists() and "rows came back" in events.read_text(), "the journal")
        run.told = ""
        self.ended(run)
        return [row["payload"] for row in self.out()]

    @needs("redis-server")
    def test_r1_what_redis_was_told_of_comes_out_of_the_journal(self):
        server = part_of("redis.test.py").Redis(self, self.folder / "server")
        server.cli("EVAL", "for i = 1, %d do redis.call('XADD', 's', '*', 'payload', i) end" % self.ROWS, 0)

        def answered():
            told = server.cli("XINFO", "GROUPS", "s").split()
            return told and told[told.index("pending") + 1] == "0" and told[told.index("lag") + 1] == "0"

        got = self.killed_when_answered(node("in", "redis/stream-read", server=server.address, streams=["s"]), answered)
        self.assertEqual(got, list(range(1, self.ROWS + 1)))

    @needs("mosquitto")
    def test_r1_what_mqtt_was_told_of_comes_out_of_the_journal(self):
        mqtt = part_of("mqtt.test.py")
        server = mqtt.Mosquitto(self, self.folder / "server")
        source = node("in", "mqtt/subscribe", server=server.address, topics=["t"], client="weir", keepSession=True, format="text")
        # The session is there before anything is published.
        first = self.start("run", self.flow("first", source, node("out", "files/json-write", path="first.ndjson")), "--no-socket")
        self.until(lambda: "as weir" in (self.folder / "server/server.log").read_text(), "the session")
        time.sleep(0.2)
        self.kill(first)
        self.write("rows.ndjson", "".join(json.dumps({"t": f"message-{i}-"}) + "\n" for i in range(self.ROWS)))
        self.weir("run", "-q", self.flow("write", node("read", "files/json-read", path="rows.ndjson"),
                                         node("send", "mqtt/publish", server=server.address, topic="'t'", payload="row.t")))
        last = f"message-{self.ROWS - 1}-".encode()
        got = self.killed_when_answered(source, lambda: any(last in path.read_bytes() for path in self.journal()))
        # What was on the disk and not answered yet comes again.
        self.assertEqual(sorted(set(got)), sorted(f"message-{i}-" for i in range(self.ROWS)))


def can_mount():
    """A file system of its own for a test needs a namespace for users and mounts, or root."""
    probe = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return shutil.which("unshare") is not None and subprocess.run(probe, capture_output=True).returncode == 0


class Full(Durable):
    @unittest.skipUnless(can_mount(), "skipped: no file system can be mounted here")
    def test_r7_a_full_disk_stops_intake_loses_nothing_and_goes_on_when_there_is_room(self):
        """The journal on a file system of 6 MiB, which requests fill; then a checkpoint frees it before its time."""
        flow = self.hook_flow(everyMs=3_600_000, rows=1_000_000_000)
        document = json.loads((self.folder / flow).read_text())
        document["nodes"][0]["settings"]["maxWaiting"] = 4
        self.write(flow, json.dumps(document))
        place = self.folder / ".weir/journal"
        place.mkdir(parents=True)
        inside = 'mount -t tmpfs -o size=6m none "$0" && exec "$@"'
        run, port = self.listening(flow, "--resume", "--events", "events.ndjson",
                                   before=("unshare", "--user", "--map-root-user", "--mount", "bash", "-c", inside, str(place)))
        senders = Senders(8, size=40_000)
        self.addCleanup(senders.stop)
        senders.port = port
        events = self.folder / "events.ndjson"
        self.until(lambda: events.exists() and events.read_text().count("journal.goes_on") > 2, "a journal that was full and goes on")
        self.assertIn("the disk is full", events.read_text())
        self.assertGreater(senders.refused, 0)
        senders.stop()
        self.ended(run)
        self.assertNotIn('"journal.failed"', events.read_text())
        ids = [row["id"] for row in self.out()]
        self.assertEqual(len(set(ids)), len(ids))
        self.assertEqual(senders.acknowledged - set(ids), set(), "acknowledged rows are lost")


if __name__ == "__main__":
    unittest.main()
