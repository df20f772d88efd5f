# Lists what there is to run: test programs, the wasm module, scripts, examples.
import glob
import json
import os
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

# Under sanitizers `make test` runs what handles foreign bytes (asan) and what has threads (tsan); `make test-asan` and
# `make test-tsan` run everything.
FAST_SANITIZED = {
    "asan": ["test_data", "test_text", "test_json", "test_regex", "test_time", "test_cel", "test_flow", "test_node", "test_runtime", "test_journal", "test_live", "test_nodes"],
    "tsan": ["test_runtime", "test_hosts"],
}
SANITIZER_SETTINGS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


@dataclass
class Suite:
    """One program to run. `programs` are the files whose change asks for a new run."""

    name: str
    command: list[str]
    programs: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    timeout_s: int = 900


def has_target(preset: str, target: str) -> bool:
    listed = subprocess.run(["ninja", "-C", f"build/{preset}", "-t", "query", target], capture_output=True)
    return listed.returncode == 0


def test_programs(preset: str) -> list[str]:
    """The programs that CTest knows in a build folder."""
    listed = subprocess.run(
        ["ctest", "--test-dir", f"build/{preset}", "--show-only=json-v1"], capture_output=True, text=True, check=True
    )
    return sorted(test["name"] for test in json.loads(listed.stdout)["tests"])


def of_programs(preset: str, names: list[str], prefix: str, environment: dict[str, str]) -> list[Suite]:
    found = []
    for name in names:
        program = f"build/{preset}/{name}"
        found.append(Suite(prefix + name, [program, "--no-intro", "--no-version"], [program], environment))
    return found


def native() -> list[Suite]:
    return of_programs("release", test_programs("release"), "", {})


def sanitized(preset: str, fast: bool) -> list[Suite]:
    names = test_programs(preset)
    if fast:
        names = [name for name in names if name in FAST_SANITIZED[preset]]
    environment = dict(SANITIZER_SETTINGS)
    if fast:
        environment["WEIR_FAST"] = "1"
    return of_programs(preset, names, f"{preset}/", environment)


def wasm() -> list[Suite]:
    module, program = "build/wasm/weir-cases.wasm", "build/release/weir_cases"
    size = ["build/wasm/weir.wasm", "build/wasm/weir.map", "tools/wasm-size/main.py"]
    return [
        Suite("wasm-cases", ["node", "tests/wasm/run.mjs", module, program], [module, program]),
        Suite("wasm-size", ["python3", "tools/wasm-size/main.py"], size),
    ]


def web_reads() -> list[str]:
    """What the tests of web/ depend on. Golden flows run natively too, to be compared."""
    read = [path for path in sources() if path.startswith(("web/", "examples/", "tests/flows/"))]
    return [*read, "build/wasm/weir.wasm", "build/wasm/weir-cases.wasm", "build/bin/weir"]


def journeys() -> list[Suite]:
    """Those of the studio that take minutes, and its pictures."""
    return [vitest(name, paths, web_reads()) for name, paths in LONG_WEB_TESTS.items()]


def web() -> list[Suite]:
    """The TypeScript side: types, rules, format, and its tests over build/wasm/weir.wasm."""
    if not os.path.isdir("web/node_modules"):
        return [Suite("web", ["sh", "-c", "echo 'the packages of web/ are not installed'; exit 77"], [])]
    read = web_reads()
    tools = "web/node_modules/.bin/"
    return [
        Suite("web/types", [tools + "tsc", "--noEmit", "-p", "web/tsconfig.json"], read),
        Suite("web/eslint", ["sh", "-c", "cd web && node_modules/.bin/eslint ."], read),
        Suite("web/prettier", ["sh", "-c", "cd web && node_modules/.bin/prettier --check --log-level=warn ."], read),
        *[vitest(name, paths, read) for name, paths in WEB_TESTS.items()],
    ]


