#!/usr/bin/env python3
# Webhooks of a server: whose path it is, who may send, what comes back, and what becomes of requests that nobody answers.
import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import signal
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import chain, node, until  # noqa: E402
from serving import ServeTest  # noqa: E402

JSON = {"content-type": "application/json"}


def hooked(name, path="/orders", out="out.ndjson", more=(), **settings):
    hook = node("hook", "http/webhook", path=path, **settings)
    kept = node("write", "files/json-write", path=out)
    return {"id": name, "version": "1.0.0", "nodes": [hook, *more, kept], "edges": chain(hook, *more, kept)}


class Hooks(ServeTest):
    def setUp(self):
        super().setUp()
        self.server = self.serve()

    def json(self, method, path, body=None, status=200, headers=None):
        found, _, said = self.server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def publish(self, flow, folder="team", status=201):
        if self.server.ask("POST", f"/api/v1/flows?folder={folder}", flow)[0] == 409:
            self.json("PUT", f"/flows/{flow['id']}", flow, headers={"if-match": "*"})
        return self.json("POST", f"/flows/{flow['id']}/versions", {"publish": True}, status)

    def begin(self, flow, listens=None, **body):
        run = self.json("POST", f"/flows/{flow}/runs", body, 201)["id"]
        # Its log says where it listens.
        until(lambda: "listens at" in json.dumps(self.json("GET", f"/runs/{run}/logs")) or self.state(run)["state"] == "failed")
        return run

    def state(self, run):
        return self.json("GET", f"/runs/{run}")

    def stop(self, run):
        self.json("POST", f"/runs/{run}/stop", status=202)
        return until(lambda: (found := self.state(run))["state"] in ("stopped", "done", "failed") and found)

    def rows(self, folder="team", name="out.ndjson"):
        path = self.server.data / "files" / folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def send(self, path="/hooks/team/orders", body=b"{}", method="POST", headers=JSON):
        if not isinstance(body, (bytes, type(None))):
            body = json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        self.text, self.headers = answer.read().decode(), {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        return answer.status

    def up(self, flow, folder="team", **body):
        self.publish(flow, folder)
        return self.begin(flow["id"], **body)


class Paths(Hooks):
    def test_a_request_to_a_folders_path_is_a_row_without_what_proves_who_sent_it(self):
        run = self.up(hooked("orders", "/orders/:id"), "team/sales")
        headers = JSON | {"authorization": "Bearer canary", "cookie": "weir=canary", "x-one": "1"}
        self.assertEqual(self.send("/hooks/team/sales/orders/a%2Fb?x=1&y=a+b", {"total": 3}, headers=headers), 202, self.text)
        self.assertEqual((self.headers["content-security-policy"], self.headers["x-content-type-options"]), ("sandbox", "nosniff"))
        self.stop(run)
        row, = self.rows("team/sales")
        self.assertEqual((row["method"], row["path"], row["query"], row["parameters"], row["body"]),
                         ("POST", "/orders/a%2Fb", {"x": "1", "y": "a b"}, {"id": "a/b"}, {"total": 3}))
        self.assertEqual(row["headers"]["x-one"], "1")
        self.assertNotIn("canary", json.dumps(row) + self.server.said())

    def test_a_path_that_is_no_text_is_400_whether_the_flow_runs_or_not(self):
        self.publish(hooked("orders", "/orders/:id"))
        paths = ["/hooks/team/orders/" + part for part in ("%00", "%ff", "%0a", "a%00b", "%0d")]
        self.assertEqual([self.send(path) for path in paths], [400] * 5)
        self.begin("orders")
        self.assertEqual([self.send(path) for path in paths], [400] * 5)
        self.assertEqual(self.send("/hooks/team/orders/1"), 202)

    def test_paths_that_nobody_answers_methods_and_flows_that_are_stopped(self):
        self.assertEqual(self.send(), 404)
        self.publish(hooked("orders", methods=["POST", "PUT"]))
        self.assertEqual((self.send(), self.headers["retry-after"]), (503, "5"))
        self.assertEqual((self.send(method="GET", body=None), self.headers["allow"]), (405, "POST, PUT"))
        run = self.begin("orders")
        self.assertEqual((self.send(), self.send(method="PUT"), self.send(method="GET", body=None)), (202, 202, 405))
        self.assertEqual(self.headers["allow"], "POST, PUT")
        for path in ("/hooks/orders", "/hooks/other/orders", "/hooks/team/orders/", "/hooks/team", "/hooks/", "/hooks/team//orders",
                     "/hooks/team/../team/orders", "/hooks/%2e%2e/team/orders"):
            self.assertEqual(self.send(path), 404, path)
        self.stop(run)
        self.assertEqual(self.send(), 503)
        self.json("DELETE", "/flows/orders", headers={"if-match": "*"})
        self.assertEqual(self.send(), 404)

    def test_a_path_belongs_to_one_flow_and_a_clash_is_refused_at_publish(self):
        self.publish(hooked("orders", "/orders/:id"))
        refused = self.publish(hooked("thief", "/orders/:other"), status=409)
        self.assertEqual(refused["code"], "hook.taken")
        self.assertIn("'orders'", refused["detail"])
        self.publish(hooked("deeper", "/:id", methods=["POST"]), "team/orders", status=409)
        self.publish(hooked("get", "/orders/:id", methods=["GET"]))
        self.publish(hooked("same", "/orders/:id"), "other")
        twice = hooked("twice", "/twice")
        twice["nodes"].append(node("again", "http/webhook", path="/twice"))
        self.publish(twice, status=409)
        # Who has it lets go of it: by another path, by moving, by the bin.
        self.publish(hooked("orders", "/sales/:id"))
        self.publish(hooked("thief", "/orders/:other"))
        self.publish(hooked("orders", "/orders/:id"), status=409)
        self.json("DELETE", "/flows/thief", headers={"if-match": "*"})
        self.publish(hooked("orders", "/orders/:id"))
        self.assertEqual(self.json("POST", "/flows/thief/restore", status=409)["code"], "hook.taken")
        self.assertEqual(self.json("POST", "/flows/same/move", {"folder": "team"}, 409)["code"], "hook.taken")
        self.json("POST", "/flows/orders/move", {"folder": "more"})
        self.json("POST", "/flows/same/move", {"folder": "team"})
        # Also after a restart, and by weir apply.
        self.server.stop()
        self.server = self.serve()
        document = hooked("applied", "/orders/:x")
        applied = self.json("POST", "/apply", {"flows": [{"folder": "team", "document": document}], "publish": True}, 409)
        self.assertEqual(applied["code"], "hook.taken")
        self.json("GET", "/flows/applied", status=404)

    def test_a_stranger_learns_of_a_clash_but_not_whose_it_is(self):
        self.publish(hooked("orders", "/sales/orders"), "team")
        user = self.json("POST", "/users", {"name": "sam", "password": "nineteen violet umbrellas"}, 201)["id"]
        self.json("POST", "/grants", {"user": user, "role": "admin", "folder": "team/sales"}, 201)
        _, headers, said = self.server.ask("POST", "/api/v1/session", {"name": "sam", "password": "nineteen violet umbrellas"}, {"cookie": ""})
        sam = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(said)["csrf"]}
        self.json("POST", "/flows?folder=team/sales", hooked("mine", "/orders"), 201, sam)
        refused = self.json("POST", "/flows/mine/versions", {"publish": True}, 409, sam)
        self.assertIn("a flow of another folder", refused["detail"])
        self.assertNotIn("'orders'", refused["detail"])

    def test_a_draft_listens_under_a_path_of_its_own_while_it_runs(self):
        run = self.up(hooked("orders"))
        self.assertEqual(self.send("/hooks-test/team/orders"), 404)
        self.assertIn("no draft listens", self.text)
        draft = hooked("orders", out="draft.ndjson")
        self.json("PUT", "/flows/orders", draft, headers={"if-match": "*"})
        trial = self.begin("orders", version="draft")
        self.assertEqual(self.send("/hooks-test/team/orders", {"of": "draft"}), 202)
        self.assertEqual(self.send(body={"of": "published"}), 202)
        self.stop(trial)
        self.assertEqual(self.send("/hooks-test/team/orders"), 404)
        self.stop(run)
        self.assertEqual([row["body"]["of"] for row in self.rows()], ["published"])
        self.assertEqual([row["body"]["of"] for row in self.rows(name="draft.ndjson")], ["draft"])

    def test_a_second_run_of_the_flow_has_nothing_to_answer(self):
        self.up(hooked("orders"))
        second = self.begin("orders")
        failed = until(lambda: (found := self.state(second))["state"] == "failed" and found)
        self.assertEqual(failed["error"]["code"], "ingress.taken")


