#!/usr/bin/env python3
# MQTT on a real Mosquitto: wildcards, retained messages, every QoS, sessions, restarts.
import json
import os
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, node, until  # noqa: E402
from servers import Server, free_port, needs  # noqa: E402

MOSQUITTO = "/usr/sbin/mosquitto" if os.path.exists("/usr/sbin/mosquitto") else "mosquitto"


class Mosquitto(Server):
    def __init__(self, test, folder, *lines):
        super().__init__(test, folder)
        self.lines = lines or ("allow_anonymous true",)
        self.start()

    def start(self):
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text("\n".join([f"listener {self.port} 127.0.0.1", "max_queued_messages 0", "persistence true", f"persistence_location {self.folder}/",
                                            "autosave_interval 1", "user root", "log_type all", *self.lines, ""]))
        self.run(MOSQUITTO, "-c", configuration)

    def subscribed(self):
        return (self.folder / "server.log").read_text(errors="replace").count("Sending SUBACK")

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"


class MqttTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.server = Mosquitto(self, self.folder / "server")

    def given(self, rows, name="in.ndjson"):
        self.write(name, "".join(json.dumps(row) + "\n" for row in rows))
        return node("in", "files/json-read", path=name)

    def out(self, name="out.ndjson"):
        return [json.loads(line) for line in (self.folder / name).read_text().split("\n")[:-1]]

    def publish(self, rows, name="write", **settings):
        settings = {"server": self.server.address, "topic": "row.topic", "payload": "row.payload", **settings}
        flow = self.flow(name, self.given(rows, f"{name}.ndjson"), node("out", "mqtt/publish", **settings))
        return self.weir("run", "-q", flow)

    def reading(self, count, name="read", **settings):
        source = node("in", "mqtt/subscribe", **{"server": self.server.address, "topics": ["t/#"], **settings})
        flow = self.flow(name, source, node("some", "flow/limit", "2.0.0", count=count), node("out", "files/json-write", path="out.ndjson"))
        before = self.server.subscribed()
        run = self.start("run", "-q", flow)
        until(lambda: self.server.subscribed() > before)
        return run

    def ended(self, run, code=0):
        _, err = run.communicate(timeout=120)
        self.assertEqual(run.returncode, code, err)
        return self.out()


@needs(MOSQUITTO)
class Mqtt(MqttTest):
    def test_messages_of_every_qos_go_and_come(self):
        texts = ["a", "ünïcödé \U0001f600", "", "x" * 100000, "\x00\x01"]
        for qos in (0, 1, 2):
            run = self.reading(len(texts), qos=qos, format="text")
            self.publish([{"topic": f"t/{i}", "payload": text} for i, text in enumerate(texts)], qos=qos)
            got = self.ended(run)
            self.assertEqual([(row["topic"], row["payload"], row["qos"], row["retained"]) for row in got],
                             [(f"t/{i}", text, qos, False) for i, text in enumerate(texts)])

    def test_wildcards_choose_and_retained_messages_wait(self):
        self.publish([{"topic": "t/a/temp", "payload": 1}, {"topic": "t/a/wet", "payload": 2}, {"topic": "t/b/temp", "payload": 3}], retain=True)
        got = self.ended(self.reading(2, topics=["t/+/temp"]))
        self.assertEqual(sorted((row["topic"], row["payload"], row["retained"]) for row in got), [("t/a/temp", 1, True), ("t/b/temp", 3, True)])

    def test_ten_thousand_messages_keep_their_order(self):
        run = self.reading(10000, qos=0)
        self.publish([{"topic": "t/n", "payload": {"n": i}} for i in range(10000)])
        self.assertEqual([row["payload"]["n"] for row in self.ended(run)], list(range(10000)))

    def test_what_is_no_json_or_no_topic_is_a_dead_letter(self):
        run = self.reading(2)
        self.fails("run", "-q", self.flow("write", self.given([{"t": "t/a", "p": "1"}, {"t": "t/#", "p": "2"}, {"t": "t/a", "p": "{"}, {"t": "", "p": "4"}, {"t": "t/a", "p": "5"}]),
                                          node("out", "mqtt/publish", server=self.server.address, topic="row.t", payload="row.p")), code=3, says=["2  broker.topic"])
        self.assertEqual([row["payload"] for row in self.ended(run, code=3)], [1, 5])

    def test_wrong_topics_unreachable_servers_and_refused_addresses_are_said(self):
        for settings, says in (({"topics": ["a/#/b"]}, "broker.topic"), ({"topics": ["a+"]}, "broker.topic"),
                               ({"server": f"127.0.0.1:{free_port()}"}, "network.unreachable"), ({"server": "169.254.169.254"}, "network.refused"),
                               ({"tls": True, "timeout": "1s"}, "network.tls")):
            source = node("in", "mqtt/subscribe", **{"server": self.server.address, "topics": ["t"], **settings})
            flow = self.flow("x", {**source, "retry": {"attempts": 2}}, node("out", "files/json-write", path="out.ndjson"))
            self.fails("run", "-q", flow, code=1, says=[says, "node 'in'"])

    def test_a_restart_in_the_middle_is_survived(self):
        run = self.reading(2, client="reader", keepSession=True)
        self.publish([{"topic": "t/a", "payload": 1}])
        before = self.server.subscribed()
        self.server.kill(signal.SIGTERM)
        self.server.start()
        until(lambda: self.server.subscribed() > before)
        self.publish([{"topic": "t/a", "payload": 2}])
        got = {row["payload"] for row in self.ended(run)}
        self.assertTrue(got <= {1, 2} and 1 in got, got)


