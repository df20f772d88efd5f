# weir serve over real sockets: what it answers, what it refuses, how it ends.
import contextlib
import gzip
import json
import re
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time
import unittest

from program import until
from serving import ServeTest

FLOW = {"id": "orders", "version": "1.0.0", "nodes": [], "edges": []}


def talk(server, *pieces, ends=False):
    """Sends the pieces over one connection and gives all that comes until the server closes it."""
    with socket.create_connection((server.host, server.port), timeout=60) as wire:
        for piece in pieces:
            wire.sendall(piece.encode() if isinstance(piece, str) else piece)
        if ends:
            wire.shutdown(socket.SHUT_WR)
        got = b""
        while more := wire.recv(65536):
            got += more
        return got.decode()


def status_of(answer):
    return int(answer.split(" ", 2)[1])


class Serving(ServeTest):
    def test_settings_that_would_be_guessed_are_refused_before_anything_is_made(self):
        for arguments, says in ((("--public-url", "foo"), ["--public-url", "'foo'", "https://"]), (("--public-url", "ftp://a.example"), ["ftp://a.example"]),
                                (("--public-url", "https://weir.example.com/sub"), ["nothing is served below a path", "'https://weir.example.com'"]),
                                (("--public-url", "https://weir.example.com/?a=b"), ["nothing is served below a path"]), (("--public-url", "https://a@weir.example.com"), ["more than a host"]),
                                (("--keep-runs", "90"), ["90 what?", "90d"]), (("--drain-timeout", "soon"), ["'soon'"])):
            self.fails("serve", "--data", "new", "--listen", "127.0.0.1:0", *arguments, code=2, says=says)
            self.assertFalse((self.folder / "new").exists())

    def test_it_answers_the_api_and_keeps_flows_across_a_restart(self):
        server = self.serve()
        status, headers, _ = server.ask("GET", "/api/v1/health")
        self.assertEqual((status, headers["x-content-type-options"]), (200, "nosniff"))
        status, _, said = server.ask("POST", "/api/v1/flows", FLOW)
        self.assertEqual(status, 201, said)
        self.assertEqual(server.stop(), 0)
        again = self.serve()
        status, _, said = again.ask("GET", "/api/v1/flows/orders")
        self.assertEqual((status, json.loads(said)["id"]), (200, "orders"), said)

    def test_S14_the_owner_of_the_machine_comes_in_again_when_nobody_can(self):
        server = self.serve()
        self.assertFalse((self.folder / "data/setup-link").exists())
        said, _ = self.weir("setup-link", "--data", "data")
        self.assertIn("data/setup-link", said)
        wanted = self.folder / "data/setup-link-wanted"
        self.assertEqual(stat.S_IMODE(wanted.stat().st_mode), 0o600)
        # The server that goes on is not touched by it.
        self.assertEqual(json.loads(server.ask("GET", "/api/v1/setup")[2]), {"needed": False})
        server.stop()
        again = self.serve()
        self.assertFalse(wanted.exists())
        link = self.folder / "data/setup-link"
        self.assertEqual(stat.S_IMODE(link.stat().st_mode), 0o600)
        self.assertNotIn(again.setup_code(), again.said())
        code = again.setup_code()
        back = {"code": code, "name": again.NAME, "password": "another password for tests"}
        status, _, said = again.ask("POST", "/api/v1/setup", back)
        self.assertEqual(status, 201, said)
        self.assertFalse(link.exists())
        self.assertEqual(again.ask("POST", "/api/v1/setup", back)[0], 403)
        entry = {"name": again.NAME, "password": back["password"]}
        self.assertEqual(again.ask("POST", "/api/v1/session", entry, {"cookie": ""})[0], 201)
        actions = [one["action"] for one in json.loads(again.ask("GET", "/api/v1/audit")[2])["entries"]]
        self.assertIn("server.setup_link_made", actions)
        self.assertIn("user.taken_back", actions)
        again.stop()
        # Asked for once.
        self.serve()
        self.assertFalse(link.exists())
        self.fails("setup-link", "--data", "nowhere", code=2, says=["backup.no_data", "'nowhere'"])

    def test_many_who_change_one_flow_in_any_state_are_all_heard(self):
        server = self.serve()
        server.ask("POST", "/api/v1/flows", FLOW)
        answers = []

        def change(number):
            for i in range(20):
                document = {**FLOW, "metadata": {"description": f"{number}-{i}"}}
                answers.append(server.ask("PUT", "/api/v1/flows/orders", document, {"if-match": "*"})[0])
        people = [threading.Thread(target=change, args=(number,)) for number in range(8)]
        for one in people:
            one.start()
        for one in people:
            one.join()
        self.assertEqual(answers, [200] * 160)
        self.assertRegex(json.loads(server.ask("GET", "/api/v1/flows/orders")[2])["description"], r"^\d-19$")

    def test_the_data_folder_is_its_owners_alone(self):
        self.serve(data="made/on/the/way")
        folder = self.folder / "made/on/the/way"
        self.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)
        for file in folder.iterdir():
            self.assertEqual(stat.S_IMODE(file.stat().st_mode) & 0o077, 0, file)

    def test_requests_that_come_at_once_are_answered_in_order(self):
        server = self.serve()
        one = "GET /api/v1/health HTTP/1.1\r\nHost: a\r\n\r\n"
        other = "GET /api/v1/none HTTP/1.1\r\nHost: a\r\n\r\n"
        last = "GET /api/v1/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        said = talk(server, (one + other) * 100 + last)
        statuses = [int(line.split()[1]) for line in said.replace("}HTTP/1.1", "}\r\nHTTP/1.1").split("\r\n") if line.startswith("HTTP/1.1 ")]
        self.assertEqual(statuses, [200, 404] * 100 + [200])

    def test_a_client_that_has_said_all_still_gets_its_answer(self):
        server = self.serve()
        said = talk(server, "GET /api/v1/health HTTP/1.1\r\nHost: a\r\n\r\n", ends=True)
        self.assertEqual(status_of(said), 200)

    def test_what_is_not_http_is_refused_with_the_reason(self):
        server = self.serve()
        for request, status, why in (
            ("nonsense\r\n\r\n", 400, "not method, target and version"),
            ("GET / HTTP/1.1\r\nHost: a\nX: b\n\n", 400, "CR LF"),
            ("GET / HTTP/1.1\r\n\r\n", 400, "Host"),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "version"),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: " + "y" * 40_000, 431, "32 KiB"),
            ("GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n" * 200 + "\r\n", 431, "100 headers"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "length and chunks"),
            ("POST /api/v1/flows HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "chunks"),
        ):
            with self.subTest(request[:40]):
                said = talk(server, request)
                self.assertEqual(status_of(said), status, said)
                self.assertIn(why, said)
                self.assertIn("application/problem+json", said)

    def test_a_body_that_is_too_large_is_refused_before_it_has_come(self):
        server = self.serve()
        head = "POST /api/v1/flows HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self.assertEqual(status_of(talk(server, head % (1 << 40))), 413)
        chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        start = b"POST /api/v1/flows HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.assertEqual(status_of(talk(server, start + chunk * 11 + b"0\r\n\r\n")), 413)

    def test_a_body_is_asked_for_only_if_it_counts(self):
        server = self.serve()
        head = "POST %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
        with socket.create_connection((server.host, server.port), timeout=60) as wire:
            wire.sendall((head % "/api/v1/flows").encode())
            self.assertEqual(wire.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
        self.assertEqual(status_of(talk(server, head % "/api/v1/none")), 404)

    def test_large_texts_are_compressed_for_those_who_ask(self):
        server = self.serve()
        server.ask("POST", "/api/v1/flows", dict(FLOW, **{"x-text": "x" * 5000}))
        for asked, given in (("gzip", "gzip"), ("gzip, zstd", "zstd"), ("br", None)):
            status, headers, _ = server.ask("GET", "/api/v1/flows/orders", headers={"accept-encoding": asked}, raw=True)
            self.assertEqual((status, headers.get("content-encoding"), headers["vary"]), (200, given, "accept-encoding"))
        _, headers, body = server.ask("GET", "/api/v1/flows/orders", headers={"accept-encoding": "gzip"}, raw=True)
        self.assertEqual(json.loads(gzip.decompress(body))["document"]["x-text"], "x" * 5000)
        status, _, said = server.ask("POST", "/api/v1/flows", gzip.compress(b"{}"), headers={"content-encoding": "gzip"})
        self.assertEqual(status, 415, said)

    def test_a_browser_gets_a_page_whose_parts_it_keeps_for_good(self):
        server = self.serve()
        status, headers, page = server.ask("GET", "/")
        self.assertEqual((status, headers["cache-control"]), (200, "no-cache"))
        self.assertIn("default-src 'none'", headers["content-security-policy"])
        self.assertNotIn("unsafe-inline", headers["content-security-policy"])
        parts = re.findall(r'(?:href|src)="(?:\./)?(assets/[^"]+)"', page)
        # The studio where it is in the program, else the page that says how to begin.
        self.assertGreaterEqual(len(parts), 2)
        for part in parts:
            status, found, _ = server.ask("GET", "/" + part)
            self.assertEqual((status, found["cache-control"]), (200, "public, max-age=31536000, immutable"))
        status, packed, body = server.ask("GET", "/" + parts[0], headers={"accept-encoding": "gzip"}, raw=True)
        self.assertEqual((status, packed["content-encoding"], packed["vary"]), (200, "gzip", "accept-encoding"))
        self.assertEqual(gzip.decompress(body), server.ask("GET", "/" + parts[0], raw=True)[2])
        self.assertEqual(server.ask("GET", "/", headers={"if-none-match": headers["etag"]})[0], 304)
        self.assertEqual(server.ask("POST", "/", b"")[0], 405)
        self.assertEqual(server.ask("GET", "/docs")[0], 200)

    def test_who_comes_when_there_is_no_room_is_told_to_come_back(self):
        server = self.serve("--max-connections", "2", signed_in=False)
        with contextlib.ExitStack() as held:
            for _ in range(2):
                wire = held.enter_context(socket.create_connection((server.host, server.port), timeout=60))
                wire.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertIn(b"200 OK", wire.recv(4096))
            said = talk(server)
            self.assertEqual(status_of(said), 503, said)
            self.assertIn("retry-after", said)
            problem = json.loads(said.split("\r\n\r\n", 1)[1])
            self.assertEqual((problem["status"], problem["code"]), (503, "server.connections"))
            self.assertIn("2 connections", problem["detail"])
        until(lambda: server.ask("GET", "/api/v1/health")[0] == 200)

    def test_a_target_may_name_its_host(self):
        server = self.serve(signed_in=False)
        for host, target in ((f"{server.host}:{server.port}", "/api/v1/health"), ("weir.example", "/api/v1/health?")):
            said = talk(server, f"GET http://{host}{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            self.assertEqual(status_of(said), 200, said)
        said = talk(server, "GET http://b/api/v1/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.assertEqual(status_of(said), 400, said)
        for target in ("http://", "ftp://a/api/v1/health", "api/v1/health"):
            said = talk(server, f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            self.assertEqual((status_of(said), json.loads(said.split("\r\n\r\n", 1)[1])["code"]), (400, "server.malformed"))

    def test_a_place_that_is_taken_is_named(self):
        server = self.serve()
        self.fails("serve", "--data", "other", "--listen", f"127.0.0.1:{server.port}", code=2, says=["another program listens there"])
        self.fails("serve", "--data", "other", "--listen", "here", code=2, says=["ADDRESS:PORT"])

    def test_a_data_folder_that_cannot_be_one_is_named(self):
        self.write("file", "")
        self.fails("serve", "--data", "file", code=2, says=["it is no folder"])

    def test_idle_connections_do_not_hold_up_the_end(self):
        server = self.serve()
        with socket.create_connection((server.host, server.port), timeout=60) as wire:
            wire.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertIn(b"200 OK", wire.recv(4096))
            self.assertEqual(server.stop(), 0)

    def test_a_second_signal_ends_what_is_under_way(self):
        server = self.serve()
        with socket.create_connection((server.host, server.port), timeout=60) as wire:
            wire.sendall(b"POST /api/v1/flows HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\n{")
            time.sleep(0.1)
            server.process.send_signal(signal.SIGTERM)
            until(lambda: "finishing" in server.said())
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(60), 0)

    def test_a_request_under_way_is_answered_before_the_end(self):
        server = self.serve()
        body = json.dumps(FLOW)
        with socket.create_connection((server.host, server.port), timeout=60) as wire:
            head = f"POST /api/v1/flows HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {server.token}\r\nContent-Length: {len(body)}\r\n\r\n"
            wire.sendall((head + body[:5]).encode())
            time.sleep(0.2)
            server.process.send_signal(signal.SIGTERM)
            until(lambda: "finishing" in server.said())
            wire.sendall(body[5:].encode())
            said = wire.recv(65536).decode()
            self.assertEqual(status_of(said), 201, said)
            self.assertIn("connection: close", said)
        self.assertEqual(server.process.wait(60), 0)


class Encrypted(ServeTest):
    def certificate(self, name):
        made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                               "-keyout", f"{name}.key", "-out", f"{name}.crt", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"],
                              cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(made.returncode, 0, made.stderr)

    def name_of(self, server):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((server.host, server.port), timeout=60) as wire, context.wrap_socket(wire) as secure:
            self.assertIn(secure.version(), ("TLSv1.2", "TLSv1.3"))
            return secure.getpeercert(binary_form=True)

    def der(self, name):
        return ssl.PEM_cert_to_DER_cert((self.folder / f"{name}.crt").read_text())

    def curl(self, server, path, *more, code=0):
        done = subprocess.run(["curl", "-sS", "--max-time", "60", *more, f"https://{server.host}:{server.port}{path}"],
                              cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def test_it_speaks_tls_with_a_certificate_of_ones_own(self):
        self.certificate("one")
        server = self.serve("--tls-cert", "one.crt", "--tls-key", "one.key")
        self.assertEqual(server.scheme, "https")
        said = self.curl(server, "/api/v1/health", "--cacert", "one.crt", "-i")
        self.assertNotIn("strict-transport-security", said)  # of a host that serves other programs too
        self.assertIn('"status":"ok"', said)
        self.curl(server, "/api/v1/health", "--cacert", "one.crt", "--tls-max", "1.1", code=35)

    def test_a_large_answer_and_a_large_body_cross_tls_whole(self):
        self.certificate("one")
        server = self.serve("--tls-cert", "one.crt", "--tls-key", "one.key")
        flow = dict(FLOW, **{"x-text": "x" * 3_000_000})
        self.write("flow.json", json.dumps(flow))
        token = ("-H", f"authorization: Bearer {server.token}")
        said = self.curl(server, "/api/v1/flows", "--cacert", "one.crt", *token, "-H", "content-type: application/json", "--data-binary", "@flow.json")
        self.assertIn("orders", said)
        read = json.loads(self.curl(server, "/api/v1/flows/orders", "--cacert", "one.crt", *token))
        self.assertEqual(read["document"]["x-text"], flow["x-text"])

    def test_plain_http_to_a_tls_port_is_told_so(self):
        self.certificate("one")
        server = self.serve("--tls-cert", "one.crt", "--tls-key", "one.key")
        said = talk(server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(status_of(said), 400)
        self.assertIn("https://", said)

    def test_a_new_certificate_is_taken_without_a_restart_and_a_bad_one_is_not(self):
        self.certificate("one")
        self.certificate("two")
        server = self.serve("--tls-cert", "one.crt", "--tls-key", "one.key")
        self.assertEqual(self.name_of(server), self.der("one"))
        first = self.der("one")
        for part in ("key", "crt"):
            (self.folder / f"two.{part}").replace(self.folder / f"one.{part}")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: self.name_of(server) != first)
        self.assertEqual(self.name_of(server), self.der("one"))
        (self.folder / "one.crt").write_text("nothing")
        until(lambda: "the certificate of before stays" in server.said())
        self.assertNotEqual(self.name_of(server), first)

    def test_a_certificate_of_its_own_is_made_once(self):
        server = self.serve("--tls-self-signed")
        made = (self.folder / "data/tls/self-signed.crt").read_text()
        self.assertEqual(stat.S_IMODE((self.folder / "data/tls/self-signed.key").stat().st_mode), 0o600)
        self.assertIn('"status":"ok"', self.curl(server, "/api/v1/health", "--cacert", "data/tls/self-signed.crt"))
        self.assertEqual(server.stop(), 0)
        self.serve("--tls-self-signed")
        self.assertEqual((self.folder / "data/tls/self-signed.crt").read_text(), made)

    def test_other_machines_are_not_served_unencrypted(self):
        everywhere = ("serve", "--data", "d", "--listen", "0.0.0.0:0")
        self.fails(*everywhere, code=2, says=["server.plaintext", "--tls-cert"])
        self.fails(*everywhere, "--behind-tls-proxy", code=2, says=["--trusted-proxy RANGE"])
        self.fails(*everywhere, "--tls-cert", "none.crt", code=2, says=["--tls-key"])
        self.fails(*everywhere, "--tls-cert", "none.crt", "--tls-key", "none.key", code=2, says=["none.crt"])


if __name__ == "__main__":
    unittest.main()
