#!/usr/bin/env python3
# What a hostile document, file, row or name may not do. Numbers are those of the security tests: S7 paths, S8 bombs, S10
# expressions, S12 injection.
import gzip
import json
import os
import resource
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, WEIR, edge, node, signals_as_from_a_shell  # noqa: E402

MiB = 1 << 20


class Security(ProgramTest):
    CPU_SECONDS = 60  # a run that needs more is ended, and the test fails

    def start(self, *arguments, **more):
        def bounded():
            signals_as_from_a_shell()
            resource.setrlimit(resource.RLIMIT_CPU, (self.CPU_SECONDS, self.CPU_SECONDS))

        return super().start(*arguments, preexec_fn=bounded, **more)

    def measured(self, *arguments):
        """Exit code, what was said, and the peak of resident memory in bytes."""
        process = self.start(*arguments)
        out, err = process.stdout.read(), process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
        process.stderr.close()
        return process.returncode, out + err, usage.ru_maxrss * 1024


class S7Paths(Security):
    """No spelling of a path leads out of the flow's folder."""

    SPELLINGS = ["../secret.txt", "./../secret.txt", "in/../../secret.txt", "in/./.././../secret.txt", "project:../secret.txt",
                 "project:/../secret.txt", "in//..//../secret.txt", "../*.txt", "in/../../*.txt", "project:in/../../secret.txt"]
    OTHER = ["%2e%2e/secret.txt", "..%2fsecret.txt", "..\\secret.txt", "..;/secret.txt", "file://../secret.txt", "nowhere:secret.txt",
             "．．/secret.txt", "~/secret.txt", "$HOME/secret.txt"]

    def setUp(self):
        super().setUp()
        self.write("secret.txt", "the secret\n")
        self.write("home/in/a.txt", "open\n")

    def reads(self, path):
        flow = self.flow("home/read", node("in", "files/text-read", path=path), node("out", "files/text-write", path="out.txt"))
        done = subprocess.run([WEIR, "run", "-q", flow], cwd=self.folder, capture_output=True, text=True, timeout=120)
        out = self.folder / "home/out.txt"
        return done.returncode, done.stdout + done.stderr, out.read_text() if out.exists() else ""

    def test_S7_a_path_that_leads_out_of_the_folder_is_refused(self):
        for path in self.SPELLINGS + self.OTHER:
            with self.subTest(path):
                code, said, out = self.reads(path)
                self.assertIn(code, (1, 2), said)
                self.assertNotIn("secret", out)
                self.assertRegex(said, r"files\.\w+|settings\.\w+|mount")

    def test_S7_a_parameter_does_not_lead_out_either(self):
        document = {"id": "p", "version": "1.0.0", "parameters": [{"name": "name", "type": "string"}],
                    "nodes": [node("in", "files/text-read", path="in/${name}"), node("out", "files/text-write", path="out.txt")],
                    "edges": [edge("e", "in.rows", "out.rows")]}
        self.write("home/p.flow.json", json.dumps(document))
        self.weir("run", "-q", "home/p.flow.json", "--set", "name=a.txt")
        for value in ("../../secret.txt", "/../../secret.txt"):
            self.fails("run", "-q", "home/p.flow.json", "--set", f"name={value}", code=1, says=["files.outside_mount"])

    def test_S7_nothing_is_written_outside(self):
        for path in ("../out.txt", "in/../../out.txt", "project:../out.txt", "new/../../out.txt"):
            with self.subTest(path):
                flow = self.flow("home/write", node("in", "files/text-read", path="in/a.txt"), node("out", "files/text-write", path=path))
                done = subprocess.run([WEIR, "run", "-q", flow], cwd=self.folder, capture_output=True, text=True, timeout=120)
                self.assertIn(done.returncode, (1, 2), done.stderr)
                self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["home", "secret.txt"])

    def test_S7_a_link_made_while_the_run_looks_for_files_does_not_lead_out(self):
        (self.folder / "home/in/b.txt").symlink_to("../../secret.txt")
        (self.folder / "home/in/c").symlink_to("../..")
        code, said, out = self.reads("in/**/*.txt")
        self.assertNotIn("secret", out)
        self.assertEqual(code, 3, said)
        self.assertIn("files.outside_mount", said)

    def test_S7_devices_and_pipes_are_not_files(self):
        os.mkfifo(self.folder / "home/in/pipe.txt")
        code, said, _ = self.reads("in/pipe.txt")
        self.assertEqual(code, 1, said)
        self.assertRegex(said, r"files\.\w+")


