#!/usr/bin/env python3
# Kafka on librdkafka's mock cluster, with the real program on the other side.
import json
import os
import signal
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import together  # noqa: E402
from kafka_servers import MOCK, NOT_ENOUGH_REPLICAS, PRODUCE, TOO_LARGE, Front, Kafka, certificate  # noqa: E402
from program import ProgramTest, edge, interrupt, node, until  # noqa: E402
from servers import free_port  # noqa: E402


@unittest.skipUnless(MOCK.exists(), f"skipped: {MOCK} is not built")
class KafkaTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.kafka = Kafka(self)

    def consume(self, name="in", **settings):
        return node(name, "kafka/consume", **{"servers": self.kafka.servers, "topics": ["t"], "group": "g", **settings})

    def produce(self, **settings):
        return node("out", "kafka/produce", **{"servers": self.kafka.servers, "topic": "t", **settings})

    def given(self, rows):
        self.write("in.ndjson", "".join(json.dumps(row) + "\n" for row in rows))
        return node("in", "files/json-read", path="in.ndjson")

    def out(self, name="out.ndjson"):
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().split("\n")[:-1]] if path.exists() else []

    def read(self, count, code=0, **settings):
        """That many rows, in a run that ends then."""
        flow = self.flow("read", self.consume(**settings), node("some", "flow/limit", "2.0.0", count=count), node("out", "files/json-write", path="out.ndjson"))
        self.weir("run", "-q", flow, code=code)
        return self.out()


