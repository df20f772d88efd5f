# What must agree across files: error codes, node folders, ARCHITECTURE.md's paths, links between documents.
import json
import os
import re

from source import Problem, Source

CODES = "engine/data/error-codes.tsv"
CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
RAISED = re.compile(r'(?:\bfail\(|\bError\s*\{|\bmakeError\(|\.code\s*=\s*)\s*"([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)"')
LITERAL = re.compile(r'"([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)"')
WEB_RAISED = re.compile(r"\bWeirError\(\s*'([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)'")
WEB_LITERAL = re.compile(r"'([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+)'")
WEB_SOURCE = re.compile(r"web/[^/]+/src/.*\.tsx?")
LINK = re.compile(r"(?<!\!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
PATH = re.compile(r"`([\w.*<>-]+(?:/[\w.*<>-]*)+)`")


def check_codes(sources: list[Source]) -> list[Problem]:
    problems, listed = [], []
    table = next((source for source in sources if source.path == CODES), None)
    for number, line in enumerate(table.lines if table else [], 1):
        code, tab, sentence = line.partition("\t")
        if not tab or not CODE.fullmatch(code) or len(sentence.split()) < 3:
            problems.append(Problem(CODES, number, "a line is a dotted code, a tab, and a sentence that says what to do"))
        if listed and code <= listed[-1]:
            problems.append(Problem(CODES, number, f"not sorted, or twice: {code}"))
        listed.append(code)
    known, mentioned = set(listed), set()
    for source in sources:
        if WEB_SOURCE.fullmatch(source.path):
            mentioned.update(WEB_LITERAL.findall(source.text))
            for found in WEB_RAISED.finditer(source.text):
                if found.group(1) not in known:
                    line = source.text.count("\n", 0, found.start()) + 1
                    problems.append(Problem(source.path, line, f"error code {found.group(1)} is not in {CODES}"))
        if not source.is_cpp or not source.path.startswith(("engine/", "nodes/", "hosts/", "apps/", "service/", "adapters/")):
            continue
        mentioned.update(LITERAL.findall(source.code_with_strings))
        if source.is_test:
            continue
        for found in RAISED.finditer(source.code_with_strings):
            if found.group(1) not in known:
                problems.append(Problem(source.path, source.line_at(found.start()), f"error code {found.group(1)} is not in {CODES}"))
    for number, code in enumerate(listed, 1):
        if code not in mentioned:
            problems.append(Problem(CODES, number, f"nothing raises {code}"))
    return problems


def check_nodes(sources: list[Source]) -> list[Problem]:
    """A node folder has schema.json, code and cases.json."""
    problems = []
    paths = {source.path for source in sources}
    folders = sorted({"/".join(path.split("/")[:3]) for path in paths if re.match(r"nodes/[^/]+/[^/]+/", path)})
    for folder in folders:
        for name in ("schema.json", "cases.json"):
            if f"{folder}/{name}" not in paths:
                problems.append(Problem(folder, 1, f"the node has no {name}"))
        if not any(path.startswith(folder + "/") and path.endswith(".cpp") and ".test." not in path for path in paths):
            problems.append(Problem(folder, 1, "the node has no code"))
    for source in sources:
        if source.path.startswith("nodes/") and source.path.endswith(".json"):
            try:
                json.loads(source.text)
            except ValueError as error:
                problems.append(Problem(source.path, getattr(error, "lineno", 1), f"not JSON: {error}"))
    return problems


def check_documents(sources: list[Source]) -> list[Problem]:
    problems = []
    rooms = {source.path.split("/")[0] for source in sources if "/" in source.path}
    for source in sources:
        if not source.path.endswith(".md"):
            continue
        text = re.sub(r"^```.*?^```", lambda found: re.sub(r"[^\n]", " ", found.group(0)), source.text, flags=re.M | re.S)
        for found in LINK.finditer(text):
            target = (found.group(1) or found.group(2)).split("#")[0]
            if not target or re.match(r"[a-z]+:", target):
                continue
            if not os.path.exists(os.path.normpath(os.path.join(os.path.dirname(source.path), target))):
                problems.append(Problem(source.path, source.line_at(found.start()), f"the link leads nowhere: {target}"))
        if source.path == "ARCHITECTURE.md":
            for found in PATH.finditer(text):
                path = found.group(1)
                if path.split("/")[0] in rooms and not re.search(r"[<>*]", path) and not os.path.exists(path):
                    problems.append(Problem(source.path, source.line_at(found.start()), f"there is no {path}"))
    return problems


def check(sources: list[Source]) -> list[Problem]:
    return check_codes(sources) + check_nodes(sources) + check_documents(sources)
