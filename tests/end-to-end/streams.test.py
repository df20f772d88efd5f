#!/usr/bin/env python3
# Edges that drop, and suites of load, as a person meets them.
import http.server
import json
import re
import signal
import socket
import threading
import unittest

from program import ProgramTest, edge, node


class Streams(ProgramTest):
    def test_drops_are_counted_by_reason_in_metrics_and_said_at_the_end(self):
        nodes = [node("ticks", "generate/pattern", rows=5000), node("slow", "flow/throttle", rowsPerSecond=1000), node("show", "debug/log")]
        edges = [edge("e1", "ticks.rows", "slow.rows", buffer={"rows": 100}, whenFull={"rule": "dropOldest", "maxWaitMs": 5}), edge("e2", "slow.rows", "show.rows")]
        flow = self.flow("drops", *nodes, edges=edges)
        _, err = self.weir("run", flow, "--metrics", "m.json")
        found = json.loads((self.folder / "m.json").read_text())["edges"][0]
        self.assertEqual(found["offered"], found["taken"] + found["dropped"])
        self.assertEqual(found["dropped"], sum(found["droppedByRule"].values()))
        self.assertGreater(found["droppedByRule"]["oldest"], 4000)
        self.assertGreaterEqual(found["pressureEvents"], 1)
        self.assertRegex(err, r"dropped [\d,]+ \([\d,]+ oldest")

    def test_a_durable_edge_refuses_to_drop(self):
        nodes = [node("ticks", "generate/pattern", rows=5), node("show", "debug/log")]
        flow = self.flow("bad", *nodes, edges=[edge("e", "ticks.rows", "show.rows", guarantee="durable", whenFull={"rule": "sample"})])
        out, err = self.weir("validate", flow, code=2)
        self.assertIn("flow.durable_sheds", out + err)

    def suite(self, **scenario):
        (self.folder / "s.json").write_text(json.dumps({"name": "mine", "scenarios": [{"name": "a <b>", "durationMs": 200, **scenario}]}))
        return "s.json"

    def test_a_suite_reports_as_text_json_and_page(self):
        suite = self.suite(messagesPerSecond=500, connections=7, messageBytes=300, burstEveryMs=50)
        out, _ = self.weir("bench", "--suite", suite, "--json", "r.json", "--html", "r.html")
        self.assertIn("total 100", out)
        for part in ("average", "p50", "p95", "p99", "backpressure events", "errors 0"):
            self.assertIn(part, out)
        found = json.loads((self.folder / "r.json").read_text())["scenarios"][0]
        self.assertEqual((found["total"], found["received"], found["errors"]), (100, 100, 0))
        self.assertEqual(sum(moment["messages"] for moment in found["moments"]), 100)
        self.assertLessEqual(len(found["moments"]), 240)
        page = (self.folder / "r.html").read_text()
        self.assertIn("a &lt;b&gt;", page)
        self.assertIn("prefers-color-scheme: dark", page)
        self.assertNotRegex(page, r"<script|https?://|src=")
        self.assertEqual(page.count("<svg"), 3)

    def test_a_slow_consumer_drops_by_the_edges_rule_and_that_is_no_error(self):
        suite = self.suite(messagesPerSecond=20000, consumer={"messagesPerSecond": 500}, edge={"buffer": {"rows": 100}, "whenFull": {"rule": "dropNewest"}})
        self.weir("bench", "--suite", suite, "--json", "r.json")
        found = json.loads((self.folder / "r.json").read_text())["scenarios"][0]
        self.assertEqual(found["total"], found["received"] + found["dropped"])
        self.assertGreater(found["dropped"], 1000)
        self.assertEqual(found["errorRate"], 0)
        self.assertGreaterEqual(found["pressureEvents"], 1)

    def test_what_a_scenario_misses_is_said_and_is_exit_code_1(self):
        out, _ = self.weir("bench", "--suite", self.suite(messagesPerSecond=100, expect={"messagesPerSecond": 1e8}), code=1)
        self.assertIn("missed: messages a second", out)

    def test_bad_suites_are_told_with_place_and_suggestion(self):
        _, err = self.weir("bench", "--suite", self.suite(conections=3), code=2)
        self.assertIn("Did you mean 'connections'?", err)
        self.assertRegex(err, r"s\.json:1:\d+")
        for arguments in (["bench"], ["bench", "x.flow.json", "--suite", "standard"]):
            _, err = self.weir(*arguments, code=2)
            self.assertIn("a flow or a suite", err)
        _, err = self.weir("bench", "--suite", "standard", "--only", "nothing", code=2)
        self.assertIn("'high volume'", err)
        _, err = self.weir("bench", "--suite", "missing.json", code=2)
        self.assertIn("missing.json", err)


