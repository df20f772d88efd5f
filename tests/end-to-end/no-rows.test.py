#!/usr/bin/env python3
# Flows through which no row comes: what the fields are is known all the same, and reaches the file at the end.
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, chain, edge, node  # noqa: E402

HEADER = "id,region,price\n"
SCHEMA = "{id: int, region: string, price: double}"


class NoRows(ProgramTest):
    def through(self, *nodes, text=HEADER, code=0, **more):
        """The file that csv-write leaves behind `nodes`, which come behind a reader of `text`."""
        self.write("in.csv", text)
        flow = self.flow("f", node("r", "files/csv-read", path="in.csv", schema=SCHEMA), *nodes, node("w", "files/csv-write", path="out.csv", **more))
        self.weir("run", flow, code=code)
        return (self.folder / "out.csv").read_text() if (self.folder / "out.csv").exists() else None

    def test_the_header_of_a_file_without_rows_is_written(self):
        self.assertEqual(self.through(), HEADER)

    def test_fields_pass_every_node_without_a_row(self):
        for nodes, header in (
                ([node("f", "logic/filter", condition="row.id > 2")], HEADER),
                ([node("f", "flow/limit", count=3)], HEADER),
                ([node("f", "flow/throttle", rowsPerSecond=5)], HEADER),
                ([node("f", "debug/log")], HEADER),
                ([node("f", "aggregate/sort", keys=[{"field": "id"}])], HEADER),
                ([node("f", "aggregate/distinct", keys=["id"])], HEADER),
                ([node("f", "aggregate/group", keys=["region"], measures=[{"name": "n", "function": "count"}])], "region,n\n"),
                ([node("f", "logic/map", set={"half": "row.price / 2.0"}, rename={"id": "number"}, drop=["region"])], "number,price,half\n"),
                ([node("f", "text/grep", field="region", pattern="x")], HEADER),
                ([node("f", "text/grep", field="region", pattern="x", contextBefore=1)], "id,region,price,group\n"),
                ([node("f", "text/parse", field="region", pattern="(?P<a>.)(?P<b>.)")], "id,region,price,a,b\n"),
                ([node("m", "logic/map", set={"list": "[row.id]"}), node("f", "flow/split", field="list", index="at")], "id,region,price,list,at\n")):
            with self.subTest(nodes[-1]["typeId"]):
                self.assertEqual(self.through(*nodes), header)

    def test_a_filter_that_keeps_nothing_leaves_the_fields(self):
        rows = HEADER + "".join(f"{i},a,{i}.5\n" for i in range(50000))
        self.assertEqual(self.through(node("f", "logic/filter", condition="row.id < 0"), text=rows), HEADER)
        self.assertEqual(self.through(node("f", "logic/map", set={"x": "1 / (row.id - row.id)"}), text=HEADER + "1,a,1\n", code=3), "id,region,price,x\n")

    def test_columns_of_which_no_value_tells_the_type_fit_every_expression(self):
        self.write("in.csv", HEADER)
        nodes = [node("r", "files/csv-read", path="in.csv"), node("f", "logic/filter", condition="row.price > 2.5 && row.region.startsWith('a')"),
                 node("g", "aggregate/group", keys=["region"], measures=[{"name": "s", "function": "sum", "of": "row.price * 2.0"}]),
                 node("w", "files/csv-write", path="out.csv")]
        self.weir("run", self.flow("f", *nodes))
        self.assertEqual((self.folder / "out.csv").read_text(), "region,s\n")

    def test_an_empty_input_beside_a_full_one_changes_nothing(self):
        self.write("in.csv", HEADER)
        self.write("full.csv", HEADER + "1,a,2.5\n2,b,3.5\n")
        self.write("names.csv", "region,name\na,Anna\n")
        none, full, names = (node(name, "files/csv-read", path=f"{file}.csv") for name, file in (("r", "in"), ("s", "full"), ("n", "names")))
        merge, write = node("m", "flow/merge", order="inputs"), node("w", "files/csv-write", path="out.csv")
        into = [edge("a", "r.rows", "m.first"), edge("b", "s.rows", "m.second")]
        group = node("x", "aggregate/group", keys=["region", "id"], measures=[{"name": "s", "function": "sum", "of": "row.price"}])
        for middle, text in ((group, "region,id,s\na,1,2.5\nb,2,3.5\n"), (node("x", "aggregate/sort", keys=[{"field": "id", "descending": True}]), HEADER + "2,b,3.5\n1,a,2.5\n"),
                             (node("x", "aggregate/distinct", keys=["id"]), HEADER + "1,a,2.5\n2,b,3.5\n")):
            self.weir("run", self.flow("f", none, full, merge, middle, write, edges=[*into, edge("c", "m.rows", "x.rows"), edge("d", "x.rows", "w.rows")]))
            self.assertEqual((self.folder / "out.csv").read_text(), text, middle)
        edges = [*into, edge("c", "m.rows", "j.lookup"), edge("d", "n.rows", "j.rows"), edge("e", "j.rows", "w.rows")]
        self.weir("run", self.flow("f", none, full, names, merge, node("j", "data/join", keys=[{"field": "region"}]), write, edges=edges))
        self.assertEqual((self.folder / "out.csv").read_text(), "region,name,id,price\na,Anna,1,2.5\n")

    def test_other_ports_know_the_fields_too(self):
        self.write("in.csv", HEADER)
        nodes = [node("r", "files/csv-read", path="in.csv", schema=SCHEMA)]
        edges = []
        parts = [("logic/filter", {"condition": "row.id > 1"}, ["match", "rest"]),
                 ("logic/switch", {"cases": [{"name": "big", "condition": "row.id > 9"}]}, ["big", "otherwise"]),
                 ("logic/validate", {"schema": {"required": ["id"]}}, ["valid", "invalid"])]
        for i, (type_id, settings, ports) in enumerate(parts):
            nodes.append(node(f"n{i}", type_id, **settings))
            edges.append(edge(f"in{i}", "r.rows", f"n{i}.rows"))
            for port in ports:
                nodes.append(node(f"{port}", "files/csv-write", path=f"{port}.csv"))
                edges.append(edge(f"out-{port}", f"n{i}.{port}", f"{port}.rows"))
        self.weir("run", self.flow("f", *nodes, edges=edges))
        for port in ("match", "rest", "big", "otherwise", "valid"):
            self.assertEqual((self.folder / f"{port}.csv").read_text(), HEADER, port)
        self.assertEqual((self.folder / "invalid.csv").read_text(), "id,region,price,reasons\n")

    def test_edges_and_inputs_of_two(self):
        self.write("in.csv", HEADER)
        self.write("names.csv", "region,name\n")
        reader, names = node("r", "files/csv-read", path="in.csv", schema=SCHEMA), node("l", "files/csv-read", path="names.csv")
        flow = self.flow("join", reader, names, node("j", "data/join", keys=[{"field": "region"}], kind="left"), node("w", "files/csv-write", path="join.csv"),
                         edges=[edge("a", "r.rows", "j.rows"), edge("b", "l.rows", "j.lookup"), edge("c", "j.rows", "w.rows")])
        self.weir("run", flow)
        self.assertEqual((self.folder / "join.csv").read_text(), "id,region,price,name\n")
        for order in ("arrival", "inputs", "timestamp"):
            flow = self.flow("merge", reader, {**reader, "id": "r2"}, node("m", "flow/merge", order=order, field="id"), node("w", "files/csv-write", path="merge.csv"),
                             edges=[edge("a", "r.rows", "m.first"), edge("b", "r2.rows", "m.second"), edge("c", "m.rows", "w.rows")])
            self.weir("run", flow)
            self.assertEqual((self.folder / "merge.csv").read_text(), HEADER, order)
        flow = self.flow("edge", reader, node("w", "files/csv-write", path="edge.csv"),
                         edges=[edge("a", "r.rows", "w.rows", filter="row.id > 1")])
        self.weir("run", flow)
        self.assertEqual((self.folder / "edge.csv").read_text(), HEADER)

    def test_what_sinks_do_without_rows(self):
        self.assertIsNone(self.through(ifEmpty="none"))
        self.assertEqual(self.through(columns=["price", "id"]), "price,id\n")
        reader = node("r", "files/csv-read", path="in.csv", schema=SCHEMA)
        for type_id, name, text in (("files/json-write", "a.json", "[]\n"), ("files/json-write", "a.ndjson", ""), ("files/text-write", "a.txt", "")):
            more = {"field": "region"} if type_id == "files/text-write" else {}
            self.weir("run", self.flow("f", reader, node("w", type_id, path=name, **more)))
            self.assertEqual((self.folder / name).read_text(), text)
            self.weir("run", self.flow("f", reader, node("w", type_id, path="none-" + name, ifEmpty="none", **more)))
            self.assertFalse((self.folder / ("none-" + name)).exists())
        self.weir("run", self.flow("f", reader, node("w", "files/arrow-write", path="a.arrow")))
        seen = json.loads(self.weir("inspect", "--json", "a.arrow")[0])
        self.assertEqual([(field["name"], field["type"]) for field in seen["schema"]], [("id", "int"), ("region", "string"), ("price", "double")])

    def test_inspect_shows_the_fields_of_files_without_good_rows(self):
        self.write("header.csv", "a,b\n")
        self.write("bad.csv", "a,b\n1,2,3\n4\n")
        self.write("bad.ndjson", '{"a": 1}\n')
        for name, names, code in (("header.csv", ["a", "b"], 0), ("bad.csv", ["a", "b"], 3)):
            seen = json.loads(self.weir("inspect", "--json", name, code=code)[0])
            self.assertEqual([field["name"] for field in seen["schema"]], names)
            self.assertEqual(seen["rows"], [])
        seen = json.loads(self.weir("inspect", "--json", "--option", "schema={a: bool}", "bad.ndjson", code=3)[0])
        self.assertEqual([field["name"] for field in seen["schema"]], ["a"])
        self.write("none.csv", "")
        self.assertEqual(json.loads(self.weir("inspect", "--json", "none.csv")[0])["schema"], [])

    def test_a_source_without_rows_does_not_settle_the_columns_of_one_with_rows(self):
        self.write("in.csv", "a,b\n")
        self.write("more.csv", "a,b,c\n1,2,3\n")
        flow = self.flow("f", node("r", "files/csv-read", path="in.csv"), node("s", "files/csv-read", path="more.csv"), node("w", "files/csv-write", path="out.csv"),
                         edges=[edge("e", "r.rows", "w.rows"), edge("f", "s.rows", "w.rows")])
        self.weir("run", flow)
        self.assertEqual((self.folder / "out.csv").read_text(), "a,b,c\n1,2,3\n")


if __name__ == "__main__":
    unittest.main()
