# Checks the rules of the house over the whole repository: python3 tools/tidy/main.py [path-prefix...]
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import includes  # noqa: E402
import sizes  # noqa: E402
import tables  # noqa: E402
import words  # noqa: E402
from source import read_repository  # noqa: E402


def main(prefixes: list[str]) -> int:
    top = subprocess.run(["git", "rev-parse", "--show-toplevel"], capture_output=True, text=True, cwd=Path(__file__).parent)
    os.chdir(top.stdout.strip() or ".")
    sources = read_repository()
    problems = []
    for rules in (includes, words, sizes, tables):
        problems += rules.check(sources)
    if prefixes:
        problems = [problem for problem in problems if problem.path.startswith(tuple(prefixes))]
    for problem in sorted(problems, key=lambda problem: (problem.path, problem.line)):
        print(problem)
    failed = len({problem.path for problem in problems})
    print(f"tidy: {len(sources) - failed} passed, {failed} failed, 0 skipped")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
