#!/usr/bin/env python3
# The command line itself: help pages, mistakes and what is suggested, options that are given again, pages of nodes.
import json
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, WEIR, node  # noqa: E402

COMMANDS = ["run", "validate", "fmt", "migrate", "graph", "new", "test", "inspect", "convert", "eval", "nodes", "bench", "schedule", "runs", "top", "tap", "debug", "record", "replay", "seal", "serve",
            "backup", "restore", "encrypt", "rotate-keys", "setup-link", "completion", "version", "help"]


class Help(ProgramTest):
    def test_secrets_of_a_server_are_not_offered_as_flags(self):
        """Every user of the machine sees a command line; what is said there is taken all the same."""
        page, _ = self.weir("serve", "--help")
        self.assertIn("--database-ca", page)
        for name in ("--token", "--master-key ", "--database-url", "--oidc-client-secret"):
            self.assertNotIn(name, page)

    def test_every_help_page_says_what_it_takes_how_it_ends_and_shows_an_example(self):
        out, _ = self.weir("--help")
        for command in COMMANDS:
            with self.subTest(command=command):
                self.assertRegex(out, rf"\n  {command} +[A-Z]")
                page, _ = self.weir(command, "--help")
                for text in (f"\nUsage: weir {command}", "\nExit codes:\n  0 ", f"\nExamples:\n"):
                    self.assertIn(text, page)
                self.assertRegex(page, rf"Examples:\n(  .*\n)*.*weir {command}")
                self.assertTrue(page.endswith("\n"))
                self.assertLessEqual(max(map(len, page.splitlines())), 120)
                self.assertEqual(self.weir("help", command)[0], page)

    def test_options_name_their_values_and_defaults(self):
        page, _ = self.weir("run", "--help")
        for text in ("--set NAME=VALUE", "--mount NAME=DIR", "--threads N", "default: async", "default: half of", "129, 130, 143"):
            self.assertIn(text, page)
        self.assertIn("default: 10", self.weir("inspect", "--help")[0])
        for command in COMMANDS:
            page, _ = self.weir(command, "--help")
            self.assertNotRegex(page, r"\b(TEXT|UINT|INT)\b", command)


class Mistakes(ProgramTest):
    def test_a_name_that_is_not_known_is_said_with_the_nearest_one(self):
        for arguments, says in ((["rnu"], ["'rnu'", "Did you mean 'run'?"]), (["format", "x"], ["Did you mean 'fmt'?"]), (["help", "inspct"], ["'inspect'"]),
                                (["run", "--qiet", "x"], ["'--qiet'", "Did you mean '--quiet'?", "weir run --help"]), (["run", "--thr=3", "x"], ["Did you mean '--threads'?"]),
                                (["inspect", "--jsn"], ["Did you mean '--json'?"]), (["--versoin"], ["Did you mean '--version'?"]),
                                (["run", "-z", "x"], ["there is no option '-z'"]), (["run", "a", "b"], ["'b' is more than it takes"]),
                                (["run", "--mode", "fast", "x"], ["--mode", "fast", "async"]), ([], ["give a command"]), (["run"], ["FLOW is required"]),
                                (["run", "--max-errors", "-1", "x"], ["--max-errors", "at least 0"]), (["zzzzz"], ["there is no command 'zzzzz'"])):
            with self.subTest(arguments=arguments):
                out, err = self.fails(*arguments, code=2, says=says)
                self.assertEqual(out, "")
                self.assertTrue(err.startswith("error: weir"), err)

    def test_an_expression_may_begin_with_a_dash(self):
        self.assertEqual(self.weir("eval", "-1")[0], "-1\n")
        self.assertEqual(self.weir("eval", "--", "-1 + 2")[0], "1\n")