# The tests of web/ by suite: what a browser takes minutes for runs beside the rest. `web/others` takes what is in none.
WEB_TESTS = {
    "web/demo/runs": ["demo/test/resumed-runs", "demo/test/run-tabs", "demo/test/interrupted-demo"],
    "web/demo/golden": ["demo/test/golden", "demo/test/node-cases"],
    "web/demo/storage": ["demo/test/storage", "demo/test/two-tabs", "demo/test/damaged-database", "demo/test/linked-folder", "demo/test/state-database"],
    "web/engine-client": ["engine-client/test"],
    "web/flow-model": ["flow-model/test"],
    "web/runtime": ["runtime/test"],
    "web/editor": ["editor/test"],
    "web/studio/drawing": [f"studio/test/journeys/{name}" for name in ("drawing", "files", "rows")],
    "web/studio/editor": ["studio/test/journeys/editor", "studio/test/journeys/local"],
    "web/studio/limits": [f"studio/test/journeys/{name}" for name in ("limits", "routes", "stored-scripts")],
    "web/studio/journeys": ["studio/test/journeys/journeys"],
    "web/studio/pages": ["studio/test/journeys/pages"],
    "web/studio/states": ["studio/test/journeys/states"],
    "web/widgets": ["widgets/test"],
    "web/others": [],
}
# Journeys that take minutes, and pictures beside those that are kept: make test-journeys.
LONG_WEB_TESTS = {
    "web/studio/boards": [f"studio/test/journeys/{name}" for name in ("alerts", "dashboards")],
    "web/studio/live": [f"studio/test/journeys/{name}" for name in ("keys", "live")],
    "web/studio/pictures": ["studio/test/journeys/snapshots"],
}


def vitest(name: str, paths: list[str], programs: list[str]) -> Suite:
    """One worker each: suites run side by side already."""
    words = ["node_modules/.bin/vitest", "run", "--reporter=tap-flat", "--maxWorkers=1", *paths]
    if not paths:
        words += [f"--exclude={path}**" for others in [*WEB_TESTS.values(), *LONG_WEB_TESTS.values()] for path in others]
    return Suite(name, ["sh", "-c", f"cd web && {shlex.join(words)}"], programs, timeout_s=2400)


def scripts() -> list[Suite]:
    """tests/<suite>/*.test.py with the Python of tools/bootstrap, tests/<suite>/*.test.mjs with Node.js, tools' own tests."""
    python = "build/python/bin/python" if os.path.exists("build/python/bin/python") else "python3"
    found = [Suite("tidy", ["python3", "tools/tidy/main.py"], ["Makefile"] + sources())]
    for path in sorted(glob.glob("tools/**/*_test.py", recursive=True)):
        name = Path(path).stem.replace("_", "-")
        found.append(Suite(f"tools/{name}", ["python3", "-m", "unittest", path], [path]))
    binary = ["build/bin/weir"]
    found += foreign(python)
    for path in sorted(glob.glob("tests/*/*.test.py")):
        found.append(Suite(path.removesuffix(".test.py"), [python, path], [path, *binary]))
    for path in sorted(glob.glob("tests/*/*.test.mjs")):
        command = ["node", "--test", "--test-reporter=tap", path]
        found.append(Suite(path.removesuffix(".test.mjs"), command, [path, *binary]))
    return found


def foreign(python: str) -> list[Suite]:
    """What others wrote judges us: pyarrow through the C data interface, the conformance cases of CEL."""
    library, binary = "build/release/libweir_c_data.so", "build/bin/weir"
    check = "tests/arrow/check-c-data.py"
    shared = os.environ.get("WEIR_SHARED", "../shared")
    return [
        Suite("tests/arrow/c-data", [python, check, library], [check, library]),
        Suite("tests/conformance/cel", ["sh", "tests/conformance/cel/run", binary, f"{shared}/conformance/cel.ndjson"], [binary]),
    ]


def examples() -> list[Suite]:
    """`weir test` over each folder of examples that holds a *.test.json."""
    if not os.path.exists("build/bin/weir"):
        return []
    folders = sorted({os.path.dirname(path) for path in glob.glob("examples/*/*.test.json")})
    return [Suite(folder, ["build/bin/weir", "test", folder], ["build/bin/weir"]) for folder in folders]


def sources() -> list[str]:
    """Every file that git knows or would add: what tidy reads."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    return sorted(listed.stdout.splitlines())
