#!/usr/bin/env python3
# weir run --trace-rows, --otlp and --events; weir trace: the way of a row through a run.
import base64
import http.server
import json
import re
import signal
import sys
import threading
import time
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, edge, node  # noqa: E402


class TracedFlow(ProgramTest):
    def flow_of(self, rows=20):
        self.write("in.csv", "id,n\n" + "".join(f"{i},{i % 5}\n" for i in range(rows)))
        nodes = [node("read", "files/csv-read", path="in.csv"), node("share", "logic/map", set={"share": "100 / row.n"}),
                 node("sum", "aggregate/group", keys=["n"], measures=[{"name": "rows", "function": "count"}]),
                 node("write", "files/json-write", path="out.ndjson"), node("all", "files/json-write", path="all.ndjson")]
        edges = [edge("a", "read.rows", "share.rows"), edge("b", "share.rows", "sum.rows"), edge("c", "sum.rows", "write.rows"),
                 edge("d", "share.rows", "all.rows")]
        return self.flow("traced", *nodes, edges=edges)


class Traces(TracedFlow):
    def test_the_way_of_a_row_is_found_by_its_trace_id_through_branches_and_sums(self):
        self.weir("run", "-q", self.flow_of(), "--trace-rows", "1", code=3)
        ids = self.weir("trace", "last")[0].split()
        self.assertGreaterEqual(len(ids), 20)
        bad = json.loads(self.weir("dead-letters", "show", "last", "--limit", "1")[0])["traceId"]
        self.assertIn(bad, ids)
        out, _ = self.weir("trace", "last", bad)
        self.assertRegex(out, r"read .*-> rows\n.*share .*failed")
        ways = [self.weir("trace", "last", id)[0] for id in ids]
        good = next(way for way in ways if "all" in way and "went into" in way)
        self.assertRegex(good, r"(?s)read .*share .*-> rows.*sum .*went into .*sum .*made here.*write")
        made = next(way for way in ways if way.lstrip().split("\n")[1].split()[0] == "sum")
        self.assertIn("made by sum of rows among:", made)

    def test_spans_have_parents_and_other_programs_can_read_them(self):
        self.weir("run", "-q", self.flow_of(), "--trace-rows", "1", "--otlp", "spans.json", code=3)
        document = json.loads((self.folder / "spans.json").read_text())
        resource = document["resourceSpans"][0]
        names = {attribute["key"]: attribute["value"] for attribute in resource["resource"]["attributes"]}
        self.assertEqual(names["service.name"], {"stringValue": "weir"})
        spans = resource["scopeSpans"][0]["spans"]
        by_id = {span["spanId"]: span for span in spans}
        self.assertEqual(len(by_id), len(spans))
        for span in spans:
            self.assertRegex(span["traceId"], "^[0-9a-f]{32}$")
            self.assertRegex(span["spanId"], "^[0-9a-f]{16}$")
            self.assertLessEqual(int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))
            if span["name"] in ("share", "all"):
                parent = by_id[span["parentSpanId"]]
                self.assertEqual((parent["traceId"], parent["name"]), (span["traceId"], {"share": "read", "all": "share"}[span["name"]]))
        self.assertEqual(sum(1 for span in spans if span["status"].get("code") == 2), 4)
        self.assertTrue(any(span.get("links") for span in spans if span["name"] == "sum"))

    def test_one_row_in_so_many_and_none_without_the_option(self):
        flow = self.flow_of(4000)
        self.weir("run", "-q", flow, "--trace-rows", "100", code=3)
        ids = self.weir("trace", "last")[0].split()
        self.assertTrue(40 <= len(ids) <= 40 + 8, len(ids))
        self.weir("run", "-q", flow, code=3)
        self.assertEqual(len(list((self.folder / ".weir/traces").iterdir())), 1)
        self.fails("run", flow, "--trace-rows", "0", code=2, says=["--trace-rows"])
        self.fails("trace", "last", "zzz", code=2, says=["1 row in 100 was sampled"])
        self.fails("trace", "nobody", code=2, says=["--trace-rows N keeps them"])

    def test_events_are_a_line_each_and_a_place_that_cannot_be_written_is_said_first(self):
        flow = self.flow_of()
        self.weir("run", "-q", flow, "--events", "events.ndjson", code=3)
        for line in (self.folder / "events.ndjson").read_text().splitlines():
            self.assertEqual(set(json.loads(line)), {"number", "at", "severity", "kind", "subject", "message"})
        self.fails("run", "-q", flow, "--events", "none/events.ndjson", code=1, says=["none/events.ndjson"])


