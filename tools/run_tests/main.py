# Builds and runs every test, then prints one line that counts the cases: main.py [--only asan|tsan|journeys]
import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import suites  # noqa: E402
from cache import Cache  # noqa: E402
from counts import Counts, count_cases  # noqa: E402

MAX_SHOWN_LINES = 200
TAP_PASSED = re.compile(r"ok \d+ - ")


def build(preset: str, targets: list[str]) -> bool:
    """Builds; prints what went wrong."""
    began = time.monotonic()
    done = subprocess.run(["ninja", "-C", f"build/{preset}", "-k", "0", *targets], capture_output=True, text=True)
    seconds = time.monotonic() - began
    if done.returncode == 0:
        if seconds > 2:
            print(f"  built {preset} in {seconds:.0f} s", flush=True)
        return True
    lines = [line for line in done.stdout.splitlines() if not line.startswith("[")] + done.stderr.splitlines()
    print("\n".join(lines[:MAX_SHOWN_LINES]))
    print(f"  BROKEN {preset} does not build", flush=True)
    return False


def run_suite(suite: suites.Suite, cache: Cache) -> tuple[Counts, str]:
    """Runs one suite, or takes its result of the last time; returns the counts and the text to show."""
    key = cache.key(suite.programs, suite.command, suite.environment)
    before = cache.passed(suite.name, key)
    if before is not None:
        return Counts(*before), f"  same  {suite.name:<34} {before[0]:>6} passed{skipped_note(before[2])}"
    began = time.monotonic()
    try:
        done = subprocess.run(
            suite.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            timeout=suite.timeout_s, env={**os.environ, **suite.environment},
        )
        output, status = done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as expired:
        output = (expired.stdout or b"").decode(errors="replace") + f"\nstopped after {suite.timeout_s} s\n"
        status = 124
    except OSError as error:
        output, status = f"{error}\n", 127
    seconds = time.monotonic() - began
    counts = count_cases(output, status)
    if counts.failed == 0:
        cache.remember(suite.name, key, [counts.passed, counts.failed, counts.skipped])
        return counts, f"  ok    {suite.name:<34} {counts.passed:>6} passed{skipped_note(counts.skipped)}  {seconds:.1f} s"
    cache.forget(suite.name)
    told = [line for line in output.splitlines() if not TAP_PASSED.match(line)]
    shown = "\n".join(told[-MAX_SHOWN_LINES:])
    head = f"  FAIL  {suite.name:<34} {counts.passed:>6} passed, {counts.failed} failed (status {status})  {seconds:.1f} s"
    return counts, f"{head}\n    {' '.join(suite.command)}\n{shown}"


def skipped_note(skipped: int) -> str:
    return f", {skipped} skipped" if skipped else ""


def run_all(listed: list[suites.Suite], cache: Cache, total: Counts) -> None:
    with ThreadPoolExecutor(max_workers=max(os.cpu_count() or 1, 1)) as pool:
        for counts, text in pool.map(lambda suite: run_suite(suite, cache), listed):
            total.add(counts)
            print(text, flush=True)


def run_sanitized(preset: str, fast: bool, cache: Cache, total: Counts) -> None:
    listed = suites.sanitized(preset, fast)
    targets = [suite.name.removeprefix(f"{preset}/") for suite in listed]
    if not listed:
        return
    if not build(preset, targets):
        total.failed += 1
    run_all([suite for suite in listed if os.path.exists(suite.command[0])], cache, total)


def run_everything(cache: Cache, total: Counts) -> None:
    # The cheapest answers come first: the rules of the house, then native, wasm, sanitizers.
    run_all(suites.scripts()[:1], cache, total)
    for preset in ("release", "wasm"):
        if not build(preset, ["all"]):
            total.failed += 1
    run_all([*suites.native(), *suites.wasm(), *suites.web(), *suites.scripts()[1:], *suites.examples()], cache, total)
    for preset in ("asan", "tsan"):
        run_sanitized(preset, fast=True, cache=cache, total=total)


def main() -> int:
    parser = argparse.ArgumentParser(description="Builds and runs every test.")
    parser.add_argument("--only", choices=["asan", "tsan", "journeys"], help="only this sanitizer, but every test; or only the long journeys")
    arguments = parser.parse_args()
    os.chdir(Path(__file__).resolve().parent.parent.parent)
    cache, total = Cache(Path("build/test-results.json")), Counts()
    try:
        if arguments.only == "journeys":
            run_all(suites.journeys(), cache, total)
        elif arguments.only:
            run_sanitized(arguments.only, fast=False, cache=cache, total=total)
        else:
            run_everything(cache, total)
    finally:
        cache.save()
    print(f"weir: {total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
