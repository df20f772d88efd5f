#!/usr/bin/env python3
# The guides' commands work as they are written, and the generated pages are current.
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WEIR = ROOT / "build/bin/weir"


def blocks(page):
    return re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.S)


class Guides(unittest.TestCase):
    @unittest.skipUnless(WEIR.exists(), "build/bin/weir is not built")
    def test_commands_of_the_guides_work(self):
        for page in sorted((ROOT / "docs/guide").glob("*.md")):
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "orders.csv").write_text("id,region,price\n1,north,2.5\n2,south,3\n")
                (Path(folder) / "rows.ndjson").write_text('{"price": 2.5}\n')
                for block in blocks(page):
                    for command in filter(None, block.splitlines()):
                        if not command.startswith("weir "):
                            continue
                        with self.subTest(page=page.name, command=command):
                            done = subprocess.run(["sh", "-c", command.replace("weir ", f"{WEIR} ", 1)], cwd=folder, capture_output=True, text=True, timeout=120)
                            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_generated_pages_are_current(self):
        for command in (["tools/gen-errors.py", "--check"],
                        ["tools/gen-nodes/gen_nodes.py", "--nodes", "nodes", "--docs", "docs/reference/nodes", "--check"]):
            done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
