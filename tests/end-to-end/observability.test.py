# deploy/: dashboards and rules name series that exist, Prometheus and Alertmanager take the files, and real alerts of a
# real server arrive at a receiver.
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import unittest
import urllib.request
from pathlib import Path

try:
    from aiosmtpd.controller import Controller
except ImportError:
    Controller = None

from program import ROOT, chain, node, signals_as_from_a_shell, until
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


def children_of(process):
    """Ids of the processes that it has started and that go on."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Receiver:
    """Keeps the JSON bodies that are posted to it."""

    def __init__(self, test, status=200):
        self.bodies = bodies = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(self.server.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.status = status
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

    @unittest.skipUnless(Controller, "aiosmtpd is not installed")
    def test_the_routes_of_the_alertmanager_lead_to_slack_pagerduty_and_mail(self):
        """The file of deploy/ with other addresses and without its pauses."""
        class Box:
            def __init__(self):
                self.mails = []

            async def handle_DATA(self, server, session, envelope):
                self.mails.append(envelope.content.decode())
                return "250 OK"
        box, slack, pager = Box(), Receiver(self), Receiver(self, 202)
        smtp = Controller(box, hostname="127.0.0.1", port=free_port())
        smtp.start()
        self.addCleanup(smtp.stop)
        self.write("slack-url", slack.url)
        self.write("pagerduty-key", "0123456789abcdef0123456789abcdef")
        text = (DEPLOY / "alertmanager/alertmanager.yml").read_text()
        for before, after in ((r'"smtp\.example\.com:587"', f'"127.0.0.1:{smtp.port}"'), (r"  smtp_auth_username: .*\n  smtp_auth_password_file: .*\n", ""),
                              (r"smtp_require_tls: true", "smtp_require_tls: false"), (r"/etc/alertmanager/", f"{self.folder}/"),
                              (r"  resolve_timeout: 5m\n", f"  resolve_timeout: 5m\n  pagerduty_url: {pager.url}\n"), (r"group_wait: 30s", "group_wait: 0s")):
            text, count = re.subn(before, after, text)
            self.assertTrue(count, before)
        self.write("alertmanager.yml", text)
        port = free_port()
        self.run_daemon("alertmanager", ALERTMANAGER, "--config.file=alertmanager.yml", f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--storage.path=alertmanager")

        def raise_alert(name, severity, instance):
            alert = {"labels": {"alertname": name, "severity": severity, "instance": instance, "folder": "team"}, "annotations": {"summary": f"{name} of {instance}"}}
            request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v2/alerts", json.dumps([alert]).encode(), {"content-type": "application/json"})
            try:
                return urllib.request.urlopen(request, timeout=30).status == 200
            except OSError:
                return False
        told = lambda receiver, text: any(text in json.dumps(body) for body in list(receiver.bodies))  # noqa: E731
        until(lambda: raise_alert("WeirRunsFail", "warning", "calm"), 60)
        until(lambda: told(slack, "WeirRunsFail of calm"), 60)
        until(lambda: raise_alert("WeirRunStalled", "critical", "first"), 60)
        until(lambda: told(slack, "WeirRunStalled of first") and told(pager, "WeirRunStalled of first") and any("WeirRunStalled of first" in mail for mail in box.mails), 60)
        # What is not critical wakes nobody.
        self.assertFalse(told(pager, "of calm") or any("of calm" in mail for mail in box.mails))
        # Where the server is away, nothing is told of its flows.
        until(lambda: raise_alert("WeirDown", "critical", "away"), 60)
        until(lambda: told(pager, "WeirDown of away"), 60)
        until(lambda: raise_alert("WeirRunStalled", "critical", "away"), 60)
        until(lambda: raise_alert("WeirRunStalled", "critical", "last"), 60)
        until(lambda: told(pager, "WeirRunStalled of last"), 60)
        self.assertFalse(told(pager, "WeirRunStalled of away") or told(slack, "WeirRunStalled of away"))

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

    def begin(self, server, flow):
        status, _, text = server.ask("POST", "/api/v1/flows", flow)
        self.assertEqual(status, 201, text)
        status, _, text = server.ask("POST", f"/api/v1/flows/{flow['id']}/runs", {"version": "draft"})
        self.assertEqual(status, 201, text)
        return json.loads(text)["id"]

    def test_a_high_failure_rate_and_a_stalled_run_of_a_server_arrive_at_the_receiver(self):
        server = self.serve()
        receiver = self.watch(f"{server.host}:{server.port}")
        count = node("count", "generate/pattern", rows=0, rate=200, batchRows=10, pattern="sequential")
        share, show = node("share", "logic/map", set={"share": "100 / (row.id % 5)"}), node("show", "debug/log", rows=1)
        failing = self.begin(server, {"id": "orders", "version": "1.0.0", "nodes": [count, share, show], "edges": chain(count, share, show),
                                      "config": {"maxErrors": 10**9}})
        slow = node("slow", "flow/rate-limit", rows=1, per="1h")
        edges = chain(count, slow, show)
        edges[0]["buffer"] = {"rows": 20}
        stalled = self.begin(server, {"id": "stalled", "version": "1.0.0", "nodes": [count, slow, show], "edges": edges})
        for name, flow in (("WeirHighFailureRate", "orders"), ("WeirRunStalled", "stalled")):
            found = until(lambda name=name: receiver.alerts(name), 180)
            self.assertEqual([one["labels"]["flow"] for one in found], [flow] * len(found))
            self.assertIn(flow, found[0]["annotations"]["summary"])
        # Whoever stops the run ends its alert too.
        for run in (failing, stalled):
            self.assertEqual(server.ask("POST", f"/api/v1/runs/{run}/stop")[0], 202)
        until(lambda: receiver.alerts("WeirRunStalled", "resolved"), 180)


class Metrics(ServeTest):
    begin = RealAlerts.begin

    def test_what_runs_do_is_told_as_metrics(self):
        server = self.serve()
        count, show = node("count", "generate/pattern", rows=0, rate=200, batchRows=10), node("show", "debug/log", rows=1)
        edges = chain(count, show)
        edges[0]["guarantee"] = "durable"
        run = self.begin(server, {"id": "ticks", "version": "1.0.0", "nodes": [count, show], "edges": edges,
                                  "config": {"checkpoint": {"everyMs": 200}}})

        def value(name, **labels):
            for line in server.ask("GET", "/metrics")[2].splitlines():
                if line.split("{")[0].split(" ")[0] == name and all(f'{key}="{wanted}"' in line for key, wanted in labels.items()):
                    return float(line.rsplit(" ", 1)[1])
            return None
        until(lambda: (value("weir_flow_rows_in_total", flow="ticks") or 0) > 100)
        self.assertEqual(value("weir_flow_runs", flow="ticks"), 1)
        self.assertEqual(value("weir_flow_lease_epoch", flow="ticks"), 1)
        until(lambda: value("weir_flow_checkpoint_age_seconds", flow="ticks") < 5)
        self.assertLess(value("weir_flow_oldest_row_seconds", flow="ticks"), 60)
        self.assertIsNotNone(value("weir_engine_heartbeat_age_seconds", engine="folder/"))
        self.assertGreater(value("weir_store_commit_seconds_count"), 0)
        self.assertGreater(value("weir_node_rows_out_total", node="count"), 100)
        # The end of its engine is counted, once, and no counter falls.
        rows = value("weir_flow_rows_in_total", flow="ticks")
        engine = next(pid for pid in children_of(server.process.pid))
        os.kill(engine, signal.SIGSEGV)
        until(lambda: value("weir_engine_restarts_total") == 1)
        until(lambda: value("weir_flow_run_restarts_total", flow="ticks") == 1)
        until(lambda: value("weir_flow_rows_in_total", flow="ticks") > rows)
        self.assertEqual(server.ask("POST", f"/api/v1/runs/{run}/stop")[0], 202)
        until(lambda: value("weir_flow_runs_ended_total", outcome="stopped") == 1)
        self.assertEqual(value("weir_flow_runs", flow="ticks"), 0)

    def test_the_first_end_of_a_runs_own_engine_raises_an_alert_of_its_flows_folder(self):
        server = self.serve()
        count, show = node("count", "generate/pattern", rows=0, rate=50, batchRows=1), node("show", "debug/log", rows=1)
        flow = {"id": "alone", "version": "1.0.0", "nodes": [count, show], "edges": chain(count, show), "config": {"isolation": "process"}}
        self.assertEqual(server.ask("POST", "/api/v1/flows?folder=team/part", flow)[0], 201)
        self.assertEqual(server.ask("POST", "/api/v1/flows/alone/runs", {"version": "draft"})[0], 201)
        told = lambda: [line for line in server.ask("GET", "/metrics")[2].splitlines() if line.startswith("weir_engine_restarts_total{")]  # noqa: E731
        until(lambda: told() == ['weir_engine_restarts_total{folder="team/part"} 0'])
        until(lambda: children_of(server.process.pid))
        os.kill(children_of(server.process.pid)[0], signal.SIGKILL)
        until(lambda: told() == ['weir_engine_restarts_total{folder="team/part"} 1'])
        alerts = lambda: [one for one in json.loads(server.ask("GET", "/api/v1/alerts")[2])["alerts"] if one.get("rule") == "engine-restarts"]  # noqa: E731
        alert = until(alerts, 120)[0]
        self.assertEqual(alert["folder"], "team/part")
        self.assertRegex(alert["message"], r"weir_engine_restarts_total grows by 0\.[0-9]+ a second, over 0")

    def test_what_journals_do_is_told_as_metrics(self):
        server = self.serve()
        hook, show = node("hook", "http/webhook", path="/in"), node("show", "debug/log", rows=1)
        edges = chain(hook, show)
        edges[0]["guarantee"] = "durable"
        flow = {"id": "hooked", "version": "1.0.0", "nodes": [hook, show], "edges": edges}
        self.assertEqual(server.ask("POST", "/api/v1/flows?folder=team", flow)[0], 201)
        status, _, text = server.ask("POST", "/api/v1/flows/hooked/versions", {"publish": True})
        self.assertEqual(status, 201, text)
        self.assertEqual(server.ask("POST", "/api/v1/flows/hooked/runs", {})[0], 201)
        until(lambda: server.ask("POST", "/hooks/team/in", {"a": 1})[0] == 202)

        def told(name):
            return any(line.startswith(name + "{") and 'flow="hooked"' in line and float(line.rsplit(" ", 1)[1]) > 0
                       for line in server.ask("GET", "/metrics")[2].splitlines())
        for name in ("weir_flow_journal_syncs_total", "weir_flow_journal_bytes", "weir_flow_journal_sync_seconds_total"):
            until(lambda name=name: told(name))

    def test_a_flows_own_alert_is_in_the_book_of_the_server(self):
        server = self.serve()
        count, show = node("count", "generate/pattern", rows=0, rate=100, batchRows=1), node("show", "debug/log", rows=1)
        run = self.begin(server, {"id": "ticks", "version": "1.0.0", "nodes": [count, show], "edges": chain(count, show),
                            "config": {"alerts": [{"name": "busy", "metric": "e1.rows", "over": 1, "severity": "critical"}]}})
        def found():
            alerts = json.loads(server.ask("GET", "/api/v1/alerts")[2])["alerts"]
            return next((one for one in alerts if one["name"] == "busy"), None)
        alert = until(found)
        self.assertEqual((alert["flow"], alert["severity"], alert["state"]), ("ticks", "critical", "raised"))
        self.assertEqual(server.ask("POST", f"/api/v1/runs/{run}/stop")[0], 202)
        until(lambda: found()["state"] == "cleared")


if __name__ == "__main__":
    unittest.main()