@needs(MOSQUITTO)
class Restart(MqttTest):
    def setUp(self):
        super().setUp()
        self.server.kill()
        self.server.lines = ("allow_anonymous true", "log_type all")
        self.server.start()

    def until(self, check):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if check():
                return
            time.sleep(0.02)
        raise AssertionError((self.server.folder / "server.log").read_text()[-2000:])

    def said(self, text):
        return (self.server.folder / "server.log").read_text(errors="replace").count(text)

    def test_R13_at_qos_1_and_2_a_restart_of_the_server_in_the_middle_loses_nothing_in_either_direction(self):
        count = 3000
        for qos in (1, 2):
            # At least once: each row counts when it comes first.
            source = node("in", "mqtt/subscribe", server=self.server.address, topics=["t/#"], qos=qos, client=f"reader{qos}", keepSession=True)
            read = self.flow("read", source, node("once", "flow/deduplicate", key="row.payload.n"), node("some", "flow/limit", "2.0.0", count=count),
                             node("out", "files/json-write", path="out.ndjson"))
            reading = self.start("run", "-q", read)
            self.until(lambda: self.said(f"SUBSCRIBE from reader{qos}") > 0)
            write = self.flow("write", self.given([{"n": i} for i in range(count)], "write.ndjson"), node("slow", "flow/throttle", rowsPerSecond=1500),
                              node("out", "mqtt/publish", server=self.server.address, topic="'t/n'", qos=qos))
            writing = self.start("run", "-q", write)
            before = self.said(f"PUBLISH to reader{qos}")
            self.until(lambda: self.said(f"PUBLISH to reader{qos}") > before + 500)
            self.server.kill(signal.SIGTERM)
            time.sleep(0.3)
            self.server.start()
            try:
                _, err = writing.communicate(timeout=120)
                self.assertEqual(writing.returncode, 0, err)
                got = self.ended(reading)
            finally:
                writing.kill()
                reading.kill()
            self.assertEqual(sorted(row["payload"]["n"] for row in got), list(range(count)))


@needs(MOSQUITTO)
class Password(ProgramTest):
    def test_S11_a_password_is_a_secret_and_never_shown(self):
        passwords = self.folder / "passwords"
        subprocess.run(["mosquitto_passwd", "-c", "-b", str(passwords), "u", "canary-5521"], check=True, capture_output=True)
        server = Mosquitto(self, self.folder / "server", "allow_anonymous false", f"password_file {passwords}")
        self.write("in.ndjson", '{"n": 1}\n')
        for name, code, secret in (("right", 0, "canary-5521"), ("wrong", 1, "canary-wrong")):
            flow = self.flow(name, node("in", "files/json-read", path="in.ndjson"),
                             node("out", "mqtt/publish", server=server.address, topic="'t'", user="u", password="${secret:MQTT}"))
            out, err = self.weir("run", flow, code=code, env={**os.environ, "WEIR_SECRET_MQTT": secret})
            self.assertNotIn("canary", out + err)
        self.assertIn("broker.denied", err)


if __name__ == "__main__":
    unittest.main()