class Repeated(ProgramTest):
    def test_options_with_one_value_leave_what_follows_alone(self):
        self.write("packages/a/schema.json", "{}")
        (self.folder / "more").mkdir()
        flow = self.flow("two", node("n", "generate/pattern", rows="${rows}"), node("w", "files/csv-write", path="d:${name}.csv"),
                         parameters=[{"name": "rows", "type": "integer"}, {"name": "name", "type": "string"}])
        for command in (["run", "-q"], ["validate"], ["graph"], ["bench", "--runs", "1"]):
            if command[0] in ("run", "bench"):
                continue
            self.weir(*command, "--nodes", "more", flow)
            self.weir(*command, "--set", "rows=1", flow)
        self.weir("run", "-q", "--nodes", "more", "--nodes", "packages", "--set", "rows=2", "--set", "name=x", "--mount", "d=more", flow)
        self.assertEqual(len((self.folder / "more/x.csv").read_text().splitlines()), 3)
        self.weir("run", "-q", "--mount", "d=more", "--set", "rows=2", "--set", "name=y", "--nodes", "more", flow)
        self.weir("test", "--nodes", "more", "more")
        self.write("a.csv", "a;b\n1;2\n")
        self.weir("inspect", "--option", "delimiter=;", "a.csv")
        self.weir("convert", "--read", "delimiter=;", "--write", "delimiter=;", "a.csv", "b.csv")
        self.assertEqual((self.folder / "b.csv").read_text(), "a;b\n1;2\n")


class Nodes(ProgramTest):
    def test_the_page_of_a_node_has_all_that_its_settings_need(self):
        for each in json.loads(self.weir("nodes", "--json")[0]):
            name = f"{each['id']}@{each['version']}"
            with self.subTest(node=name):
                page, _ = self.weir("nodes", name)
                self.assertEqual(json.loads(self.weir("nodes", name, "--json")[0]), each)
                self.said(page, each.get("settings", []))
                for port in each["ports"].get("inputs", []) + each["ports"].get("outputs", []):
                    self.assertRegex(page, rf"\n  ({port['name']}|one for each of {port.get('from')})  {port['type']}")
                self.assertIn("\n  error  error_packet", page)
                self.assertIn("\nExample: ", page)

    def said(self, page, settings):
        flat = " ".join(page.split())
        for setting in settings:
            self.assertRegex(page, rf"\n +{setting['name']}  ")
            for text in [*setting.get("options", []), *setting.get("help", "").split()]:
                self.assertIn(text, flat)
            if setting.get("required"):
                self.assertRegex(flat, rf"\b{setting['name']} [^:]*required")
            elif setting.get("default") is not None:
                self.assertIn(json.dumps(setting["default"], separators=(",", ":")).split(" ")[0], flat)
            if isinstance(setting.get("items"), list):
                self.said(page, setting["items"])

    def test_versions_are_listed_and_chosen(self):
        page, _ = self.weir("nodes", "flow/limit")
        self.assertTrue(page.startswith("flow/limit 2.0.0"))
        self.assertIn("weir nodes flow/limit@1.0.0", page)
        self.assertTrue(self.weir("nodes", "flow/limit@1.0.0")[0].startswith("flow/limit 1.0.0"))
        self.fails("nodes", "flow/limit@9.0.0", code=2, says=["1.0.0", "2.0.0"])
        self.fails("nodes", "flow/limt", code=2, says=["'flow/limit'"])


