#!/usr/bin/env python3
# Turns nodes/<category>/<name>/schema.json into typed C++ settings, the table of built-in nodes, and reference pages.
#   gen_nodes.py --nodes DIR... [--out BUILD/generated] [--docs docs/reference/nodes [--check]]
import argparse
import sys
from pathlib import Path

import cpp_writer
import docs_writer
import model


def write_if_changed(path, text):
    """Leaves a file alone whose content stays, so that nothing is built again because of it."""
    if path.exists() and path.read_bytes() == text.encode():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def write_code(nodes, out):
    for node in nodes:
        write_if_changed(out / node.header, cpp_writer.header(node))
        write_if_changed((out / node.header).with_suffix(".cpp"), cpp_writer.source(node))
    write_if_changed(out / "nodes/catalogue.gen.h", cpp_writer.table_header())
    write_if_changed(out / "nodes/catalogue.gen.cpp", cpp_writer.table_source(nodes))
    write_if_changed(out / "nodes/browser-catalogue.gen.cpp", cpp_writer.browser_table_source(nodes))


def stale_pages(pages, folder):
    """The pages that differ from what is checked in, and those whose node is gone."""
    wrong = [name for name, text in pages.items()
             if not (folder / name).exists() or (folder / name).read_bytes() != text.encode()]
    known = set(pages)
    wrong += [path.relative_to(folder).as_posix() for path in folder.rglob("*.md")
              if path.relative_to(folder).as_posix() not in known]
    return sorted(wrong)


def write_docs(nodes, folder, check):
    pages = docs_writer.pages([node for node in nodes if node.has_code])
    stale = stale_pages(pages, folder)
    if check:
        for name in stale:
            print(f"{folder / name} is not current: run tools/gen-nodes/gen_nodes.py --nodes nodes --docs {folder}",
                  file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        if name in pages:
            write_if_changed(folder / name, pages[name])
        else:
            (folder / name).unlink()
    return 0


def main():
    parser = argparse.ArgumentParser(description="Generates C++ and reference pages from schema.json files.")
    parser.add_argument("--nodes", nargs="+", required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--docs", type=Path)
    parser.add_argument("--check", action="store_true", help="with --docs: write nothing, fail if a page is not current")
    options = parser.parse_args()
    try:
        nodes = model.read_nodes(options.nodes)
    except model.SchemaError as error:
        print(error, file=sys.stderr)
        return 1
    if options.out:
        write_code(nodes, options.out)
    return write_docs(nodes, options.docs, options.check) if options.docs else 0


if __name__ == "__main__":
    sys.exit(main())
