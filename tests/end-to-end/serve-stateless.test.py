# weir serve --stateless: executes what is sent, and keeps nothing.
import contextlib
import http.client
import json
import os
import unittest
from pathlib import Path

from program import chain, node, until
from serving import ServeTest

TOKEN = "a token for the tests"


def sorting(rows):
    source, order = node("a", "generate/pattern", rows=rows), node("b", "aggregate/sort", keys=[{"field": "id", "descending": True}])
    return {"id": "sorted", "version": "1.0.0", "nodes": [source, order], "edges": chain(source, order)}


def processes_of(server):
    """The server's and those of its engines."""
    found = [server.process.pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == server.process.pid:
                found.append(int(stat.parent.name))
    return found


def opened_by(process):
    """The files on disks that a process has open, and how: (path, may write)."""
    files = set()
    for link in Path(f"/proc/{process}/fd").iterdir():
        with contextlib.suppress(OSError):
            target = os.readlink(link)
            flags = int((link.parent.parent / "fdinfo" / link.name).read_text().split("flags:")[1].split()[0], 8)
            if target.startswith("/") and not target.startswith(("/dev/", "/memfd:")):
                files.add((target, flags & 3 != 0))
    return files


class Stateless(ServeTest):
    def setUp(self):
        super().setUp()
        for name in ("home", "tmp"):
            (self.folder / name).mkdir()
        self.environment = {**os.environ, "HOME": str(self.folder / "home"), "TMPDIR": str(self.folder / "tmp")}

    def stateless(self, *arguments, env=None):
        """A server whose command line has no data folder."""
        return self.serve("--stateless", *arguments, data=None, signed_in=False, env={**self.environment, **(env or {})})

    def execute(self, server, flow, path="/execute", **headers):
        return server.ask("POST", path, {"flow": flow}, headers)

    def test_it_executes_and_answers_nothing_else(self):
        server = self.stateless()
        for path in ("/execute", "/api/v1/execute"):
            status, _, said = self.execute(server, sorting(10), path)
            self.assertEqual(status, 200, said)
            self.assertIn('"id":9', said)
        for path in ("/health", "/api/v1/health", "/capabilities", "/api/v1/capabilities"):
            self.assertEqual(server.ask("GET", path)[0], 200)
        for method, path in (("GET", "/api/v1/flows"), ("POST", "/api/v1/flows"), ("GET", "/api/v1/setup"), ("GET", "/"), ("GET", "/docs"),
                             ("GET", "/metrics"), ("GET", "/executions"), ("GET", "/api/v1/runs"), ("GET", "/api/v1/live"), ("GET", "/account")):
            self.assertEqual(server.ask(method, path)[0], 404, path)
        self.assertEqual(server.stop(), 0)

    def test_what_is_said_to_be_there_is_there(self):
        server = self.stateless()
        capabilities = json.loads(server.ask("GET", "/capabilities")[2])
        self.assertIn("last-event-id", capabilities["features"])
        for feature in ("flows", "versions", "runs", "apply"):
            self.assertNotIn(feature, capabilities["features"])
        for node_type in ("http/webhook", "http/respond"):
            self.assertNotIn(node_type, capabilities["supportedNodeTypes"])
        for node_type in ("generate/pattern", "http/request", "sql/query"):
            self.assertIn(node_type, capabilities["supportedNodeTypes"])
        status, headers, said = self.execute(server, sorting(10))
        self.assertEqual(status, 200, said)
        place = headers["location"]
        self.assertEqual(place, f"/api/v1/executions/{headers['x-execution-id']}")
        told = json.loads(server.ask("GET", place)[2])
        self.assertEqual((told["flow"], told["status"]), ("sorted", "done"))
        events = [line for line in said.splitlines() if line.startswith("id: ")]
        status, _, rest = server.ask("GET", f"{place}/events", headers={"last-event-id": events[0].removeprefix("id: ")})
        self.assertEqual(status, 200)
        self.assertEqual([line for line in rest.splitlines() if line.startswith("id: ")], events[1:])
        self.assertEqual([one["id"] for one in json.loads(server.ask("GET", "/api/v1/executions")[2])["executions"]], [told["id"]])
        self.assertEqual(server.ask("GET", "/api/v1/executions/none")[0], 404)

    def test_an_execution_is_cancelled_at_its_location(self):
        server = self.stateless()
        source = node("a", "generate/pattern", rows=0, rate=100)
        connection = http.client.HTTPConnection(server.host, server.port, timeout=120)
        self.addCleanup(connection.close)
        connection.request("POST", "/execute", json.dumps({"flow": {"id": "long", "version": "1.0.0", "nodes": [source], "edges": []}}),
                           {"content-type": "application/json"})
        answer = connection.getresponse()
        place = answer.headers["location"]
        until(lambda: b"data:" in answer.readline())
        self.assertEqual(server.ask("DELETE", place)[0], 204)
        self.assertIn(b"cancelled", answer.read())
        self.assertEqual(json.loads(server.ask("GET", place)[2])["status"], "cancelled")

    def test_executions_are_their_callers_alone(self):
        server = self.stateless(env={"WEIR_TOKEN": TOKEN})
        _, headers, _ = self.execute(server, sorting(1), authorization=f"Bearer {TOKEN}")
        for method, path in (("GET", headers["location"]), ("GET", headers["location"] + "/events"), ("DELETE", headers["location"]),
                             ("GET", "/api/v1/executions")):
            self.assertEqual(server.ask(method, path)[0], 401, path)

    def test_variables_of_other_programs_are_passed_over(self):
        env = {"DATABASE_URL": "postgresql://x:canary@127.0.0.1/x", "REDIS_URL": "redis://127.0.0.1:1", "OTEL_SERVICE_NAME": "shop"}
        server = self.stateless(env=env)
        for name in env:
            self.assertIn(f"the variable {name} is passed over", server.said())
        self.assertNotIn("canary", server.said())
        self.assertEqual(self.execute(server, sorting(1))[0], 200)

    def test_it_logs_who_executed_what_and_each_line_is_json_if_that_is_asked(self):
        server = self.stateless("--log-format", "json", "--log-level", "debug", env={"DATABASE_URL": "postgresql://x@127.0.0.1/x"})
        self.execute(server, sorting(1), **{"x-request-id": "of-a-test"})
        server.ask("GET", "/health")
        server.ask("GET", "/nowhere")
        until(lambda: server.said().count('"part":"http"') >= 3)
        self.assertEqual(server.stop(), 0)
        lines = [json.loads(line) for line in server.said().splitlines()]
        requests = {line["message"]: line for line in lines if line["part"] == "http"}
        self.assertEqual((requests["POST /execute"]["operation"], requests["POST /execute"]["request"]), ("execute", "of-a-test"))
        self.assertTrue(requests["GET /health"]["request"])
        own = [line["message"] for line in lines if line["part"] == "server"]
        for beginning in ("the variable DATABASE_URL", "listening at http://", "finishing what is under way"):
            self.assertTrue(any(one.startswith(beginning) for one in own), own)
        # Also why it does not start.
        _, err = self.weir("serve", "--stateless", "--listen", "127.0.0.1:0", "--log-format", "json", "--data", "x", env=self.environment, code=2)
        self.assertEqual(json.loads(err)["code"], "settings.invalid")

    def test_nothing_of_it_is_on_a_disk(self):
        server = self.stateless()
        before = sorted(path for path in self.folder.rglob("*") if path != server.log)
        source, log = node("a", "generate/pattern", rows=0, rate=1000), node("b", "aggregate/sort", keys=[{"field": "id", "descending": True}])
        flow = {"id": "long", "version": "1.0.0", "nodes": [source, log], "edges": chain(source, log)}
        connection = http.client.HTTPConnection(server.host, server.port, timeout=120)
        self.addCleanup(connection.close)
        connection.request("POST", "/execute", json.dumps({"flow": flow}), {"content-type": "application/json"})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        until(lambda: b"data:" in answer.readline())
        self.assertEqual(len(processes_of(server)), 2)
        # What it says goes where the test put it; all else that is open is read.
        opened = {file for process in processes_of(server) for file in opened_by(process)}
        self.assertEqual({path for path, writes in opened if writes} - {str(server.log)}, set())
        connection.close()
        self.assertEqual(self.execute(server, sorting(200_000))[0], 200)
        self.assertEqual(sorted(path for path in self.folder.rglob("*") if path != server.log), before)
        self.assertEqual(server.stop(), 0)
        self.assertEqual(sorted(path for path in self.folder.rglob("*") if path != server.log), before)

    def test_it_has_no_secrets_and_no_mounts(self):
        (self.folder / "in.csv").write_text("a\n1\n")
        server = self.stateless(env={"WEIR_SECRET_KEY": "canary-of-a-secret"})
        for settings in ({"path": str(self.folder / "in.csv")}, {"path": "project:in.csv"}, {"path": "/etc/passwd"}):
            source = node("a", "files/csv-read", **settings)
            status, _, said = self.execute(server, {"id": "f", "version": "1.0.0", "nodes": [source], "edges": []})
            self.assertTrue(status == 422 or '"outcome":"failed"' in said or '"failed"' in said, said)
        secret = node("a", "http/poll", url="http://127.0.0.1:1/", headers={"x": "${secret:KEY}"})
        status, _, said = self.execute(server, {"id": "f", "version": "1.0.0", "nodes": [secret], "edges": []})
        self.assertNotIn("canary-of-a-secret", said)

    def test_a_token_is_asked_for_where_there_is_one(self):
        server = self.stateless(env={"WEIR_TOKEN": TOKEN})
        self.assertEqual(self.execute(server, sorting(1))[0], 401)
        self.assertEqual(self.execute(server, sorting(1), authorization="Bearer another token")[0], 401)
        self.assertEqual(self.execute(server, sorting(1), authorization=f"Bearer {TOKEN}")[0], 200)
        self.assertEqual(server.ask("GET", "/health")[0], 200)
        for process in processes_of(server)[1:]:
            self.assertNotIn(TOKEN.encode(), Path(f"/proc/{process}/environ").read_bytes())

    def test_without_a_token_no_other_sites_page_executes(self):
        server = self.stateless()
        for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"host": "evil.example"},
                        {"host": f"evil.example:{server.port}", "origin": f"http://evil.example:{server.port}"}):
            status, _, said = self.execute(server, sorting(1), **headers)
            self.assertEqual((status, json.loads(said)["code"]), (403, "auth.cross_site"), headers)
        status, _, _ = server.ask("POST", "/execute", json.dumps({"flow": sorting(1)}), {"content-type": "text/plain"})
        self.assertEqual(status, 415)

    def test_what_it_cannot_do_is_refused_at_the_start(self):
        proxy = ("--behind-tls-proxy", "--trusted-proxy", "10.0.0.0/8")
        for arguments, env, code, says in (
            (("--listen", "0.0.0.0:0", *proxy), {}, "server.token", "WEIR_TOKEN"),
            (("--listen", "0.0.0.0:0"), {"WEIR_TOKEN": TOKEN}, "server.plaintext", "--tls-cert"),
            (("--data", "x"), {}, "settings.invalid", "--data"),
            (("--tls-self-signed",), {}, "settings.invalid", "--tls-self-signed"),
            ((), {"WEIR_DATABASE_URL": "postgresql://x@127.0.0.1/x"}, "settings.invalid", "DATABASE_URL"),
            (("--redis-url", "redis://127.0.0.1"), {}, "settings.invalid", "--redis-url"),
            ((), {"WEIR_TOKEN": "short"}, "settings.invalid", "16 characters"),
        ):
            with self.subTest(arguments):
                out, err = self.weir("serve", "--stateless", "--listen", "127.0.0.1:0", *arguments, env={**self.environment, **env}, code=2)
                self.assertIn(says, out + err)
                self.assertIn(code, out + err)


if __name__ == "__main__":
    unittest.main()