class Output(ProgramTest):
    @unittest.skipUnless(Path("/dev/full").is_char_device(), "no /dev/full")
    def test_a_full_disk_behind_standard_output_is_a_failure(self):
        self.write("a.csv", "a\n1\n")
        for arguments in (["inspect", "--json", "a.csv"], ["nodes"], ["convert", "a.csv", "-", "--to", "json"], ["eval", "1"]):
            with self.subTest(arguments=arguments), open("/dev/full", "w") as full:
                done = subprocess.run([WEIR, *arguments], cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("files.io", done.stderr)

    def test_metrics_may_go_to_a_pipe_and_through_a_link(self):
        flow = self.flow("m", node("n", "generate/pattern", rows=3), node("w", "files/csv-write", path="o.csv"))
        out, _ = self.weir("run", "-q", flow, "--metrics", "/dev/stdout")
        self.assertEqual(json.loads(out)["run"]["exitCode"], 0)
        self.write("real.json", "old")
        (self.folder / "link.json").symlink_to("real.json")
        self.weir("run", "-q", flow, "--metrics", "link.json")
        self.assertTrue((self.folder / "link.json").is_symlink())
        self.assertEqual(json.loads((self.folder / "real.json").read_text())["run"]["exitCode"], 0)
        self.fails("run", "-q", flow, "--metrics", ".", code=2, says=["is a folder"])

    def test_what_lies_in_a_folder_of_nodes_and_cannot_be_read_is_named_and_the_rest_is_there(self):
        package = json.loads(self.weir("nodes", "logic/filter", "--json")[0])
        package["version"] = "9.0.0"
        self.write("elsewhere/filter/schema.json", json.dumps(package))
        self.write("more/whole/text.txt", "")
        (self.folder / "more/gone").symlink_to("nowhere")
        (self.folder / "more/loop").symlink_to("loop")
        (self.folder / "more/back").symlink_to(".")
        (self.folder / "more/odd/schema.json").mkdir(parents=True)
        (self.folder / "more/linked").symlink_to("../elsewhere/filter")
        out, err = self.weir("nodes", "--nodes", "more")
        self.assertEqual(len(err.splitlines()), 3, err)
        for name in ("more/gone'", "more/loop'", "more/odd/schema.json'"):
            self.assertIn(name, err)
        self.assertIn("9.0.0", out)

    def test_standard_input_is_called_as_the_person_called_it(self):
        seen = json.loads(self.weir("inspect", "--json", "-", given="x\n")[0])
        self.assertEqual(seen["rows"][0]["file"], "-")
        seen = json.loads(self.weir("inspect", "--json", "--format", "csv", "-", given="a,b\n1\n", code=3)[0])
        self.assertEqual(seen["errors"][0]["row"]["file"], "-")
        self.assertTrue(seen["errors"][0]["message"].startswith("'-', line 2"), seen)
        self.assertIn("-: csv, 0 rows", self.weir("inspect", "--format", "csv", "-", given="a,b\n")[0])
        out, _ = self.weir("convert", "-", "-", "--from", "text", "--to", "json", given="x\n")
        self.assertEqual(json.loads(out)["file"], "-")

    def test_a_quiet_conversion_says_nothing(self):
        self.write("a.csv", "a\n1\n")
        self.assertEqual(self.weir("convert", "-q", "a.csv", "a.ndjson"), ("", ""))

    def test_the_completion_knows_the_words_of_an_option_and_the_commands_to_help_with(self):
        def completed(*words):
            script = (f'source <("{WEIR}" completion bash); COMP_WORDS=(weir {" ".join(words)}); COMP_CWORD={len(words)}; '
                      'COMP_WORDS[$COMP_CWORD]="${COMP_WORDS[$COMP_CWORD]:-}"; _weir; echo "${COMPREPLY[@]}"')
            done = subprocess.run(["bash", "-c", script], cwd=self.folder, capture_output=True, text=True, timeout=120)
            return done.stdout.split()
        self.assertEqual(completed("run", "--mode", '""'), ["async", "sync", "step"])
        self.assertEqual(completed("graph", "--as", "m"), ["mermaid"])
        self.assertEqual(completed("completion", "z"), ["zsh"])
        self.assertEqual(completed("help", "in"), ["inspect"])

    def test_the_completion_knows_every_option(self):
        out, _ = self.weir("completion", "bash")
        for command in COMMANDS:
            page, _ = self.weir(command, "--help")
            for option in re.findall(r"^  (?:-\w,)?(--[a-z-]+)", page, re.M):
                self.assertIn(option, out)


if __name__ == "__main__":
    unittest.main()