class S8Bombs(Security):
    """What unpacks to very much is read in bounded memory, or refused by a limit."""

    def bomb(self, name, text, times):
        with gzip.open(self.folder / name, "wb", compresslevel=9) as out:
            for _ in range(times):
                out.write(text)

    def test_S8_a_gigabyte_without_a_line_end_in_a_megabyte_of_gzip_is_one_bad_record(self):
        self.bomb("zeros.csv.gz", b"0" * MiB, 1024)
        self.assertLess((self.folder / "zeros.csv.gz").stat().st_size, 2 * MiB)
        flow = self.flow("bomb", node("in", "files/csv-read", path="zeros.csv.gz"), node("out", "files/csv-write", path="out.csv"))
        code, said, peak = self.measured("run", "-q", flow, "--memory", "128MiB")
        self.assertIn(code, (1, 3, 5), said)
        self.assertRegex(said, r"csv\.\w+|memory\.limit|rows")
        self.assertLess(peak, 400 * MiB)

    def test_S8_a_gigabyte_of_lines_in_gzip_runs_through_in_bounded_memory(self):
        self.bomb("lines.txt.gz", b"line\n" * (MiB // 5), 1024)
        flow = self.flow("bomb", node("in", "files/text-read", path="lines.txt.gz"), node("find", "text/grep", pattern="nothing"),
                         node("out", "files/text-write", path="out.txt"))
        code, said, peak = self.measured("run", "-q", flow, "--memory", "128MiB")
        self.assertEqual(code, 0, said)
        self.assertLess(peak, 300 * MiB)

    def test_S8_json_nested_a_million_deep_is_an_error_of_that_record(self):
        self.write("deep.ndjson", '{"a":' + "[" * 1_000_000 + "]" * 1_000_000 + '}\n{"a": 1}\n')
        flow = self.flow("deep", node("in", "files/json-read", path="deep.ndjson"), node("out", "files/json-write", path="out.ndjson"))
        code, said, _ = self.measured("run", "-q", flow)
        self.assertEqual(code, 3, said)
        self.assertEqual([json.loads(line) for line in (self.folder / "out.ndjson").read_text().splitlines()], [{"a": 1}])

    def test_S8_a_flow_document_nested_a_million_deep_is_refused(self):
        self.write("deep.flow.json", '{"id": "x", "version": "1.0.0", "nodes": ' + "[" * 1_000_000 + "}")
        self.fails("validate", "deep.flow.json", code=2, says=["json."])

    def test_S8_a_record_of_millions_of_columns_is_bounded(self):
        self.write("wide.csv", b"a" + b"," * (8 * MiB) + b"\n" + b"1" + b"," * (8 * MiB) + b"\n")
        flow = self.flow("wide", node("in", "files/csv-read", path="wide.csv"), node("out", "files/csv-write", path="out.csv"))
        code, said, peak = self.measured("run", "-q", flow, "--memory", "256MiB")
        self.assertNotIn(code, (70, -11, -9), said)
        self.assertLess(peak, 1500 * MiB)


class S10Expressions(Security):
    """Expressions and patterns end within their budget whatever they say."""

    def evaluates(self, expression, **row):
        self.write("in.ndjson", json.dumps(row or {"n": 1}) + "\n")
        flow = self.flow("e", node("in", "files/json-read", path="in.ndjson"), node("map", "logic/map", set={"x": expression}),
                         node("out", "files/json-write", path="out.ndjson"))
        process = self.start("run", "-q", "--memory", "256MiB", flow)
        out, err = process.communicate(timeout=120)
        return process.returncode, out + err

    def test_S10_nested_comprehensions_end_with_a_cost_error(self):
        numbers = "[" + ",".join(str(i) for i in range(100)) + "]"
        expression = numbers
        for level in range(5):
            expression = f"{numbers}.map(v{level}, {expression})"
        code, said = self.evaluates(f"size({expression})")
        self.assertEqual(code, 3, said)
        self.assertIn("cel.cost_limit", said)

    def test_S10_texts_that_double_end_with_an_error(self):
        expression = "row.s"
        for _ in range(40):
            expression = f"[{expression}].map(t, t + t)[0]"
        code, said = self.evaluates(f"size({expression})", s="x" * 1000)
        self.assertNotEqual(code, 0)
        self.assertRegex(said, r"cel\.\w+|memory\.limit")

    def test_S10_patterns_that_explode_elsewhere_are_linear(self):
        for pattern in ("(a+)+$", "(a|aa)+$", "(.*a){20}", "([a-zA-Z]+)*$"):
            with self.subTest(pattern):
                code, said = self.evaluates(f"row.s.matches('{pattern}')", s="a" * 100_000 + "!")
                self.assertEqual(code, 0, said)

    def test_S10_a_pattern_too_large_is_refused(self):
        code, said = self.evaluates("row.s.matches('((a{1000}){1000}){1000}')", s="a")
        self.assertIn(code, (2, 3), said)
        self.assertRegex(said, r"regex\.\w+|cel\.\w+")

    def test_S10_an_expression_nested_very_deep_is_refused(self):
        for expression in ("(" * 100_000 + "1" + ")" * 100_000, "-" * 100_000 + "1", "!" * 100_001 + "true", "1" + " + 1" * 100_000):
            code, said = self.evaluates(expression)
            self.assertIn(code, (0, 2), said[:500])

    def test_S10_expressions_see_nothing_of_the_host(self):
        for expression in ("process.env", "env('PATH')", "this", "constructor", "row.constructor.constructor('return 1')()", "import('os')",
                           "__proto__", "row.__proto__", "system('id')", "params.__class__"):
            with self.subTest(expression):
                code, said = self.evaluates(expression, n=1)
                self.assertIn(code, (1, 2, 3), said)
                self.assertNotIn(os.environ["PATH"], said)


class S12Injection(Security):
    """Rows and names are data wherever they are written."""

    def test_S12_formulas_are_guarded_in_csv_when_asked(self):
        rows = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "plain", "-5"]
        self.write("in.ndjson", "".join(json.dumps({"t": text}) + "\n" for text in rows))
        flow = self.flow("f", node("in", "files/json-read", path="in.ndjson"),
                         node("out", "files/csv-write", path="out.csv", guardFormulas=True, quotes="always"))
        self.weir("run", "-q", flow)
        import csv
        with open(self.folder / "out.csv", newline="") as text:
            written = [row[0] for row in csv.reader(text)][1:]
        for before, after in zip(rows, written):
            if before[0] in "=+-@\t\r":
                self.assertTrue(after.startswith("'") or before == "-5", (before, after))
            else:
                self.assertEqual(before, after)

    def test_S12_a_row_cannot_forge_a_line_of_the_log_or_command_the_terminal(self):
        self.write("in.ndjson", json.dumps({"t": "one\nERROR forged\u001b[2J\u001b]0;title\u0007\u009b2J"}) + "\n")
        flow = self.flow("l", node("in", "files/json-read", path="in.ndjson"), node("log", "debug/log"), node("out", "files/json-write", path="out.ndjson"))
        out, err = self.weir("run", flow)
        self.assertNotIn("\nERROR forged", out + err)
        for control in ("\u001b]", "\u001b[2J", "\u0007", "\u009b"):
            self.assertNotIn(control, out + err)

    def test_S12_a_file_name_cannot_command_the_terminal(self):
        name = "a\u001b[2J\nforged: b.csv"
        self.write(name, 'n\n"1\n')
        flow = self.flow("n", node("in", "files/csv-read", path="a*.csv"), node("out", "files/csv-write", path="out.csv"))
        process = self.start("run", flow)
        out, err = process.communicate(timeout=120)
        self.assertNotIn("\u001b[2J", out + err)
        self.assertNotIn("\nforged", out + err)

    def test_S12_names_in_a_document_cannot_command_the_terminal(self):
        for key, document in {
            "unknown key": {"id": "x", "version": "1.0.0", "\u001b[2J\nforged": 1, "nodes": [], "edges": []},
            "node id": {"id": "x", "version": "1.0.0", "nodes": [node("\u001b[2J\nforged", "files/csv-read", path="none.csv")], "edges": []},
            "type id": {"id": "x", "version": "1.0.0", "nodes": [node("a", "files/\u001b[2J\nforged")], "edges": []},
        }.items():
            with self.subTest(key):
                self.write("x.flow.json", json.dumps(document))
                for command in ("validate", "run", "graph"):
                    process = self.start(command, "x.flow.json")
                    out, err = process.communicate(timeout=120)
                    self.assertNotIn("\u001b[2J", out + err)
                    self.assertNotIn("\nforged", out + err)

    def test_S12_a_value_for_a_parameter_is_a_value(self):
        self.write("in.csv", "n,m\n1,2\n")
        document = {"id": "p", "version": "1.0.0", "parameters": [{"name": "least", "type": "string"}],
                    "nodes": [node("in", "files/csv-read", path="in.csv"), node("f", "logic/filter", condition="string(row.n) == params.least"),
                              node("out", "files/csv-write", path="out.csv")],
                    "edges": [edge("a", "in.rows", "f.rows"), edge("b", "f.match", "out.rows")]}
        self.write("p.flow.json", json.dumps(document))
        self.weir("run", "-q", "p.flow.json", "--set", "least=1' || true || '")
        self.assertEqual((self.folder / "out.csv").read_text(), "n,m\n")


if __name__ == "__main__":
    unittest.main()
