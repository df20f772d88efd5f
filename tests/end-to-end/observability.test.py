# deploy/: dashboards and rules name series that exist, Prometheus and Alertmanager take the files, and real alerts of a
# real server arrive at a receiver.
import http.server
import json
import re
import shutil
import socket
import subprocess
import threading
import unittest
from pathlib import Path

from program import ROOT, signals_as_from_a_shell, until
from serving import ServeTest

DEPLOY = ROOT / "deploy"
PROMETHEUS = shutil.which("prometheus")
ALERTMANAGER = shutil.which("prometheus-alertmanager")
INSTALLED = PROMETHEUS and ALERTMANAGER and shutil.which("promtool") and shutil.which("amtool")
SUFFIXES = ("_bucket", "_sum", "_count")


def families():
    """Names of docs/reference/metrics.md, which a test writes from the server's list, with their labels."""
    lines = (ROOT / "docs/reference/metrics.md").read_text().splitlines()
    rows = [[cell.strip(" `") for cell in line.split("|")[1:4]] for line in lines if line.startswith("| `")]
    return {name: (kind, set(labels.replace("-", "").split())) for name, kind, labels in rows}


def selectors(expression):
    """Name and label names of each series that an expression asks for."""
    for name, inside in re.findall(r"\b((?:weir|process)_[a-z_]+)(\{[^}]*\})?", expression):
        yield name, set(re.findall(r"([a-z_]+)\s*(?:=~|!=|!~|=)", inside))


def queries():
    for path in sorted((DEPLOY / "grafana").glob("*.json")):
        board = json.loads(path.read_text())
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield f"{path.name}: {panel['title']}", target["expr"]
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                yield f"{path.name}: ${variable['name']}", re.match(r"label_values\((.*), \w+\)", variable["query"])[1]
    rules = (DEPLOY / "prometheus/weir-alerts.yml").read_text()
    for name, expression in re.findall(r"- alert: (\w+)\n\s+expr: ((?:\|\n(?:          +[^\n]*\n)+)|[^\n]+)", rules):
        yield f"weir-alerts.yml: {name}", expression


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Receiver:
    """Keeps the JSON bodies that are posted to it."""

    def __init__(self, test):
        self.bodies = bodies = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def alerts(self, name, status="firing"):
        return [one for body in list(self.bodies) for one in body.get("alerts", [])
                if one["labels"]["alertname"] == name and one["status"] == status]


class Files(unittest.TestCase):
    def test_dashboards_and_rules_ask_only_for_series_that_exist(self):
        known, asked = families(), 0
        for where, expression in queries():
            found = list(selectors(expression))
            self.assertTrue(found or "up{" in expression, f"{where}: no series in {expression}")
            for name, labels in found:
                asked += 1
                family = name
                for suffix in SUFFIXES:
                    if name.endswith(suffix) and known.get(name.removesuffix(suffix), ("",))[0] == "histogram":
                        family = name.removesuffix(suffix)
                self.assertIn(family, known, where)
                allowed = known[family][1] | {"instance", "job"} | ({"le"} if family != name else set())
                self.assertLessEqual(labels, allowed, f"{where}: {name}")
        self.assertGreater(asked, 50)

    def test_dashboards_have_panels_of_their_own_ids(self):
        for path in sorted((DEPLOY / "grafana").glob("*.json")):
            ids = [panel["id"] for panel in json.loads(path.read_text())["panels"]]
            self.assertEqual(len(ids), len(set(ids)), path.name)


@unittest.skipUnless(INSTALLED, "prometheus and prometheus-alertmanager are not installed")
class Tools(unittest.TestCase):
    def run_tool(self, *command, folder):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_promtool_takes_configuration_and_rules_and_their_tests_pass(self):
        folder = DEPLOY / "prometheus"
        self.run_tool("promtool", "check", "config", "prometheus.yml", folder=folder)
        self.run_tool("promtool", "check", "rules", "--lint=all", "--lint-fatal", "weir-alerts.yml", folder=folder)
        self.run_tool("promtool", "test", "rules", "weir-alerts.test.yml", folder=folder)

    def test_amtool_takes_the_receivers_for_slack_pagerduty_and_mail(self):
        self.run_tool("amtool", "check-config", "alertmanager.yml", folder=DEPLOY / "alertmanager")
        text = (DEPLOY / "alertmanager/alertmanager.yml").read_text()
        for kind in ("slack_configs", "pagerduty_configs", "email_configs"):
            self.assertIn(kind, text)


