#!/usr/bin/env python3
# http/webhook and http/respond: what becomes a row, who may send, what is answered, and what no sender can do to it.
import base64
import concurrent.futures
import contextlib
import hashlib
import hmac
import http.client
import json
import signal
import socket
import sqlite3
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from hooked import JSON, Hooked  # noqa: E402
from program import edge, node, until  # noqa: E402


class Rows(Hooked):
    def test_a_request_is_a_row_without_what_proves_who_sent_it(self):
        self.hook("/orders/:id", auth="bearer", secret="${secret:TOKEN}", env={"WEIR_SECRET_TOKEN": "canary-token"})
        headers = JSON | {"Authorization": "Bearer canary-token", "Cookie": "session=canary-token", "X-One": "1"}
        self.assertEqual(self.send({"total": 3}, "/orders/a%2Fb?x=1&y=a+b", headers=headers), 202)
        self.assertEqual(self.headers["content-security-policy"], "sandbox")
        self.assertEqual(self.headers["x-content-type-options"], "nosniff")
        row, = self.stop()
        self.assertEqual((row["method"], row["path"], row["query"], row["parameters"], row["body"]),
                         ("POST", "/orders/a%2Fb", {"x": "1", "y": "a b"}, {"id": "a/b"}, {"total": 3}))
        self.assertEqual(row["headers"]["x-one"], "1")
        self.assertNotIn("canary", json.dumps(row) + self.told)

    def test_many_senders_at_once_lose_nothing(self):
        self.hook(rows="body")

        def client(number):
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            for i in range(100):
                connection.request("POST", "/hook", json.dumps({"id": number * 100 + i}), JSON)
                answer = connection.getresponse()
                answer.read()
                self.assertEqual(answer.status, 202)
            connection.close()

        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            list(pool.map(client, range(20)))
        self.assertEqual(sorted(row["id"] for row in self.stop()), list(range(2000)))

    def test_bodies_that_are_not_what_they_promise_are_refused_and_others_pass(self):
        self.hook(body="json")
        self.assertEqual(self.send(b'{"a": '), 400)
        self.assertIn("expected a value", self.text)
        self.assertEqual(self.send(b"a=1", headers={"Content-Type": "application/x-www-form-urlencoded"}), 415)
        self.assertEqual(self.send(b"{}", headers={"Content-Type": "text/plain"}), 415)
        self.assertEqual(self.send({"a": 1}, headers={"Content-Type": "application/json; charset=utf-8"}), 202)
        self.assertEqual(self.send({}, "/other"), 404)
        self.assertEqual(self.send(method="GET"), 405)
        self.assertEqual([row["body"] for row in self.stop()], [{"a": 1}])

    def test_chunks_pieces_and_pipelines_arrive_whole(self):
        self.hook(rows="body")
        head = b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        chunked = head + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n4;x=y\r\n: 1}\r\n0\r\nX-Trailer: a\r\n\r\n'
        plain = head + b'Content-Length: 9\r\n\r\n{"id": 2}'
        self.assertEqual(self.raw(chunked + plain + plain.replace(b"2}", b"3}")).count(b" 202 "), 3)
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as client:
            for byte in chunked.replace(b": 1", b": 4"):
                client.sendall(bytes([byte]))
            self.assertIn(b" 202 ", client.recv(4096))
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as client:
            client.sendall(head + b"Expect: 100-continue\r\nContent-Length: 9\r\n\r\n")
            self.assertIn(b"100 Continue", client.recv(4096))
            client.sendall(b'{"id": 5}')
            self.assertIn(b" 202 ", client.recv(4096))
        self.assertEqual([row["id"] for row in self.stop()], [1, 2, 3, 4, 5])


