#!/usr/bin/env python3
# What is done with documents without running them, and what the program says about itself.
import json
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, WEIR, edge, node  # noqa: E402

COMMANDS = ["run", "validate", "fmt", "migrate", "graph", "new", "test", "inspect", "convert", "eval", "nodes", "bench", "schedule", "completion", "version"]


class Documents(ProgramTest):
    def good(self):
        return self.flow("good", node("n", "generate/pattern", rows=5), node("f", "logic/filter", condition="row.id > 2"),
                         node("w", "files/csv-write", path="o.csv"))

    def test_validate_tells_all_problems_at_once_with_suggestions(self):
        nodes = [node("n", "generate/patern", rows=5), node("f", "logic/filter", conditon="row.id > 2"), node("g", "logic/filter", condition="row.id >"),
                 node("w", "files/csv-write", path="o.csv")]
        flow = self.flow("bad", *nodes, edges=[edge("e1", "n.rows", "f.rows"), edge("e2", "f.macth", "g.rows"), edge("e3", "g.match", "ww.rows")])
        out, _ = self.weir("validate", "--json", flow, code=2)
        problems = json.loads(out)
        codes = {problem["code"] for problem in problems}
        self.assertLessEqual({"flow.unknown_type", "flow.unknown_port", "flow.unknown_node", "cel.syntax"}, codes, problems)
        for problem in problems:
            self.assertLessEqual({"severity", "code", "pointer", "message", "file"}, set(problem))
        said = json.dumps(problems)
        for text in ("generate/pattern", "condition", "match", "'w'"):
            self.assertIn(text, said)
        _, err = self.weir("validate", flow, code=2)
        self.assertEqual(len([line for line in err.splitlines() if line.startswith("bad.flow.json:")]), len(problems))

    def test_validate_says_whether_a_flow_is_deterministic(self):
        out, _ = self.weir("validate", self.good())
        self.assertIn("good.flow.json: valid, 3 nodes, 2 edges", out)
        out, _ = self.weir("validate", "--json", "good.flow.json")
        self.assertEqual([problem for problem in json.loads(out) if problem["severity"] == "error"], [])

    def test_validate_names_the_node_that_reads_the_clock(self):
        out, _ = self.weir("validate", self.good())
        self.assertIn("not deterministic:", out)
        self.assertIn("'n' (generate/pattern) reads the clock; give it 'startTime'", out)
        started = self.flow("started", node("n", "generate/pattern", rows=5, startTime="2025-01-01T00:00:00Z"), node("w", "files/csv-write", path="o.csv"))
        out, _ = self.weir("validate", started)
        self.assertIn(", deterministic", out)

    def test_validate_says_what_run_would_say(self):
        source = node("n", "generate/pattern", rows=5)
        unknown = self.flow("unknown", source, node("f", "logic/filter", condition="row.id < params.mx"), node("w", "files/csv-write", path="o.csv"),
                            parameters=[{"name": "max", "type": "integer"}])
        self.fails("validate", unknown, code=2, says=["/nodes/1/settings/condition", "cel.unknown_field", 'Did you mean "max"?'])
        twice = self.flow("twice", source, node("a", "files/csv-write", path="o.csv"), node("b", "files/csv-write", path="o.csv"),
                          edges=[edge("e1", "n.rows", "a.rows"), edge("e2", "n.rows", "b.rows")])
        self.fails("validate", twice, code=2, says=["/nodes/1/settings/path", "/nodes/2/settings/path", "files.same_target"])
        group = self.flow("group", source, node("g", "aggregate/group", keys=[], measures=[{"name": "m", "function": "sum"}]),
                          node("w", "files/csv-write", path="o.csv"))
        self.fails("validate", group, code=2, says=["/nodes/1/settings/measures/0/of: 'of' is required; give it a value"])

    def test_migrate_brings_older_formats_to_todays(self):
        older = {"id": "old", "version": "0.9.0", "nodes": [{"id": "n", "type": "generate/pattern", "version": "1.0.0", "options": {"rows": 5}, "x": 1, "y": 2},
                                                            {"id": "w", "type": "files/csv-write", "version": "1.0.0", "options": {"path": "o.csv"}}],
                 "links": [{"id": "e", "from": "n.rows", "to": "w.rows"}]}
        path = self.write("old.flow.json", json.dumps(older))
        out, _ = self.weir("validate", "old.flow.json")
        self.assertIn("written in format 0.9.0; weir migrate old.flow.json", out)
        out, _ = self.weir("migrate", "--check", "old.flow.json", code=1)
        self.assertIn("has format 0.9.0", out)
        self.assertEqual(json.loads(path.read_text()), older)
        self.weir("migrate", "old.flow.json")
        document = json.loads(path.read_text())
        self.assertEqual((document["version"], document["edges"][0]["target"]), ("1.0.0", {"node": "w", "port": "rows"}))
        out, _ = self.weir("migrate", "old.flow.json")
        self.assertIn("has format 1.0.0 already", out)
        self.weir("fmt", "--check", "old.flow.json")
        self.weir("migrate", "none.flow.json", code=2)

    def test_validate_json_is_one_list_for_any_number_of_files_and_ills(self):
        self.write("broken.flow.json", "{")
        out, _ = self.weir("validate", "--json", self.good(), "broken.flow.json", "none.flow.json", code=2)
        self.assertLessEqual({"broken.flow.json", "none.flow.json"}, {problem["file"] for problem in json.loads(out)})

    def test_fmt_is_idempotent_and_check_writes_nothing(self):
        flow = self.good()
        before = (self.folder / flow).read_text()
        self.fails("fmt", "--check", flow, code=1, says=["is not formatted"])
        self.assertEqual((self.folder / flow).read_text(), before)
        self.weir("fmt", flow)
        once = (self.folder / flow).read_text()
        self.weir("fmt", "--check", flow)
        self.weir("fmt", flow)
        self.assertEqual((self.folder / flow).read_text(), once)
        out, _ = self.weir("fmt", "-", given=before)
        self.assertEqual(out, once)
        self.weir("validate", flow)

    def test_graph_draws_text_mermaid_dot_and_the_plan(self):
        flow = self.good()
        for arguments, texts in (([], ["n ", "logic/filter", "match"]), (["--as", "mermaid"], ["flowchart", "-->"]), (["--as", "dot"], ["digraph", "->"]),
                                 (["--plan"], ["edges", "n.rows", "f.rows"])):
            out, _ = self.weir("graph", flow, *arguments)
            for text in texts:
                self.assertIn(text, out)
        self.weir("graph", flow, "--as", "png", code=2)
        round_ = self.flow("round", node("a", "logic/filter", condition="true"), node("b", "logic/filter", condition="true"),
                           edges=[edge("e1", "a.match", "b.rows"), edge("e2", "b.match", "a.rows")])
        self.fails("graph", round_, code=2, says=["goes round in a circle: ", "flow.cycle"])
        self.weir("graph", "none.flow.json", code=2)

    def test_new_makes_a_flow_that_is_valid_formatted_and_runs(self):
        self.weir("new", "hello")
        for arguments in (["validate"], ["fmt", "--check"], ["run", "-q"]):
            self.weir(*arguments, "hello.flow.json")
        self.fails("new", "hello", code=2, says=["is there already"])
        self.fails("new", "no such name!", code=2)
        self.assertEqual([path.name for path in self.folder.glob("*.flow.json")], ["hello.flow.json"])

    def test_flow_tests_pass_and_fail(self):
        self.good()
        right = {"name": "keeps the last", "in": {"n": [{"id": 2}, {"id": 3}]}, "out": {"w": [{"id": 3}]}}
        self.write("good.test.json", json.dumps([right]))
        out, _ = self.weir("test")
        self.assertIn("1 passed, 0 failed", out)
        self.assertFalse((self.folder / "o.csv").exists())
        self.write("good.test.json", json.dumps([right, {**right, "name": "wrong", "out": {"w": [{"id": 4}]}}]))
        self.fails("test", "good.flow.json", code=1, says=["1 passed, 1 failed", "expected", "FAIL", "wrong"])
        self.write("good.test.json", "[{}")
        self.weir("test", "good.test.json", code=1)
        self.weir("test", "none.test.json", code=1)

    def test_bench_gives_the_median(self):
        out, _ = self.weir("bench", self.good(), "--runs", "3")
        self.assertEqual(len(re.findall(r"^run \d: ", out, re.M)), 3)
        self.assertIn("median: ", out)
        self.weir("bench", "none.flow.json", code=2)


