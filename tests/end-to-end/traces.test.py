#!/usr/bin/env python3
# weir run --trace-rows, --otlp and --events; weir trace: the way of a row through a run.
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, edge, node  # noqa: E402


class Traces(ProgramTest):
    def flow_of(self, rows=20):
        self.write("in.csv", "id,n\n" + "".join(f"{i},{i % 5}\n" for i in range(rows)))
        nodes = [node("read", "files/csv-read", path="in.csv"), node("share", "logic/map", set={"share": "100 / row.n"}),
                 node("sum", "aggregate/group", keys=["n"], measures=[{"name": "rows", "function": "count"}]),
                 node("write", "files/json-write", path="out.ndjson"), node("all", "files/json-write", path="all.ndjson")]
        edges = [edge("a", "read.rows", "share.rows"), edge("b", "share.rows", "sum.rows"), edge("c", "sum.rows", "write.rows"),
                 edge("d", "share.rows", "all.rows")]
        return self.flow("traced", *nodes, edges=edges)

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


if __name__ == "__main__":
    unittest.main()
