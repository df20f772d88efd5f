#!/usr/bin/env python3
# weir inspect, convert and eval: rows in, rows out, without a flow.
import itertools
import json
import signal
import subprocess
import sys
import time
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
        for header, rows in (("no", [{"column_1": "a;b"}, {"column_1": "1,5;x"}]), ("yes", [{"a;b": "1,5;x"}])):
            out, _ = self.weir("inspect", "--json", "a.csv", "--option", f"header={header}", "--option", "delimiter=|")
            self.assertEqual(json.loads(out)["rows"], rows)
        self.write("n.csv", "id,7\n1,x\n")
        self.weir("convert", "n.csv", "n.txt", "--read", "header=yes", "--write", "field=7")
        self.assertEqual((self.folder / "n.txt").read_text(), "x\n")
        self.fails("inspect", "a.csv", "--option", "delimitr=;", code=2, says=["did you mean 'delimiter'?"])
        self.fails("inspect", "a.csv", "--format", "xml", code=2, says=["csv, json, arrow and text"])

    def test_a_file_that_cannot_be_read_is_one_error_and_the_others_are_shown(self):
        self.write("a.csv", "a,b\n1,x\n")
        out, err = self.weir("inspect", "gone.csv", code=1)
        self.assertEqual(out, "")
        self.assertEqual(len(err.splitlines()), 1, err)
        for text in ("gone.csv", "does not exist", "files.not_found"):
            self.assertIn(text, err)
        out, err = self.weir("inspect", "a.csv", "gone.csv", ".", "a.csv", code=1)
        self.assertEqual(out.count("a.csv: csv, 1 row, 0 errors"), 2, out)
        self.assertEqual(len(err.splitlines()), 2, err)
        out, _ = self.weir("inspect", "--json", "a.csv", "gone.csv", "a.csv", code=1)
        self.assertEqual([len(json.loads(line)["rows"]) for line in out.splitlines()], [1, 0, 1])

    def test_json_is_exactly_one_object_whatever_the_file_is(self):
        whole = {"e.csv": b"", "e.json": b"", "e.txt": b"", "e.arrow": b"", "e": b"", "bom.csv": b"\xef\xbb\xbf", "bom.json": b"\xef\xbb\xbf", "bom": b"\xef\xbb\xbf",
                 "bom16.csv": b"\xff\xfe", "cut.gz": b"\x1f\x8b", "no.csv.gz": b"a,b\n1,2\n"}
        noise = bytes((i * 7919 >> 3) & 255 for i in range(4000))
        whole.update({f"noise{end}": noise for end in ("", ".csv", ".json", ".arrow", ".txt", ".csv.gz", ".csv.zst")})
        for name, text in whole.items():
            self.write(name, text)
        (self.folder / "folder.csv").mkdir()
        (self.folder / "loop").symlink_to("loop")
        for name in [*whole, "folder.csv", ".", "gone", "gone.csv", "loop", "/dev/null"]:
            with self.subTest(name=name):
                done = subprocess.run([WEIR, "inspect", "--json", "--rows", "all", name], cwd=self.folder, capture_output=True, timeout=120)
                seen = json.loads(done.stdout.decode())  # one object, and UTF-8
                self.assertEqual(done.stdout.count(b"\n"), 1)
                self.assertEqual(list(seen), ["format", "schema", "rows", "errors"])
                self.assertEqual(done.returncode == 0, seen["errors"] == [], seen["errors"][:1])
                self.assertIn(done.returncode, (0, 1, 3))

    def test_the_names_of_a_csv_file_without_rows_are_seen(self):
        for text, names in (("a,b\n", ["a", "b"]), ("a,b", ["a", "b"]), ("\xef\xbb\xbfa;b;c\r\n".encode("latin-1"), ["a", "b", "c"]), ("", [])):
            seen = json.loads(self.weir("inspect", "--json", self.write("h.csv", text))[0])
            self.assertEqual(([field["name"] for field in seen["schema"]], seen["rows"], seen["errors"]), (names, [], []), text)

    def test_the_table_tells_null_from_empty_text_and_lines_up(self):
        self.write("a.csv", 'name,n\nZoë,1\n"",2\n,3\nplain,4\n')
        out, _ = self.weir("inspect", "a.csv")
        lines = out.splitlines()[1:]
        self.assertEqual([line.split()[0] for line in lines], ["name:", "Zoë", '""', "null", "plain"])
        self.assertEqual(len({line.rindex(" ") for line in lines[1:]}), 1, out)

    def test_many_errors_are_counted_not_listed(self):
        out, _ = self.weir("inspect", self.write("a.csv", "a,b\n" + "1\n" * 500 + "1,2\n"), code=3)
        self.assertIn("500 errors", out)
        self.assertEqual(out.count("csv.field_count"), 20)
        self.assertIn("and 480 errors more", out)


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

    def test_a_writer_without_its_field_says_what_is_needed_and_leaves_no_file(self):
        self.write("a.csv", "a,b\n1,x\n")
        self.fails("convert", "a.csv", "a.txt", code=1, says=["no field 'line'", "{a: int?, b: string?}", "--write field=NAME", "text.no_field", "nothing was written to a.txt"])
        self.assertFalse((self.folder / "a.txt").exists())
        self.write("a.txt", "old\n")
        self.fails("convert", "a.csv", "a.txt", code=1)
        self.assertEqual((self.folder / "a.txt").read_text(), "old\n")
        self.assertEqual(self.fails("convert", "a.csv", "-", "--to", "text", code=1)[0], "")
        self.weir("convert", "a.csv", "a.txt", "--write", "field=b")
        self.assertEqual((self.folder / "a.txt").read_text(), "x\n")
        self.assertNothingHalfWritten()

    def test_ctrl_c_leaves_the_old_file(self):
        self.write("a.csv", "id,text\n" + "".join(f"{i},{'x' * 90}\n" for i in range(300_000)))
        self.write("b.ndjson", "old\n")
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = self.start("convert", "a.csv", "b.ndjson")
            time.sleep(0.03)
            process.send_signal(number)
            process.communicate(timeout=120)
            if process.returncode == 0:  # it was done before
                self.write("b.ndjson", "old\n")
                continue
            self.assertIn(process.returncode, (code, -number))
            self.assertEqual((self.folder / "b.ndjson").read_text(), "old\n")
            self.assertNothingHalfWritten()

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
        done = subprocess.run([WEIR, "eval", "--conformance", self.write("cases.ndjson", json.dumps(case) + "\n")], capture_output=True, text=True, timeout=120)
        lines = done.stdout.splitlines()
        self.assertLessEqual({"file", "section", "name", "pass"}, set(json.loads(lines[0])))
        self.assertRegex(lines[-1], r"^\d+ passed, \d+ failed, \d+ skipped$")
        self.fails("eval", "--conformance", "gone.ndjson", code=2, says=["gone.ndjson"])


if __name__ == "__main__":
    unittest.main()
