#!/usr/bin/env python3
# weir inspect, convert and eval: rows in, rows out, without a flow.
import itertools
import json
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, WEIR  # noqa: E402

ROWS = [{"id": 1, "name": "Ann, \"the\" first", "price": 2.5, "ok": True}, {"id": 2, "name": "Zoë\nTwo", "price": -0.125, "ok": False},
        {"id": 3, "name": None, "price": 1e21, "ok": None}]


class Inspect(ProgramTest):
    def test_every_format_is_known_by_name_and_by_content(self):
        self.write("a.csv", "a,b\n1,x\n2,y\n")
        self.write("a.ndjson", '{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n')
        self.write("a.json", '[{"a":1,"b":"x"},{"a":2,"b":"y"}]')
        self.weir("convert", "a.csv", "a.arrow")
        for name, form in (("a.csv", "csv"), ("a.ndjson", "json"), ("a.json", "json"), ("a.arrow", "arrow")):
            (self.folder / "unnamed").write_bytes((self.folder / name).read_bytes())
            for path in (name, "unnamed"):
                with self.subTest(name=name, path=path):
                    seen = json.loads(self.weir("inspect", "--json", path)[0])
                    self.assertEqual(list(seen), ["format", "schema", "rows", "errors"])
                    self.assertEqual(seen["format"], form)
                    self.assertEqual([(field["name"], field["type"]) for field in seen["schema"]], [("a", "int"), ("b", "string")])
                    self.assertEqual(seen["rows"], [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}])
                    self.assertEqual(seen["errors"], [])
        seen = json.loads(self.weir("inspect", "--json", self.write("a.log", "one\ntwo\n"))[0])
        self.assertEqual([row["line"] for row in seen["rows"]], ["one", "two"])

    def test_rows_says_how_many_are_shown(self):
        self.write("a.csv", "a\n" + "".join(f"{i}\n" for i in range(50)))
        for extra, count in (([], 10), (["--rows", "3"], 3), (["--rows", "0"], 0), (["--rows", "all"], 50)):
            self.assertEqual(len(json.loads(self.weir("inspect", "--json", *extra, "a.csv")[0])["rows"]), count)
        out, _ = self.weir("inspect", "a.csv")
        self.assertIn("50 rows", out)
        self.weir("inspect", "--rows", "some", "a.csv", code=2)

    def test_standard_input_settings_and_mistakes(self):
        out, _ = self.weir("inspect", "--json", "-", given="a,b\n1,2\n")
        self.assertEqual(json.loads(out)["rows"], [{"a": 1, "b": 2}])
        out, _ = self.weir("inspect", "--json", "-", "--format", "text", given="a,b\n")
        self.assertEqual(json.loads(out)["rows"][0]["line"], "a,b")
        self.write("a.csv", "a;b\n1,5;x\n")
        out, _ = self.weir("inspect", "--json", "a.csv", "--option", "delimiter=;", "--option", "decimal=,")
        self.assertEqual(json.loads(out)["rows"], [{"a": 1.5, "b": "x"}])
        self.fails("inspect", "a.csv", "--option", "delimitr=;", code=2, says=["did you mean 'delimiter'?"])
        self.fails("inspect", "a.csv", "--format", "xml", code=2, says=["csv, json, arrow and text"])
        self.fails("inspect", "a.csv", "gone.csv", code=1, says=["gone.csv"])


