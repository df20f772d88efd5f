#!/usr/bin/env python3
"""Says what each part takes in weir.wasm, and fails if it is too large: tools/wasm-size/main.py [--docs FILE]."""
import argparse
import gzip
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

MOST_GZIPPED = 1_520_000
# A line of lld's map: address, offset, size (hexadecimal), and what lies there.
LINE = re.compile(r"^\s*(?:-|[0-9a-f]+)\s+([0-9a-f]+)\s+([0-9a-f]+) (\s*)(\S.*)$")
ARCHIVE = re.compile(r"(?:.*/)?lib([^/]+)\.a\((.+)\)$")
LIBRARIES = {"c++": "libc++", "c++abi": "libc++", "c": "libc", "weir_compression": "zlib and zstd"}
# Folders whose own folders are parts.
DEEP = ("engine/", "nodes/", "service/")


def part_of_path(path: str) -> str:
    """`engine/cel/checker.cpp` -> `engine/cel`."""
    if "zlib-sync/" in path or "zstd-napi/" in path or path.startswith("adapters/"):
        return "zlib and zstd"
    if "generated/" in path:
        return "catalogue of nodes"
    parts = path.split("/")
    return "/".join(parts[:2]) if path.startswith(DEEP) or path.startswith(("hosts/", "apps/")) else parts[0]


class Objects:
    """Finds the source of an object file that an archive names by its last part only."""

    def __init__(self, build: Path):
        self.by_name: dict[str, list[Path]] = defaultdict(list)
        self.symbols: dict[Path, set[str]] = {}
        for path in build.glob("CMakeFiles/**/*.obj"):
            self.by_name[path.name].append(path)

    def part(self, name: str, symbol: str) -> str:
        found = self.by_name.get(name, [])
        if not found:
            return "other"
        chosen = found[0]
        if len(found) > 1:
            chosen = next((one for one in found if symbol in self.symbols_of(one)), found[0])
        return part_of_path(str(chosen).split(".dir/", 1)[1])

    def symbols_of(self, path: Path) -> set[str]:
        if path not in self.symbols:
            listed = subprocess.run(["llvm-nm-22", "--defined-only", "-j", str(path)], capture_output=True, text=True)
            self.symbols[path] = set(listed.stdout.split())
        return self.symbols[path]


def part_of(source: str, symbol: str, objects: Objects) -> str:
    if source == "<internal>":
        return "texts, merged" if symbol.startswith((".rodata", ".data")) else "tables of the module"
    if archive := ARCHIVE.match(source):
        library, member = archive.groups()
        if library in LIBRARIES:
            return LIBRARIES[library]
        return "compiler-rt" if library.startswith("clang_rt") else objects.part(member, symbol)
    if ".dir/" in source:
        return part_of_path(source.split(".dir/", 1)[1])
    return "libc"


def inputs(map_text: str):
    """(offset, size, source, symbol) of each input; sources are told from sections and symbols by their form."""
    for line in map_text.splitlines():
        match = LINE.match(line)
        if not match:
            continue
        offset, size, _, what = match.groups()
        named = re.match(r"(.+?):\((.*)\)$", what)
        if named and (named[1] == "<internal>" or named[1].endswith((".obj", ".o", ")"))):
            yield int(offset, 16), int(size, 16), named[1], named[2]


def sizes(wasm: bytes, map_text: str, objects: Objects) -> dict[str, tuple[int, int]]:
    """Part -> bytes, and its share of the gzipped module: what it takes by itself, scaled to the whole."""
    pieces: dict[str, list[bytes]] = defaultdict(list)
    counted = 0
    for offset, size, source, symbol in inputs(map_text):
        pieces[part_of(source, symbol, objects)].append(wasm[offset : offset + size])
        counted += size
    raw = {part: sum(map(len, found)) for part, found in pieces.items()}
    raw["tables of the module"] = raw.get("tables of the module", 0) + len(wasm) - counted
    alone = {part: len(gzip.compress(b"".join(found), 9)) for part, found in pieces.items()}
    scale = len(gzip.compress(wasm, 9)) / max(1, sum(alone.values()))
    return {part: (raw[part], round(alone.get(part, 0) * scale)) for part in sorted(raw, key=lambda one: -alone.get(one, 0))}


def table(found: dict[str, tuple[int, int]], wasm: bytes) -> str:
    rows = [f"| `{part}` | {raw:,} | {packed:,} |" if "/" in part else f"| {part} | {raw:,} | {packed:,} |" for part, (raw, packed) in found.items()]
    total = f"| **all** | **{len(wasm):,}** | **{len(gzip.compress(wasm, 9)):,}** |"
    return "\n".join(["| part | bytes | gzipped |", "|---|--:|--:|", *rows, total])


DOCS = """# What weir.wasm consists of

`make wasm-size` prints this table, and fails if the module is larger than {most:,} bytes gzipped. A part's gzipped size is
its share: what it takes by itself, scaled so that the parts add up. Templates of libc++ count where they are used; texts that
several files have are merged.

{table}
"""


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--build", type=Path, default=Path("build/wasm"))
    arguments.add_argument("--docs", type=Path, help="write the table there too")
    arguments = arguments.parse_args()
    module, map_file = arguments.build / "weir.wasm", arguments.build / "weir.map"
    for needed in (module, map_file):
        if not needed.exists():
            print(f"wasm-size: {needed} is missing: make wasm builds it", file=sys.stderr)
            return 1
    wasm = module.read_bytes()
    text = table(sizes(wasm, map_file.read_text(), Objects(arguments.build)), wasm)
    print(text)
    if arguments.docs:
        arguments.docs.write_text(DOCS.format(most=MOST_GZIPPED, table=text))
    gzipped = len(gzip.compress(wasm, 9))
    small = gzipped <= MOST_GZIPPED
    print(f"wasm-size: {gzipped:,} bytes gzipped of {MOST_GZIPPED:,} at most")
    if not small:
        print("wasm-size: too large; what runs once a flow belongs into the list of cmake/wasm-module.cmake that is compiled for size", file=sys.stderr)
    return 0 if small else 1


if __name__ == "__main__":
    sys.exit(main())