class Rows(KafkaTest):
    def test_rows_go_in_and_come_out(self):
        self.kafka.topic("t", 3)
        rows = [{"n": i, "t": text} for i, text in enumerate(["a", "ünïcödé \U0001f600", "x\r\ny", "\x00", "", "k"])]
        flow = self.flow("write", self.given(rows), self.produce(key="row.t", headers={"half": "row.n / 2"}, timestamp="timestamp('2026-01-02T03:04:05.678Z')", compression="zstd"))
        self.weir("run", "-q", flow)
        got = sorted(self.read(len(rows)), key=lambda row: row["payload"]["n"])
        self.assertEqual([row["payload"] for row in got], rows)
        self.assertEqual([row["key"] for row in got], [row["t"] for row in rows])
        self.assertEqual([row["headers"] for row in got], [{"half": str(i // 2)} for i in range(len(rows))])
        self.assertEqual({row["timestamp"] for row in got}, {"2026-01-02T03:04:05.678Z"})
        self.assertEqual({row["topic"] for row in got}, {"t"})
        self.assertTrue({row["partition"] for row in got} <= {0, 1, 2})

    def test_ten_thousand_rows_keep_their_order_in_each_partition(self):
        self.kafka.topic("t", 4)
        flow = self.flow("write", self.given([{"n": i, "k": i % 17} for i in range(10000)]), self.produce(key="string(row.k)"))
        self.weir("run", "-q", flow)
        got = self.read(10000)
        self.assertEqual(sorted(row["payload"]["n"] for row in got), list(range(10000)))
        for partition in range(4):
            numbers = [row["payload"]["n"] for row in got if row["partition"] == partition]
            offsets = [row["offset"] for row in got if row["partition"] == partition]
            self.assertEqual(offsets, list(range(len(offsets))))
            self.assertEqual(numbers, sorted(numbers))

    def test_tombstones_text_and_bytes(self):
        self.kafka.topic("t")
        flow = self.flow("write", self.given([{"p": "x"}, {"p": None}, {"p": ""}]), self.produce(payload="row.p", key="'k'"))
        self.weir("run", "-q", flow)
        self.assertEqual([row["payload"] for row in self.read(3, format="text")], ["x", None, ""])
        got = self.read(3, format="bytes", keyFormat="bytes", group="h")
        self.assertEqual([(row["key"], row["payload"]) for row in got], [("aw==", "eA=="), ("aw==", None), ("aw==", "")])

    def test_a_message_at_fault_is_a_dead_letter_and_its_neighbours_go_on(self):
        self.kafka.topic("t")
        for text in ('{"n": 1}', "{", '{"n": 2}', '"' + "x" * 3000 + '"', '{"n": 3}'):
            self.kafka.ask("send", "t", 0, text)
        got = self.read(3, code=3, maxBytes="1KiB")
        self.assertEqual([row["payload"]["n"] for row in got], [1, 2, 3])
        flow = self.flow("write", self.given([{"t": "t"}, {"t": "nowhere"}, {"t": "t", "x": "x" * 5000}, {"t": "#"}]), node("out", "kafka/produce", servers=self.kafka.servers, topicFrom="row.t", maxBytes="2KB"))
        self.fails("run", "-q", flow, code=3, says=["broker.topic", "broker.limit"])
        self.assertEqual(self.kafka.ask("count", "t", 0), "6")


class Acknowledgement(KafkaTest):
    def test_R13_the_offset_follows_the_rows_that_were_taken_and_a_new_run_goes_on_there(self):
        self.kafka.topic("t")
        self.kafka.ask("fill", "t", 0, 0, 100)
        got = self.read(40)
        self.assertEqual([row["payload"]["n"] for row in got], list(range(40)))
        committed = self.kafka.committed("g", "t")
        self.assertGreaterEqual(committed, 40)
        self.assertLessEqual(committed, 100)
        self.kafka.ask("fill", "t", 0, 100, 10)
        got = self.read(1)
        self.assertEqual(got[0]["payload"]["n"], committed)

    def test_R13_a_rejected_delivery_does_not_advance_the_acknowledgement(self):
        """The sink's broker rejects everything: rows wait at its edge, and no offset is committed beyond what the edges took."""
        self.kafka.topic("t")
        other = Kafka(self)
        other.topic("u")
        self.kafka.ask("fill", "t", 0, 0, 500)
        other.ask("reject", PRODUCE, NOT_ENOUGH_REPLICAS, 100000)
        source = self.consume()
        sink = {**node("out", "kafka/produce", servers=other.servers, topic="u", payload="row.payload", batchRows=10, timeout="1s"), "retry": {"attempts": 1000, "delayMs": 50, "maxDelayMs": 50}}
        flow = self.flow("through", source, sink, edges=[edge("e", "in.rows", "out.rows", buffer={"rows": 20})])
        run = self.start("run", flow)
        until(lambda: self.kafka.committed("g", "t") > 0)
        time.sleep(2)
        # An edge of 20 rows, and what is in hand: not all 500.
        held = self.kafka.committed("g", "t")
        self.assertLess(held, 300)
        self.assertEqual(other.ask("count", "u", 0), "0")
        other.ask("accept", PRODUCE)
        until(lambda: int(other.ask("count", "u", 0)) >= 500)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
        self.assertIn(run.returncode, (0, 130), err)
        numbers = [json.loads(text)["n"] for _, _, text in other.read("u")]
        self.assertEqual(sorted(set(numbers)), list(range(500)))

    def test_R13_what_is_rejected_for_good_is_a_dead_letter_and_the_rest_is_sent(self):
        self.kafka.topic("t")
        self.kafka.ask("reject", PRODUCE, TOO_LARGE, 1)
        flow = self.flow("write", self.given([{"n": i} for i in range(30)]), self.produce(batchRows=10))
        self.fails("run", "-q", flow, code=3, says=["10  broker.limit"])
        self.assertEqual([json.loads(text)["n"] for _, _, text in self.kafka.read("t")], list(range(10, 30)))

    def test_what_is_rejected_for_a_while_is_sent_in_order_and_once(self):
        self.kafka.topic("t")
        self.kafka.ask("reject", PRODUCE, NOT_ENOUGH_REPLICAS, 3)
        flow = self.flow("write", self.given([{"n": i} for i in range(1000)]), self.produce(batchRows=100))
        self.weir("run", "-q", flow)
        self.assertEqual([json.loads(text)["n"] for _, _, text in self.kafka.read("t")], list(range(1000)))


class Away(KafkaTest):
    def test_brokers_that_go_away_and_come_back_lose_nothing(self):
        self.kafka.topic("t", 2)
        flow = self.flow("read", self.consume(timeout="1s"), node("some", "flow/limit", "2.0.0", count=2000), node("out", "files/json-write", path="out.ndjson"))
        reading = self.start("run", flow)
        write = self.flow("write", self.given([{"n": i} for i in range(2000)]), node("slow", "flow/throttle", rowsPerSecond=1000), {**self.produce(key="string(row.n)", batchRows=50, timeout="1s"), "retry": {"attempts": 100, "delayMs": 100, "maxDelayMs": 500}})
        writing = self.start("run", "-q", write)
        until(lambda: int(self.kafka.ask("count", "t", 0)) > 50)
        self.kafka.ask("down")
        time.sleep(3)
        self.kafka.ask("up")
        _, err = writing.communicate(timeout=120)
        self.assertEqual(writing.returncode, 0, err)
        try:
            _, err = reading.communicate(timeout=120)
        finally:
            reading.kill()
        self.assertEqual(reading.returncode, 0, err)
        # What was not confirmed in time is sent again: at least once.
        sent = {json.loads(text)["n"] for partition in (0, 1) for _, _, text in self.kafka.read("t", partition)}
        self.assertEqual(sent, set(range(2000)))

    def test_unreachable_servers_refused_addresses_and_wrong_settings_are_said(self):
        for settings, says in (({"servers": f"127.0.0.1:{free_port()}"}, "broker.unavailable"), ({"servers": "169.254.169.254:9092"}, "network.refused"),
                               ({"servers": "kafka://x"}, "settings.invalid"), ({"servers": "127.0.0.1:1,"}, "settings.invalid"), ({"servers": self.kafka.servers, "topics": ["a b"]}, "broker.topic"),
                               ({"topics": ["nowhere"]}, "broker.topic")):
            source = {**self.consume(**{"timeout": "1s", **settings}), "retry": {"attempts": 2}}
            flow = self.flow("x", source, node("out", "files/json-write", path="out.ndjson"))
            self.fails("run", "-q", flow, code=1, says=[says, "node 'in'"])
        for servers, says in ((f"127.0.0.1:{free_port()}", "broker.unavailable"), ("169.254.169.254:9092", "network.refused")):
            sink = {**self.produce(servers=servers, timeout="1s"), "retry": {"attempts": 2}}
            self.fails("run", "-q", self.flow("y", self.given([{"n": 1}]), sink), code=1, says=[says, "node 'out'"])

    def test_stopping_a_reader_that_waits_takes_no_time(self):
        self.kafka.topic("t")
        for servers in (self.kafka.servers, f"127.0.0.1:{free_port()}"):
            flow = self.flow("read", self.consume(servers=servers), node("out", "files/json-write", path="out.ndjson"))
            run = self.start("run", "-q", flow)
            interrupt(run)
            run.communicate(timeout=60)
            self.assertIn(run.returncode, (0, 130))


class Secured(KafkaTest):
    def test_TLS_with_a_certificate_that_is_trusted_and_with_one_that_is_not(self):
        self.kafka.topic("t")
        cert, key = certificate(self.folder)
        front = Front(self, self.kafka, cert, key)
        write = self.flow("write", self.given([{"n": 1}]), {**self.produce(servers=front.servers, tls=True, timeout="3s"), "retry": {"attempts": 2}})
        self.weir("run", "-q", write, env={**os.environ, "SSL_CERT_FILE": str(cert)})
        self.assertEqual(self.kafka.ask("count", "t", 0), "1")
        self.fails("run", "-q", write, code=1, says=["network.tls", "node 'out'"])
        # A certificate of somebody else, and a server without TLS.
        read = self.flow("read", {**self.consume(servers=front.servers.replace("127.0.0.2", "localhost2.localdomain"), tls=True, timeout="1s"), "retry": {"attempts": 2}}, node("out", "files/json-write", path="out.ndjson"))
        self.fails("run", "-q", read, code=1, says=["node 'in'"])
        plain = self.flow("plain", {**self.consume(servers=self.kafka.servers, tls=True, timeout="2s"), "retry": {"attempts": 2}}, node("out", "files/json-write", path="out.ndjson"))
        self.fails("run", "-q", plain, code=1, says=["node 'in'"])

    def test_S11_a_password_is_a_secret_and_never_shown(self):
        self.kafka.topic("t")
        cert, key = certificate(self.folder)
        front = Front(self, self.kafka, cert, key, password="canary-7713")
        for code, secret in ((0, "canary-7713"), (1, "canary-wrong")):
            sink = {**self.produce(servers=front.servers, tls=True, signIn="plain", user="u", password="${secret:KAFKA}", timeout="3s"), "retry": {"attempts": 2}}
            out, err = self.weir("run", self.flow("x", self.given([{"n": 1}]), sink), code=code, env={**os.environ, "SSL_CERT_FILE": str(cert), "WEIR_SECRET_KAFKA": secret})
            self.assertNotIn("canary", out + err)
        self.assertIn(("u", "canary-7713"), front.asked)
        self.assertIn("Kafka at", err)

    def test_a_secret_is_for_its_hosts_alone(self):
        secrets = self.write("secrets.json", json.dumps({"KAFKA": {"value": "canary-1234", "hosts": ["kafka.example.com"]}}))
        secrets.chmod(0o600)
        sink = {**self.produce(signIn="plain", user="u", password="${secret:KAFKA}", timeout="1s"), "retry": {"attempts": 1}}
        self.fails("run", "-q", "--secrets", "secrets.json", self.flow("x", self.given([{"n": 1}]), sink), code=1, says=["secret.host", "node 'out'"])


if __name__ == "__main__":
    together.main()
