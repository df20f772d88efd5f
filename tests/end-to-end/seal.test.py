#!/usr/bin/env python3
# weir run --seal and weir seal check: the same folder elsewhere, what differs in it, and what cannot be sealed.
import json
import shutil
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, edge, node  # noqa: E402

ROWS = "id,price\n1,2.5\n2,9.5\n3,7\n"


class Seals(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("in.csv", ROWS)
        self.made = self.flow("orders", node("read", "files/csv-read", path="in.csv"),
                              node("keep", "logic/filter", condition="row.price > double(params.least)"),
                              node("write", "files/csv-write", path="out/kept.csv"),
                              parameters=[{"name": "least", "type": "integer", "default": 5}])

    def seal(self, *more, name="orders.seal.json"):
        self.weir("run", "-q", self.made, "--seal", name, *more)
        return json.loads((self.folder / name).read_text())

    def change(self, name, before, after):
        path = self.folder / name
        text = path.read_text()
        self.assertIn(before, text)
        path.write_text(text.replace(before, after))

    def test_a_run_is_sealed_with_what_it_read_and_wrote(self):
        seal = self.seal()
        self.assertEqual([file["name"] for file in seal["inputs"]], ["in.csv"])
        self.assertEqual([(file["name"], file["rows"], file["text"]) for file in seal["outputs"]],
                         [("out/kept.csv", 2, "id,price\n2,9.5\n3,7\n")])
        self.assertEqual(seal["parameters"], {"least": 5})
        self.assertEqual(seal["setAside"], {"rows": 0, "byCode": {}})
        out, _ = self.weir("seal", "check", "orders.seal.json")
        self.assertIn("identical, byte for byte: the flow, 1 input, 1 output", out)
        self.assertIn(seal["digest"][:12], out)
        # The same run again has the same seal; another parameter another one.
        self.assertEqual(self.seal(name="again.json"), seal)
        self.assertNotEqual(self.seal("--set", "least=6", name="other.json")["digest"], seal["digest"])

    def test_the_same_folder_elsewhere_is_identical(self):
        seal = self.seal()
        shutil.copytree(self.folder, self.folder / "elsewhere", ignore=shutil.ignore_patterns("elsewhere"))
        shutil.rmtree(self.folder / "elsewhere/out")
        self.weir("run", "-q", "elsewhere/orders.flow.json", "--seal", "elsewhere/mine.json")
        self.assertEqual(json.loads((self.folder / "elsewhere/mine.json").read_text())["digest"], seal["digest"])
        out, _ = self.weir("seal", "check", "orders.seal.json", "--in", "elsewhere")
        self.assertIn("identical, byte for byte", out)

    def test_names_and_places_of_nodes_are_no_part_of_it_settings_are(self):
        self.seal()
        document = json.loads((self.folder / self.made).read_text())
        document["nodes"][0]["name"] = "Orders"
        document["nodes"][0]["position"] = {"x": 40, "y": 80}
        (self.folder / self.made).write_text(json.dumps(document))
        self.weir("seal", "check", "orders.seal.json")
        self.change(self.made, "row.price > ", "row.price >= ")
        self.fails("seal", "check", "orders.seal.json", code=1, says=["the flow orders does something else"])

    def test_the_first_cell_that_differs_is_named_with_both_values(self):
        self.seal()
        self.change("out/kept.csv", "3,7", "3,8")
        self.fails("seal", "check", "orders.seal.json", code=1,
                   says=["output out/kept.csv differs", "row 2, column 'price': 7 in the seal, 8 here"])
        self.write("out/kept.csv", "id,price\n2,9.5\n")
        self.fails("seal", "check", "orders.seal.json", code=1, says=["row 2: 3,7 in the seal, nothing here"])
        self.write("out/kept.csv", "id,price\r\n2,9.5\r\n3,7\r\n")
        self.fails("seal", "check", "orders.seal.json", code=1, says=["the same rows, written otherwise", "byte 9"])
        (self.folder / "out/kept.csv").unlink()
        self.fails("seal", "check", "orders.seal.json", code=1, says=["output out/kept.csv is not there"])

    def test_an_input_that_differs_is_named(self):
        self.seal()
        self.write("in.csv", ROWS + "4,1\n")
        self.fails("seal", "check", "orders.seal.json", code=1, says=["input in.csv differs: 25 bytes in the seal, 29 here"])
        (self.folder / "in.csv").unlink()
        self.fails("seal", "check", "orders.seal.json", code=1, says=["input in.csv is not there"])

    def test_ndjson_is_compared_by_members_and_large_outputs_with_those_beside_the_seal(self):
        rows = 20_000
        flow = self.flow("many", node("make", "generate/pattern", pattern="sequential", rows=rows, startTime="2026-01-01T00:00:00Z"),
                         node("write", "files/json-write", path="many.ndjson"))
        self.weir("run", "-q", flow, "--seal", "many.seal.json")
        seal = json.loads((self.folder / "many.seal.json").read_text())
        self.assertEqual(seal["outputs"][0]["rows"], rows)
        self.assertNotIn("text", seal["outputs"][0])
        copy = self.folder / "copy"
        copy.mkdir()
        lines = (self.folder / "many.ndjson").read_text().splitlines()
        row = json.loads(lines[12_345])
        name = next(key for key, value in row.items() if isinstance(value, int))
        row[name] += 1
        lines[12_345] = json.dumps(row)
        (copy / "many.ndjson").write_text("\n".join(lines) + "\n")
        self.fails("seal", "check", "many.seal.json", "--in", "copy", code=1, says=[f"row 12346, column '{name}': "])
        # Without the sealed output nobody knows which cell it was.
        shutil.copy(copy / "many.ndjson", self.folder / "many.ndjson")
        self.fails("seal", "check", "many.seal.json", code=1, says=["differs", "does not hold this output itself"])

    def test_files_of_a_mount_are_looked_for_where_it_is(self):
        self.write("data/a.csv", ROWS)
        flow = self.flow("mounted", node("read", "files/csv-read", path="orders:*.csv"), node("write", "files/csv-write", path="m.csv"))
        self.weir("run", "-q", flow, "--mount", "orders=data", "--seal", "m.seal.json")
        self.assertEqual(json.loads((self.folder / "m.seal.json").read_text())["inputs"][0]["name"], "orders:a.csv")
        self.fails("seal", "check", "m.seal.json", code=2, says=["--mount orders=DIR", "seal.mount"])
        self.weir("seal", "check", "m.seal.json", "--mount", "orders=data")
        self.fails("seal", "check", "m.seal.json", "--mount", "orders=gone", code=2, says=["is no folder"])

    def test_rows_that_were_set_aside_are_counted(self):
        self.write("in.csv", ROWS + "4\n")
        self.weir("run", "-q", self.made, "--seal", "aside.json", code=3)
        seal = json.loads((self.folder / "aside.json").read_text())
        self.assertEqual(seal["setAside"], {"rows": 1, "byCode": {"csv.field_count": 1}})


class Refusals(ProgramTest):
    def refused(self, flow, *says):
        self.fails("run", "-q", flow, "--seal", "a.json", code=2, says=["cannot be sealed", "seal.impossible", *says])
        self.assertFalse((self.folder / "a.json").exists())

    def test_what_cannot_be_the_same_twice_is_not_run(self):
        self.write("in.csv", ROWS)
        read = node("read", "files/csv-read", path="in.csv")
        write = node("write", "files/csv-write", path="out.csv")
        self.refused(self.flow("live", node("hook", "http/webhook", path="/in"), write), "the source 'hook' (http/webhook) is live")
        clock = node("make", "generate/pattern", pattern="sequential", rows=5)
        self.refused(self.flow("clock", clock, write), "reads the clock")
        both = self.flow("two", read, {**read, "id": "more"}, write,
                         edges=[edge("a", "read.rows", "write.rows"), edge("b", "more.rows", "write.rows")])
        self.refused(both, "order of arrival")
        self.assertFalse((self.folder / "out.csv").exists())

    def test_a_file_that_is_read_and_written_and_an_absolute_path_are_no_seal(self):
        self.write("a.csv", ROWS)
        flow = self.flow("same", node("read", "files/csv-read", path="a.csv"), node("write", "files/csv-write", path="a.csv"))
        self.fails("run", "-q", flow, "--seal", "a.json", code=1, says=["'a.csv' is read, and then written"])
        flow = self.flow("far", node("read", "files/csv-read", path=str(self.folder / "a.csv")), node("write", "files/csv-write", path="b.csv"))
        self.fails("run", "-q", flow, "--seal", "a.json", code=1, says=["means another file on another machine"])
        self.assertFalse((self.folder / "a.json").exists())

    def test_options_that_make_a_run_less_than_whole_are_refused(self):
        self.write("in.csv", ROWS)
        flow = self.flow("f", node("read", "files/csv-read", path="in.csv"), node("write", "files/csv-write", path="out.csv"))
        for other in (["--resume"], ["--preview"], ["--watch"], ["--state", "s"], ["--mode", "step"]):
            self.weir("run", "-q", flow, "--seal", "a.json", *other, code=2)
        self.fails("run", "-q", flow, "--seal", "none/a.json", code=1, says=["cannot write 'none/a.json'"])
        self.assertFalse((self.folder / "out.csv").exists())

    def test_a_failed_run_has_no_seal(self):
        flow = self.flow("gone", node("read", "files/csv-read", path="gone.csv"), node("write", "files/csv-write", path="out.csv"))
        self.fails("run", "-q", flow, "--seal", "a.json", code=1, says=["did not end as it should"])
        self.assertFalse((self.folder / "a.json").exists())

    def test_bad_seals_are_told_apart(self):
        self.write("in.csv", ROWS)
        flow = self.flow("f", node("read", "files/csv-read", path="in.csv"), node("write", "files/csv-write", path="out.csv"))
        self.weir("run", "-q", flow, "--seal", "good.json")
        good = (self.folder / "good.json").read_text()
        for text in ("", "no JSON", "[]", "{}", '{"weirSeal": 1}', good.replace("2,9.5", "2,9.6"), good[:-20],
                     good.replace('"bytes": 25', '"bytes": 26')):
            self.write("bad.json", text)
            self.fails("seal", "check", "bad.json", code=2, says=["'bad.json'", "seal.invalid"])
        self.write("new.json", good.replace('"weirSeal": 1', '"weirSeal": 2'))
        self.fails("seal", "check", "new.json", code=2, says=["seal.newer_version"])
        self.fails("seal", "check", "none.json", code=2, says=["cannot open 'none.json'"])
        self.fails("seal", "check", "good.json", "--in", "none", code=2, says=["is no folder"])
        self.fails("seal", "check", "good.json", "--flow", "in.csv", code=2)
        self.fails("seal", code=2)
        out, _ = self.weir("seal", "check", "-", given=good)
        self.assertIn("identical", out)

    def test_a_seal_does_not_lead_out_of_its_folder(self):
        self.write("in.csv", ROWS)
        flow = self.flow("f", node("read", "files/csv-read", path="in.csv"), node("write", "files/csv-write", path="out.csv"))
        self.weir("run", "-q", flow, "--seal", "good.json")
        inner = self.folder / "inner"
        inner.mkdir()
        (inner / "in.csv").symlink_to(self.folder / "in.csv")
        shutil.copy(self.folder / "out.csv", inner / "out.csv")
        shutil.copy(self.folder / flow, inner / flow)
        self.weir("seal", "check", "good.json", "--in", "inner", code=2)


if __name__ == "__main__":
    unittest.main()
