#!/usr/bin/env python3
# config.alerts: what validation says of them, and when a run raises one.
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
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


if __name__ == "__main__":
    unittest.main()