class Packages(ProgramTest):
    PACKAGE = {"id": "mine/echo", "version": "1.0.0", "compatibility": {"minRuntime": "1.0.0"}, "category": "Mine", "name": "Echo",
               "description": "Passes rows on", "kind": "pure", "ports": {"inputs": [{"name": "rows", "type": "rows"}], "outputs": [{"name": "rows", "type": "rows"}]},
               "settings": []}

    def package(self, name, **more):
        self.write(f"packages/{name}/schema.json", json.dumps({**self.PACKAGE, **more}))

    def test_a_package_without_code_is_told_before_the_run(self):
        self.package("good")
        flow = self.flow("coded", node("n", "generate/pattern", rows=5), node("e", "mine/echo"), node("w", "files/csv-write", path="o.csv"))
        for command in ("validate", "run"):
            self.fails(command, flow, "--nodes", "packages", code=2, says=["mine/echo", "node.no_code"])

    def test_packages_are_listed_and_refusals_name_package_and_reason(self):
        self.package("good")
        self.package("newer", id="mine/newer", compatibility={"minRuntime": "99.0.0"})
        self.package("taken", id="logic/filter")
        self.write("packages/broken/schema.json", "{")
        out, err = self.weir("nodes", "--nodes", "packages")
        self.assertIn("mine/echo", out)
        self.assertNotIn("mine/newer", out)
        for text in ("mine/newer", "99.0.0", "logic/filter", "packages/broken/schema.json"):
            self.assertIn(text, err)
        self.assertEqual(len(err.strip().splitlines()), 3, err)
        flow = self.flow("f", node("n", "generate/pattern", rows=1), node("m", "mine/newer"), node("w", "files/csv-write", path="o.csv"))
        self.fails("run", flow, "--nodes", "packages", code=2, says=["mine/newer", "99.0.0"])
        self.fails("nodes", "--nodes", "nowhere", code=2, says=["nowhere"])


