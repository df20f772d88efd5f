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


class Merge(ProgramTest):
    def three(self, ours, theirs, base=None):
        names = []
        for name, document in (("base", base or sales()), ("ours", ours), ("theirs", theirs)):
            self.write(f"{name}.flow.json", document if isinstance(document, str) else json.dumps(document))
            names.append(f"{name}.flow.json")
        return names

    def test_changes_of_different_settings_both_hold_and_the_result_is_canonical(self):
        ours, theirs = sales(), sales()
        ours["nodes"][0]["settings"]["path"] = "all/*.csv"
        theirs["nodes"][0]["settings"]["strict"] = True
        theirs["nodes"][1]["position"] = {"x": 5, "y": 6}
        out, err = self.weir("merge", *self.three(ours, theirs), "-o", "merged.flow.json")
        self.assertEqual((out, err), ("", ""))
        merged = json.loads((self.folder / "merged.flow.json").read_text())
        self.assertEqual(merged["nodes"][0]["settings"], {"path": "all/*.csv", "strict": True})
        self.assertEqual(merged["layout"]["nodes"]["paid"], {"x": 5, "y": 6})
        self.weir("fmt", "--check", "merged.flow.json")
        out, _ = self.weir("merge", "base.flow.json", "-", "theirs.flow.json", given=json.dumps(ours))
        self.assertEqual(json.loads(out), merged)

    def test_a_conflict_is_listed_with_all_three_and_marked_where_it_is(self):
        ours, theirs = sales(), sales()
        ours["nodes"][1]["settings"]["condition"] = "row.price > 3.0"
        theirs["nodes"][1]["settings"]["condition"] = "row.price > 4.0"
        files = self.three(ours, theirs)
        out, err = self.weir("merge", *files, code=1)
        self.assertIn("<<<<<<< ours\n      \"settings\": { \"condition\": \"row.price > 3.0\" }\n=======\n", out)
        self.assertIn("ours.flow.json: conflict: node 'paid', settings.condition (/nodes/1/settings/condition): both changed it", err)
        for side, value in (("base", "2.0"), ("ours", "3.0"), ("theirs", "4.0")):
            self.assertRegex(err, f'{side} +"row.price > {value}"')
        self.write("marked.flow.json", out)
        self.fails("validate", "marked.flow.json", code=2, says=["marked.flow.json:", "A merge left a conflict here"])
        for side, value in (("ours", "3.0"), ("theirs", "4.0")):
            out, err = self.weir("merge", "--favor", side, *files)
            self.assertEqual(json.loads(out)["nodes"][1]["settings"]["condition"], f"row.price > {value}")
            self.assertIn(f"settled as {side} has it", err)
        told = json.loads(self.weir("merge", "--json", *files, code=1)[0])
        self.assertEqual((told["merged"], told["conflicts"][0]["pointer"]), (False, "/nodes/1/settings/condition"))

    def test_two_valid_changes_that_are_not_valid_together_are_a_conflict(self):
        base = sales(parameters=[{"name": "least", "type": "number", "default": 1}])
        theirs = json.loads(json.dumps(base))
        theirs["nodes"][1]["settings"]["condition"] = "row.price > params.least"
        _, err = self.weir("merge", *self.three(sales(), theirs, base), code=1)
        self.assertIn("is not valid, though each side is", err)
        self.assertIn("least", err)

    def test_an_edge_to_a_node_that_was_removed_is_a_conflict_in_words(self):
        ours, theirs = sales(), sales()
        del ours["nodes"][2], ours["edges"][1]
        theirs["edges"].append(edge("e3", "paid.rest", "write.rows"))
        _, err = self.weir("merge", *self.three(ours, theirs), code=1)
        self.assertIn("node 'write'", err)
        self.assertIn("ours removed it, theirs wired it with edge 'e3'", err)

    def test_what_cannot_be_read_is_trouble_and_nothing_is_written(self):
        files = self.three(sales(), "{", sales())
        self.fails("merge", *files, "-o", "out.flow.json", code=2, says=["theirs.flow.json:1:2: error:"])
        self.assertFalse((self.folder / "out.flow.json").exists())
        self.fails("merge", "-", "-", files[0], code=2, says=["once only"])
        self.fails("merge", files[0], files[1], "none.flow.json", code=2, says=["none.flow.json"])
        self.fails("merge", files[0], files[0], files[1], "-o", "none/out.flow.json", code=2, says=["none/out.flow.json"])