class Answers(http.server.BaseHTTPRequestHandler):
    """A server that answers as its owner says, in one of the ways that HTTP has."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.headers.get("X-Who"), json.loads(body)))
        way, status = self.server.way, 200
        if way == "busy":
            status = 503 if len(self.server.got) % 2 == 0 else 200
        self.send_response(status)
        if way == "chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\nT: x\r\n\r\n")
            return
        if way == "closing":
            self.send_header("Connection", "close")
            self.close_connection = True
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class SuiteAgainstAServer(ProgramTest):
    def serve(self, way):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        server.got, server.way = [], way
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, f"http://127.0.0.1:{server.server_address[1]}/in?x=1"

    def bench(self, url, code=0, **scenario):
        suite = {"name": "mine", "scenarios": [{"name": "one", "durationMs": 500, "messagesPerSecond": 100, "connections": 4, **scenario}]}
        self.write("mine.json", json.dumps(suite))
        out, _ = self.weir("bench", "--suite", "mine.json", "--url", url, "--header", "X-Who=me", "--json", "r.json", "--html", "r.html", code=code)
        return json.loads((self.folder / "r.json").read_text())["scenarios"][0], out

    def test_messages_are_posted_when_they_are_due_and_what_is_answered_has_arrived(self):
        for way in ("plain", "chunks", "closing"):
            with self.subTest(way=way):
                server, url = self.serve(way)
                result, out = self.bench(url, messageBytes=50, expect={"errorRate": 0})
                self.assertEqual((result["total"], result["received"], result["errors"]), (50, 50, 0), result)
                self.assertEqual(sorted(message["id"] for _, message in server.got), list(range(50)))
                self.assertEqual({(who, len(message["payload"])) for who, message in server.got}, {("me", 50)})
                self.assertGreater(result["latencyMs"]["p50"], 0)
                self.assertIn("total 50", out)
                self.assertIn("the answer of " + url, (self.folder / "r.html").read_text())

    def test_without_a_rate_each_answer_is_followed_by_the_next_request(self):
        server, url = self.serve("plain")
        result, _ = self.bench(url, messagesPerSecond=0)
        self.assertEqual(result["total"], len(server.got))
        self.assertEqual(result["received"], result["total"])

    def test_refusals_of_a_busy_server_are_backpressure_and_errors(self):
        _, url = self.serve("busy")
        result, out = self.bench(url, code=1, expect={"errorRate": 0.1})
        self.assertEqual((result["received"], result["errors"], result["pressureEvents"]), (25, 25, 25))
        self.assertIn("status 503", out)
        self.assertIn("missed: the error rate", out)

    def test_a_server_that_goes_away_is_errors_and_one_that_is_not_there_an_error(self):
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"

        def slam():
            try:
                while True:
                    listener.accept()[0].close()
            except OSError:
                pass

        threading.Thread(target=slam, daemon=True).start()
        result, out = self.bench(url, messagesPerSecond=20)
        self.assertEqual((result["received"], result["errors"]), (0, result["total"]))
        self.assertIn("the first error:", out)
        with socket.create_server(("127.0.0.1", 0)) as gone:
            url = f"http://127.0.0.1:{gone.getsockname()[1]}/"
        self.fails("bench", "--suite", "mine.json", "--url", url, code=2, says=["network.unreachable"])
        self.fails("bench", "--suite", "mine.json", "--url", "https://127.0.0.1/", code=2, says=["http:// only"])
        self.fails("bench", "x.flow.json", "--url", url, code=2, says=["--url is for suites"])
        self.fails("bench", "--suite", "mine.json", "--url", "http://169.254.169.254/", code=2, says=["network.refused"])

    def test_a_webhook_of_a_flow_is_a_server(self):
        flow = self.flow("hooked", node("hook", "http/webhook", path="/in"), node("out", "files/json-write", path="out.ndjson"))
        run = self.start("run", flow, "--listen", "127.0.0.1:0", "--no-socket")
        self.addCleanup(lambda: run.poll() is None and (run.kill(), run.wait()))
        address = next(re.search(r"http://\S+", line).group(0) for line in run.stderr if "listens at" in line)
        result, _ = self.bench(address, expect={"errorRate": 0})
        run.send_signal(signal.SIGINT)
        _, _ = run.communicate(timeout=30)
        self.assertEqual(result["received"], 50)
        self.assertEqual(len((self.folder / "out.ndjson").read_text().splitlines()), 50)


if __name__ == "__main__":
    unittest.main()
