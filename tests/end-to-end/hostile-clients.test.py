#!/usr/bin/env python3
# Clients that mean no good, or that break the rules: none ends the server, fills its memory or keeps others from being served.
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ROOT, chain, node, until  # noqa: E402
from serving import ServeTest  # noqa: E402

FLOW = {"id": "orders", "version": "1.0.0", "nodes": [], "edges": []}
CLIENTS = Path(__file__).resolve().parent / "clients"
MIB = 1 << 20


def npm(package):
    """Skips a test whose client is not installed."""
    there = shutil.which("node") and (ROOT / "node_modules" / package).is_dir()
    return unittest.skipUnless(there, f"the npm package {package} is not installed")


def memory_of(server):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{server.process.pid}/status").read_text())[1]) << 10


class Hostile(ServeTest):
    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.assertEqual(self.server.ask("POST", "/api/v1/flows", FLOW)[0], 201)

    def tearDown(self):
        # Whatever a test did: the next client is served.
        self.assertEqual(self.server.ask("GET", "/api/v1/flows/orders")[0], 200)
        self.assertIsNone(self.server.ended())
        super().tearDown()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def connect(self):
        wire = socket.create_connection((self.server.host, self.server.port), timeout=120)
        self.addCleanup(wire.close)
        return wire

    def heard(self, wire):
        got = b""
        try:
            while more := wire.recv(65536):
                got += more
        except ConnectionError:
            pass
        return got

    def talk(self, sent):
        """All that is answered to those bytes, until the server closes."""
        wire = self.connect()
        threading.Thread(target=self.push, args=(wire, sent), daemon=True).start()
        return self.heard(wire)

    @staticmethod
    def push(wire, sent):
        try:
            wire.sendall(sent)
            wire.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def head(self, method="POST", path="/api/v1/flows", *headers):
        lines = [f"{method} {path} HTTP/1.1", "Host: a", f"Authorization: Bearer {self.server.token}", *headers]
        return "\r\n".join([*lines, "", ""]).encode()

    @staticmethod
    def statuses(answers):
        return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d+) [A-Z]", answers)]


