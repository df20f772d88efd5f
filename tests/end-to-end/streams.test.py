#!/usr/bin/env python3
# Edges that drop, and suites of load, as a person meets them.
import json
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


if __name__ == "__main__":
    unittest.main()
