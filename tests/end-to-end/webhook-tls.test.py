#!/usr/bin/env python3
# Webhooks over TLS: who is answered, who refuses to ask, and what is said about certificates and keys that cannot serve.
import http.client
import json
import socket
import ssl
import subprocess
import sys
import unittest
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from hooked import JSON, Hooked  # noqa: E402
from network_servers import certificate  # noqa: E402
from program import node  # noqa: E402


class Tls(Hooked):
    def listen_with(self, name="server", **settings):
        self.hook(options=("--tls-cert", f"{name}.pem", "--tls-key", f"{name}.key"), **settings)
        self.assertIn("https://", self.told)

    def trusting(self, name):
        return ssl.create_default_context(cafile=self.folder / f"{name}.pem")

    def secure(self, context, body, timeout=60):
        client = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=context)
        try:
            client.request("POST", "/hook", json.dumps(body), JSON)
            answer = client.getresponse()
            answer.read()
            return answer.status
        finally:
            client.close()

    def test_those_who_trust_the_certificate_are_answered_and_others_do_not_ask(self):
        certificate(self.folder, "server", ["127.0.0.1"])
        certificate(self.folder, "other", ["127.0.0.1"])
        self.listen_with(rows="body")
        self.assertEqual(self.secure(self.trusting("server"), {"n": 1}), 202)
        for context in (ssl.create_default_context(), self.trusting("other")):
            with self.assertRaises(ssl.SSLCertVerificationError):
                self.secure(context, {"n": "never"})
        careless = ssl.create_default_context()
        careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
        self.assertEqual(self.secure(careless, {"n": 2, "text": "x" * 500_000}), 202)
        self.assertEqual([(row["n"], len(row.get("text") or "")) for row in self.stop()], [(1, 0), (2, 500_000)])

    def test_a_chain_up_to_the_authority_is_sent_whole(self):
        certificate(self.folder, "root", ["root authority"])
        certificate(self.folder, "leaf", ["127.0.0.1"], ca="root")
        (self.folder / "chain.pem").write_text((self.folder / "leaf.pem").read_text() + (self.folder / "root.pem").read_text())
        (self.folder / "leaf.key").rename(self.folder / "chain.key")
        self.listen_with("chain")
        self.assertEqual(self.secure(self.trusting("root"), {}), 202)
        self.stop()

    def test_a_connection_carries_many_requests_and_old_versions_are_refused(self):
        certificate(self.folder, "server", ["127.0.0.1"])
        self.listen_with(rows="body")
        client = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.trusting("server"))
        for n in range(200):
            client.request("POST", "/hook", json.dumps({"n": n}), JSON)
            answer = client.getresponse()
            answer.read()
            self.assertEqual(answer.status, 202)
        client.close()
        old = self.trusting("server")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with self.assertRaises(ssl.SSLError):
            self.secure(old, {})
        self.assertEqual([row["n"] for row in self.stop()], list(range(200)))

    def test_L2_senders_without_tls_who_hang_or_send_garbage_hold_nobody_up(self):
        certificate(self.folder, "server", ["127.0.0.1"])
        self.listen_with()
        answer = self.raw(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        self.assertTrue(answer.startswith(b"HTTP/1.1 400") and b"HTTPS" in answer, answer)
        self.assertNotIn(b"HTTP/1.1", self.raw(b"\x16\x03\x01\xff\xff" + b"garbage" * 1000))
        held = [socket.create_connection(("127.0.0.1", self.port), timeout=60) for _ in range(50)]
        for client in held:
            client.sendall(b"\x16\x03\x01")  # half a record of the handshake
        self.assertEqual(self.secure(self.trusting("server"), {"still": "here"}), 202)
        self.assertEqual(held[0].recv(100), b"")  # ended by the listener
        for client in held:
            client.close()
        self.assertEqual([row["body"] for row in self.stop()], [{"still": "here"}])

    def test_L2_who_is_refused_in_the_middle_of_sending_still_reads_why(self):
        certificate(self.folder, "server", ["127.0.0.1"])
        self.listen_with()
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as plain, \
                self.trusting("server").wrap_socket(plain, server_hostname="127.0.0.1") as client:
            client.sendall(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n")
            for _ in range(128):
                client.sendall(b"a" * 65536)
            self.assertTrue(client.recv(65536).startswith(b"HTTP/1.1 413"))
        self.stop()

    def test_files_that_cannot_serve_are_named_with_the_reason(self):
        certificate(self.folder, "good", ["127.0.0.1"])
        certificate(self.folder, "other", ["127.0.0.1"])
        certificate(self.folder, "old", ["127.0.0.1"], days="-1")
        subprocess.run(["openssl", "pkey", "-in", "good.key", "-aes256", "-passout", "pass:secret", "-out", "locked.key"], cwd=self.folder, check=True, capture_output=True)
        self.write("empty.pem", "")
        flow = self.flow("one", node("a", "http/webhook", path="/x"), node("out", "files/json-write", path="o.ndjson"))
        for certificate_file, key, says in (("none.pem", "good.key", ["none.pem", "No such file"]), ("good.pem", "none.key", ["none.key", "No such file"]),
                                            ("empty.pem", "good.key", ["empty.pem", "no certificate in PEM"]), ("good.pem", "good.pem", ["good.pem", "no key in PEM"]),
                                            ("good.pem", "other.key", ["other.key", "not the key of the certificate"]),
                                            ("good.pem", "locked.key", ["locked.key", "has a password"]), ("old.pem", "old.key", ["old.pem", "was valid until"])):
            with self.subTest(certificate=certificate_file, key=key):
                self.fails("run", flow, "--listen", "127.0.0.1:0", "--tls-cert", certificate_file, "--tls-key", key, code=1, says=["ingress.tls", *says])
        self.fails("run", flow, "--tls-cert", "good.pem", code=2, says=["--tls-key"])


if __name__ == "__main__":
    unittest.main()
