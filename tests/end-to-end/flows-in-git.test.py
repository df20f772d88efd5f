#!/usr/bin/env python3
# weir diff, weir merge and weir git-setup, on files and in real repositories.
import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, WEIR, edge, node  # noqa: E402


def sales(**more):
    nodes = [node("read", "files/csv-read", path="orders.csv"), node("paid", "logic/filter", condition="row.price > 2.0"),
             node("write", "files/csv-write", path="out.csv")]
    edges = [edge("e1", "read.rows", "paid.rows"), edge("e2", "paid.match", "write.rows")]
    return {"id": "sales", "version": "1.0.0", "nodes": nodes, "edges": edges, **more}


class Diff(ProgramTest):
    def version(self, name, document):
        self.write(name, json.dumps(document))
        return name

    def two(self):
        changed = sales(parameters=[{"name": "folder", "type": "string"}])
        changed["nodes"][1]["settings"]["condition"] = "row.price > 2.0 && row.region == 'north'"
        return self.version("a.flow.json", sales()), self.version("b.flow.json", changed)

    def test_the_same_is_0_and_says_nothing_another_is_1_and_trouble_is_2(self):
        before, after = self.two()
        self.assertEqual(self.weir("diff", before, before), ("", ""))
        out, _ = self.weir("diff", before, after, code=1)
        self.assertEqual(out, "sales: 1 parameter added, 1 node changed\n\n+ parameter folder (string)\n\n~ node paid (logic/filter 1.0.0)\n"
                              "    settings.condition\n      - row.price > 2.0\n      + row.price > 2.0 && row.region == 'north'\n")
        self.fails("diff", before, "none.flow.json", code=2, says=["none.flow.json", "files.not_found"])
        self.write("bad.flow.json", '{\n  "id": 1,\n')
        self.fails("diff", before, "bad.flow.json", code=2, says=["bad.flow.json:3:1: error:", "expected", "found"])
        self.fails("diff", before, code=2, says=["expected two documents", "a.flow.json"])
        self.fails("diff", "-", "-", code=2, says=["once only"])

    def test_standard_input_and_revisions_are_versions_too(self):
        before, after = self.two()
        text = (self.folder / after).read_text()
        self.assertIn("~ node paid", self.weir("diff", before, "-", code=1, given=text)[0])
        for command in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "one"]):
            subprocess.run(["git", *command], cwd=self.folder, check=True)
        self.assertIn("~ node paid", self.weir("diff", "git:HEAD:a.flow.json", after, code=1)[0])
        self.fails("diff", "git:HEAD:none.flow.json", after, code=2, says=["git has no 'HEAD:none.flow.json'", "git.failed"])
        self.fails("diff", "git:HEAD:a.flow.json", after, code=2, says=["git.missing"], env={"PATH": "/nowhere"})

    def test_markdown_and_json_are_for_others_to_read(self):
        before, after = self.two()
        out, _ = self.weir("diff", "--format", "markdown", before, after, code=1)
        self.assertIn("### `sales`: 1 parameter added, 1 node changed\n", out)
        self.assertIn("    ```diff\n    - row.price > 2.0\n", out)
        out, _ = self.weir("diff", "--format", "json", before, after, code=1)
        told = json.loads(out)
        self.assertEqual([(part["part"], part["change"], part["id"]) for part in told["parts"]], [("parameter", "added", "folder"), ("node", "changed", "paid")])
        self.assertEqual(told["parts"][1]["differences"][0]["pointer"], "/nodes/1/settings/condition")

    def test_colours_are_for_a_terminal_or_for_who_asks(self):
        before, after = self.two()
        self.assertNotIn("\x1b", self.weir("diff", before, after, code=1)[0])
        self.assertIn("\x1b[33m", self.weir("diff", "--color", "always", before, after, code=1)[0])

    def test_moves_count_with_all_only(self):
        moved = sales()
        moved["nodes"][0]["position"] = {"x": 3, "y": 4}
        before, after = self.version("a.flow.json", sales()), self.version("b.flow.json", moved)
        self.weir("diff", before, after)
        self.assertIn("~ place of node read", self.weir("diff", "--all", before, after, code=1)[0])

    def test_tests_are_compared_by_name(self):
        tests = [{"name": "adds", "in": {"read": [{"a": 1}]}, "out": {"write": [{"a": 1}]}}]
        self.version("a.test.json", tests)
        tests[0]["seed"] = 5
        self.version("b.test.json", tests)
        self.assertIn("~ test adds\n    seed: 5 (added)", self.weir("diff", "a.test.json", "b.test.json", code=1)[0])
        self.write("c.test.json", '[{"nam": 1}]')
        self.fails("diff", "a.test.json", "c.test.json", code=2, says=["c.test.json:1:", "nam"])


if __name__ == "__main__":
    unittest.main()
