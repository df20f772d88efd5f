# A server whose disk is full, slow or failing, or who is out of handles: it says so, reads and deletes, and goes on when it is over.
import http.client
import json
import os
import resource
import shutil
import socket
import subprocess
import unittest

from program import chain, node, signals_as_from_a_shell, until
from serving import ServeTest


class Disk(ServeTest):
    def small_disk(self, size="64m"):
        """A disk of its own below the data folder."""
        data = self.folder / "data"
        data.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", data], capture_output=True).returncode != 0:
            self.skipTest("only root may mount a disk")
        self.addCleanup(subprocess.run, ["umount", "-l", str(data)], check=True)
        return data

    def json(self, server, method, path, body=None, status=200, headers=None):
        found, _, said = server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def metrics(self, server, run):
        return self.json(server, "GET", f"/runs/{run}/metrics").get("metrics", {})

    def rows(self, server, run, name):
        return next((one["rowsOut"] for one in self.metrics(server, run).get("nodes", []) if one["id"] == name), 0)

    def post(self, server):
        """Sends a webhook 50 kB; 0: no answer within a few seconds."""
        connection = http.client.HTTPConnection(server.host, server.port, timeout=3)
        try:
            connection.request("POST", "/hooks/team/in", json.dumps({"text": os.urandom(25_000).hex()}), {"content-type": "application/json"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def test_R7_on_a_full_disk_intake_stops_reads_and_deletes_work_and_all_goes_on(self):
        data = self.small_disk()
        server = self.serve("--keeping-every", "200ms")
        self.assertGreater((data / "reserve").stat().st_size, 4 << 20)
        self.assertLess((data / "reserve").stat().st_size, 8 << 20)
        count, slow = node("count", "generate/pattern", rows=0, rate=200, batchRows=10), node("slow", "flow/rate-limit", rows=100, per="1s")
        show = node("show", "debug/log", rows=1)
        edges = chain(count, slow, show)
        edges[0]["guarantee"] = "durable"
        flow = {"id": "ticks", "version": "1.0.0", "nodes": [count, slow, show], "edges": edges}
        self.json(server, "POST", "/flows", flow, 201)
        run = self.json(server, "POST", "/flows/ticks/runs", {"version": "draft"}, 201)["id"]
        until(lambda: self.rows(server, run, "count") > 100)
        # What a webhook is sent waits in a journal, for its flow is slow.
        hook, wait = node("hook", "http/webhook", path="/in", auth="none"), node("wait", "flow/rate-limit", rows=1, per="10s")
        edges = chain(hook, wait, show)
        # It is the disk that is to be full, and nothing before it.
        edges[0] |= {"guarantee": "durable", "buffer": {"rows": 1_000_000, "bytes": 1 << 28}}
        self.json(server, "POST", "/flows?folder=team", {"id": "hooked", "version": "1.0.0", "nodes": [hook, wait, show], "edges": edges}, 201)
        self.json(server, "POST", "/flows/hooked/versions", {"publish": True}, 201)
        self.json(server, "POST", "/flows/hooked/runs", {}, 201)
        until(lambda: self.post(server) == 202)
        ballast = data / "ballast"
        with ballast.open("wb", buffering=0) as file:
            while shutil.disk_usage(data).free > 2 << 20:
                file.write(b"\0" * (1 << 18))
        made, refused = [], None
        for i in range(200):
            # Small documents are in the database, large ones beside it.
            notes = [{"id": "n", "text": "y" * 60_000 if i % 2 else os.urandom(100_000).hex()}]
            flow = {"id": f"large-{i}", "version": "1.0.0", "nodes": [], "edges": [], "notes": notes}
            status, headers, text = server.ask("POST", "/api/v1/flows", flow)
            if status != 201:
                refused = status, json.loads(text)
                break
            made.append(flow["id"])
        self.assertIsNotNone(refused, "the disk never was full")
        self.assertEqual(refused[1]["code"], "storage.full", refused)
        self.assertEqual(refused[0], 507)
        self.assertGreaterEqual(len(made), 3)
        # Intake stops: what cannot be kept is not acknowledged, as often as it is sent.
        until(lambda: all(self.post(server) != 202 for _ in range(3)), 120)
        # What is there can be read, and the server says that it lives.
        for name in made[:3]:
            self.json(server, "GET", f"/flows/{name}")
        self.json(server, "GET", "/disk")
        self.assertEqual(server.ask("GET", "/health/live")[0], 200)
        status, headers, said = server.ask("GET", "/health/ready")
        self.assertEqual((status, json.loads(said)["code"]), (503, "storage.full"))
        self.assertIn("retry-after", headers)
        self.assertIn("\nweir_store_full 1\n", server.ask("GET", "/metrics")[2])
        self.assertIsNone(server.process.poll())
        # Deleting works, from the reserve, and gives room.
        for name in made:
            for query in ("", "?purge=true"):
                status, _, text = server.ask("DELETE", f"/api/v1/flows/{name}{query}", headers={"if-match": "*", "authorization": f"Bearer {server.token}"})
                self.assertIn(status, (200, 204), text)
        ballast.unlink()
        until(lambda: server.ask("POST", "/api/v1/flows", {"id": "after", "version": "1.0.0", "nodes": [], "edges": []})[0] in (201, 409))
        until(lambda: server.ask("GET", "/health/ready")[0] == 200, 60)
        self.assertIn("\nweir_store_full 0\n", server.ask("GET", "/metrics")[2])
        until(lambda: self.post(server) == 202, 120)
        before = self.rows(server, run, "slow")
        until(lambda: self.rows(server, run, "slow") > before + 50, 120)
        self.assertEqual(self.json(server, "GET", f"/runs/{run}")["state"], "running")

    def test_R8_a_disk_filled_by_flows_is_freed_by_deleting_them(self):
        data = self.small_disk()
        server = self.serve()  # which keeps house once a minute
        self.assertGreater((data / "reserve").stat().st_size, 4 << 20)
        notes, made = [{"id": "n", "text": "y" * 800_000}], []
        for i in range(400):
            status, _, text = server.ask("POST", "/api/v1/flows", {"id": f"large-{i}", "version": "1.0.0", "nodes": [], "edges": [], "notes": notes})
            if status != 201:
                self.assertEqual((status, json.loads(text)["code"]), (507, "storage.full"))
                break
            made.append(f"large-{i}")
        self.assertGreater(len(made), 5)
        for i, name in enumerate(made):
            for query in ("", "?purge=true"):
                status, _, text = server.ask("DELETE", f"/api/v1/flows/{name}{query}", headers={"if-match": "*", "authorization": f"Bearer {server.token}"})
                self.assertIn(status, (200, 204), text)
            if i < 5:  # what was freed for deleting is not eaten by others
                server.ask("POST", "/api/v1/flows", {"id": f"more-{i}", "version": "1.0.0", "nodes": [], "edges": [], "notes": notes})
        until(lambda: server.ask("POST", "/api/v1/flows", {"id": "after", "version": "1.0.0", "nodes": [], "edges": []})[0] in (201, 409))

    SLOW = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
static void wait_if_told(void) { const char* file = getenv("SHIM"); if (file && access(file, F_OK) == 0) usleep(2000000); }
int fdatasync(int fd) { wait_if_told(); return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
int fsync(int fd) { wait_if_told(); return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
"""

    def test_R8_with_an_fsync_of_two_seconds_nothing_deadlocks_and_health_turns_red(self):
        server = self.serve(env=self.preloaded(self.SLOW))
        ready = lambda: server.ask("GET", "/health/ready")[0]  # noqa: E731
        self.assertEqual(ready(), 200)
        self.write("shim-on", "")
        # Read and answered all the while; what is changed takes its time, and is kept.
        self.assertEqual(server.ask("POST", "/api/v1/flows", {"id": "slow", "version": "1.0.0", "nodes": [], "edges": []})[0], 201)
        until(lambda: ready() == 503, 10)
        self.assertEqual(server.ask("GET", "/health/live")[0], 200)
        self.json(server, "GET", "/flows/slow")
        (self.folder / "shim-on").unlink()
        until(lambda: ready() == 200)

    def test_R8_out_of_handles_new_connections_wait_or_are_refused_and_the_server_comes_back(self):
        def few():
            signals_as_from_a_shell()
            resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))
        server = self.serve(preexec_fn=few)
        held = []
        for _ in range(120):
            one = socket.socket()
            one.settimeout(5)
            try:
                one.connect((server.host, server.port))
            except OSError:
                pass
            held.append(one)
        self.assertIsNone(server.process.poll())
        for one in held:
            one.close()

        def answers():
            try:
                return server.ask("GET", "/health/ready")[0] == 200
            except OSError:
                return False
        until(answers)
        self.assertEqual(server.ask("POST", "/api/v1/flows", {"id": "after", "version": "1.0.0", "nodes": [], "edges": []})[0], 201)

    FAILS = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int told(void) { const char* file = getenv("SHIM"); return file && access(file, F_OK) == 0; }
int fdatasync(int fd) { if (told()) { errno = EIO; return -1; } return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
int fsync(int fd) { if (told()) { errno = EIO; return -1; } return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
"""

    def test_R6_an_fsync_that_fails_is_never_acknowledged(self):
        server = self.serve(env=self.preloaded(self.FAILS))
        flow = lambda name: {"id": name, "version": "1.0.0", "nodes": [], "edges": []}  # noqa: E731
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow("before"))[0], 201)
        self.write("shim-on", "")
        # It says nothing to whoever waits, takes nothing more, and ends with the code for this.
        with self.assertRaises((OSError, http.client.HTTPException)):
            server.ask("POST", "/api/v1/flows", flow("lost"))
        self.assertEqual(server.process.wait(60), 74)
        self.assertIn("could not be brought to the disk", server.said())
        with self.assertRaises(OSError):
            server.ask("GET", "/health/ready")
        # The disk is read anew: what was confirmed is there, what was not is not.
        (self.folder / "shim-on").unlink()
        again = self.serve()
        self.json(again, "GET", "/flows/before")
        self.assertEqual(again.ask("GET", "/api/v1/flows/lost")[0], 404)
        self.assertEqual(again.ask("POST", "/api/v1/flows", flow("lost"))[0], 201)


if __name__ == "__main__":
    unittest.main()
