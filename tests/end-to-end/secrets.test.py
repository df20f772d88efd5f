#!/usr/bin/env python3
# S11: what stands behind ${secret:NAME} is sent where it belongs and is found nowhere else: not in rows, errors, dead
# letters, logs, events, traces or exports, whatever the other side does with it.
import base64
import json
import os
import sys
import unittest
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from hooked import JSON, Hooked  # noqa: E402
from network_servers import accept_websocket, frame, read_frame, serve, serve_raw  # noqa: E402
from program import node  # noqa: E402

HEADER = "s3cr3t/canary+value"


def forms(value):
    """The value as it is, and as it may be written on the way."""
    raw = value.encode()
    found = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], raw.hex(), raw.hex().upper(), urllib.parse.quote(value), urllib.parse.quote(value, safe=""),
             urllib.parse.quote_plus(value), base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return {form for form in found if len(form) > 4}


class Secrets(Hooked):
    def setUp(self):
        super().setUp()
        self.env = {**{name: value for name, value in os.environ.items() if "proxy" not in name.lower()}, "WEIR_SECRET_KEY": HEADER}

    def assertNowhere(self, printed, *values):
        for value in values or (HEADER, f"me:{HEADER}"):
            for form in forms(value):
                self.assertNotIn(form, printed)
                for path in self.folder.rglob("*"):
                    if path.is_file() and not path.name.endswith(".flow.json"):
                        self.assertNotIn(form.encode(), path.read_bytes(), path)

    def run_through(self, flow, codes=(0, 1, 3)):
        run = self.start("run", flow, "--metrics", "m.json", "--trace", "t.json", "--otlp", "o.json", "--trace-rows", "1", "--events", "e.ndjson", env=self.env)
        out, err = run.communicate(timeout=120)
        self.assertIn(run.returncode, codes, err)
        return out + err

    def source(self, type_id, **settings):
        return self.flow("s", node("in", type_id, **settings), node("one", "flow/limit", "2.0.0", count=1), node("log", "debug/log", rows=10), node("out", "files/json-write", path="out.ndjson"))

    def test_S11_http_requests_and_polls_of_servers_that_send_back_what_they_were_sent(self):
        def back(status):
            return lambda h: h.answer(status, json.dumps({"you": [h.headers.get("X-Key"), h.headers.get("Authorization"), forms_of(h)]}), Content_Type="application/json", X_Back=h.headers.get("X-Key", ""))

        def forms_of(handler):
            return sorted(forms(handler.headers.get("X-Key") or HEADER))

        server = serve(self, {"/200": back(200), "/401": back(401), "/500": back(500), "/away": lambda h: h.answer(302, Location="http://127.0.0.1:1/" + urllib.parse.quote(h.headers["X-Key"], safe=""))})
        self.write("in.ndjson", '{"n": 1}\n')
        for path in ("/200", "/401", "/500", "/away"):
            for settings in ({"headers": {"X-Key": "${secret:KEY}"}}, {"auth": "bearer", "secret": "${secret:KEY}", "headers": {"X-Key": "${secret:KEY}"}},
                             {"auth": "basic", "user": "me", "secret": "${secret:KEY}", "headers": {"X-Key": "${secret:KEY}"}}):
                with self.subTest(path=path, settings=settings):
                    ask = node("ask", "http/request", url=server.url + path, **settings) | {"retry": {"attempts": 1}}
                    flow = self.flow("r", node("in", "files/json-read", path="in.ndjson"), ask, node("log", "debug/log", rows=10), node("out", "files/json-write", path="out.ndjson"),
                                     edges=[{"id": f"e{i}", "source": {"node": a, "port": p}, "target": {"node": b, "port": "rows"}}
                                            for i, (a, p, b) in enumerate((("in", "rows", "ask"), ("ask", "response", "log"), ("log", "rows", "out")))])
                    self.assertNowhere(self.run_through(flow))
        self.assertTrue(any(headers.get("X-Key") == HEADER for _, _, headers, _ in server.asked))
        for path in ("/200", "/401"):
            self.assertNowhere(self.run_through(self.source("http/poll", url=server.url + path, headers={"X-Key": "${secret:KEY}"})))

    def test_S11_streams_that_send_back_what_they_were_sent(self):
        sent = []

        def events(handler):
            sent.append(handler.headers["X-Key"])
            handler.answer(200, "".join(f"data: {form}\n\n" for form in sorted(forms(handler.headers["X-Key"]))), Content_Type="text/event-stream")

        server = serve(self, {"/events": events, "/no": lambda h: h.answer(403, h.headers["X-Key"])})
        self.assertNowhere(self.run_through(self.source("http/sse-read", url=server.url + "/events", headers={"X-Key": "${secret:KEY}"})))
        self.assertNowhere(self.run_through(self.source("http/sse-read", url=server.url + "/no", headers={"X-Key": "${secret:KEY}"})))

        def talk(connection):
            head = accept_websocket(connection)
            sent.append(next(line.split(": ", 1)[1] for line in head.splitlines() if line.lower().startswith("x-key")))
            connection.sendall(frame(json.dumps({"you": sorted(forms(sent[-1]))})))
            connection.sendall(frame(b"\x03\xe8" + sent[-1].encode(), 8))
            while True:
                read_frame(connection)

        def refuse(connection):
            head = connection.recv(65536).decode()
            key = next(line.split(": ", 1)[1] for line in head.splitlines() if line.lower().startswith("x-key"))
            connection.sendall(f"HTTP/1.1 403 {key}\r\nX-Back: {key}\r\nContent-Length: {len(key)}\r\n\r\n{key}".encode())

        for serving in (talk, refuse):
            url = f"ws://127.0.0.1:{serve_raw(self, serving)}/"
            self.assertNowhere(self.run_through(self.source("websocket/read", url=url, headers={"X-Key": "${secret:KEY}"}, reconnect=False)))
            self.write("in.ndjson", '{"n": 1}\n')
            write = node("write", "websocket/write", url=url, headers={"X-Key": "${secret:KEY}"})
            self.assertNowhere(self.run_through(self.flow("w", node("in", "files/json-read", path="in.ndjson"), write)))
        self.assertEqual(set(sent), {HEADER})

    def test_S11_webhooks_whoever_sends_the_secret(self):
        self.hook(auth="bearer", secret="${secret:KEY}", env={"WEIR_SECRET_KEY": HEADER}, options=("--trace", "t.json", "--events", "e.ndjson", "--metrics", "m.json"))
        self.assertEqual(self.send({"n": 1}, headers=JSON | {"Authorization": f"Bearer {HEADER}"}), 202)
        self.assertEqual(self.send({"n": 2}, headers=JSON | {"Authorization": f"Bearer {HEADER}x"}), 401)
        self.assertNotIn(HEADER, self.text)
        self.assertEqual(self.send({"n": 3}, headers=JSON | {"Authorization": f"Basic {base64.b64encode(('me:' + HEADER).encode()).decode()}"}), 401)
        self.assertEqual(len(self.stop()), 1)
        self.assertNowhere(self.told)


if __name__ == "__main__":
    unittest.main()
