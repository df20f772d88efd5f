# Secrets of a server at use: engines ask for them, and get them for the right run, folder, type of node and host alone.
import base64
import json
import subprocess
import time
import unittest
from urllib.parse import quote

from network_servers import serve, serve_raw
from program import WEIR, edge, node, until
from servers import POSTGRES, PostgreSql, needs
from serving import ServeTest

VALUE = "s3cr3t/canary+value"


def asking(name, url, folder_file=None, rows=1, rate=None, **settings):
    """Asks a server for each row, and writes the answers; what fails is a dead letter."""
    source = node("count", "generate/pattern", rows=rows, **({"rate": rate, "batchRows": 1} if rate else {}))
    ask = node("ask", "http/request", url=url, **settings) | {"retry": {"attempts": 1}}
    out = node("write", "files/json-write", path=f"{name}.ndjson")
    edges = [edge("e1", "count.rows", "ask.rows"), edge("e2", "ask.response", "write.rows")]
    return {"id": name, "version": "1.0.0", "nodes": [source, ask, out], "edges": edges}


class ServeSecrets(ServeTest):
    def setUp(self):
        super().setUp()
        self.asked = serve(self, {"/ok": lambda h: h.answer(200, json.dumps({"you": h.headers.get("X-Key")}), Content_Type="application/json"),
                                  "/away": lambda h: h.answer(302, Location=f"{self.other.url}/ok")})
        self.other = serve(self, {"/ok": lambda h: h.answer(200, "{}", Content_Type="application/json")})
        self.host = f"127.0.0.1:{self.asked.port}"
        self.server = self.serve("--network-allow", "127.0.0.0/8")

    def json(self, method, path, body=None, status=200, headers=None):
        found, _, said = self.server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def secret(self, name, folder="", value=VALUE, hosts=None, status=201, **more):
        self.json("PUT", f"/secrets/{name}?folder={folder}", {"value": value, "hosts": hosts or [self.host], **more}, status)

    def publish(self, flow, folder=""):
        self.json("POST", f"/flows?folder={folder}", flow, 201)
        self.json("POST", f"/flows/{flow['id']}/versions", {"publish": True}, 201)
        return flow["id"]

    def run_to_end(self, flow, folder="", **body):
        self.publish(flow, folder)
        run = self.json("POST", f"/flows/{flow['id']}/runs", body, 201)["id"]
        return until(lambda: (found := self.json("GET", f"/runs/{run}"))["state"] in ("done", "failed", "stopped") and found)

    def letters(self, run):
        return self.json("GET", f"/runs/{run['id']}/dead-letters")["letters"]

    def why(self, run):
        """The code of what went wrong: of the run, or of its only dead letter."""
        if run["state"] == "failed" and not self.letters(run):
            return run["error"]["code"]
        return self.letters(run)[0]["code"]

    def sent(self, server=None):
        return [headers.get("X-Key") for _, _, headers, _ in (server or self.asked).asked]

    def assertNowhere(self, *texts):
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name != "reserve":
                for text in texts:
                    self.assertNotIn(text.encode(), path.read_bytes(), path)

    def test_S11_a_secret_goes_to_its_host_and_is_found_nowhere_else(self):
        self.secret("KEY")
        run = self.run_to_end(asking("orders", f"{self.asked.url}/ok", rows=5, headers={"X-Key": "${secret:KEY}"}))
        self.assertEqual(run["state"], "done", run)
        self.assertEqual(self.sent(), [VALUE] * 5)
        told = [json.dumps(run), json.dumps(self.json("GET", f"/runs/{run['id']}/logs")), json.dumps(self.json("GET", f"/runs/{run['id']}/metrics")),
                self.server.ask("GET", f"/api/v1/runs/{run['id']}/events")[2], json.dumps(self.json("GET", "/flows/orders")), self.server.said()]
        for text in told:
            self.assertNotIn(VALUE, text)
        # The server sent it back, and the row has none of it.
        self.assertNowhere(VALUE)
        rows = [json.loads(line) for line in (self.folder / "data/files/orders.ndjson").read_text().splitlines()]
        self.assertEqual(rows[0]["body"], {"you": "***"})
        self.assertEqual(self.json("GET", "/secrets/KEY").get("value"), None)
        audit = self.json("GET", "/audit?action=secret.used")
        used = [one for one in audit["entries"] if one["object"] == "secret:KEY"]
        self.assertEqual(len(used), 1, audit)
        self.assertEqual(used[0]["detail"]["run"], run["id"])

    def test_S11_what_is_not_allowed_is_refused_by_name_and_nothing_is_sent(self):
        self.secret("ELSEWHERE", hosts=["api.example.com"])
        self.secret("MAIL", nodeTypes=["notify/mail"])
        for name, code in (("ELSEWHERE", "secret.host"), ("MAIL", "secret.node"), ("NONE", "secret.missing")):
            with self.subTest(name):
                run = self.run_to_end(asking(f"f-{name.lower()}", f"{self.asked.url}/ok", headers={"X-Key": f"${{secret:{name}}}"}))
                self.assertEqual(self.why(run), code, run)
                self.assertIn(f"'{name}'", json.dumps([run, self.letters(run)]))
        self.assertEqual(self.asked.asked, [])
        self.assertNowhere(VALUE)

    def test_S11_a_redirect_to_another_host_leaves_the_secret_behind(self):
        self.secret("KEY", hosts=["127.0.0.1"])
        run = self.run_to_end(asking("moved", f"{self.asked.url}/away", headers={"X-Key": "${secret:KEY}"}, auth="bearer", secret="${secret:KEY}"))
        self.assertEqual(run["state"], "done", run)
        self.assertEqual(self.sent(), [VALUE])
        self.assertEqual(self.sent(self.other), [None])
        self.assertNotIn("Authorization", self.other.asked[0][2])

    def test_a_folder_has_its_own_secrets_and_those_of_folders_above_it(self):
        self.secret("KEY", "team", "value of the team")
        self.secret("KEY", "team/reports", "value of the reports")
        self.secret("UP", "team", "value from above")
        self.secret("ROOT", "", "value of the root")
        for folder, name, expected in (("team", "KEY", "value of the team"), ("team/reports", "KEY", "value of the reports"),
                                       ("team/reports/daily", "UP", "value from above"), ("other", "KEY", "secret.missing"),
                                       ("", "UP", "secret.missing"), ("team", "ROOT", "secret.missing"), ("", "ROOT", "value of the root")):
            with self.subTest(folder=folder, name=name):
                self.asked.asked.clear()
                flow = f"{folder.replace('/', '-')}-{name.lower()}".strip("-")
                run = self.run_to_end(asking(flow, f"{self.asked.url}/ok", headers={"X-Key": f"${{secret:{name}}}"}), folder)
                if expected.startswith("secret."):
                    self.assertEqual((self.why(run), self.sent()), (expected, []), run)
                else:
                    self.assertEqual(self.sent(), [expected], run)

    def test_a_changed_secret_is_used_by_runs_that_go_on_and_a_deleted_one_no_more(self):
        self.secret("KEY")
        flow = self.publish(asking("long", f"{self.asked.url}/ok", rows=0, rate=20, headers={"X-Key": "${secret:KEY}"}))
        run = self.json("POST", f"/flows/{flow}/runs", {}, 201)["id"]
        until(lambda: VALUE in self.sent())
        self.secret("KEY", value="another value", status=200)
        until(lambda: "another value" in self.sent())
        self.json("DELETE", "/secrets/KEY", status=204)
        until(lambda: (count := len(self.asked.asked), time.sleep(1))[0] == len(self.asked.asked))
        self.json("POST", f"/runs/{run}/stop", status=202)
        until(lambda: self.json("GET", f"/runs/{run}")["state"] in ("stopped", "failed"))
        self.assertNowhere(VALUE, "another value")

    def test_only_settings_that_take_secrets_name_them(self):
        self.secret("KEY")
        bad = asking("bad", f"{self.asked.url}/ok", headers={"X-Key": "x"})
        bad["nodes"][2]["settings"]["path"] = "${secret:KEY}.ndjson"
        status, _, said = self.server.ask("POST", "/api/v1/flows", bad)
        if status == 201:
            status, _, said = self.server.ask("POST", "/api/v1/flows/bad/versions", {"publish": True})
        self.assertEqual(status, 422, said)
        self.assertIn("flow.secret_not_accepted", said)
        # A row that says so gets none either, also if it says it as settings do.
        source = node("made", "generate/pattern", rows=1)
        for number, text in enumerate(("${secret:KEY}", "${secret:x~http.request~KEY}")):
            ask = node("ask", "http/request", url=f"{self.asked.url}/ok", query={"q": json.dumps(text)}) | {"retry": {"attempts": 1}}
            out = node("write", "files/json-write", path=f"row{number}.ndjson")
            flow = {"id": f"row{number}", "version": "1.0.0", "nodes": [source, ask, out], "edges": [edge("e1", "made.rows", "ask.rows"), edge("e2", "ask.response", "write.rows")]}
            self.json("POST", "/flows", flow, 201)
            if self.server.ask("POST", f"/api/v1/flows/row{number}/versions", {"publish": True})[0] != 201:
                continue
            run = self.json("POST", f"/flows/row{number}/runs", {}, 201)["id"]
            until(lambda run=run: self.json("GET", f"/runs/{run}")["state"] in ("done", "failed"))
        self.assertNotIn(VALUE, str(self.asked.asked))

    def test_S11_a_canary_in_every_field_for_credentials_is_found_nowhere(self):
        """Whatever kind of node gets it: servers refuse, close, or send it back, and nothing of it stays."""
        def back(connection):
            said = connection.recv(65536)
            connection.sendall(b"-ERR you said " + said + b"\r\n")
            connection.close()

        echo = f"127.0.0.1:{serve_raw(self, back)}"
        self.secret("KEY", hosts=["127.0.0.1"], value=VALUE)
        key = "${secret:KEY}"
        url = f"http://{echo}/"
        rows = node("rows", "generate/pattern", rows=1)
        kinds = {
            "http-url": (rows, node("n", "http/request", url=f"http://me:{key}@{echo}/")),
            "http-basic": (rows, node("n", "http/request", url=url, auth="basic", user=key, secret=key, headers={"X-Key": key})),
            "poll": (node("n", "http/poll", url=url, headers={"X-Key": key}, times=1),),
            "events": (node("n", "http/sse-read", url=url, headers={"X-Key": key}, reconnect=False),),
            "socket": (node("n", "websocket/read", url=f"ws://{echo}/", headers={"X-Key": key}, reconnect=False),),
            "socket-out": (rows, node("n", "websocket/write", url=f"ws://{echo}/", headers={"X-Key": key})),
            "redis": (node("n", "redis/stream-read", server=echo, stream="s", group="g", user=key, password=key),),
            "redis-out": (rows, node("n", "redis/stream-write", server=echo, stream="s", user=key, password=key)),
            "mqtt": (node("n", "mqtt/subscribe", server=echo, topics=["t"], user=key, password=key),),
            "sql": (node("n", "sql/read", connection=f"postgresql://me:{key}@{echo}/db?sslmode=disable", table="t"),),
            "mail": (rows, node("n", "notify/mail", server=echo, security="none", user=key, password=key, **{"from": "a@example.com", "to": ["b@example.com"], "subject": "'s'", "text": "'t'"})),
            "hook-out": (rows, node("n", "notify/webhook", url=url, path=key, headers={"X-Key": key})),
        }
        told, begun = [], []
        for name, nodes in kinds.items():
            nodes = [dict(one, **({"retry": {"attempts": 1}} if one["id"] == "n" else {})) for one in nodes]
            log = [] if len(nodes) > 1 else [node("log", "debug/log", rows=10)]
            flow = {"id": name, "version": "1.0.0", "nodes": nodes + log, "edges": [edge("e", f"{nodes[0]['id']}.rows", f"{(nodes + log)[1]['id']}.rows")]}
            status, _, said = self.server.ask("POST", "/api/v1/flows", flow)
            if status == 201:
                status, _, said = self.server.ask("POST", f"/api/v1/flows/{name}/versions", {"publish": True})
            told.append(said)
            if status == 201:
                begun.append((name, self.json("POST", f"/flows/{name}/runs", {}, 201)["id"]))
        self.assertGreaterEqual(len(begun), 8, [one for one in told if '"code"' in one])
        time.sleep(5)
        for name, run in begun:
            self.server.ask("POST", f"/api/v1/runs/{run}/stop")
            until(lambda run=run: self.json("GET", f"/runs/{run}")["state"] in ("done", "failed", "stopped"))
            for path in ("", "/logs", "/events", "/metrics", "/dead-letters"):
                told.append(self.server.ask("GET", f"/api/v1/runs/{run}{path}")[2])
        told += [self.server.ask("GET", path)[2] for path in ("/api/v1/runs", "/api/v1/audit", "/api/v1/secrets", "/metrics", "/api/v1/alerts")] + [self.server.said()]
        raw = VALUE.encode()
        for form in {VALUE, json.dumps(VALUE)[1:-1], raw.hex(), quote(VALUE, safe=""), base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode().rstrip("=")}:
            for text in told:
                self.assertNotIn(form, text)
            self.assertNowhere(form)

    def test_an_execution_has_no_secrets(self):
        self.secret("KEY")
        flow = asking("once", f"{self.asked.url}/ok", headers={"X-Key": "${secret:KEY}"})
        flow["nodes"].pop()
        flow["edges"].pop()
        status, _, said = self.server.ask("POST", "/api/v1/execute", {"flow": flow})
        self.assertEqual(self.asked.asked, [], said)
        self.assertNotIn(VALUE, said)