class Senders(Hooks):
    def test_passwords_tokens_and_signatures_are_checked_on_the_bytes_that_came(self):
        key = b"whsec of a test"
        self.up(hooked("basic", "/basic", auth="basic", user="anna", secret="a pass word"))
        self.json("PUT", "/secrets/TOKEN?folder=team", {"value": "a-long-token"}, 201)
        self.up(hooked("bearer", "/bearer", out="b.ndjson", auth="bearer", secret="${secret:TOKEN}"))
        run = self.up(hooked("github", "/github", out="g.ndjson", auth="hmac", preset="github", secret=key.decode()))
        good = "Basic " + base64.b64encode(b"anna:a pass word").decode()
        self.assertEqual(self.send("/hooks/team/basic"), 401)
        self.assertIn("Basic", self.headers["www-authenticate"])
        self.assertEqual(self.send("/hooks/team/basic", headers=JSON | {"authorization": good}), 202)
        self.assertEqual(self.send("/hooks/team/bearer", headers=JSON | {"authorization": "Bearer wrong"}), 401)
        self.assertEqual(self.send("/hooks/team/bearer", headers=JSON | {"authorization": "Bearer a-long-token"}), 202)
        # The name of a scheme has no case (RFC 9110), what proves who asks has one.
        self.assertEqual(self.send("/hooks/team/bearer", headers=JSON | {"authorization": "bearer a-long-token"}), 202)
        self.assertEqual(self.send("/hooks/team/bearer", headers=JSON | {"authorization": "bearer A-long-token"}), 401)
        body = b'{"a":  1}'
        sign = lambda text: JSON | {"x-hub-signature-256": "sha256=" + hmac.new(key, text, hashlib.sha256).hexdigest()}
        self.assertEqual(self.send("/hooks/team/github", body, headers=sign(body)), 202)
        self.assertEqual(self.send("/hooks/team/github", b'{"a": 1}', headers=sign(body)), 401)
        self.assertEqual(self.send("/hooks/team/github", body), 401)
        self.stop(run)
        row, = self.rows(name="g.ndjson")
        self.assertNotIn("signature", json.dumps(row))

    def test_sizes_types_and_addresses_are_bounded(self):
        self.up(hooked("small", "/small", body="json", maxBodyBytes=100))
        self.assertEqual(self.send("/hooks/team/small", b'"' + b"x" * 200 + b'"'), 413)
        self.assertEqual(self.send("/hooks/team/small", b'{"a": '), 400)
        self.assertEqual(self.send("/hooks/team/small", b"a=1", headers={"content-type": "application/x-www-form-urlencoded"}), 415)
        self.assertEqual(self.send("/hooks/team/small", b'{"a": 1}'), 202)
        self.up(hooked("far", "/far", out="far.ndjson", allow=["192.0.2.0/24"]))
        self.assertEqual(self.send("/hooks/team/far"), 403)

    def test_R14_the_same_key_a_hundred_times_at_once_is_one_row_and_one_answer(self):
        run = self.up(hooked("orders", idempotencyHeader="Idempotency-Key"))

        def send(_):
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
            connection.request("POST", "/hooks/team/orders", b'{"n":1}', JSON | {"idempotency-key": "one"})
            status = connection.getresponse().status
            connection.close()
            return status
        with ThreadPoolExecutor(100) as pool:
            self.assertEqual(set(pool.map(send, range(100))), {202})
        self.assertEqual(self.send(body={"n": 2}, headers=JSON | {"idempotency-key": "two"}), 202)
        self.stop(run)
        self.assertEqual([row["body"]["n"] for row in self.rows()], [1, 2])
        # Another run of it still knows the key.
        run = self.begin("orders")
        self.assertEqual(self.send(body={"n": 3}, headers=JSON | {"idempotency-key": "one"}), 202)
        self.stop(run)
        self.assertNotIn(3, [row["body"]["n"] for row in self.rows()])

    def test_many_senders_at_once_lose_nothing(self):
        run = self.up(hooked("orders", rows="body"))

        def client(number):
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
            for i in range(50):
                connection.request("POST", "/hooks/team/orders", json.dumps({"id": number * 50 + i}), JSON)
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, 202)
            connection.close()
        with ThreadPoolExecutor(10) as pool:
            list(pool.map(client, range(10)))
        self.stop(run)
        self.assertEqual(sorted(row["id"] for row in self.rows()), list(range(500)))


    def test_a_secret_that_is_not_there_or_of_another_folder_lets_nobody_listen(self):
        self.json("PUT", "/secrets/TOKEN?folder=other", {"value": "a-long-token"}, 201)
        run = self.up(hooked("bearer", "/bearer", auth="bearer", secret="${secret:TOKEN}"))
        failed = until(lambda: (found := self.state(run))["state"] == "failed" and found)
        self.assertEqual(failed["error"]["code"], "secret.missing")
        self.assertEqual(self.send("/hooks/team/bearer", headers=JSON | {"authorization": "Bearer a-long-token"}), 503)


