#!/usr/bin/env python3
# http/request against real servers: what is asked and answered, TLS, redirects, limits, secrets, and servers that fail.
import base64
import json
import os
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from network_servers import certificate, json_answer, packed, serve, serve_raw  # noqa: E402
from program import ProgramTest, edge, node  # noqa: E402

PLAIN = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


class HttpRequest(ProgramTest):
    def ask(self, url, rows=({"id": 1},), code=0, env=None, options=(), retry=None, **settings):
        """Runs a request for each row; gives answers and error packets."""
        self.write("in.ndjson", "".join(json.dumps(row) + "\n" for row in rows))
        for name in ("out", "bad"):
            (self.folder / f"{name}.ndjson").unlink(missing_ok=True)
        asking = node("ask", "http/request", url=url, **settings)
        asking["retry"] = retry or {"attempts": 1}
        flow = self.flow("ask", node("read", "files/json-read", path="in.ndjson"), asking, node("out", "files/json-write", path="out.ndjson"),
                         node("bad", "files/json-write", path="bad.ndjson"),
                         edges=[edge("a", "read.rows", "ask.rows"), edge("b", "ask.response", "out.rows"), edge("c", "ask.error", "bad.rows")])
        _, self.told = self.weir("run", flow, *options, code=code, env=env or PLAIN)
        read = lambda name: [json.loads(line) for line in (self.folder / f"{name}.ndjson").read_text().splitlines()]  # noqa: E731
        return read("out"), read("bad")

    def failure(self, url, **settings):
        answers, bad = self.ask(url, **settings)
        self.assertEqual((answers, len(bad)), ([], 1))
        return bad[0]

    def test_many_rows_share_few_connections_and_keep_their_order(self):
        server = serve(self, {f"/{i}": json_answer({"n": i}) for i in range(200)})
        answers, bad = self.ask(server.url, rows=[{"id": i} for i in range(200)], urlFrom="string(row.id)")
        self.assertEqual(bad, [])
        self.assertEqual([answer["body"]["n"] for answer in answers], list(range(200)))
        self.assertLessEqual(len(server.connections), 9)
        self.assertTrue(all(headers["traceparent"].startswith("00-") for _, _, headers, _ in server.asked))
        self.assertEqual(len({headers["traceparent"] for _, _, headers, _ in server.asked}), 200)

    def test_S8_a_flow_says_how_many_connections_and_bytes_it_may_take(self):
        server = serve(self, {"/in": json_answer({})})
        flow = self.flow("sends", node("read", "generate/pattern", rows=0, rate=500), node("ask", "http/request", url=server.url + "/in", method="POST"),
                         node("out", "debug/log", rows=1),
                         edges=[edge("a", "read.rows", "ask.rows"), edge("b", "ask.response", "out.rows")], config={"limits": {"connections": 1, "egressBytes": 20_000}})
        self.fails("run", "-q", flow, code=5, env=PLAIN, says=["run.egress_limit", "egressBytes of config.limits allows 20000"])
        self.assertEqual(len(server.connections), 1)

    def test_an_answer_is_read_as_its_type_says_and_unpacked(self):
        server = serve(self, {"/text": packed(b"na\xc3\xafve " * 1000), "/raw": lambda h: h.answer(200, b"\x00\xff", Content_Type="image/x"),
                              "/latin": lambda h: h.answer(200, b"na\xefve", Content_Type="text/plain; charset=iso-8859-1")})
        answers, _ = self.ask(server.url, rows=[{"p": "text"}, {"p": "raw"}, {"p": "latin"}], urlFrom="row.p")
        self.assertEqual([answer["body"] for answer in answers], ["naïve " * 1000, base64.b64encode(b"\x00\xff").decode(), "naïve"])

    def test_what_is_sent_is_what_was_asked_for(self):
        server = serve(self, {"/in": json_answer({})})
        self.ask(server.url + "/in", rows=[{"id": 7, "name": "Ada & Co"}], method="POST", headers={"X-One": "1"}, query={"n": "row.name"})
        method, path, headers, body = server.asked[0]
        self.assertEqual((method, path, json.loads(body)), ("POST", "/in?n=Ada%20%26%20Co", {"id": 7, "name": "Ada & Co"}))
        self.assertEqual((headers["X-One"], headers["Content-Type"]), ("1", "application/json"))

    def test_S8_an_answer_larger_than_the_limit_is_refused_packed_or_not(self):
        server = serve(self, {"/bomb": packed(bytes(200 << 20)), "/said": lambda h: h.answer(200, b"", Content_Length=str(1 << 30)),
                              "/large": lambda h: h.answer(200, bytes(3 << 20))})
        for path in ("/bomb", "/said", "/large"):
            self.assertEqual(self.failure(server.url + path, maxResponseBytes="2MiB")["code"], "http.too_large", path)

    def test_redirects_are_followed_within_bounds_and_checked_anew(self):
        to = lambda place, status=302: lambda h: h.answer(status, Location=place)  # noqa: E731
        server = serve(self, {"/a": to("b"), "/b": to("/c?x=1"), "/c": json_answer({"ok": True}), "/loop": to("/loop"), "/ftp": to("ftp://x/"),
                              "/cloud": to("http://169.254.169.254/latest/meta-data"), "/post": to("/c", 307), "/see": to("/c", 303)})
        answers, _ = self.ask(server.url + "/a")
        self.assertEqual((answers[0]["body"], answers[0]["url"]), ({"ok": True}, server.url + "/c?x=1"))
        self.assertEqual(self.failure(server.url + "/loop")["code"], "http.redirects")
        self.assertEqual(self.failure(server.url + "/ftp")["code"], "url.invalid")
        self.assertEqual(self.failure(server.url + "/cloud")["code"], "network.refused")
        server.asked.clear()
        self.ask(server.url + "/post", method="POST")
        self.ask(server.url + "/see", method="POST")
        self.assertEqual([(method, bool(body)) for method, _, _, body in server.asked], [("POST", True), ("POST", True), ("POST", True), ("GET", False)])

    def test_S6_credentials_are_not_sent_on_to_another_host(self):
        other = serve(self, {"/c": json_answer({})})
        server = serve(self, {"/a": lambda h: h.answer(302, Location=other.url + "/c"), "/b": lambda h: h.answer(302, Location="/c"), "/c": json_answer({})})
        env = PLAIN | {"WEIR_SECRET_TOKEN": "canary-token"}
        for path in ("/a", "/b"):
            self.ask(server.url + path, env=env, auth="bearer", secret="${secret:TOKEN}", headers={"X-Mine": "${secret:TOKEN}", "X-Open": "1"})
        self.assertEqual([headers.get("Authorization") for _, _, headers, _ in server.asked], ["Bearer canary-token"] * 3)
        _, _, headers, _ = other.asked[0]
        self.assertEqual((headers.get("Authorization"), headers.get("X-Mine"), headers.get("X-Open")), (None, None, "1"))

    def test_S6_a_metadata_service_is_refused_in_every_spelling(self):
        for host in ("169.254.169.254", "2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "[::ffff:169.254.169.254]", "100.100.100.200"):
            packet = self.failure(f"http://{host}/latest/meta-data")
            self.assertEqual(packet["code"], "network.refused", host)

    def test_S11_a_secret_is_in_no_log_error_or_dead_letter(self):
        canary = "s3cr3t/canary+value"
        echo = lambda h: h.answer(400, "refused: " + str(dict(h.headers)), Content_Type="text/plain")  # noqa: E731
        server = serve(self, {"/echo": echo})
        env = PLAIN | {"WEIR_SECRET_KEY": canary}
        settings = {"headers": {"X-Key": "${secret:KEY}"}, "auth": "basic", "user": "me", "secret": "${secret:KEY}"}
        self.write("in.ndjson", '{"id": 1}\n')
        flow = self.flow("leak", node("read", "files/json-read", path="in.ndjson"), node("ask", "http/request", url=server.url + "/echo", **settings),
                         node("log", "debug/log"), edges=[edge("a", "read.rows", "ask.rows"), edge("b", "ask.response", "log.rows")])
        out, err = self.weir("run", flow, "--metrics", "m.json", "--trace", "t.json", code=3, env=env)
        self.assertEqual(server.asked[0][2]["X-Key"], canary)
        encoded = base64.b64encode(f"me:{canary}".encode()).decode()
        texts = [out, err] + [path.read_bytes().decode("latin-1") for path in self.folder.rglob("*") if path.is_file()]
        self.assertGreater(len(texts), 4)
        for form in (canary, encoded, canary.encode().hex(), "s3cr3t%2Fcanary%2Bvalue"):
            self.assertEqual([text for text in texts if form in text], [], form)

    def test_a_secret_goes_only_where_it_may(self):
        server = serve(self, {"/": json_answer({})})
        path = self.write("secrets.json", json.dumps({"KEY": {"value": "canary-value", "hosts": ["api.example.com"]}}))
        path.chmod(0o600)
        packet = self.failure(server.url, auth="bearer", secret="${secret:KEY}", options=("--secrets", "secrets.json"))
        self.assertEqual((packet["code"], server.asked), ("secret.host", []))
        path.chmod(0o644)
        self.fails("run", "ask.flow.json", "--secrets", "secrets.json", code=2, says=["chmod 600"])
        self.assertEqual(self.failure(server.url, auth="bearer", secret="${secret:NONE}")["code"], "secret.missing")

    def test_certificates_are_checked(self):
        certificate(self.folder, "ca", ["authority"])
        good, _ = certificate(self.folder, "good", ["127.0.0.1", "localhost"], ca="ca")
        wrong, _ = certificate(self.folder, "wrong", ["elsewhere.test"], ca="ca")
        selfsigned, _ = certificate(self.folder, "selfsigned", ["127.0.0.1"])
        answers, _ = self.ask(serve(self, {"/": json_answer({"ok": 1})}, good).url, caFile="ca.pem")
        self.assertEqual(answers[0]["body"], {"ok": 1})
        for context, settings in ((wrong, {"caFile": "ca.pem"}), (selfsigned, {"caFile": "ca.pem"}), (good, {})):
            packet = self.failure(serve(self, {"/": json_answer({})}, context).url, **settings)
            self.assertEqual(packet["code"], "tls.certificate", packet["message"])
        plain = serve(self, {"/": json_answer({})})
        self.assertEqual(self.failure(plain.url.replace("http:", "https:"))["code"], "tls.handshake")

    def test_a_failing_server_is_asked_again_when_it_says_so(self):
        state = {"left": 2}

        def failing(handler):
            state["left"] -= 1
            if state["left"] >= 0:
                handler.answer(503, "busy", Retry_After="1")
            else:
                handler.answer(200, "{}", Content_Type="application/json")

        def until_a_date(handler):
            state["dated"] = state.get("dated", 0) + 1
            if state["dated"] == 1:
                state["from"] = time.time() + 3
                handler.answer(503, "busy", Retry_After=time.strftime(state["form"], time.gmtime(state["from"])))
            else:
                state["came"] = time.time()
                handler.answer(200, "{}", Content_Type="application/json")

        server = serve(self, {"/": failing, "/dated": until_a_date, "/always": lambda h: h.answer(500, "broken"), "/never": lambda h: h.answer(404)})
        began = time.monotonic()
        answers, bad = self.ask(server.url, retry={"attempts": 3, "delayMs": 10})
        self.assertEqual((len(answers), bad), (1, []))
        self.assertGreaterEqual(time.monotonic() - began, 2)
        for form in ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"):
            state |= {"dated": 0, "form": form}
            self.ask(server.url + "/dated", retry={"attempts": 2, "delayMs": 10})
            self.assertGreaterEqual(state["came"], int(state["from"]), form)
        server.asked.clear()
        self.assertEqual(self.failure(server.url + "/always", retry={"attempts": 3, "delayMs": 10})["tries"], 3)
        self.assertEqual(self.failure(server.url + "/never", retry={"attempts": 3, "delayMs": 10})["tries"], 1)
        self.assertEqual(len(server.asked), 4)

    def test_servers_that_are_silent_hang_up_or_talk_nonsense_give_errors_that_say_so(self):
        silent = serve_raw(self, lambda s: time.sleep(10))
        hangs_up = serve_raw(self, lambda s: s.recv(4096))
        half = serve_raw(self, lambda s: (s.recv(4096), s.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")))
        nonsense = serve_raw(self, lambda s: (s.recv(4096), s.sendall(b"220 mail.example ESMTP ready\r\n\r\n")))
        endless = serve_raw(self, lambda s: (s.recv(4096), s.sendall(b"HTTP/1.1 200 OK\r\n"), [s.sendall(b"X-A: b\r\n" * 1000) for _ in range(1000)]))

        def slow(connection):
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            for _ in range(100):
                connection.sendall(b"x")
                time.sleep(0.1)

        closed = socket.create_server(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        closed.close()
        wanted = {silent: "network.timeout", hangs_up: "network.closed", half: "network.closed", nonsense: "http.protocol",
                  endless: "http.too_large", serve_raw(self, slow): "network.timeout", port: "network.unreachable"}
        for where, code in wanted.items():
            packet = self.failure(f"http://127.0.0.1:{where}/", timeout="700ms")
            self.assertEqual(packet["code"], code, packet["message"])
        self.assertEqual(self.failure("http://no-such-host.invalid/")["code"], "network.unknown_host")

    def test_answers_that_only_announce_another_are_passed_over(self):
        final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}"
        early = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"
        answering = lambda text: serve_raw(self, lambda s: (s.recv(4096), s.sendall(text)))  # noqa: E731
        for told in (early + final, b"HTTP/1.1 100 Continue\r\n\r\n" + early * 5 + final):
            answers, bad = self.ask(f"http://127.0.0.1:{answering(told)}/")
            self.assertEqual([(row["status"], row["body"]) for row in answers], [(200, {"a": 1})], bad)
        self.assertEqual(self.failure(f"http://127.0.0.1:{answering(early * 40)}/")["code"], "http.protocol")
        self.assertEqual(self.failure(f"http://127.0.0.1:{answering(b'HTTP/1.1 101 Switching Protocols' + bytes([13, 10, 13, 10]))}/")["code"], "http.protocol")

    def test_a_proxy_of_the_operator_is_used_and_the_target_is_checked_first(self):
        asked = []

        def proxy(connection):
            asked.append(connection.recv(4096).decode().splitlines()[0])
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}")

        env = PLAIN | {"HTTP_PROXY": f"http://127.0.0.1:{serve_raw(self, proxy)}", "NO_PROXY": "localhost"}
        answers, _ = self.ask("http://127.0.0.1:9/path", env=env)
        self.assertEqual((len(answers), asked), (1, ["GET http://127.0.0.1:9/path HTTP/1.1"]))
        self.assertEqual(self.failure("http://169.254.169.254/", env=env)["code"], "network.refused")
        self.assertEqual(self.failure("http://localhost:9/", env=env)["code"], "network.unreachable")
        self.assertEqual(len(asked), 1)

    def test_S12_line_breaks_never_reach_the_wire(self):
        server = serve(self, {"/": json_answer({})})
        packet = self.failure(server.url, headers={"X-A": "a\r\nX-B: b"})
        self.assertEqual((packet["code"], server.asked), ("http.protocol", []))
        answers, _ = self.ask(server.url, rows=[{"p": "/?a=b\r\nX-C: d e"}], urlFrom="row.p")
        self.assertEqual(server.asked[0][1], "/?a=b%0D%0AX-C:%20d%20e")
        self.assertNotIn("X-C", server.asked[0][2])


if __name__ == "__main__":
    unittest.main()
