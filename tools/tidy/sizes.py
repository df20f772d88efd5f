# Length of files and functions, with a list of exceptions that may only shrink.
import ast
import re
from pathlib import Path

from source import Problem, Source

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 70
EXCEPTIONS = "tools/tidy/exceptions.txt"
COUNTED = (".cpp", ".h", ".py", ".mjs", ".js", ".ts", ".tsx")

BRACE = re.compile(r"[{};]")
CONTAINER = re.compile(r"\b(namespace|class|struct|union|enum|concept)\b[^()]*$|\bextern\s*$")


def cpp_functions(source: Source) -> list[tuple[str, int, int]]:
    """(name, first line, lines) of every function that is defined outside another one."""
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda found: re.sub(r"[^\n]", " ", found.group(0)), source.code, flags=re.M)
    found, stack, start = [], [], 0
    for match in BRACE.finditer(code):
        character = match.group(0)
        if character == "{":
            head = code[start : match.start()]
            inside_function = any(kind != "container" for kind, _, _ in stack)
            if inside_function:
                stack.append(("other", "", 0))
            elif CONTAINER.search(re.sub(r"<[^<>]*>|\([^()]*\)", "", head)):
                stack.append(("container", "", 0))
            elif "(" in head:
                begin = match.start() - len(re.sub(r"^\s*((public|private|protected):\s*)*", "", head))
                named = re.search(r"([\w:~]+|operator\W+)\s*\(", head)
                stack.append(("function", named.group(1) if named else "?", source.line_at(begin)))
            else:
                stack.append(("other", "", 0))
        elif character == "}" and stack:
            kind, name, first = stack.pop()
            if kind == "function":
                found.append((name, first, source.line_at(match.start()) - first + 1))
        start = match.end()
    return found


def python_functions(source: Source) -> list[tuple[str, int, int]]:
    try:
        tree = ast.parse(source.text)
    except SyntaxError:
        return []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(node.name, node.lineno, node.end_lineno - node.lineno + 1) for node in ast.walk(tree) if isinstance(node, kinds)]


def read_exceptions() -> dict[tuple[str, str], int]:
    """`path lines` or `path function lines`, with `#` for why."""
    known = {}
    path = Path(EXCEPTIONS)
    for line in path.read_text().splitlines() if path.exists() else []:
        parts = line.split("#")[0].split()
        if len(parts) in (2, 3):
            known[(parts[0], parts[1] if len(parts) == 3 else "")] = int(parts[-1])
    return known


def check(sources: list[Source]) -> list[Problem]:
    exceptions = read_exceptions()
    problems, used = [], set()

    def judge(path: str, name: str, line: int, lines: int, limit: int) -> None:
        what = f"function {name}" if name else "file"
        allowed = exceptions.get((path, name))
        if allowed is None:
            if lines > limit:
                problems.append(Problem(path, line, f"{what} has {lines} lines; the limit is {limit}: split it"))
            return
        if lines > limit:
            used.add((path, name))
        if lines > allowed:
            problems.append(Problem(path, line, f"{what} has {lines} lines; its exception says {allowed}, and exceptions only shrink"))
        elif lines > limit and lines < allowed:
            problems.append(Problem(path, line, f"{what} has shrunk to {lines} lines: write that into {EXCEPTIONS}"))

    for source in sources:
        if not source.path.endswith(COUNTED) or source.is_generated:
            continue
        judge(source.path, "", 1, len(source.lines), MAX_FILE_LINES)
        functions = cpp_functions(source) if source.is_cpp else python_functions(source) if source.path.endswith(".py") else []
        for name, line, lines in functions:
            # A doctest case is a list of examples, not control flow.
            if not name.startswith(("TEST_CASE", "SCENARIO", "TEST_SUITE")):
                judge(source.path, name, line, lines, MAX_FUNCTION_LINES)
    for path, name in sorted(set(exceptions) - used):
        problems.append(Problem(EXCEPTIONS, 1, f"no longer needed: {path} {name}".rstrip()))
    return problems