class Answers(Hooks):
    def respond(self, name="ask", more=(), **settings):
        hook = node("hook", "http/webhook", path="/ask", reply="respond", replyHeaders=["X-Mine"], **settings)
        back = node("back", "http/respond", status="201", bodyFrom="row.body", headers={"X-Mine": "'mine'", "X-Other": "'no'", "Set-Cookie": "'a=1'"})
        return {"id": name, "version": "1.0.0", "nodes": [hook, *more, back], "edges": chain(hook, *more, back)}

    def test_a_flow_answers_with_the_headers_that_it_may_set(self):
        self.up(self.respond())
        self.assertEqual((self.send("/hooks/team/ask", {"a": "ä"}), json.loads(self.text)), (201, {"a": "ä"}))
        self.assertEqual(self.headers["x-mine"], "mine")
        self.assertNotIn("x-other", self.headers)
        self.assertNotIn("set-cookie", self.headers)
        self.assertEqual(self.headers["content-security-policy"], "sandbox")

    def test_S8_what_a_flow_answers_counts_for_what_its_folder_sends(self):
        self.json("PUT", "/quotas?folder=team", {"egressBytesPerDay": 1 << 40})
        used = lambda: self.json("GET", "/quotas?folder=team")["quotas"][0]["used"]["egressBytesPerDay"]  # noqa: E731
        self.up(self.respond())
        before = used()
        for _ in range(5):
            self.assertEqual(self.send("/hooks/team/ask", {"text": "x" * 10_000}), 201)
        until(lambda: used() - before >= 50_000)

    def test_what_is_dropped_on_the_way_is_504_and_later_answers_change_nothing(self):
        self.up(self.respond(more=(node("keep", "logic/filter", condition="row.body.keep"),), replyTimeout=500))
        self.assertEqual(self.send("/hooks/team/ask", {"keep": False}), 504)
        self.assertEqual(self.send("/hooks/team/ask", {"keep": True}), 201)

    def test_a_full_flow_answers_429_and_recovers(self):
        flow = hooked("slow", more=(node("slow", "flow/throttle", rowsPerSecond=20),), maxWaiting=3)
        for one in flow["edges"]:
            one["buffer"] = {"rows": 2}
        run = self.up(flow)

        def send(number):
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
            connection.request("POST", "/hooks/team/orders", json.dumps({"n": number}), JSON)
            answer = connection.getresponse()
            connection.close()
            return answer.status, answer.getheader("retry-after")
        with ThreadPoolExecutor(60) as pool:
            answers = list(pool.map(send, range(120)))
        self.assertEqual({status for status, _ in answers}, {202, 429})
        self.assertTrue(all(after == "1" for status, after in answers if status == 429))
        self.assertEqual(self.send(body={"n": -1}), 202)
        self.stop(run)
        self.assertEqual(len(self.rows()), 1 + sum(status == 202 for status, _ in answers))

    def test_bodies_that_wait_are_bounded_all_together(self):
        self.server.stop()
        self.server = self.serve("--hooks-memory", "1MiB")
        self.up(hooked("first"))
        self.up(hooked("second", path="/bills", out="bills.ndjson"))
        half, held = b"x" * 600_000, []

        def begin(path):
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
            connection.putrequest("POST", path)
            connection.putheader("content-type", "application/json")
            connection.putheader("content-length", str(len(half) + 10))
            connection.endheaders()
            connection.send(half)
            held.append(connection)
            return connection

        def is_full():
            # Of all hooks together, whoever comes when it is full: the first, if little of it had arrived.
            first = begin("/hooks/team/orders")
            if self.send("/hooks/team/bills", b'"' + half + b'"') == 503:
                return True
            first.close()
        until(is_full)
        self.assertEqual(self.headers["retry-after"], "5")
        self.assertIn("memory", self.text)
        # A small one has room.
        self.assertEqual(self.send("/hooks/team/bills", {"n": 1}), 202)
        for connection in held:
            connection.close()
        until(lambda: self.send("/hooks/team/bills", b'"' + half + b'"') == 202)
        # Nothing stays counted of what was answered.
        for _ in range(20):
            self.assertEqual(self.send("/hooks/team/bills", b'"' + half + b'"'), 202)

    def test_whoever_waits_when_a_flow_is_stopped_hears_503(self):
        run = self.up(self.respond(more=(node("slow", "flow/delay", delay="1h"),), replyTimeout=120_000))
        with ThreadPoolExecutor(1) as pool:
            waits = pool.submit(self.status)
            self.waits_inside(run)
            self.json("POST", f"/runs/{run}/stop", status=202)
            self.assertEqual(waits.result(), 503)

    def waits_inside(self, run):
        until(lambda: any(one.get("rowsOut", 0) > 0 for one in self.json("GET", f"/runs/{run}/metrics").get("metrics", {}).get("nodes", [])))

    def status(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
        connection.request("POST", "/hooks/team/ask", b"{}", JSON)
        status = connection.getresponse().status
        connection.close()
        return status

    def test_whoever_waits_for_a_process_that_ends_hears_503_and_the_flow_answers_again(self):
        slow = node("slow", "flow/delay", delay="1h")
        run = self.up(self.respond(more=(slow,), replyTimeout=120_000))
        with ThreadPoolExecutor(1) as pool:
            waits = pool.submit(self.status)
            self.waits_inside(run)
            engines = [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if self.child(stat)]
            for engine in engines:
                os.kill(engine, signal.SIGKILL)
            self.assertEqual(waits.result(), 503)
        until(lambda: self.state(run)["state"] == "running")
        until(lambda: json.dumps(self.json("GET", f"/runs/{run}/logs")).count("listens at") > 1)
        # The row of before waits in the state of the run, and new ones come.
        with ThreadPoolExecutor(1) as pool:
            waits = pool.submit(self.status)
            self.waits_inside(run)
            self.json("POST", f"/runs/{run}/stop", status=202)
            self.assertEqual(waits.result(), 503)

    def child(self, stat):
        try:
            return int(stat.read_text().rsplit(")", 1)[1].split()[1]) == self.server.process.pid
        except OSError:
            return False

    def test_whenDone_is_told_when_a_checkpoint_has_it(self):
        self.up(hooked("done", "/done", reply="whenDone") | {"config": {"checkpoint": {"everyMs": 200}}})
        self.assertEqual(self.send("/hooks/team/done", {"n": 1}), 200)


class Kills(Hooks):
    def test_a_kill_leaves_no_path_without_its_version_and_no_version_without_its_path(self):
        random.seed(7)
        names = [f"flow{i}" for i in range(12)]
        for name in names:
            self.json("POST", "/flows?folder=team", hooked(name, f"/first/{name}"), 201)

        def change(number):
            """Publishes, moves, bins and brings back, as long as there is a server."""
            for turn in range(10_000):
                name = names[number::3][turn % 4]
                try:
                    # Each publication has another path.
                    self.server.ask("PUT", f"/api/v1/flows/{name}", hooked(name, f"/{number}/{turn}"), {"if-match": "*"})
                    self.server.ask("POST", f"/api/v1/flows/{name}/versions", {"publish": True})
                    if turn % 2:
                        self.server.ask("POST", f"/api/v1/flows/{name}/move", {"folder": f"team{turn % 5}"})
                    if turn % 3 == 0:
                        self.server.ask("DELETE", f"/api/v1/flows/{name}", None, {"if-match": "*"})
                        self.server.ask("POST", f"/api/v1/flows/{name}/restore")
                except (OSError, http.client.HTTPException):
                    return

        for _ in range(6):
            with ThreadPoolExecutor(3) as people:
                going = [people.submit(change, number) for number in range(3)]
                time.sleep(random.uniform(0.2, 0.8))
                self.server.stop(signal.SIGKILL)
                for one in going:
                    one.result()
            self.server = self.serve()
            wanted = set()
            for flow in self.json("GET", "/flows?limit=200")["flows"]:
                if flow["publishedVersion"]:
                    version = self.json("GET", f"/flows/{flow['id']}/versions/{flow['publishedVersion']}")
                    path = version["document"]["nodes"][0]["settings"]["path"]
                    wanted.add(f"/hooks/{flow['folder']}{path}")
                    self.assertEqual(self.send(f"/hooks/{flow['folder']}{path}"), 503, flow)
            claimed = {one["name"]: one["folder"] for one in self.claims()}
            self.assertEqual(len(claimed), len(wanted))
        self.assertTrue(wanted)

    def claims(self):
        found = []
        for folder in ("team", *(f"team{i}" for i in range(5))):
            listed = self.server.ask("GET", f"/api/v1/folders/{folder}")
            found += [one for one in json.loads(listed[2]).get("settings", []) if one["kind"] == "hooks"]
        return found


if __name__ == "__main__":
    unittest.main()