class Itself(ProgramTest):
    def test_every_command_has_a_help_text(self):
        out, _ = self.weir("--help")
        for command in COMMANDS:
            self.assertIn(f"  {command}", out)
            text, _ = self.weir(command, "--help")
            self.assertGreater(len(text.splitlines()), 2, command)
            for option in re.findall(r"^ +(-\S+)(?:,\S+)?(?: .*)?$", text, re.M):
                self.assertTrue(option.startswith("-"))

    def test_version_and_nodes(self):
        out, _ = self.weir("version")
        self.assertRegex(out, r"^weir \d+\.\d+\.\d+\n")
        out, _ = self.weir("--version")
        self.assertRegex(out, r"^\d+\.\d+\.\d+$")
        out, _ = self.weir("nodes")
        for name in ("files/csv-read", "logic/filter", "aggregate/group", "data/join"):
            self.assertIn(name, out)
        listed = json.loads(self.weir("nodes", "--json")[0])
        self.assertEqual({(each["id"], each["version"]) for each in listed if each["id"] == "flow/limit"}, {("flow/limit", "1.0.0"), ("flow/limit", "2.0.0")})
        for each in sorted({each["id"] for each in listed}):
            json.loads(self.weir("nodes", each, "--schema")[0])
        self.fails("nodes", "logic/filtr", code=2, says=["logic/filter"])
        self.fails("rnu", code=2)

    def test_completion_works_when_sourced(self):
        script = (f'source <("{WEIR}" completion bash); COMP_WORDS=(weir va); COMP_CWORD=1; _weir; echo "${{COMPREPLY[@]}}"; '
                  'COMP_WORDS=(weir run --mem); COMP_CWORD=2; _weir; echo "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.stdout.splitlines(), ["validate", "--memory"], done.stderr)
        self.weir("completion", "zsh")
        self.weir("completion", "tcsh", code=2)


if __name__ == "__main__":
    unittest.main()
