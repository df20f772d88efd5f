#!/usr/bin/env python3
# Servers of messages and databases that are not what they should be: certificates of others, replies that are none, lengths without
# an end, secrets sent back.
import os
import socket
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import together  # noqa: E402
from kafka_servers import certificate  # noqa: E402
from program import ProgramTest, node  # noqa: E402
from servers import POSTGRES, PostgreSql, Server, needs  # noqa: E402

CANARY = "canary-90417"


class Saying:
    """Accepts whoever comes, says this, then keeps still until the other one goes. `heard` is what came."""

    def __init__(self, test, *answers):
        self.answers, self.heard = answers, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        test.addCleanup(self.listener.close)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        try:
            for answer in self.answers:
                self.heard += connection.recv(65536)
                for part in answer(self.heard) if callable(answer) else [answer]:
                    connection.sendall(part)
            while connection.recv(65536):
                pass
        except OSError:
            pass
        finally:
            connection.close()


class FaultTest(ProgramTest):
    def given(self):
        self.write("in.ndjson", '{"x": 1}\n')
        return node("in", "files/json-read", path="in.ndjson")

    def both(self, source, sink):
        """A flow that reads from the server, and one that writes to it."""
        if source:
            yield "in", self.flow("read", {**source, "retry": {"attempts": 2, "delayMs": 10}}, node("out", "files/json-write", path="out.ndjson"))
        if sink:
            yield "out", self.flow("write", self.given(), {**sink, "retry": {"attempts": 2, "delayMs": 10}})

    def redis(self, port, **more):
        more = {"server": f"127.0.0.1:{port}", "timeout": "2s", **more}
        return self.both(node("in", "redis/stream-read", streams=["s"], **more), node("out", "redis/stream-write", stream="s", **more))

    def mqtt(self, port, **more):
        more = {"server": f"127.0.0.1:{port}", "timeout": "2s", **more}
        return self.both(node("in", "mqtt/subscribe", topics=["t"], **more), node("out", "mqtt/publish", topic="'t'", **more))

    def ends(self, flows, says, **env):
        """Each with an error of the node, a secret in none."""
        for name, flow in flows:
            out, err = self.weir("run", flow, "-q", code=1, env={**os.environ, "WEIR_SECRET_KEY": CANARY, **env})
            self.assertIn(f"node '{name}'", out + err)
            self.assertTrue(any(text in out + err for text in says), f"{says}\n{out}{err}")
            self.assertNotIn(CANARY, out + err)


class Certificates(FaultTest):
    def setUp(self):
        super().setUp()
        self.cert, self.key = certificate(self.folder, "127.0.0.1")
        self.key.chmod(0o600)

    def works_with_it_and_is_said_without(self, flow):
        self.weir("run", "-q", flow, env={**os.environ, "SSL_CERT_FILE": str(self.cert)})
        self.ends([("out", flow)], ["network.tls"])

    @needs("redis-server")
    def test_a_Redis_whose_certificate_is_not_known_is_refused(self):
        server = Server(self, self.folder / "server")
        server.run("redis-server", "--port", "0", "--tls-port", server.port, "--bind", "127.0.0.1", "--dir", server.folder, "--save", "",
                   "--tls-cert-file", self.cert, "--tls-key-file", self.key, "--tls-auth-clients", "no")
        self.works_with_it_and_is_said_without(list(self.redis(server.port, tls=True))[1][1])
        self.ends(self.redis(server.port), ["broker.unavailable", "broker.protocol"])

    @needs("/usr/sbin/mosquitto")
    def test_an_MQTT_server_whose_certificate_is_not_known_is_refused(self):
        server = Server(self, self.folder / "server")
        settings = server.folder / "mosquitto.conf"
        settings.write_text(f"listener {server.port} 127.0.0.1\nallow_anonymous true\nuser root\ncertfile {self.cert}\nkeyfile {self.key}\n")
        server.run("/usr/sbin/mosquitto", "-c", settings)
        self.works_with_it_and_is_said_without(list(self.mqtt(server.port, tls=True))[1][1])
        self.ends(self.mqtt(server.port), ["broker.unavailable", "broker.protocol"])


class Replies(FaultTest):
    def test_replies_of_a_Redis_that_are_none(self):
        # No length alone makes anybody allocate it, and what never ends ends with the time that the node allows.
        for says, answer in ((["broker.protocol"], b"$99999999999999999999\r\n"), (["broker.limit"], b"*2147483647\r\n"), (["broker.unavailable"], b"$1073741824\r\n" + b"x" * 100_000),
                             (["broker.protocol"], b"\x00\xff\xfe"), (["broker.protocol"], b"*1\r\n" * 100_000), (["broker.unavailable"], b"+" + b"y" * 3_000_000)):
            with self.subTest(answer[:20]):
                self.ends(self.redis(Saying(self, answer).port, timeout="500ms"), says)

    def test_packets_of_an_MQTT_server_that_are_none(self):
        connack = b"\x20\x02\x00\x00"
        for answer in (b"\x20\xff\xff\xff\x7f", b"\x20\xff\xff\xff\xff\xff", b"HTTP/1.1 400 Bad Request\r\n\r\n", connack + b"\x30\xff\xff\xff\x7f\x00\x01t", connack + b"\x00\x00", b"\x20\x02\x00\x04"):
            with self.subTest(answer[:20]):
                self.ends(self.mqtt(Saying(self, answer).port, timeout="500ms"), ["broker.protocol", "broker.unavailable", "broker.limit", "broker.denied", "broker.timeout"])

    def test_a_PostgreSQL_that_is_none(self):
        for answer in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"R\xff\xff\xff\xff", b"R\x7f\xff\xff\xff" + b"x" * 100_000, b"\x00" * 1000):
            with self.subTest(answer[:20]):
                url = f"postgresql://u@127.0.0.1:{Saying(self, answer, answer).port}/x"
                self.ends(self.both(node("in", "sql/read", connection=url, key="id", timeout="1s", **{"from": "t"}),
                                    node("out", "sql/write", connection=url, table="t", timeout="1s")), ["sql.unavailable", "sql.protocol", "sql.connection"])

    def test_S11_a_secret_that_a_server_sends_back_is_in_no_error(self):
        port = Saying(self, f"-ERR wrong password {CANARY} of user\r\n".encode()).port
        self.ends(self.redis(port, user="u", password="${secret:KEY}"), ["broker."])
        text = b"SFATAL\0C28P01\0Mpassword " + CANARY.encode() + b" is wrong\0\0"
        answer = b"E" + (len(text) + 4).to_bytes(4, "big") + text
        port = Saying(self, b"N", answer).port
        url = f"postgresql://u:${{secret:KEY}}@127.0.0.1:{port}/x"
        self.ends(self.both(None, node("out", "sql/write", connection=url, table="t", timeout="1s")), ["sql."])


if __name__ == "__main__":
    together.main()
