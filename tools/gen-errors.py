#!/usr/bin/env python3
# Writes docs/reference/errors.md from engine/data/error-codes.tsv: gen-errors.py [--check]
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "engine/data/error-codes.tsv"
PAGE = ROOT / "docs/reference/errors.md"


def page():
    lines = ["# Error codes", "", "Each failed row and each failed run carries one of these codes.", "", "| code | what it means, and what to do |", "|---|---|"]
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _, text = line.partition("\t")
            lines.append(f"| `{code}` | {text.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


def main():
    text = page()
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            sys.exit(f"{PAGE.relative_to(ROOT)} is not current: run tools/gen-errors.py")
        return
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")


main()
