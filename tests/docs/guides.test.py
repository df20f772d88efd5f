#!/usr/bin/env python3
# The guides' commands work as they are written, and the generated pages are current.
import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from server_guides import ServerGuides  # noqa: E402, F401 its tests are run here too

ROOT = Path(__file__).resolve().parent.parent.parent
WEIR = ROOT / "build/bin/weir"
COMMANDS_FILE = ROOT / "build/release/compile_commands.json"


def blocks(page):
    return re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.S)


class Guides(unittest.TestCase):
    @unittest.skipUnless(WEIR.exists(), "build/bin/weir is not built")
    def test_commands_of_the_guides_work(self):
        for page in sorted((ROOT / "docs/guide").glob("*.md")):
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "orders.csv").write_text("id,region,price\n1,north,2.5\n2,south,3\n")
                (Path(folder) / "rows.ndjson").write_text('{"price": 2.5}\n')
                for name, text in re.findall(r"`([\w.-]+\.json)`:\n\n```json\n(.*?)```", page.read_text(encoding="utf-8"), re.S):
                    (Path(folder) / name).write_text(text)
                for block in blocks(page):
                    for command in filter(None, block.splitlines()):
                        if not command.startswith("weir "):
                            continue
                        with self.subTest(page=page.name, command=command):
                            done = subprocess.run(["sh", "-c", command.replace("weir ", f"{WEIR} ", 1)], cwd=folder, capture_output=True, text=True, timeout=120)
                            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def help_of(self, page, command):
        done = subprocess.run([WEIR, *command.split(), "--help"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, f"{page.name}: weir {command}")
        return done.stdout

    @unittest.skipUnless(WEIR.exists(), "build/bin/weir is not built")
    def test_options_that_the_pages_name_are_there(self):
        """`weir run FLOW --threads 2` in a sentence or a plain block is checked too: the command takes the option."""
        pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs/guide").glob("*.md"), *(ROOT / "examples").glob("*/README.md")]
        helps = {}
        for page in pages:
            for command, rest in re.findall(r"\bweir ([a-z]+)((?: [^\n`#|&]*)?)", page.read_text(encoding="utf-8")):
                options = re.findall(r"(?<=\s)--[a-z-]+", rest)
                if command not in helps and (options or "build/bin/weir" in rest):
                    helps[command] = self.help_of(page, command)
                # `weir audit verify --data DIR`: the option is the inner command's.
                inner = re.match(r" ([a-z][a-z-]*)", rest)
                if options and inner and re.search(rf"^  {inner[1]} ", helps[command].partition("Commands:")[2], re.MULTILINE):
                    command = f"{command} {inner[1]}"
                    helps.setdefault(command, self.help_of(page, command))
                for option in options:
                    self.assertIn(option, helps[command], f"{page.name}: weir {command}{rest}")

    def test_requests_of_the_guides_say_who_asks_and_what_they_send(self):
        """A server answers 401 without a token and 415 without the type of a body; and takes no exports in the clear."""
        for page in sorted((ROOT / "docs/guide").glob("*.md")):
            text = page.read_text(encoding="utf-8")
            for block in re.findall(r"```(?:sh[ \w]*|text)\n(.*?)```", text, re.S):
                for command in re.findall(r"^curl (?:.*\\\n)*.*$", block, re.M):
                    if "/api/v1/" not in command or re.search(r"/api/v1/(health|setup|session)\b", command):
                        continue
                    with self.subTest(page=page.name, command=command):
                        self.assertRegex(command, r"authorization: Bearer|cookies")
                        if re.search(r" (-d|--data)\b", command):
                            self.assertRegex(command, r"(?i)content-type: application/json")
            self.assertNotRegex(text, r"--(loki|otlp)-url http://(?!127\.|localhost)", page.name)

    def test_links_lead_somewhere(self):
        for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*/README.md")]:
            for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
                if "://" not in target:
                    self.assertTrue((page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}")

    @unittest.skipUnless(COMMANDS_FILE.exists(), "build/release is not configured")
    def test_the_node_of_the_guide_is_generated_and_compiles(self):
        page = (ROOT / "docs/guide/write-a-node.md").read_text(encoding="utf-8")
        parts = re.findall(r"`(nodes/[^`]+)`\n\n```\w+\n(.*?)```", page, re.S)
        self.assertEqual([Path(path).name for path, _ in parts], ["schema.json", "upper.cpp", "cases.json"])
        with tempfile.TemporaryDirectory() as folder:
            for path, text in parts:
                file = Path(folder) / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            shutil.copy(ROOT / "nodes/node.schema.json", f"{folder}/nodes")
            for command in (["--out", f"{folder}/generated"], ["--docs", f"{folder}/docs"]):
                done = subprocess.run([sys.executable, ROOT / "tools/gen-nodes/gen_nodes.py", "--nodes", f"{folder}/nodes", *command],
                                      cwd=ROOT, capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            flags = shlex.split(next(each["command"] for each in json.loads(COMMANDS_FILE.read_text()) if each["file"].endswith("/logic/filter/filter.cpp")))
            flags = [flag for flag in flags[flags.index(next(f for f in flags if "clang" in f)) :] if not flag.endswith((".o", ".cpp")) and flag not in ("-c", "-o")]
            done = subprocess.run([*flags, f"-I{folder}", f"-I{folder}/generated", "-fsyntax-only", f"{folder}/nodes/text/upper/upper.cpp"],
                                  cwd=COMMANDS_FILE.parent, capture_output=True, text=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_generated_pages_are_current(self):
        for command in (["tools/gen-errors.py", "--check"],
                        ["tools/gen-nodes/gen_nodes.py", "--nodes", "nodes", "--docs", "docs/reference/nodes", "--check"]):
            done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