class Git(ProgramTest):
    def setUp(self):
        super().setUp()
        self.home = self.folder / "home"
        self.home.mkdir()
        self.repository = self.folder / "flows of ours"  # a space, as people have them
        self.repository.mkdir()
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
        for name in ("AUTHOR", "COMMITTER"):
            self.environment |= {f"GIT_{name}_NAME": "t", f"GIT_{name}_EMAIL": "t@example.org"}
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments, code=0):
        done = subprocess.run(["git", *arguments], cwd=self.repository, env=self.environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, f"git {arguments}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def setup_git(self, *arguments, code=0, env=None, program=WEIR):
        done = subprocess.run([program, "git-setup", *arguments], cwd=self.repository, env=env or self.environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def commit(self, document, message="change", name="sales.flow.json"):
        path = self.repository / name
        if document is None:
            path.unlink()
        elif isinstance(document, bytes):
            path.write_bytes(document)
        else:
            path.write_text(json.dumps(document, indent=1))
            self.weir("fmt", str(path))
        self.git("add", "-A")
        self.git("commit", "-qm", message)

    def branches(self, ours, theirs, base=None):
        """`side` has theirs, `main`, which is checked out, has ours."""
        self.setup_git()
        self.commit(sales() if base is None else base, "base")
        self.git("checkout", "-qb", "side")
        self.commit(theirs, "theirs")
        self.git("checkout", "-q", "main")
        self.commit(ours, "ours")

    def text(self):
        return (self.repository / "sales.flow.json").read_text()

    def changed(self, condition=None, path=None, x=None):
        document = sales()
        if condition:
            document["nodes"][1]["settings"]["condition"] = condition
        if path:
            document["nodes"][0]["settings"]["path"] = path
        if x:
            document["nodes"][0]["position"] = {"x": x, "y": 0}
        return document

    def test_setup_says_what_it_does_does_it_once_and_undoes_it(self):
        (self.repository / ".gitattributes").write_text("*.png binary")  # without a line end
        said = self.setup_git()
        self.assertIn("merge.weir.driver", said)
        self.assertIn("Undo: weir git-setup --remove", said)
        attributes = "*.png binary\n*.flow.json diff=weir merge=weir\n"
        self.assertEqual((self.repository / ".gitattributes").read_text(), attributes)
        config = (self.repository / ".git/config").read_text()
        again = self.setup_git()
        self.assertEqual(again.count("(as it was)"), 5)
        self.assertIn("is there already", again)
        self.assertEqual((self.repository / ".git/config").read_text(), config)
        self.assertEqual((self.repository / ".gitattributes").read_text(), attributes)
        self.assertIn("removed", self.setup_git("--remove"))
        self.assertNotIn("weir", (self.repository / ".git/config").read_text())
        self.assertEqual((self.repository / ".gitattributes").read_text(), "*.png binary\n")
        self.assertIn("not set", self.setup_git("--remove"))

    def test_setup_without_git_or_repository_says_so(self):
        self.assertIn("git.missing", self.setup_git(code=2, env={**self.environment, "PATH": "/nowhere"}))
        shutil.rmtree(self.repository / ".git")
        self.assertIn("no working tree of git here", self.setup_git(code=2))

    def test_setup_for_all_repositories(self):
        self.setup_git("--global")
        self.assertIn("*.flow.json diff=weir merge=weir", (self.home / ".config/git/attributes").read_text())
        self.assertFalse((self.repository / ".gitattributes").exists())
        self.commit(sales())
        (self.repository / "sales.flow.json").write_text(json.dumps(self.changed(condition="row.price > 3.0")))
        self.assertIn("+  settings.condition: row.price > 3.0\n", self.git("diff"))
        self.setup_git("--global", "--remove")
        self.assertFalse((self.home / ".config/git/attributes").exists())
        self.assertNotIn("weir", (self.home / ".gitconfig").read_text())

    def test_setup_works_with_a_program_in_a_folder_with_spaces_and_quotes(self):
        place = self.folder / "it's here"
        place.mkdir()
        shutil.copy(WEIR, place / "weir")
        self.setup_git(program=place / "weir")
        self.commit(sales())
        (self.repository / "sales.flow.json").write_text(json.dumps(self.changed(condition="row.price > 3.0")))
        self.assertIn("+  settings.condition: row.price > 3.0\n", self.git("diff"))

    def test_a_program_on_the_path_is_called_by_its_name_and_outlives_its_move(self):
        for place in ("bin", "there", "% of them"):
            (self.folder / place).mkdir()
        shutil.copy(WEIR, self.folder / "there/weir")
        (self.folder / "bin/weir").symlink_to(self.folder / "there/weir")
        self.environment["PATH"] = f"{self.folder}/bin:{self.environment['PATH']}"
        self.assertIn("w=weir;", self.setup_git(program=self.folder / "there/weir"))
        self.commit(sales())
        (self.repository / "sales.flow.json").write_text(json.dumps(self.changed(condition="row.price > 3.0")))
        (self.folder / "there/weir").rename(self.folder / "% of them/weir")
        (self.folder / "bin/weir").unlink()
        (self.folder / "bin/weir").symlink_to(self.folder / "% of them/weir")
        self.assertIn("+  settings.condition: row.price > 3.0\n", self.git("diff"))
        # Another program of the name is not this one: then the path it is.
        (self.folder / "bin/weir").unlink()
        shutil.copy(WEIR, self.folder / "bin/weir")
        self.assertNotIn("w=weir;", self.setup_git(program=self.folder / "% of them/weir"))
        (self.folder / "bin/weir").unlink()
        self.assertIn("+  settings.condition: row.price > 3.0\n", self.git("diff"))
        self.git("checkout", "-q", "--", "sales.flow.json")
        self.git("checkout", "-qb", "side")
        self.commit(self.changed(path="other.csv"), "theirs")
        self.git("checkout", "-q", "main")
        self.commit(self.changed(condition="row.price > 3.0"), "ours")
        self.git("merge", "-q", "--no-edit", "side")
        self.assertIn("other.csv", self.text())

    def test_where_the_program_is_gone_git_says_so_takes_lines_and_setup_again_repairs_it(self):
        (self.folder / "there").mkdir()
        shutil.copy(WEIR, self.folder / "there/weir")
        self.setup_git(program=self.folder / "there/weir")
        self.commit(sales(), "base")
        self.git("checkout", "-qb", "side")
        self.commit(self.changed(condition="row.price > 4.0"), "theirs")
        self.git("checkout", "-q", "main")
        self.commit(self.changed(condition="row.price > 3.0"), "ours")
        (self.folder / "there/weir").unlink()
        gone = f"weir is not at {self.folder}/there/weir any more: flows are taken as lines; run weir git-setup once again"
        said = self.git("diff", "HEAD~1")
        self.assertIn(gone, said)
        self.assertIn('+      "settings": { "condition": "row.price > 3.0" }', said.replace("\n", "\n"))
        said = self.git("merge", "side", code=1)
        self.assertIn(gone, said)
        # Both stand in the file, which is a conflict: nothing of either side is lost.
        for text in ("<<<<<<<", "row.price > 3.0", "=======", "row.price > 4.0", ">>>>>>>"):
            self.assertIn(text, self.text())
        self.git("merge", "--abort")
        again = self.setup_git()
        self.assertEqual(again.count("(as it was)"), 2, again)
        self.assertIn("+  settings.condition: row.price > 3.0\n", self.git("diff", "HEAD~1"))
        self.assertNotIn(gone, self.git("merge", "side", code=1))

    def test_diff_and_log_show_what_changed_at_its_node_and_no_moves(self):
        self.setup_git()
        self.commit(sales(), "first")
        self.commit(self.changed(x=50), "only moved")
        self.commit(self.changed(condition="row.price > 3.0", x=50), "changed")
        diff = self.git("diff", "HEAD~1")
        self.assertIn("-  settings.condition: row.price > 2.0\n+  settings.condition: row.price > 3.0\n", diff)
        self.assertNotIn("settings.condition", self.git("diff", "HEAD~2", "HEAD~1"))
        log = self.git("log", "-p")
        self.assertIn("+  settings.condition: row.price > 3.0\n", log)
        self.assertNotIn('"x"', log)
        self.assertIn("~ node paid (logic/filter 1.0.0)", self.git("difftool", "-y", "-t", "weir", "HEAD~1", "--", "sales.flow.json"))

    def test_what_is_no_flow_is_compared_as_git_does(self):
        self.setup_git()
        self.commit(sales())
        (self.repository / "sales.flow.json").write_text('{ "half": \n')
        self.assertIn('+{ "half": \n', self.git("diff"))

    def test_a_merge_of_different_changes_needs_nobody(self):
        self.branches(self.changed(condition="row.price > 3.0"), self.changed(path="all/*.csv", x=5))
        self.git("merge", "-q", "--no-edit", "side")
        merged = json.loads(self.text())
        self.assertEqual(merged["nodes"][0]["settings"], {"path": "all/*.csv"})
        self.assertEqual(merged["nodes"][1]["settings"], {"condition": "row.price > 3.0"})
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.weir("fmt", "--check", str(self.repository / "sales.flow.json"))

    def test_neighbours_in_the_file_merge_where_lines_would_conflict(self):
        def added(name):
            document = sales()
            document["nodes"].append(node(name, "debug/log"))
            document["edges"].append(edge("e3", "paid.rest", f"{name}.rows"))
            return document

        self.branches(added("mine"), added("yours"))
        said = self.git("merge", "--no-edit", "side")
        self.assertIn("both added an edge 'e3'", said)
        merged = json.loads(self.text())
        self.assertEqual([each["id"] for each in merged["nodes"]], ["read", "paid", "write", "mine", "yours"])
        self.assertEqual({each["id"] for each in merged["edges"]}, {"e1", "e2", "e3", "e3-2"})

    def test_a_conflict_stops_the_merge_and_both_sides_stand_in_the_file(self):
        self.branches(self.changed(condition="row.price > 3.0"), self.changed(condition="row.price > 4.0", path="all/*.csv"))
        said = self.git("merge", "--no-edit", "side", code=1)
        self.assertIn("sales.flow.json: conflict: node 'paid', settings.condition", said)
        self.assertIn("CONFLICT (content)", said)
        self.assertTrue(self.git("status", "--porcelain").startswith("UU sales.flow.json"))
        text = self.text()
        self.assertEqual((text.count("<<<<<<<"), text.count("row.price > 3.0"), text.count("row.price > 4.0")), (1, 1, 1))
        self.assertIn("all/*.csv", text)  # what did not conflict is merged
        self.git("checkout", "--theirs", "sales.flow.json")
        self.assertIn("row.price > 4.0", self.text())

    def test_rebase_and_cherry_pick_merge_flows_too(self):
        self.branches(self.changed(condition="row.price > 3.0"), self.changed(path="all/*.csv"))
        self.git("checkout", "-qb", "picked", "main")
        self.git("cherry-pick", "side")
        picked = self.text()
        self.git("checkout", "-q", "side")
        self.git("rebase", "-q", "main")
        self.assertEqual(self.text(), picked)
        self.assertIn("row.price > 3.0", picked)
        self.assertIn("all/*.csv", picked)

    def test_both_added_the_file(self):
        self.setup_git()
        self.git("add", ".gitattributes")
        self.git("commit", "-qm", "base")
        self.git("checkout", "-qb", "side")
        self.commit(self.changed(path="all/*.csv"))
        self.git("checkout", "-q", "main")
        self.commit(self.changed())
        said = self.git("merge", "--no-edit", "side", code=1)
        self.assertIn("node 'read', settings.path", said)
        self.assertIn("<<<<<<< ours", self.text())

    def test_a_file_that_one_deleted_and_the_other_changed_is_gits_conflict(self):
        self.branches(None, self.changed(condition="row.price > 4.0"))
        said = self.git("merge", "--no-edit", "side", code=1)
        self.assertIn("modify/delete", said)
        self.assertIn("row.price > 4.0", self.text())

    def test_garbage_on_one_side_is_gits_conflict_and_nothing_is_lost(self):
        garbage = bytes(range(256)) * 4
        self.branches(self.changed(condition="row.price > 3.0"), garbage)
        ours = self.text()
        self.assertIn("CONFLICT", self.git("merge", "--no-edit", "side", code=1))
        self.assertEqual(self.text(), ours)
        stored = subprocess.run(["git", "show", ":3:sales.flow.json"], cwd=self.repository, env=self.environment, capture_output=True, check=True)
        self.assertEqual(stored.stdout, garbage)

    def test_text_that_is_no_flow_is_merged_line_by_line(self):
        lines = [f"line {i}\n" for i in range(20)]
        ours, theirs = list(lines), list(lines)
        ours[2], theirs[15] = "mine\n", "yours\n"
        self.branches("".join(ours).encode(), "".join(theirs).encode(), "".join(lines).encode())
        self.assertIn("git merged it line by line", self.git("merge", "--no-edit", "side"))
        self.assertEqual(self.text(), "".join("mine\n" if i == 2 else "yours\n" if i == 15 else f"line {i}\n" for i in range(20)))


if __name__ == "__main__":
    unittest.main()
