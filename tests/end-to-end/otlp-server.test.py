# weir serve --otlp-url: traces, metrics and logs arrive at a collector; one that is away costs nobody anything.
import base64
import http.server
import json
import threading
import unittest

from program import chain, node, until
from serving import ServeTest

try:
    from google.protobuf import json_format
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    TYPES = {"traces": ExportTraceServiceRequest, "metrics": ExportMetricsServiceRequest, "logs": ExportLogsServiceRequest}
except ImportError:
    TYPES = None


def with_base64_ids(value):
    """OTLP writes ids as hexadecimal digits, where JSON of protobuf has base64."""
    if isinstance(value, list):
        return [with_base64_ids(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: base64.b64encode(bytes.fromhex(one)).decode() if key in ("traceId", "spanId", "parentSpanId") else with_base64_ids(one)
            for key, one in value.items()}


class Collector:
    """Keeps what it is sent, by signal; answers with `status`."""

    def __init__(self, test, status=200, port=0):
        self.got = got = {"traces": [], "metrics": [], "logs": []}
        self.headers = headers = []
        self.status = status
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if collector.status == 200:
                    got[self.path.removeprefix("/v1/")].append(body)
                    headers.append(dict(self.headers))
                self.send_response(collector.status)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def items(self, signal, scopes, items):
        return [item for body in list(self.got[signal]) for resource in body[f"resource{scopes}"]
                for scope in resource[f"scope{scopes}"] for item in scope[items]]

    def spans(self):
        return self.items("traces", "Spans", "spans")

    def metrics(self):
        return {one["name"]: one for one in self.items("metrics", "Metrics", "metrics")}

    def records(self):
        return self.items("logs", "Logs", "logRecords")


def attributes(item):
    return {one["key"]: next(iter(one["value"].values())) for one in item["attributes"]}


class Otlp(ServeTest):
    def run_flow(self, server, rows=5):
        source, show = node("count", "generate/pattern", rows=rows), node("show", "debug/log", rows=1)
        flow = {"id": "short", "version": "1.0.0", "nodes": [source, show], "edges": chain(source, show)}
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow)[0], 201)
        status, _, text = server.ask("POST", "/api/v1/flows/short/runs", {"version": "draft"})
        self.assertEqual(status, 201, text)
        run = json.loads(text)["id"]
        until(lambda: json.loads(server.ask("GET", f"/api/v1/runs/{run}")[2])["state"] == "done")
        return run

    def test_requests_and_runs_are_traced_measured_and_logged(self):
        collector = Collector(self)
        server = self.serve("--otlp-url", collector.url, "--otlp-interval", "1s", "--otlp-service", "flows",
                            "--otlp-resource", "deployment.environment=test")
        trace = "0af7651916cd43dd8448eb211c80319c"
        server.ask("GET", "/api/v1/capabilities", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
        run = self.run_flow(server)
        asked = until(lambda: next((one for one in collector.spans() if one["traceId"] == trace), None))
        self.assertEqual(asked["parentSpanId"], "b7ad6b7169203331")
        self.assertEqual(asked["kind"], 2)
        self.assertEqual(attributes(asked)["http.response.status_code"], "200")
        ran = until(lambda: next((one for one in collector.spans() if one["name"] == "run short"), None))
        self.assertEqual(attributes(ran)["weir.run"], run)
        self.assertGreaterEqual(int(ran["endTimeUnixNano"]), int(ran["startTimeUnixNano"]))
        said = until(lambda: [one for one in collector.records() if attributes(one).get("run") == run and attributes(one).get("node") == "show"])
        self.assertEqual({one["traceId"] for one in said}, {ran["traceId"]})
        self.assertEqual(said[0]["severityText"], "info")
        until(lambda: collector.metrics().get("weir_http_request_seconds", {}).get("histogram", {}).get("dataPoints"))
        until(lambda: any(float(point["asDouble"]) >= 5 for point in collector.metrics()["weir_flow_rows_out_total"]["sum"]["dataPoints"]))
        point = collector.metrics()["weir_http_request_seconds"]["histogram"]["dataPoints"][0]
        self.assertEqual(sum(map(int, point["bucketCounts"])), int(point["count"]))
        self.assertEqual(len(point["bucketCounts"]), len(point["explicitBounds"]) + 1)
        resource = {one["key"]: one["value"]["stringValue"] for one in collector.got["traces"][0]["resourceSpans"][0]["resource"]["attributes"]}
        self.assertEqual((resource["service.name"], resource["deployment.environment"]), ("flows", "test"))
        if TYPES:
            for signal, bodies in collector.got.items():
                for body in bodies:
                    json_format.ParseDict(with_base64_ids(body), TYPES[signal]())

    def test_a_run_is_in_the_trace_of_the_request_that_started_it(self):
        collector = Collector(self)
        server = self.serve("--otlp-url", collector.url, "--log-format", "json")
        source, show = node("count", "generate/pattern", rows=5), node("show", "debug/log", rows=1)
        flow = {"id": "asked", "version": "1.0.0", "nodes": [source, show], "edges": chain(source, show)}
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow)[0], 201)
        trace, caller = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
        traces = {}
        for header in (f"00-{trace}-{caller}-01", "00-not-a-trace-01", "x" * 4000):
            status, _, text = server.ask("POST", "/api/v1/flows/asked/runs", {"version": "draft"}, headers={"traceparent": header})
            self.assertEqual(status, 201, text)
            run = json.loads(text)["id"]
            traces[header] = until(lambda: next((one for one in collector.spans() if attributes(one).get("weir.run") == run), None))
            said = until(lambda: [one for one in collector.records() if attributes(one).get("run") == run and attributes(one).get("node") == "show"])
            self.assertEqual({one["traceId"] for one in said}, {traces[header]["traceId"]})
        good, *others = traces.values()
        self.assertEqual((good["traceId"], good["parentSpanId"]), (trace, caller))
        asked = until(lambda: [one for one in collector.spans() if one["traceId"] == trace and one["kind"] == 2])
        self.assertEqual({one["parentSpanId"] for one in asked}, {caller})
        for other in others:
            self.assertRegex(other["traceId"], "^[0-9a-f]{32}$")
            self.assertNotEqual(other["traceId"], trace)
            self.assertNotIn("parentSpanId", other)

    @unittest.skipUnless(TYPES, "opentelemetry-proto is not installed")
    def test_the_schema_of_others_is_there(self):
        self.assertTrue(TYPES)

    def test_headers_go_along_and_are_told_to_nobody(self):
        collector = Collector(self)
        self.write("weir.json", json.dumps({"otlp-url": collector.url, "otlp-headers": "authorization=Bearer%20canary,x-tenant=a", "otlp-interval": "1s"}))
        server = self.serve("--config", "weir.json")
        until(lambda: collector.headers)
        self.assertEqual((collector.headers[0]["authorization"], collector.headers[0]["x-tenant"]), ("Bearer canary", "a"))
        self.assertNotIn("canary", server.said())

    def test_a_collector_that_is_away_or_refuses_holds_nobody_up_and_is_found_again(self):
        collector = Collector(self, status=503)
        server = self.serve("--otlp-url", collector.url, "--otlp-interval", "1s")
        for _ in range(20):
            self.assertEqual(server.ask("GET", "/api/v1/capabilities")[0], 200)
        until(lambda: "the collector takes nothing" in server.said())
        collector.status = 200
        until(collector.spans)
        until(lambda: "takes what is told again" in server.said())
        collector.status = 400
        self.assertEqual(server.ask("GET", "/api/v1/capabilities")[0], 200)
        until(lambda: any('outcome="refused"' in line and not line.endswith(" 0") for line in server.ask("GET", "/metrics")[2].splitlines()
                          if line.startswith("weir_otlp_items_total")))

    def test_what_waits_at_the_end_is_sent(self):
        collector = Collector(self)
        server = self.serve("--otlp-url", collector.url, "--otlp-interval", "1h")
        self.run_flow(server)
        server.stop()
        self.assertTrue(any(one["name"] == "run short" for one in collector.spans()))
        self.assertIn("weir_flow_rows_out_total", collector.metrics())

    def test_what_is_no_address_or_no_header_is_refused(self):
        for given, says in ((["--otlp-url", "tcp://a:1"], "tcp://"), (["--otlp-url", "http://127.0.0.1:1", "--otlp-resource", "x"], "otlp-resource")):
            self.fails("serve", "--data", "other", "--listen", "127.0.0.1:0", *given, code=2, says=[says])


if __name__ == "__main__":
    unittest.main()