class Convert(ProgramTest):
    def rows(self, name):
        return json.loads(self.weir("inspect", "--json", "--rows", "all", name)[0])["rows"]

    def test_rows_survive_every_way_between_the_formats(self):
        self.write("first.json", json.dumps(ROWS))
        names = ["a.csv", "a.ndjson", "a.json", "a.arrow", "a.tsv"]
        for name in names:
            self.weir("convert", "first.json", name)
            self.assertEqual(self.rows(name), ROWS, name)
        for source, target in itertools.permutations(names, 2):
            with self.subTest(source=source, target=target):
                target = "b" + target[1:]
                self.weir("convert", source, target)
                self.assertEqual(self.rows(target), ROWS)

    def test_text_lines_become_rows_and_back(self):
        self.write("a.txt", "one\ntwo, 2\n")
        self.weir("convert", "a.txt", "a.csv")
        self.weir("convert", "a.csv", "b.txt", "--write", "field=line")
        self.assertEqual((self.folder / "b.txt").read_text(), "one\ntwo, 2\n")

    def test_standard_streams(self):
        out, _ = self.weir("convert", "-", "-", "--from", "csv", "--to", "json", given="a,b\n1,x\n")
        self.assertEqual([json.loads(line) for line in out.splitlines()], [{"a": 1, "b": "x"}])
        self.weir("convert", "-", "out.ndjson", "--from", "csv", given="a\n1\n")
        self.assertEqual(self.rows("out.ndjson"), [{"a": 1}])

    def test_mistakes(self):
        self.write("a.csv", "a,b\n1,2\n3\n")
        self.fails("convert", "a.csv", "a.xlsx", code=2, says=["--to"])
        self.assertFalse((self.folder / "a.xlsx").exists())
        self.fails("convert", "a.csv", "a.ndjson", code=3, says=["line 3", "csv.field_count", "1 rows written"])
        self.fails("convert", "gone.csv", "b.ndjson", code=1, says=["gone.csv"])
        self.assertFalse((self.folder / "b.ndjson").exists())
        self.weir("convert", "a.csv", code=2)
        before = (self.folder / "a.csv").read_bytes()
        self.weir("convert", "a.csv", "a.csv", code=3)
        self.assertEqual((self.folder / "a.csv").read_bytes(), b"a,b\n1,2\n")
        self.assertNotEqual(before, b"")
        self.assertNothingHalfWritten()


class Eval(ProgramTest):
    def test_values_and_exit_codes(self):
        for text, value in (("1 + 2", "3"), ("'a' + 'b'", '"ab"'), ("[1, 2].map(x, x * 2)", "[2,4]"), ("{'a': null}", '{"a":null}'), ("2 * 1.5", "3")):
            self.assertEqual(json.loads(self.weir("eval", text)[0]), json.loads(value), text)
        self.fails("eval", "1 / 0", code=1, says=["cel.divide_by_zero"])
        self.fails("eval", "1 +", code=2, says=["1:4", "cel.syntax", "^"])
        self.fails("eval", "nam + 1", code=2, says=["nam"])
        self.fails("eval", "row.a", code=2, says=["--input"])
        self.fails("eval", "2 * 1.5", "--strict", code=2, says=["1:1", "cel.type"])
        self.weir("eval", code=2)

    def test_rows_of_a_file_and_of_standard_input(self):
        self.write("rows.ndjson", '{"a":1}\n\n{"a":null}\n{"a":"x"}\nnonsense\n{"a":4}\n')
        out, err = self.weir("eval", "row.a * 2", "--input", "rows.ndjson", code=3)
        self.assertEqual(out.split(), ["2", "null", "8"])
        self.assertIn("line 5", err)
        self.assertIn("line 4", err)
        self.assertEqual(self.weir("eval", "row.a", "--input", "-", given='{"a":1}\n')[0], "1\n")
        self.fails("eval", "row.a", "--input", "gone.ndjson", code=2, says=["gone.ndjson"])

    def test_conformance_lines_and_the_count(self):
        case = {"file": "f", "section": "s", "name": "n", "expr": "1 + 1", "value": {"int64Value": "2"}}
        done = subprocess.run([WEIR, "eval", "--conformance", self.write("cases.ndjson", json.dumps(case) + "\n")], capture_output=True, text=True, timeout=20)
        lines = done.stdout.splitlines()
        self.assertLessEqual({"file", "section", "name", "pass"}, set(json.loads(lines[0])))
        self.assertRegex(lines[-1], r"^\d+ passed, \d+ failed, \d+ skipped$")
        self.fails("eval", "--conformance", "gone.ndjson", code=2, says=["gone.ndjson"])


if __name__ == "__main__":
    unittest.main()
