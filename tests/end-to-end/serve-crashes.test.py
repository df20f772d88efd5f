# A flow that ends its engine process takes down neither the server nor others: who was at work goes on alone, and is given up when it
# happens again and again; the others of its folder go on at once.
import http.client
import json
import os
import signal
import threading
import time
import unittest
from pathlib import Path

from program import chain, node, until
from serving import ServeTest

NEVER = {"checkpoint": {"everyMs": 3_600_000, "rows": 1_000_000_000}}


def calm(name):
    """A row now and then."""
    nodes = [node("count", "generate/pattern", rows=0, rate=5, batchRows=1), node("write", "files/json-write", path=f"{name}.ndjson")]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes)}


def counted(name):
    """Rows whose gaps and doubles would be seen."""
    nodes = [node("count", "generate/pattern", rows=0, rate=100, batchRows=1), node("write", "files/json-write", path=f"{name}.ndjson")]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes), "config": {"checkpoint": {"everyMs": 100}}}


def busy(name):
    """At work at any time, and never with a row for its file."""
    nodes = [node("count", "generate/pattern", rows=0), node("some", "logic/filter", condition="row.id < 0"), node("write", "files/json-write", path=f"{name}.ndjson")]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes), "config": NEVER}


def children_of(process):
    """Processes that it has started and that go on, and the processor time of each."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found[int(stat.parent.name)] = int(fields[11]) + int(fields[12])
    return found


class Crashes(ServeTest):
    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def begin(self, server, flow, folder):
        self.json(server, "POST", f"/flows?folder={folder}", flow, 201)
        self.json(server, "POST", f"/flows/{flow['id']}/versions", {"publish": True}, 201)
        run = self.json(server, "POST", f"/flows/{flow['id']}/runs", {}, 201)["id"]
        return self.reaches(server, run, "running")["id"]

    def state(self, server, run):
        return self.json(server, "GET", f"/runs/{run}")

    def reaches(self, server, run, *states):
        return until(lambda: (found := self.state(server, run))["state"] in states and found)

    def busiest(self, server):
        """The engine process that uses the processor most."""
        before = children_of(server.process.pid)
        return until(lambda: next((process for process, ticks in children_of(server.process.pid).items() if ticks - before.get(process, 0) > 30), None))

    def test_who_was_at_work_is_given_up_and_the_others_go_on(self):
        server = self.serve()
        elsewhere = self.begin(server, calm("elsewhere"), "other")
        beside = self.begin(server, calm("beside"), "team")
        culprit = self.begin(server, busy("culprit"), "team")
        for crash in range(1, 4):
            os.kill(self.busiest(server), signal.SIGSEGV)
            ended = until(lambda: (found := self.json(server, "GET", f"/runs/{culprit}/crashes")["crashes"]) and len(found) == crash and found)
            self.assertEqual((ended[0]["signal"], ended[0]["suspect"]), (signal.SIGSEGV, True), ended[0])
            self.assertIn(ended[0].get("node", "count"), ("count", "some", "write"))
            self.assertTrue(ended[0]["stack"])
            self.assertEqual(server.ask("GET", "/api/v1/health")[0], 200)
            self.reaches(server, beside, "running")
            if crash < 3:
                self.reaches(server, culprit, "running")
        given_up = self.reaches(server, culprit, "failed")
        self.assertIn("3 times", given_up["error"]["message"])
        # The first end took the run beside it down once; after that the culprit was alone.
        self.assertEqual((self.state(server, beside)["restarts"], self.state(server, beside)["state"]), (1, "running"))
        self.assertEqual((self.state(server, elsewhere)["restarts"], self.state(server, elsewhere)["state"]), (0, "running"))
        self.assertNotIn("ndjson", json.dumps(self.json(server, "GET", f"/runs/{culprit}/crashes")["crashes"]))
        # It is begun again when people say so.
        self.json(server, "POST", f"/runs/{culprit}/resume", status=202)
        self.reaches(server, culprit, "running")

    def rows(self, server, run):
        metrics = self.json(server, "GET", f"/runs/{run}/metrics").get("metrics", {})
        return next((one["rowsOut"] for one in metrics.get("nodes", []) if one["id"] == "count"), 0)

    def test_flows_of_its_folder_go_on_from_their_checkpoints_within_seconds(self):
        server = self.serve()
        beside = self.begin(server, counted("beside"), "team")
        culprit = self.begin(server, busy("culprit"), "team")
        taken = []
        for crash in range(1, 3):
            until(lambda: self.rows(server, beside) > 20)
            os.kill(self.busiest(server), signal.SIGSEGV)
            fell = time.monotonic()
            # Which run of the folder shares the process is known for the first time only: then the culprit is alone.
            until(lambda: self.state(server, culprit)["restarts"] == crash)
            self.reaches(server, beside, "running")
            self.reaches(server, culprit, "running")
            before = self.rows(server, beside)
            until(lambda: self.rows(server, beside) != before)
            taken.append(time.monotonic() - fell)
        print("\nseconds until a flow beside one that crashed gives rows again:", [round(seconds, 2) for seconds in taken])
        # The design says 5; a loaded machine is given time.
        self.assertLess(max(taken), 30)
        self.json(server, "POST", f"/runs/{beside}/stop", status=202)
        self.reaches(server, beside, "stopped")
        written = [json.loads(line)["id"] for line in (self.folder / "data/files/team/beside.ndjson").read_text().splitlines()]
        # Nothing twice, and nothing is missing: it went on where it was.
        self.assertEqual(written, list(range(len(written))))
        self.assertEqual(self.state(server, beside)["restarts"], 1)

    FAILS = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int engine;
__attribute__((constructor)) static void look(void) {
  char text[64] = {0};
  FILE* file = fopen("/proc/self/cmdline", "r");
  if (file) { size_t size = fread(text, 1, sizeof text - 1, file); fclose(file); engine = size > 11 && strcmp(text + strlen(text) + 1, "engine") == 0; }
}
static int told(void) { const char* file = getenv("SHIM"); return engine && file && access(file, F_OK) == 0; }
int fdatasync(int fd) { if (told()) { errno = EIO; return -1; } return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
int fsync(int fd) { if (told()) { errno = EIO; return -1; } return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
"""

    def test_a_disk_that_fails_is_not_the_doing_of_a_run(self):
        server = self.serve(env=self.preloaded(self.FAILS))
        run = self.begin(server, counted("beside"), "team")
        until(lambda: self.rows(server, run) > 20)
        self.write("shim-on", "")
        # More often than a run may end its process.
        found = until(lambda: (state := self.state(server, run))["restarts"] > 3 and state, 120)
        self.assertNotIn(found["state"], ("failed", "held", "stopped"), found)
        self.assertEqual(found["error"]["code"], "files.sync_failed")
        until(lambda: "starts again in" in self.state(server, run).get("why", ""))
        (self.folder / "shim-on").unlink()
        self.reaches(server, run, "running")
        until(lambda: self.rows(server, run) > 20)
        # It is past that with its next checkpoint.
        until(lambda: not self.state(server, run).get("error"))
        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        self.assertEqual(self.reaches(server, run, "stopped", "failed")["state"], "stopped")
        written = [json.loads(line)["id"] for line in (self.folder / "data/files/team/beside.ndjson").read_text().splitlines()]
        self.assertEqual(written, list(range(len(written))))

    def test_an_end_from_outside_is_not_the_doing_of_a_run(self):
        server = self.serve()
        culprit = self.begin(server, busy("culprit"), "team")
        for crash in range(1, 5):
            os.kill(self.busiest(server), signal.SIGKILL)
            until(lambda: self.state(server, culprit)["restarts"] == crash)
            self.reaches(server, culprit, "running")

    def test_R1_what_was_acknowledged_is_there_after_the_server_was_killed_under_load(self):
        acknowledged = {}
        for round in range(3):
            server = self.serve()
            self.json(server, "GET", "/flows")
            ends = threading.Event()

            def write(worker):
                for i in range(100_000):
                    name = f"f-{round}-{worker}-{i}"
                    try:
                        status, headers, _ = server.ask("POST", "/api/v1/flows", {"id": name, "version": "1.0.0", "nodes": [], "edges": []})
                        if status == 201:
                            acknowledged[name] = headers["etag"]
                    except OSError:
                        return
                    except http.client.HTTPException:
                        return
                    if ends.is_set():
                        return

            workers = [threading.Thread(target=write, args=(worker,)) for worker in range(8)]
            for worker in workers:
                worker.start()
            before = len(acknowledged)
            until(lambda: len(acknowledged) > before + 200)
            server.kill()
            ends.set()
            for worker in workers:
                worker.join()
        server = self.serve()
        for name, tag in acknowledged.items():
            status, headers, _ = server.ask("GET", f"/api/v1/flows/{name}")
            self.assertEqual((status, headers.get("etag")), (200, tag), name)

    def test_an_engine_that_says_nothing_is_ended(self):
        server = self.serve()
        run = self.begin(server, calm("silent"), "team")
        engine = next(iter(children_of(server.process.pid)))
        os.kill(engine, signal.SIGSTOP)
        self.assertEqual(server.ask("GET", "/api/v1/health")[0], 200)
        until(lambda: self.state(server, run)["restarts"] >= 1, 120)
        self.reaches(server, run, "running")
        self.assertNotIn(engine, children_of(server.process.pid))


if __name__ == "__main__":
    unittest.main()
