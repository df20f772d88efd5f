# Runs every fuzz target for FUZZ_SECONDS and prints a table: python3 tools/fuzz.py [target...]
# What a target finds interesting is kept in build/fuzz/corpus/<target>; crashes are left in build/fuzz/crashes.
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

SEEDS = Path("tests/fuzz/corpus")
FOUND = Path("build/fuzz/corpus")
CRASHES = Path("build/fuzz/crashes")
MAX_INPUT_BYTES = 65536
MAX_INPUT_SECONDS = 10
MEMORY_MB = 2048
SHOWN_LINES = 60
SETTINGS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}


@dataclass
class Outcome:
    name: str
    inputs: int
    seconds: float
    coverage: int
    failed: bool
    output: str


def seeds_of(name: str) -> list[str]:
    return [str(folder) for folder in (SEEDS / name, SEEDS / f"fuzz_{name}") if folder.is_dir()]


def run_target(program: Path, seconds: int) -> Outcome:
    name = program.name.removeprefix("fuzz_")
    corpus = FOUND / name
    corpus.mkdir(parents=True, exist_ok=True)
    dictionary = SEEDS.parent / f"{name}.dict"
    command = [
        str(program), f"-max_total_time={seconds}", f"-max_len={MAX_INPUT_BYTES}", f"-timeout={MAX_INPUT_SECONDS}",
        f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={CRASHES}/{name}-", "-print_final_stats=1", "-verbosity=1",
        *([f"-dict={dictionary}"] if dictionary.exists() else []), str(corpus), *seeds_of(name),
    ]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, env={**os.environ, **SETTINGS})
    output = done.stderr.decode(errors="replace") + done.stdout.decode(errors="replace")
    executed = re.search(r"number_of_executed_units:\s*(\d+)", output)
    coverage = [int(found) for found in re.findall(r"\bcov: (\d+)", output)]
    return Outcome(
        name, int(executed.group(1)) if executed else 0, time.monotonic() - began,
        coverage[-1] if coverage else 0, done.returncode != 0, output,
    )


def show(outcome: Outcome) -> None:
    speed = outcome.inputs / outcome.seconds if outcome.seconds else 0
    verdict = "CRASH" if outcome.failed else "clean"
    print(f"  {outcome.name:<28} {outcome.inputs:>10} {speed:>9.0f} {outcome.coverage:>9}  {verdict}", flush=True)
    if outcome.failed:
        print("\n".join("    " + line for line in outcome.output.splitlines()[-SHOWN_LINES:]), flush=True)


def main(wanted: list[str]) -> int:
    os.chdir(Path(__file__).resolve().parent.parent)
    seconds = int(os.environ.get("FUZZ_SECONDS", "60"))
    # One target that does not build fails the whole at the end, but keeps no other from running.
    built = subprocess.run(["ninja", "-C", "build/fuzz", "--quiet", "-k", "0", "weir_fuzz"]).returncode == 0
    programs = sorted(Path("build/fuzz/targets").glob("fuzz_*"))
    if wanted:
        programs = [program for program in programs if program.name.removeprefix("fuzz_") in wanted]
    CRASHES.mkdir(parents=True, exist_ok=True)
    print(f"  {'target':<28} {'inputs':>10} {'inputs/s':>9} {'coverage':>9}  result")
    crashed = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for outcome in pool.map(lambda program: run_target(program, seconds), programs):
            show(outcome)
            if outcome.failed:
                crashed.append(outcome.name)
    missing = [program.name for program in programs if not seeds_of(program.name.removeprefix("fuzz_"))]
    if missing:
        print(f"  without seeds in {SEEDS}: {', '.join(missing)}")
    print(f"fuzz: {len(programs)} targets, {len(crashed)} crashed" + (f" ({', '.join(crashed)}); inputs in {CRASHES}" if crashed else ""))
    if not built:
        print("fuzz: not every target builds")
    return 1 if crashed or not built else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