class Collector(http.server.BaseHTTPRequestHandler):
    """Keeps what it is sent; answers as its server says."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if status == 200:
            self.server.got.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


class Exports(TracedFlow):
    def setUp(self):
        super().setUp()
        self.collector = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
        self.collector.got, self.collector.statuses = [], []
        self.url = f"http://127.0.0.1:{self.collector.server_address[1]}"
        thread = threading.Thread(target=self.collector.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(self.collector.server_close)
        self.addCleanup(self.collector.shutdown)

    def spans(self):
        return [span for _, _, document in self.collector.got for resource in document["resourceSpans"]
                for scope in resource["scopeSpans"] for span in scope["spans"]]

    def test_spans_are_sent_to_a_collector_with_headers_and_secrets(self):
        self.write("secrets.json", json.dumps({"KEY": "hidden-canary"})).chmod(0o600)
        _, err = self.weir("run", "-q", self.flow_of(), "--trace-rows", "1", "--otlp", self.url, "--otlp-header",
                           "Authorization=Bearer ${secret:KEY}", "--secrets", "secrets.json", "--metrics", "m.json", code=3)
        self.assertNotIn("hidden-canary", err)
        path, headers, document = self.collector.got[0]
        self.assertEqual((path, headers["Content-Type"], headers["Authorization"]), ("/v1/traces", "application/json", "Bearer hidden-canary"))
        spans = self.spans()
        self.assertEqual(len({span["spanId"] for span in spans}), len(spans))
        self.assertEqual({span["name"] for span in spans}, {"read", "share", "sum", "write", "all"})
        counts = json.loads((self.folder / "m.json").read_text())["run"]["spans"]
        self.assertEqual((counts["sent"], counts["dropped"]), (len(spans), 0))

    def test_documents_are_those_of_the_opentelemetry_protocol(self):
        try:
            from google.protobuf import json_format
            from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
        except ImportError:
            self.skipTest("opentelemetry-proto is not installed")
        self.weir("run", "-q", self.flow_of(), "--trace-rows", "1", "--otlp", self.url, code=3)
        for _, _, document in self.collector.got:
            # Its JSON has ids as hex, protobuf's own mapping takes base64.
            for span in [span for scope in document["resourceSpans"][0]["scopeSpans"] for span in scope["spans"]]:
                for place in [span, *span.get("links", [])]:
                    for key in ("traceId", "spanId", "parentSpanId"):
                        if key in place:
                            place[key] = base64.b64encode(bytes.fromhex(place[key])).decode()
            message = json_format.ParseDict(document, ExportTraceServiceRequest())
            self.assertGreater(len(message.resource_spans[0].scope_spans[0].spans), 0)

    def test_a_collector_that_is_busy_gets_them_later(self):
        self.collector.statuses = [503, 429]
        self.weir("run", "-q", self.flow_of(), "--trace-rows", "1", "--otlp", self.url, "--metrics", "m.json", code=3)
        counts = json.loads((self.folder / "m.json").read_text())["run"]["spans"]
        self.assertEqual(counts["sent"] + counts["dropped"], max(counts["sent"], counts["dropped"]))
        self.assertGreater(counts["retries"], 0)

    def test_a_collector_that_is_away_fails_no_run_and_what_is_lost_is_counted(self):
        self.collector.shutdown()
        self.collector.server_close()
        _, err = self.weir("run", "-q", self.flow_of(), "--trace-rows", "1", "--otlp", self.url, "--metrics", "m.json", code=3)
        self.assertIn("traces are not taken, the run goes on", err)
        self.assertRegex(err, r"spans did not reach http://127")
        self.assertGreater(json.loads((self.folder / "m.json").read_text())["run"]["spans"]["dropped"], 0)

    def test_a_collector_goes_through_the_checks_of_every_way_out(self):
        _, err = self.weir("run", "-q", self.flow_of(), "--trace-rows", "1", "--otlp", "http://169.254.169.254/", code=3)
        self.assertIn("169.254.169.254", err)
        self.assertIn("spans did not reach", err)
        self.fails("run", self.flow_of(), "--otlp", "http://", code=2, says=["url.invalid"])
        self.fails("run", self.flow_of(), "--otlp", self.url, "--otlp-header", "nothing", code=2, says=["--otlp-header"])

    def test_trace_context_goes_in_by_a_webhook_and_out_by_a_request(self):
        """A caller's trace: its span is the parent of our first one, ours is the parent of whom we call."""
        called = []

        class Service(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                called.append(self.headers["traceparent"])
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
        threading.Thread(target=service.serve_forever, daemon=True).start()
        self.addCleanup(service.server_close)
        self.addCleanup(service.shutdown)
        flow = self.flow("calls", node("hook", "http/webhook", path="/in"),
                         node("ask", "http/request", url=f"http://127.0.0.1:{service.server_address[1]}/x"), node("show", "debug/log"),
                         edges=[edge("a", "hook.rows", "ask.rows"), edge("b", "ask.response", "show.rows")])
        run = self.start("run", flow, "--listen", "127.0.0.1:0", "--trace-rows", "1", "--otlp", self.url)
        self.addCleanup(lambda: run.poll() is None and (run.kill(), run.wait()))
        lines = []
        for line in run.stderr:
            lines.append(line)
            found = re.search(r"http://127\.0\.0\.1:(\d+)/\S*in", line)
            if found:
                break
        threading.Thread(target=run.stderr.read, daemon=True).start()
        trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
        request = urllib.request.Request(found.group(0), data=b"{}", headers={"Content-Type": "application/json",
                                                                           "traceparent": f"00-{trace}-{parent}-01"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.assertEqual(answer.status, 202)
        until = time.monotonic() + 30
        while time.monotonic() < until and not ({"hook", "ask", "show"} <= {span["name"] for span in self.spans()} and called):
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        run.wait(30)
        run.stdout.close()
        spans = {span["name"]: span for span in reversed(self.spans())}
        self.assertEqual({span["traceId"] for span in spans.values()}, {trace})
        self.assertEqual(spans["hook"]["parentSpanId"], parent)
        self.assertEqual(called, [f"00-{trace}-{spans['ask']['spanId']}-01"])


if __name__ == "__main__":
    unittest.main()
