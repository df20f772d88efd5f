#!/usr/bin/env python3
# Names of fields that are not there, and settings that a node cannot take: said before a run where that can be known,
# else at the first row.
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, edge, node  # noqa: E402


class Names(ProgramTest):
    def problems(self, *nodes, **more):
        out, _ = self.weir("validate", "--json", self.flow("f", *nodes, **more), code=2)
        return {(problem["pointer"], problem["code"]): problem for problem in json.loads(out) if problem["severity"] == "error"}

    def test_every_setting_in_a_language_of_its_own_is_compiled_by_validate(self):
        nodes = [node("t", "files/text-read", path="logs/[a", recordStart="(", morePaths=["ok.log", "x/{a"]), node("g", "text/grep", pattern="(a"),
                 node("p", "text/parse", pattern="(?P<a>", dateFormats=["qq", "dd.MM"]), node("v", "logic/validate", schema={"propertis": {}}),
                 node("v2", "logic/validate", schema={"anyOf": [{}, {"properties": {"a": {"pattern": "("}}}]}),
                 node("s", "logic/switch", cases=[{"name": "a", "condition": "true"}, {"name": "a", "condition": "true"}]),
                 node("c", "files/csv-write", path="o.csv", delimiter="::")]
        edges = [edge("e0", "t.rows", "g.rows"), edge("e1", "g.match", "p.rows"), edge("e2", "p.rows", "v.rows"), edge("e3", "p.rows", "v2.rows"),
                 edge("e4", "v.valid", "s.rows"), edge("e5", "s.a", "c.rows")]
        found = self.problems(*nodes, edges=edges)
        self.assertEqual(set(found), {
            ("/nodes/0/settings/path", "glob.syntax"), ("/nodes/0/settings/recordStart", "regex.syntax"), ("/nodes/0/settings/morePaths/1", "glob.syntax"),
            ("/nodes/1/settings/pattern", "regex.syntax"), ("/nodes/2/settings/pattern", "regex.syntax"), ("/nodes/2/settings/dateFormats/0", "date.pattern"),
            ("/nodes/3/settings/schema/propertis", "settings.invalid"), ("/nodes/4/settings/schema/anyOf/1/properties/a/pattern", "regex.syntax"),
            ("/nodes/5/settings/cases/1/name", "settings.invalid"), ("/nodes/6/settings/delimiter", "settings.invalid")})
        self.assertEqual(found["/nodes/3/settings/schema/propertis", "settings.invalid"]["suggestion"], "Did you mean 'properties'?")

    def test_run_blames_the_node_whose_pattern_is_wrong(self):
        self.write("a.log", "x\n")
        flow = self.flow("f", node("t", "files/text-read", path="a.log"), node("g", "text/grep", pattern="(a"), node("w", "files/text-write", path="o.log"))
        _, err = self.weir("run", flow, code=2)
        self.assertIn("/nodes/1/settings/pattern", err)

    def test_names_of_known_fields_are_checked_before_a_run(self):
        found = self.problems(node("n", "generate/pattern", rows=5), node("m", "logic/map", drop=["ids"], set={"y": "row.vlaue * 2", "z": "row.ts + 1"}),
                              node("s", "aggregate/sort", keys=[{"field": "yy"}]), node("c", "files/csv-write", path="o.csv", columns=["id", "nope"]))
        self.assertEqual({pointer: problem.get("suggestion", "") for (pointer, _), problem in found.items()}, {
            "/nodes/1/settings/drop/0": "Did you mean 'id'?", "/nodes/1/settings/set/y": 'Did you mean "value"?', "/nodes/1/settings/set/z": "",
            "/nodes/2/settings/keys/0/field": "Did you mean 'y'?", "/nodes/3/settings/columns/1": ""})
        found = self.problems(node("n", "files/csv-read", path="a.csv", schema="{price: double, name: string}"), node("w", "files/csv-write", path="o.csv"),
                              edges=[edge("e", "n.rows", "w.rows", filter="row.price > 'a'", transform="{'x': row.name * 2}")])
        self.assertEqual(set(found), {("/edges/0/filter", "cel.type"), ("/edges/0/transform", "cel.type")})

    def test_a_parameter_that_is_there_twice(self):
        parameters = [{"name": "p", "type": "string"}, {"name": "p", "type": "string"}]
        found = self.problems(node("n", "generate/pattern", rows=5), node("w", "files/csv-write", path="o.csv"), parameters=parameters)
        self.assertIn(("/parameters/1", "flow.duplicate_id"), found)

    def test_names_that_only_the_rows_can_deny_end_the_run_and_say_which_there_are(self):
        self.write("a.csv", "id,region,price\n1,a,2\n2,b,3\n")
        reader = node("r", "files/csv-read", path="a.csv")
        second = node("r2", "files/csv-read", path="a.csv")
        for middle in (node("x", "logic/map", drop=["regoin"]), node("x", "logic/map", keep=["regoin"]), node("x", "logic/map", rename={"regoin": "a"}),
                       node("x", "flow/split", field="regoin"), node("x", "aggregate/group", keys=["regoin"]), node("x", "aggregate/distinct", keys=["regoin"]),
                       node("x", "aggregate/sort", keys=[{"field": "regoin"}]), node("x", "flow/merge", order="timestamp", field="regoin"),
                       node("x", "data/join", keys=[{"field": "regoin"}]), node("x", "logic/filter", condition="row.regoin == 'a'")):
            with self.subTest(middle):
                port = "match" if middle["typeId"] == "logic/filter" else "rows"
                ends = {"flow/merge": ("first", "second"), "data/join": ("rows", "lookup")}.get(middle["typeId"])
                edges = [edge("a", "r.rows", f"x.{ends[0] if ends else 'rows'}"), edge("z", f"x.{port}", "w.rows")]
                if ends:
                    edges.append(edge("b", "r2.rows", f"x.{ends[1]}"))
                nodes = [reader, middle, node("w", "files/csv-write", path="o.csv")] + ([second] if ends else [])
                _, err = self.weir("run", self.flow("f", *nodes, edges=edges), code=1)
                self.assertIn("node 'x'", err)
                self.assertIn("regoin", err)
                self.assertIn("'r' has the fields id, region, price", err)
                self.assertRegex(err, r"rows\.unknown_field|cel\.unknown_field")
                self.assertFalse((self.folder / "o.csv").exists())

    def test_a_column_to_write_that_no_row_has_ends_the_run_with_nothing_written(self):
        self.write("a.csv", "id,region\n1,a\n")
        flow = self.flow("f", node("r", "files/csv-read", path="a.csv"), node("w", "files/csv-write", path="o.csv", columns=["id", "regoin"]))
        _, err = self.weir("run", flow, code=1)
        self.assertIn("no row has the column 'regoin'; they have id, region", err)
        self.assertIn("Did you mean 'region'?", err)
        self.assertFalse((self.folder / "o.csv").exists())


if __name__ == "__main__":
    unittest.main()