class L2(Hostile):
    def test_L2_heads_that_come_a_byte_at_a_time_end_after_their_time_and_hold_up_nobody(self):
        before = memory_of(self.server)
        slow = [self.connect() for _ in range(200)]
        began = time.monotonic()
        ended = set()

        def over():
            for wire in slow:
                if wire in ended:
                    continue
                try:
                    wire.sendall(b"X")
                except OSError:
                    ended.add(wire)
            time.sleep(0.2)
            return time.monotonic() - began > 9
        until(over)
        self.assertEqual(self.server.ask("GET", "/api/v1/flows/orders")[0], 200)
        # Ten seconds from the first byte to the last of a head; a client that keeps sending does not make it longer.
        for wire in slow:
            got = self.heard(wire)
            self.assertIn(b" 408 ", got + b" 408 " if wire in ended else got)
        self.assertLess(memory_of(self.server) - before, 64 * MIB)

    def test_L2_connections_on_which_nothing_comes_hold_little_and_end(self):
        before = memory_of(self.server)
        idle = [self.connect() for _ in range(1_000)]
        self.assertEqual(self.server.ask("GET", "/api/v1/flows/orders")[0], 200)
        self.assertLess(memory_of(self.server) - before, 16 * MIB)
        # Nobody who says nothing stays: the first request is due as its head is.
        for wire in idle[:20]:
            self.assertIn(self.statuses(self.heard(wire)), ([], [408]))

    def test_L2_a_client_that_vanishes_in_the_middle_is_forgotten(self):
        before = self.descriptors()
        for cut in (b"GET / HT", self.head()[:-2], self.head("POST", "/api/v1/flows", "Content-Length: 100") + b"{"):
            for reset in (False, True):
                wire = self.connect()
                wire.sendall(cut)
                if reset:  # RST in place of FIN
                    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                wire.close()
        until(lambda: self.descriptors() <= before)

    def test_L2_a_head_of_a_mebibyte_is_refused(self):
        for head in (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * MIB, b"GET /" + b"a" * MIB, b"G" * MIB,
                     b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * (MIB // 6) + b"\r\n"):
            self.assertEqual(self.statuses(self.talk(head)), [431], head[:40])

    def test_L2_a_body_of_a_gibibyte_is_refused_and_never_held(self):
        before = memory_of(self.server)
        announced = self.talk(self.head("POST", "/api/v1/flows", f"Content-Length: {1 << 30}", "Content-Type: application/json"))
        self.assertEqual(self.statuses(announced), [413])
        wire = self.connect()
        wire.sendall(self.head("POST", "/api/v1/flows", "Transfer-Encoding: chunked", "Content-Type: application/json"))
        chunk = b"100000\r\n" + b" " * MIB + b"\r\n"
        sent = 0
        try:
            while sent < 1 << 30:
                wire.sendall(chunk)
                sent += MIB
        except OSError:
            pass
        self.assertLess(sent, 1 << 30)
        self.assertLess(memory_of(self.server) - before, 64 * MIB)

    def test_L2_chunks_that_are_none_are_refused(self):
        head = self.head("POST", "/api/v1/flows", "Transfer-Encoding: chunked", "Content-Type: application/json")
        for chunks in (b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n", b"2 \r\n{}\r\n0\r\n\r\n", b"2\n{}\n0\n\n", b"2\r\n{}XX0\r\n\r\n", b"FFFFFFFFFFFFFFFFF\r\n", b"000000002\r\n{}\r\n0\r\n\r\n",
                       b"2;" + b"a" * MIB, b"2;a=\"\n\"\r\n{}\r\n0\r\n\r\n", b"0\r\n" + b"X: y\r\n" * 10_000 + b"\r\n", b"0\r\nX: y\r\n z\r\n\r\n", os.urandom(4096).replace(b"\r", b"")):
            with self.subTest(chunks[:30]):
                self.assertEqual(self.statuses(self.talk(head + chunks)), [400])
        # And tiny ones cost no more than what is in them.
        body = json.dumps(FLOW).encode()
        tiny = b"".join(b"1;name=value\r\n%c\r\n" % byte for byte in body)
        self.assertEqual(self.statuses(self.talk(head + tiny + b"0\r\nX-After: all\r\n\r\n")), [409])

    def test_L2_what_two_readers_could_take_for_different_requests_is_refused(self):
        """Each pair smuggles a second request past a reader that goes by the other half of it."""
        hidden = b"DELETE /api/v1/flows/orders HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + self.server.token.encode() + b"\r\n\r\n"
        for headers in (("Content-Length: 0", "Transfer-Encoding: chunked"), ("Transfer-Encoding: chunked", "Content-Length: 0"), ("Content-Length: 0", f"Content-Length: {len(hidden)}"),
                        ("Content-Length: 0", "Content-Length: 0"), ("Content-Length: 0, 0",), ("Content-Length: +0",), ("Content-Length: 0x0",), ("Content-Length : 0",),
                        ("Transfer-Encoding: gzip, chunked",), ("Transfer-Encoding: chunked, identity",), ("Transfer-Encoding: xchunked",), ("Transfer-Encoding : chunked",),
                        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"), ("Transfer-Encoding:\r\n chunked",), ("X: y\r\n Transfer-Encoding: chunked",), ("Host: b",),
                        ("X: y\nTransfer-Encoding: chunked",), ("X: y\rTransfer-Encoding: chunked",), ("X: \x00",), ("Transfer-Encoding: \x0bchunked",)):
            with self.subTest(headers):
                answer = self.talk(self.head("POST", "/api/v1/flows", *headers) + b"0\r\n\r\n" + hidden)
                status, = self.statuses(answer)
                self.assertIn(status, (400, 501))
                self.assertIn(b"application/problem+json", answer)
        for line in (b"POST  /api/v1/flows HTTP/1.1", b"POST /api/v1/flows  HTTP/1.1", b"POST /api/v1/flows HTTP/1.1 ", b" POST /api/v1/flows HTTP/1.1", b"POST /a b HTTP/1.1",
                     b"POST http://b/api/v1/flows HTTP/1.1", b"POST /api/v1/flows", b"POST /api/v1/flows HTTP/0.9", b"POST /api/v1/flows HTTP/3.0", b"CONNECT a:80 HTTP/1.1"):
            with self.subTest(line):
                self.assertIn(self.statuses(self.talk(line + b"\r\nHost: a\r\n\r\n" + hidden)), ([400], [505]))

    def test_L2_bytes_that_are_no_http_at_all(self):
        for sent in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(100), b"\x00" * 100_000, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"SSH-2.0-x\r\n\r\n", b"\r\n" * 50_000):
            statuses = self.statuses(self.talk(sent))
            self.assertTrue(all(status in (400, 408, 431, 505) for status in statuses) and len(statuses) <= 1, statuses)

    def test_L2_a_client_that_reads_nothing_of_its_answers_is_bounded(self):
        before = memory_of(self.server)
        ask = self.head("GET", "/api/v1/openapi.json")
        deaf = [self.connect() for _ in range(10)]
        for wire in deaf:
            wire.settimeout(1)
            try:
                for _ in range(200):
                    wire.sendall(ask * 20)
            except OSError:
                pass  # it is not read from any more
        self.assertEqual(self.server.ask("GET", "/api/v1/flows/orders")[0], 200)
        self.assertLess(memory_of(self.server) - before, 64 * MIB)

    def test_L2_a_log_that_nobody_reads_holds_up_no_request(self):
        silent = self.start("serve", "--data", "other", "--listen", "127.0.0.1:0")
        self.addCleanup(silent.wait)
        self.addCleanup(silent.kill)
        said = b""
        while not (found := re.search(rb"listening at http://127.0.0.1:(\d+)\n", said)):
            said += os.read(silent.stderr.fileno(), 4096)
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=120)
        self.addCleanup(connection.close)
        for i in range(2_000):  # a line each, of which a pipe takes a few hundred
            connection.request("GET", f"/api/v1/nothing-{i}-{'x' * 100}")
            answer = connection.getresponse()
            answer.read()
            self.assertIn(answer.status, (401, 404))
        while b"are left out" not in said:
            said += os.read(silent.stderr.fileno(), 65536)
            connection.request("GET", "/api/v1/nothing")
            connection.getresponse().read()
        silent.stderr.close()
        silent.stdout.close()

    @npm("undici")
    def test_L2_pipelined_requests_are_answered_in_their_order(self):
        said = subprocess.run(["node", str(CLIENTS / "pipelining.mjs"), str(self.server.port), self.server.token, "orders"], capture_output=True, text=True, timeout=300, check=False)
        self.assertEqual(said.returncode, 0, said.stderr)
        told = json.loads(said.stdout)
        self.assertEqual([answer["status"] for answer in told["answers"]], [(200, 404, 422)[i % 3] for i in range(500)])
        self.assertTrue(all(answer["names"] for answer in told["answers"] if answer["i"] % 3 < 2))
        self.assertEqual(told["connections"], 1)