class Senders(Hooked):
    def test_passwords_and_tokens(self):
        self.hook(auth="basic", user="me", secret="${secret:A}", previousSecret="${secret:B}", env={"WEIR_SECRET_A": "new-password", "WEIR_SECRET_B": "old-password"})
        basic = lambda text: JSON | {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}  # noqa: E731
        for text, status in (("me:new-password", 202), ("me:old-password", 202), ("me:new-passwor", 401), ("you:new-password", 401), ("me:", 401)):
            self.assertEqual(self.send(headers=basic(text)), status, text)
        self.assertEqual(self.send(), 401)
        self.assertTrue(self.headers["www-authenticate"].startswith("Basic"))
        self.assertEqual(len(self.stop()), 2)

    def signed(self, preset, sign):
        key = "whsec_" + base64.b64encode(b"0123456789abcdef").decode() if preset == "standard" else "signing-key"
        self.hook(auth="hmac", preset=preset, secret="${secret:KEY}", env={"WEIR_SECRET_KEY": key})
        raw_key = b"0123456789abcdef" if preset == "standard" else key.encode()
        body = b'{"a":   1}'
        now = int(time.time())
        mac = lambda text, secret=raw_key: hmac.new(secret, text, hashlib.sha256)  # noqa: E731
        self.assertEqual(self.send(body, headers=JSON | sign(mac, body, now)), 202)
        wrong = [sign(lambda text: mac(text, b"another"), body, now), sign(mac, body + b" ", now), {}, {name: "" for name in sign(mac, body, now)}]
        if preset != "github":
            wrong += [sign(mac, body, now - 400), sign(mac, body, now + 400)]
        for headers in wrong:
            self.assertEqual(self.send(body, headers=JSON | headers), 401, headers)
        self.assertEqual(len(self.stop()), 1)

    def test_signatures_of_github(self):
        self.signed("github", lambda mac, body, now: {"X-Hub-Signature-256": "sha256=" + mac(body).hexdigest()})

    def test_signatures_of_stripe(self):
        self.signed("stripe", lambda mac, body, now: {"Stripe-Signature": f"t={now},v1={'0' * 64},v1={mac(f'{now}.'.encode() + body).hexdigest()}"})

    def test_signatures_of_slack(self):
        self.signed("slack", lambda mac, body, now: {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": "v0=" + mac(f"v0:{now}:".encode() + body).hexdigest()})

    def test_signatures_of_standard_webhooks(self):
        def sign(mac, body, now):
            made = base64.b64encode(mac(f"msg_1.{now}.".encode() + body).digest()).decode()
            return {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(now), "Webhook-Signature": f"v1,AAAA v1,{made}"}
        self.signed("standard", sign)

    def test_senders_outside_the_ranges_are_refused(self):
        self.hook(allow=["10.0.0.0/8"])
        self.assertEqual(self.send(), 403)
        self.stop()

    def test_R14_the_same_key_100_times_at_once_has_one_effect(self):
        self.hook(idempotencyHeader="Idempotency-Key")
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            statuses = list(pool.map(lambda i: self.send({"n": 1}, headers=JSON | {"Idempotency-Key": "k1"}), range(100)))
        self.assertEqual(set(statuses), {202})
        self.send({"n": 2}, headers=JSON | {"Idempotency-Key": "k2"})
        self.send({"n": 3})
        self.assertEqual([row["body"]["n"] for row in self.stop()], [1, 2, 3])


class Answers(Hooked):
    def respond(self, *between, replyTimeout="30s", **settings):
        nodes = [node("hook", "http/webhook", path="/hook", reply="respond", replyTimeout=replyTimeout, replyHeaders=["X-Total"], rows="body"), *between,
                 node("answer", "http/respond", **settings)]
        self.listen(*nodes)

    def test_a_node_answers_the_request_its_row_came_from(self):
        self.respond(node("map", "logic/map", set={"twice": "row.n * 2"}), status="row.n > 5 ? 422 : 201", bodyFrom="{'twice': row.twice}",
                     headers={"X-Total": "string(row.twice)", "Set-Cookie": "'a=b'", "X-Other": "'no'"})
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            def ask(n):
                client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                client.request("POST", "/hook", json.dumps({"n": n}), JSON)
                answer = client.getresponse()
                with contextlib.closing(client):
                    return answer.status, json.loads(answer.read()), dict(answer.getheaders())
            for n, (status, body, headers) in enumerate(pool.map(ask, range(40))):
                self.assertEqual((status, body), (422 if n > 5 else 201, {"twice": n * 2}))
                self.assertEqual((headers["X-Total"], "Set-Cookie" in headers, "X-Other" in headers), (str(n * 2), False, False))
        self.stop()

    def test_a_row_that_is_dropped_leaves_its_sender_with_504_in_time(self):
        self.respond(node("some", "logic/filter", condition="row.n > 1"), replyTimeout="700ms")
        self.assertEqual(self.send({"n": 1}), 504)
        self.assertEqual(self.send({"n": 2}), 200)
        self.assertEqual(json.loads(self.text), {"n": 2})
        self.stop()

    def test_a_flow_that_cannot_keep_up_says_429_and_recovers(self):
        slow = node("slow", "flow/throttle", rowsPerSecond=20)
        edges = [edge("a", "hook.rows", "slow.rows", buffer={"rows": 2}), edge("b", "slow.rows", "out.rows")]
        self.listen(node("hook", "http/webhook", path="/hook", maxWaiting=3), slow, node("out", "files/json-write", path="out.ndjson"), edges=edges)
        with concurrent.futures.ThreadPoolExecutor(60) as pool:
            statuses = list(pool.map(lambda i: self.send({"i": i}), range(120)))
        self.assertEqual(set(statuses), {202, 429})
        until(lambda: self.send({"i": "last"}) == 202)
        self.assertEqual(len(self.stop()), statuses.count(202) + 1)

    def test_when_done_the_sender_hears_that_its_row_is_where_it_was_to_go(self):
        hook = node("hook", "http/webhook", path="/hook", reply="whenDone", rows="body")
        path = self.folder / "done.db"
        database = sqlite3.connect(path)
        database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)")
        database.close()
        self.listen(hook, node("slow", "flow/throttle", rowsPerSecond=400), node("odd", "logic/filter", condition="row.id % 2 == 1"), node("out", "sql/write", file="done.db", table="t"))

        def ask(n):
            client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            client.request("POST", "/hook", json.dumps({"id": n}), JSON)
            answer = client.getresponse()
            answer.read()
            client.close()
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)) as here:
                return answer.status, here.execute("SELECT count(*) FROM t WHERE id = ?", (n,)).fetchone()[0]

        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            for n, seen in enumerate(pool.map(ask, range(200))):
                self.assertEqual(seen, (200, n % 2), n)
        self.assertEqual(self.send(b"{"), 400)
        self.stop()

    def test_when_done_who_waits_while_the_flow_stops_is_answered_by_its_end(self):
        self.listen(node("hook", "http/webhook", path="/hook", reply="whenDone", rows="body"), node("slow", "flow/throttle", rowsPerSecond=1), node("out", "files/json-write", path="out.ndjson"))
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as waiting:
            waiting.sendall(Attacks.HEAD + b"Content-Length: 8\r\n\r\n{\"n\": 1}")
            self.assertEqual(self.send({}, "/other"), 404)  # read after the one before it
            time.sleep(0.3)  # and has become a row, or is refused
            self.run_.send_signal(signal.SIGTERM)
            status = waiting.recv(4096)[:12]
        self.run_.wait(timeout=120)  # a second signal would stop it at once
        self.assertEqual({b"HTTP/1.1 200": [{"n": 1}], b"HTTP/1.1 503": []}[status], self.stop())

    def test_two_nodes_cannot_have_one_path(self):
        flow = self.flow("two", node("a", "http/webhook", path="/x/:a"), node("b", "http/webhook", path="/x/:b"), node("out", "files/json-write", path="o.ndjson"),
                         edges=[edge("e", "a.rows", "out.rows")])
        self.fails("run", flow, "--listen", "127.0.0.1:0", code=1, says=["ingress.taken"])
        for port in ("65536", "99999", "-1", "x"):
            self.fails("run", flow, "--listen", f"127.0.0.1:{port}", code=1, says=["ingress.listen", "127.0.0.1:8080"])

    def test_a_port_that_is_taken_is_said(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            flow = self.flow("one", node("a", "http/webhook", path="/x"), node("out", "files/json-write", path="o.ndjson"))
            self.fails("run", flow, "--listen", f"127.0.0.1:{taken.getsockname()[1]}", code=1, says=["ingress.listen", "--listen"])


class Attacks(Hooked):
    """L2: what is refused, and that the next request still works."""
    HEAD = b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

    def test_L2_malformed_and_ambiguous_requests_are_refused(self):
        self.hook()
        wrong = {
            b"GARBAGE\r\n\r\n": 400, b"POST /hook HTTP/1.1\nHost: x\n\n": 400, b"POST /hook HTTP/3.0\r\nHost: x\r\n\r\n": 505,
            b"POST hook HTTP/1.1\r\nHost: x\r\n\r\n": 400, b"POST /hook HTTP/1.1\r\n\r\n": 400, b"POST /hook HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n": 400,
            self.HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}": 400, self.HEAD + b"Content-Length: +2\r\n\r\n{}": 400,
            self.HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n": 400, self.HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n": 501,
            self.HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n": 400, self.HEAD + b"X: a\r\n b\r\nContent-Length: 0\r\n\r\n": 400,
            self.HEAD + b"X: a\x00b\r\nContent-Length: 0\r\n\r\n": 400, self.HEAD + b"X\r\nContent-Length: 0\r\n\r\n": 400,
            self.HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n": 400, self.HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n": 400,
            self.HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n": 400, self.HEAD + b"X-A: b\r\n" * 200 + b"\r\n": 431,
            self.HEAD + b"X: " + b"a" * 1_000_000: 431, self.HEAD + b"Content-Length: 1073741824\r\n\r\n" + b"a" * 100_000: 413,
            self.HEAD + b"Content-Length: 99999999999999999999\r\n\r\n": 400, self.HEAD + b"Transfer-Encoding: chunked\r\n\r\n7FFFFFFF\r\n": 413,
            self.HEAD + b"Expect: magic\r\nContent-Length: 0\r\n\r\n": 417, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n": 400,
        }
        for data, status in wrong.items():
            answer = self.raw(data)
            self.assertEqual(answer[:12], b"HTTP/1.1 %d" % status, data[:120])
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, data[:120])
        self.assertEqual(self.send({"still": "here"}), 202)
        self.assertEqual([row["body"] for row in self.stop()], [{"still": "here"}])

    def test_L2_who_is_refused_in_the_middle_of_sending_still_reads_why(self):
        self.hook()
        for head, status in ((self.HEAD + b"Content-Length: 1073741824\r\n\r\n", 413), (self.HEAD + b"X: ", 431)):
            with socket.create_connection(("127.0.0.1", self.port), timeout=60) as client:
                client.sendall(head)
                for _ in range(256):  # 16 MiB that nobody wants, long after the answer
                    client.sendall(b"a" * 65536)
                client.shutdown(socket.SHUT_WR)
                answer = b""
                while chunk := client.recv(65536):
                    answer += chunk
            self.assertTrue(answer.startswith(b"HTTP/1.1 %d" % status), answer[:100])
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1)
        self.assertEqual(self.send({"still": "here"}), 202)
        self.assertEqual([row["body"] for row in self.stop()], [{"still": "here"}])

    def test_L2_slow_and_half_open_senders_hold_nobody_up(self):
        self.hook()
        held = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(200)]
        for client in held:
            client.sendall(b"POST /hook HTT")
        self.assertEqual(self.send({"n": 1}), 202)
        held[0].settimeout(60)
        self.assertTrue(held[0].recv(4096).startswith(b"HTTP/1.1 408"))
        for client in held:
            client.close()
        for _ in range(300):  # ends before its answer
            client = socket.create_connection(("127.0.0.1", self.port))
            client.sendall(self.HEAD + b"Content-Length: 2\r\n\r\n{}")
            client.close()
        self.assertEqual(self.send({"n": 2}), 202)
        self.assertGreaterEqual(len(self.stop()), 2)

    def test_a_stopped_flow_answers_503_to_what_waits(self):
        self.listen(node("hook", "http/webhook", path="/hook", reply="respond"), node("none", "logic/filter", condition="false"), node("answer", "http/respond"))
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as waiting:
            waiting.sendall(self.HEAD + b"Content-Length: 8\r\n\r\n{\"n\": 1}")
            self.assertEqual(self.send({}, "/other"), 404)  # read after the one before it
            self.run_.send_signal(signal.SIGTERM)
            self.assertTrue(waiting.recv(4096).startswith(b"HTTP/1.1 503"))
        self.stop()


if __name__ == "__main__":
    unittest.main()