@unittest.skipUnless(INSTALLED, "prometheus and prometheus-alertmanager are not installed")
class RealAlerts(ServeTest):
    def run_daemon(self, name, *command):
        log = (self.folder / f"{name}.log").open("w")
        process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT, preexec_fn=signals_as_from_a_shell)

        def end():
            process.kill()
            process.wait()
            log.close()
        self.addCleanup(end)

    def watch(self, *targets):
        """Prometheus and Alertmanager with the files of deploy/, but in seconds where those say minutes. Gives the receiver."""
        receiver = Receiver(self)
        alertmanager, prometheus = free_port(), free_port()
        self.write("alertmanager.yml", f"route: {{ receiver: test, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }}\n"
                                       f"receivers: [{{ name: test, webhook_configs: [{{ url: '{receiver.url}', send_resolved: true }}] }}]\n")
        rules = (DEPLOY / "prometheus/weir-alerts.yml").read_text()
        self.write("weir-alerts.yml", re.sub(r"for: \d+m", "for: 1s", rules).replace("[5m]", "[15s]").replace("> 300", "> 3"))
        config = (DEPLOY / "prometheus/prometheus.yml").read_text()
        config = config.replace("15s", "1s").replace("127.0.0.1:9093", f"127.0.0.1:{alertmanager}")
        self.write("prometheus.yml", config.replace('["127.0.0.1:8080"]', json.dumps(list(targets))))
        self.run_daemon("alertmanager", ALERTMANAGER, "--config.file=alertmanager.yml", f"--web.listen-address=127.0.0.1:{alertmanager}",
                        "--cluster.listen-address=", "--storage.path=alertmanager")
        self.run_daemon("prometheus", PROMETHEUS, "--config.file=prometheus.yml", f"--web.listen-address=127.0.0.1:{prometheus}",
                        "--storage.tsdb.path=prometheus-data", "--storage.tsdb.retention.time=1h")
        return receiver

    def test_a_server_that_is_killed_is_told_of_and_so_is_that_it_is_back(self):
        server = self.serve()
        receiver = self.watch(f"{server.host}:{server.port}")
        scraped = lambda: 'operation="getMetrics"' in server.ask("GET", "/metrics")[2]  # noqa: E731
        until(scraped, 120)
        self.assertEqual(receiver.alerts("WeirDown"), [])
        server.kill()
        until(lambda: receiver.alerts("WeirDown"), 120)
        again = self.serve("--listen", f"127.0.0.1:{server.port}")
        self.assertEqual(again.port, server.port)
        until(lambda: receiver.alerts("WeirDown", "resolved"), 120)

    def test_a_high_failure_rate_and_a_stalled_run_arrive_at_the_receiver(self):
        # An exporter with the names of the server's list stands for a server whose flow fails and whose run does not move.
        known = families()
        for name in ("weir_flow_rows_in_total", "weir_flow_rows_failed_total", "weir_flow_stuck_seconds"):
            self.assertEqual(known[name][1], {"folder", "flow"})
        seconds = [0]

        class Exporter(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                seconds[0] += 1
                labels = '{folder="team",flow="orders"}'
                body = (f"weir_flow_rows_in_total{labels} {seconds[0] * 100}\nweir_flow_rows_failed_total{labels} {seconds[0] * 20}\n"
                        f"weir_flow_stuck_seconds{labels} {seconds[0]}\n").encode()
                self.send_response(200)
                self.send_header("content-type", "text/plain; version=0.0.4")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        exporter = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Exporter)
        threading.Thread(target=exporter.serve_forever, daemon=True).start()
        self.addCleanup(exporter.server_close)
        self.addCleanup(exporter.shutdown)
        receiver = self.watch(f"127.0.0.1:{exporter.server_address[1]}")
        for name in ("WeirHighFailureRate", "WeirRunStalled"):
            found = until(lambda name=name: receiver.alerts(name), 120)
            self.assertEqual(found[0]["labels"]["flow"], "orders")
            self.assertIn("team/orders", found[0]["annotations"]["summary"])


if __name__ == "__main__":
    unittest.main()