class L4(Hostile):
    @npm("ws")
    def test_L4_websockets_keep_to_the_rules_and_hold_clients_to_them(self):
        before = memory_of(self.server)
        said = subprocess.run(["node", str(CLIENTS / "websocket.mjs"), str(self.server.port), self.server.token], capture_output=True, text=True, timeout=600, check=False)
        self.assertEqual(said.returncode, 0, said.stderr)
        told = json.loads(said.stdout)

        def answer(trial, number=0):
            self.assertTrue(told[trial]["messages"], f"{trial}: {told[trial]}")
            return told[trial]["messages"][number]
        self.assertEqual((answer("greets")["type"], answer("greets")["id"]), ("ok", "1"))
        self.assertEqual(answer("fragments")["id"], "two")
        self.assertEqual(told["fragments"]["pongs"], 1)
        self.assertEqual(answer("aCharacterInTwoFragments")["id"], "ä€😀")
        for trial, code in {"closesWithItsOwnCode": 4321, "closesWithoutACode": 1000, "invalidUtf8": 1007, "binary": 1003, "unmasked": 1002, "tooLarge": 1009, "tooLargeInFragments": 1009,
                            "tooLargeAsAnnounced": 1009, "reservedBits": 1002, "reservedKind": 1002, "continuesNothing": 1002, "beginsInTheMiddle": 1002, "pingInPieces": 1002, "pingTooLong": 1002,
                            "closeOfOneByte": 1002, "closeWithAReservedCode": 1002, "flood": 4002}.items():
            with self.subTest(trial):
                self.assertEqual(told[trial].get("closed", {}).get("code"), code, {**told[trial], "messages": len(told[trial]["messages"])})
        self.assertIn(told["garbage"]["closed"]["code"], (1002, 1007, 1009, 1006))
        for trial in ("tooLargeForAControl", "noJson", "nestedDeep", "unknown"):
            with self.subTest(trial):
                self.assertEqual(answer(trial)["type"], "error")
                self.assertTrue(answer(trial)["data"]["code"] and answer(trial)["data"]["message"])
        self.assertEqual(told["pingsThatNobodyReads"]["pongs"], 20_000)
        self.assertEqual(told["unsigned"].get("refused"), 401)
        self.assertLess(memory_of(self.server) - before, 64 * MIB)

    def test_L4_handshakes_that_are_none_are_told_how_to_make_one(self):
        good = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
        wire = self.connect()
        wire.sendall(self.head("GET", "/api/v1/live", *good))
        self.assertIn(b" 101 ", wire.recv(4096))
        for left_out in range(4):
            said = self.talk(self.head("GET", "/api/v1/live", "Connection: close", *good[:left_out], *good[left_out + 1:]))
            self.assertEqual(self.statuses(said), [426])
            self.assertIn(b"Sec-WebSocket-Version: 13", said)
        for wrong in ("Sec-WebSocket-Version: 8", "Sec-WebSocket-Key: short"):
            name = wrong.split(":")[0]
            headers = [wrong if line.startswith(name) else line for line in good]
            self.assertEqual(self.statuses(self.talk(self.head("GET", "/api/v1/live", *headers))), [426])

    def test_L4_a_stream_that_is_cut_at_any_event_goes_on_behind_it_with_nothing_lost(self):
        flow = {"id": "numbers", "version": "1.0.0", "nodes": [node("a", "generate/pattern", rows=400, rate=500, batchRows=10)], "edges": []}
        flow["nodes"].append(node("b", "logic/map", set={"n": "row.id"}, drop=["ts", "id", "value"]))
        flow["edges"] = chain(*flow["nodes"])

        def events(answer, most):
            found, event = [], {}
            while len(found) < most and (line := answer.readline().decode()):
                field, _, value = line.rstrip("\n").partition(":")
                if field:
                    event[field] = value.strip()
                elif "data" in event:
                    found.append((int(event["id"]), json.loads(event["data"])))
                    event = {}
            return found

        def ask(method, path, body=None, **headers):
            connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=120)
            self.addCleanup(connection.close)
            connection.request(method, path, body, {"authorization": f"Bearer {self.server.token}", "content-type": "application/json", **headers})
            return connection, connection.getresponse()
        connection, answer = ask("POST", "/api/v1/execute", json.dumps({"flow": flow}))
        execution = answer.getheader("x-execution-id")
        seen, cuts = events(answer, 3), 0
        connection.close()
        while seen[-1][1]["type"] != "execution-update" or seen[-1][1]["data"]["status"] != "done":
            connection, answer = ask("GET", f"/api/v1/executions/{execution}/events", **{"last-event-id": str(seen[-1][0])})
            self.assertEqual(answer.status, 200)
            seen += events(answer, 1 + cuts % 2)
            connection.close()
            cuts += 1
        self.assertGreater(cuts, 3)
        self.assertEqual([number for number, _ in seen], list(range(1, len(seen) + 1)))
        rows = [row["n"] for _, event in seen if event["type"] == "node-output" for row in event["data"]]
        self.assertEqual(rows, list(range(400)))
        for wrong in ("x", "-1", "99999999999999999999"):
            self.assertIn(ask("GET", f"/api/v1/executions/{execution}/events", **{"last-event-id": wrong})[1].status, (200, 400))


if __name__ == "__main__":
    unittest.main()
