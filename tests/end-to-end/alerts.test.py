#!/usr/bin/env python3
# config.alerts: what validation says of them, and when a run raises one.
import json
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from live_runs import LiveTest  # noqa: E402
from program import ProgramTest, node  # noqa: E402


class Alerts(ProgramTest):
    def flow_with(self, *alerts, rows=300):
        return self.flow("alarm", node("numbers", "generate/pattern", pattern="sequential", rows=rows, rate=200),
                         node("share", "logic/map", set={"share": "100 / (int(row.value) % 1)"}), node("show", "debug/log", rows=1),
                         config={"alerts": list(alerts), "maxErrors": 100000})

    def test_an_alert_is_an_event_with_its_severity_and_value(self):
        flow = self.flow_with({"name": "too many fail", "metric": "share.errorRate", "over": 0.5, "forMs": 200, "severity": "critical"},
                              {"name": "never", "metric": "run.deadLetters", "over": 100000})
        _, err = self.weir("run", flow, "--events", "events.ndjson", code=3)
        events = [json.loads(line) for line in (self.folder / "events.ndjson").read_text().splitlines()]
        raised = [event for event in events if event["kind"] == "alert.raised"]
        self.assertEqual([(event["subject"], event["severity"]) for event in raised], [("too many fail", "critical")])
        self.assertIn("share.errorRate is 1, over 0.50 for 200 ms", raised[0]["message"])
        self.assertIn("critical [too many fail]", err)

    def test_metrics_are_checked_before_the_run_with_suggestions(self):
        for alert, says in (({"metric": "share.errorrate", "over": 1}, "Did you mean 'errorRate'?"),
                            ({"metric": "shore.errorRate", "over": 1}, "Did you mean 'share'?"),
                            ({"metric": "share.fill", "over": 1}, "is measured of an edge"),
                            ({"metric": "errorRate", "over": 1}, "is no metric"), ({"metric": "share.errorRate"}, "needs a bound")):
            with self.subTest(alert=alert):
                self.fails("validate", self.flow_with({"name": "a", **alert}), code=2, says=[says, "/config/alerts/0"])


    def test_rules_about_rows_are_checked_before_the_run(self):
        for alert, code, where in (({"metric": "share.errorRate", "over": 1, "where": "true"}, "alert.rows", "/config/alerts/0/where"),
                                   ({"metric": "e1.fill", "over": 1, "key": "row.id"}, "alert.rows", "/config/alerts/0/key"),
                                   ({"metric": "e1.rows", "over": 1, "where": "'yes'"}, "settings.type", "/config/alerts/0/where"),
                                   ({"metric": "e1.rows", "over": 1, "where": "row.id >"}, "cel.", "/config/alerts/0/where"),
                                   ({"metric": "e1.rows", "over": 1, "muteUntil": "soon"}, "alert.mute", "/config/alerts/0/muteUntil"),
                                   ({"metric": "e1.rows", "over": 1, "windowMs": 5}, "flow.", "/config/alerts/0/windowMs")):
            with self.subTest(alert=alert):
                self.fails("validate", self.flow_with({"name": "a", **alert}), code=2, says=[code, where])

    def raised(self, *alerts, rows=300, **more):
        flow = self.flow("keys", node("numbers", "generate/pattern", pattern="sequential", rows=rows, rate=200),
                         node("name", "logic/map", set={"sensor": "'s' + string(int(row.value) % 3)"}), node("show", "debug/log", rows=1),
                         config={"alerts": list(alerts)}, **more)
        self.weir("run", flow, "-q", "--events", "events.ndjson")
        events = [json.loads(line) for line in (self.folder / "events.ndjson").read_text().splitlines()]
        return [event for event in events if event["kind"] == "alert.raised"]

    def test_rows_are_counted_by_condition_and_key(self):
        raised = self.raised({"name": "busy", "metric": "e2.rows", "where": "int(row.value) % 2 == 0 && row.sensor != 's1'",
                              "key": "row.sensor", "over": 20, "windowMs": 60000})
        self.assertEqual(sorted(event["key"] for event in raised), ["s0", "s2"])
        self.assertIn("of 's0' is", "".join(event["message"] for event in raised))

    def test_the_fields_that_a_rule_reads_are_read_for_it_alone(self):
        self.write("in.csv", "id,note\n" + "".join(f"{i},{'bad' if i % 10 == 0 else 'good'}\n" for i in range(2000)))
        flow = self.flow("fields", node("read", "files/csv-read", path="in.csv"), node("pace", "flow/rate-limit", rows=500, per="1s"),
                         node("count", "aggregate/group", measures=[{"name": "n", "function": "count"}]), node("show", "debug/log", rows=1),
                         config={"alerts": [{"name": "bad", "metric": "e1.rows", "where": "row.note == 'bad'", "over": 100}]})
        self.weir("run", flow, "-q", "--events", "events.ndjson")
        self.assertIn("alert.raised", (self.folder / "events.ndjson").read_text())
        self.assertNotIn("alert.failed", (self.folder / "events.ndjson").read_text())

    def test_alerts_of_the_document_itself_count_as_those_of_its_config(self):
        flow = self.flow_with()
        document = json.loads((self.folder / flow).read_text())
        document["alerts"] = [{"name": "top", "metric": "share.errorRate", "over": 0.5}]
        self.write(flow, json.dumps(document))
        self.weir("run", flow, "-q", "--events", "events.ndjson", code=3)
        self.assertIn('"subject":"top"', (self.folder / "events.ndjson").read_text().replace(": ", ":"))

    def test_a_muted_alert_is_not_raised(self):
        self.assertEqual(self.raised({"name": "any", "metric": "e1.rows", "over": 1, "muteUntil": "2199-01-01T00:00:00Z"}), [])


class LiveAlerts(LiveTest):
    def test_alerts_of_a_run_are_listed_muted_and_unmuted(self):
        process, run = self.going("--events", "events.ndjson", config={"alerts": [
            {"name": "many", "metric": "e1.rows", "over": 0, "key": "string(row.id % 2)", "severity": "error"},
            {"name": "none", "metric": "e1.idleMs", "over": 600000}]})
        self.await_text("raised for 2 keys: 0, 1", "alerts")
        self.assertIn("quiet", self.weir("alerts", run[:6])[0])
        self.fails("alerts", "--mute", "man", code=2, says=["Did you mean 'many'?"])
        self.fails("alerts", "--mute", "many", "--for", "soon", code=2, says=["--for 'soon'"])
        self.assertIn("muted until", self.weir("alerts", "--mute", "none", "--for", "2h")[0])
        self.assertNotIn("muted until", self.weir("alerts", "--unmute", "none")[0])
        listed = json.loads(self.weir("alerts", "--json")[0])
        self.assertEqual([(alert["alert"], alert["raised"]) for alert in listed], [("many", True), ("none", False)])
        self.stop(process)
        kinds = [json.loads(line)["kind"] for line in (self.folder / "events.ndjson").read_text().splitlines()]
        self.assertEqual([kind for kind in kinds if "muted" in kind], ["alert.muted", "alert.unmuted"])

    def await_text(self, text, *command):
        until = time.monotonic() + 30
        while text not in self.weir(*command)[0]:
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