@needs(POSTGRES / "postgres")
class Shared(ServeTest):
    """Two servers on one database."""

    def setUp(self):
        super().setUp()
        self.database = PostgreSql(self, self.folder / "postgres")
        self.asked = serve(self, {"/ok": lambda h: h.answer(200, "{}", Content_Type="application/json")})

    def one(self, data, *arguments, **more):
        if self.tokens:
            self.tokens[data] = next(iter(self.tokens.values()))
        return self.serve("--database-url", self.database.url, "--network-allow", "127.0.0.0/8", *arguments, data=data, **more)

    tokens = {}

    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def put(self, server, name, status=201):
        host = f"127.0.0.1:{self.asked.port}"
        return self.json(server, "PUT", f"/secrets/{name}", {"value": f"value of {name}", "hosts": [host]}, status)

    def used(self, server, name, flow):
        """What a run of that server sends for it; or the code of why it does not."""
        before = len(self.asked.asked)
        self.json(server, "POST", "/flows", asking(flow, f"{self.asked.url}/ok", headers={"X-Key": f"${{secret:{name}}}"}), 201)
        self.json(server, "POST", f"/flows/{flow}/versions", {"publish": True}, 201)
        run = self.json(server, "POST", f"/flows/{flow}/runs", {}, 201)["id"]
        ended = until(lambda: (found := self.json(server, "GET", f"/runs/{run}"))["state"] in ("done", "failed") and found)
        sent = [headers.get("X-Key") for _, _, headers, _ in self.asked.asked[before:]]
        return sent[0] if sent else ended.get("error", {}).get("code") or self.json(server, "GET", f"/runs/{run}/dead-letters")["letters"][0]["code"]

    def wrapped(self):
        return self.database.sql("SELECT name, master FROM secret_key")

    def test_S11_servers_with_one_master_key_read_each_others_secrets(self):
        self.tokens = {}
        first = self.one("first")
        self.put(first, "OF_FIRST")
        second = self.one("second")
        self.put(second, "OF_SECOND")
        for number, (server, name) in enumerate(((first, "OF_SECOND"), (second, "OF_FIRST"), (first, "OF_FIRST"), (second, "OF_SECOND"))):
            self.assertEqual(self.used(server, name, f"f{number}"), f"value of {name}")
        # The key is nowhere in the clear, and neither are the values.
        text = self.database.sql("SELECT encode(wrapped, 'escape') FROM secret_key")[0] + "".join(self.database.sql("SELECT encode(value, 'escape') FROM secrets"))
        self.assertNotIn("value of", text)
        # One of them takes another master key: until the others have it too they say so, and what they have goes on.
        self.assertEqual(second.stop(), 0)
        done = subprocess.run([WEIR, "rotate-keys", "second", "--new-master-key-file", "new.key"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        key, master = self.wrapped()[0].split("|")
        second = self.one("second", "--master-key-file", "new.key")
        self.assertEqual(self.wrapped()[0].split("|")[0], key)
        self.assertNotEqual(self.wrapped()[0].split("|")[1], master)
        self.assertEqual(self.used(second, "OF_FIRST", "f5"), "value of OF_FIRST")
        self.assertEqual(self.used(first, "OF_SECOND", "f6"), "value of OF_SECOND")
        # A third one with the old master key has no secrets, and says which key it needs.
        third = self.one("third")
        until(lambda: "Values of secrets can be neither kept nor read" in third.said())
        self.assertIn(self.wrapped()[0].split("|")[1], third.said())
        self.assertIn(master, third.said())
        self.assertEqual(self.put(third, "OF_THIRD", 503)["code"], "key.missing")
        self.assertEqual(self.used(third, "OF_FIRST", "f7"), "secret.unavailable")
        self.assertEqual(third.stop(), 0)
        third = self.one("third-again", "--master-key-file", "new.key")
        self.assertEqual(self.used(third, "OF_FIRST", "f8"), "value of OF_FIRST")

    def test_S11_what_a_server_has_sealed_with_a_key_of_its_own_is_named_and_becomes_everybodys(self):
        self.tokens = {}
        first, second = self.one("first"), self.one("second")
        self.put(second, "OF_SECOND")
        self.assertEqual((first.stop(), second.stop()), (0, 0))
        # As a server left it that knew nothing of the others.
        self.database.sql("DELETE FROM secret_key")
        (self.folder / "second").rename(self.folder / "away")
        alone = self.one("alone")
        until(lambda: "Secrets that another server has sealed" in alone.said())
        self.assertIn("OF_SECOND", alone.said())
        self.assertEqual(self.used(alone, "OF_SECOND", "f1"), "storage.corrupt")
        self.put(alone, "OF_ALONE")
        (self.folder / "away").rename(self.folder / "second")
        second = self.one("second")
        self.assertEqual(self.used(second, "OF_SECOND", "f2"), "value of OF_SECOND")
        self.assertEqual(self.used(second, "OF_ALONE", "f3"), "value of OF_ALONE")
        self.assertEqual(self.used(alone, "OF_SECOND", "f4"), "value of OF_SECOND")
        self.assertNotIn("sealed", second.said())


if __name__ == "__main__":
    unittest.main()
