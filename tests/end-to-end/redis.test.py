#!/usr/bin/env python3
# Redis streams on a real redis-server: groups, acknowledgement, restarts, servers that are none.
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, interrupt, node, until  # noqa: E402
from servers import Server, free_port, needs  # noqa: E402


class Redis(Server):
    def __init__(self, test, folder, *more):
        super().__init__(test, folder)
        self.more = more
        self.start()

    def start(self):
        self.run("redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.folder, "--save", "", "--appendonly", "yes",
                 "--appendfsync", "always", *self.more)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def cli(self, *words, password=None):
        more = ["-a", password, "--no-auth-warning"] if password else []
        return subprocess.run(["redis-cli", "-p", str(self.port), *more, *map(str, words)], capture_output=True, text=True, check=True).stdout


@needs("redis-server")
class Streams(ProgramTest):
    def setUp(self):
        super().setUp()
        self.server = Redis(self, self.folder / "server")

    def given(self, rows, name="in.ndjson"):
        self.write(name, "".join(json.dumps(row) + "\n" for row in rows))
        return node("in", "files/json-read", path=name)

    def out(self, name="out.ndjson"):
        return [json.loads(line) for line in (self.folder / name).read_text().split("\n")[:-1]]

    def reader(self, **settings):
        return node("in", "redis/stream-read", server=self.server.address, streams=["s"], **settings)

    def read(self, count, code=0, **settings):
        flow = self.flow("read", self.reader(**settings), node("some", "flow/limit", "2.0.0", count=count), node("out", "files/json-write", path="out.ndjson"))
        self.weir("run", "-q", flow, code=code)
        return self.out()

    def test_rows_go_in_and_come_out(self):
        rows = [{"n": i, "t": text} for i, text in enumerate(["a", "ünïcödé \U0001f600", "x\r\n$5\r\nhello", "\x00", "", "*3\r\n"])]
        flow = self.flow("write", self.given(rows), node("out", "redis/stream-write", server=self.server.address, stream="s", fields={"half": "row.n / 2"}))
        self.weir("run", "-q", flow)
        got = self.read(len(rows))
        self.assertEqual([row["payload"] for row in got], rows)
        self.assertEqual([row["fields"]["half"] for row in got], [str(i // 2) for i in range(len(rows))])

    def test_a_thousand_times_ten_rows_and_a_stream_that_stays_short(self):
        flow = self.flow("write", self.given([{"n": i} for i in range(10000)]),
                         node("out", "redis/stream-write", server=self.server.address, stream="s", maxLength=500, batchRows=300))
        self.weir("run", "-q", flow)
        self.assertLess(int(self.server.cli("XLEN", "s")), 1000)
        self.assertEqual(json.loads(self.server.cli("XREVRANGE", "s", "+", "-", "COUNT", "1").split("\n")[2]), {"n": 9999})

    def test_what_is_no_json_is_a_dead_letter_and_does_not_stop_its_neighbours(self):
        for payload in ('{"n": 1}', "{", '{"n": 2}'):
            self.server.cli("XADD", "s", "*", "payload", payload)
        self.server.cli("XADD", "s", "*", "other", "field")
        self.server.cli("XADD", "s", "*", "payload", '{"n": 3}')
        got = self.read(3, code=3)
        self.assertEqual([row["payload"] for row in got], [{"n": 1}, {"n": 2}, {"n": 3}])

    def test_an_unreachable_server_and_one_that_is_none_are_said(self):
        for address, says in ((f"127.0.0.1:{free_port()}", "network.unreachable"), ("169.254.169.254:6379", "network.refused"),
                              ("redis://x", "settings.invalid"), ("127.0.0.1:0", "settings.invalid")):
            for one in (node("in", "redis/stream-read", server=address, streams=["s"]), None):
                out = {**node("out", "redis/stream-write", server=address, stream="s"), "retry": {"attempts": 2}}
                nodes = ({**one, "retry": {"attempts": 2}}, node("out", "files/json-write", path="out.ndjson")) if one else (self.given([{"n": 1}]), out)
                self.fails("run", "-q", self.flow("x", *nodes), code=1, says=[says])

    def test_a_server_that_speaks_http_or_nothing_ends_with_an_error(self):
        for answer in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b""):
            with socket.create_server(("127.0.0.1", 0)) as listener:
                def serve():
                    for _ in range(2):
                        connection, _ = listener.accept()
                        connection.sendall(answer)
                        time.sleep(0.6)
                        connection.close()
                threading.Thread(target=serve, daemon=True).start()
                source = node("in", "redis/stream-read", server=f"127.0.0.1:{listener.getsockname()[1]}", streams=["s"], timeout="300ms")
                flow = self.flow("x", {**source, "retry": {"attempts": 2}}, node("out", "files/json-write", path="out.ndjson"))
                self.fails("run", "-q", flow, code=1, says=["broker.protocol" if answer else "broker.unavailable"])

    def test_a_key_of_another_kind_is_said(self):
        self.server.cli("SET", "s", "text")
        flow = self.flow("x", self.reader(), node("out", "files/json-write", path="out.ndjson"))
        self.fails("run", "-q", flow, code=1, says=["broker.topic", "WRONGTYPE"])
        flow = self.flow("y", self.given([{"n": 1}, {"n": 2}]), node("out", "redis/stream-write", server=self.server.address, stream="s"))
        self.fails("run", "-q", flow, code=3, says=["2  broker.topic"])

    def test_a_restart_in_the_middle_loses_nothing(self):
        flow = self.flow("read", self.reader(consumer="c"), node("some", "flow/limit", "2.0.0", count=3000), node("out", "files/json-write", path="out.ndjson"))
        reading = self.start("run", "-q", flow)
        write = self.flow("write", self.given([{"n": i} for i in range(3000)]), node("slow", "flow/throttle", rowsPerSecond=1500),
                          node("out", "redis/stream-write", server=self.server.address, stream="s", batchRows=50))
        writing = self.start("run", "-q", write)
        until(lambda: int(self.server.cli("XLEN", "s")) > 0)
        self.server.kill(signal.SIGKILL)
        time.sleep(0.3)
        self.server.start()
        _, err = writing.communicate(timeout=120)
        self.assertEqual(writing.returncode, 0, err)
        _, err = reading.communicate(timeout=120)
        self.assertEqual(reading.returncode, 0, err)
        # A MULTI whose answer was lost is written again: at least once.
        self.assertTrue(set(range(2900)) <= {row["payload"]["n"] for row in self.out()})

    def test_stopping_a_reader_that_waits_takes_no_time(self):
        flow = self.flow("read", self.reader(), node("out", "files/json-write", path="out.ndjson"))
        run = self.start("run", "-q", flow)
        interrupt(run)
        run.communicate(timeout=120)
        self.assertIn(run.returncode, (0, 130))


@needs("redis-server")
class Password(ProgramTest):
    def test_S11_a_password_is_a_secret_and_never_shown(self):
        server = Redis(self, self.folder / "server", "--requirepass", "canary-8841")
        self.write("in.ndjson", '{"n": 1}\n')
        for name, code, secret in (("right", 0, "canary-8841"), ("wrong", 1, "canary-wrong")):
            flow = self.flow(name, node("in", "files/json-read", path="in.ndjson"),
                             node("out", "redis/stream-write", server=server.address, stream="s", password="${secret:REDIS}"))
            out, err = self.weir("run", flow, code=code, env={**os.environ, "WEIR_SECRET_REDIS": secret})
            self.assertNotIn("canary", out + err)
        self.assertIn("broker.denied", err)
        self.assertEqual(server.cli("XLEN", "s", password="canary-8841"), "1\n")


if __name__ == "__main__":
    unittest.main()
