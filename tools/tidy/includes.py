# The dependency rule, on every #include.
import fnmatch
import re

import layers
from source import Problem, Source


def leaf_headers(sources: list[Source]) -> set[str]:
    """The headers of engine/data that need only the standard library, simd and each other."""
    data = {source.path: source for source in sources if source.path.startswith("engine/data/") and source.path.endswith(".h")}
    leaves = set(data)
    changed = True
    while changed:
        changed = False
        for path in sorted(leaves):
            ours = [header for _, kind, header in data[path].includes if kind == '"']
            if any(not header.startswith("engine/simd/") and header not in leaves for header in ours):
                leaves.discard(path)
                changed = True
    return leaves


def may_include_foreign(path: str, header: str) -> bool | None:
    """None: nobody has said anything about this header."""
    for pattern, places in layers.FOREIGN:
        if re.fullmatch(pattern, header):
            return any(fnmatch.fnmatch(path, place) if "*" in place else path.startswith(place) for place in places)
    return None


def check_standard(source: Source, line: int, header: str) -> Problem | None:
    if header in layers.INTRINSICS:
        if source.path.startswith("engine/simd/"):
            return None
        return Problem(source.path, line, f"<{header}>: intrinsics come through engine/simd/simd.h")
    if header in layers.STANDARD:
        why = layers.NOT_PORTABLE.get(header)
        if why is None or not source.is_portable or (source.path, header) in layers.PORTABLE_EXCEPTIONS:
            return None
        if re.search(r"// unordered: \w", source.lines[line - 1]):
            return None
        return Problem(source.path, line, f"<{header}> in portable code: {why}")
    allowed = may_include_foreign(source.path, header)
    if allowed is None:
        return Problem(source.path, line, f"<{header}> is not in the table of foreign headers, tools/tidy/layers.py")
    if not allowed:
        return Problem(source.path, line, f"<{header}> may not be included here; tools/tidy/layers.py says where")
    return None


def check_engine(source: Source, line: int, header: str, leaves: set[str]) -> Problem | None:
    here, there = source.path.split("/")[1], header.split("/")[1]
    if here not in layers.ENGINE:
        return Problem(source.path, line, f"engine/{here} is not in the table of modules, tools/tidy/layers.py")
    if here == there or there in layers.ENGINE[here] or header in leaves:
        return None
    return Problem(source.path, line, f"engine/{here} may not include engine/{there} (tools/tidy/layers.py): {header}")


def check_ours(source: Source, line: int, header: str, leaves: set[str]) -> Problem | None:
    room, target = source.path.split("/")[0], header.split("/")[0]
    if "/" not in header or target not in layers.ROOMS:
        return Problem(source.path, line, f'"{header}": write the path from the root of the repository')
    if room not in layers.ROOMS:
        return None
    if source.is_test and room != "engine":
        return None
    if source.is_test and target in ("hosts", "nodes", "tests"):
        # Tests of the runtime run over the simulation host.
        return None
    if room == "adapters" and target == "engine" and not header.startswith(layers.ADAPTERS_SEE):
        return Problem(source.path, line, f"adapters see only {layers.ADAPTERS_SEE}: {header}")
    if source.path.startswith("service/api/") and not header.startswith(layers.API_SEES):
        return Problem(source.path, line, f"service/api sees only {', '.join(layers.API_SEES)}: {header}")
    if room == target:
        if room == "engine" and not source.is_test:
            return check_engine(source, line, header, leaves)
        if room == "nodes":
            return check_nodes(source, line, header)
        if room == "hosts" and source.path.split("/")[1] != header.split("/")[1]:
            return Problem(source.path, line, f"hosts do not include each other: {header}")
        return None
    if target not in layers.ROOMS[room]:
        return Problem(source.path, line, f"{room}/ may not include {target}/: {header}")
    return None


def check_nodes(source: Source, line: int, header: str) -> Problem | None:
    # A node sees its own folder; a category may share code in its own folder (nodes/files/file-walk.h).
    own = "/".join(source.path.split("/")[:3]) + "/"
    category = "/".join(source.path.split("/")[:2])
    if header.startswith(own) or header.rsplit("/", 1)[0] == category or header.startswith("nodes/catalogue.gen"):
        return None
    if len(source.path.split("/")) == 3 and header.startswith(category + "/"):
        return None
    return Problem(source.path, line, f"a node includes engine/ and its own folder only: {header}")


def find_cycles(sources: list[Source]) -> list[Problem]:
    """Headers that include each other, in whatever number of steps."""
    graph = {
        source.path: [(line, header) for line, kind, header in source.includes if kind == '"']
        for source in sources
        if source.path.endswith(".h") and not source.path.endswith(".kernel.h")
    }
    problems, done = [], set()

    def visit(path: str, trail: list[str]) -> None:
        for line, header in graph.get(path, []):
            if header in trail:
                problems.append(Problem(path, line, "headers include each other: " + " -> ".join(trail[trail.index(header) :] + [header])))
            elif header not in done:
                visit(header, trail + [header])
        done.add(path)

    for path in sorted(graph):
        if path not in done:
            visit(path, [path])
    return problems


def check(sources: list[Source]) -> list[Problem]:
    leaves = leaf_headers(sources)
    problems = []
    for source in sources:
        if not source.is_cpp:
            continue
        for line, kind, header in source.includes:
            found = check_standard(source, line, header) if kind == "<" else check_ours(source, line, header, leaves)
            if found:
                problems.append(found)
    return problems + find_cycles(sources)
