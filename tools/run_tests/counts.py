# Reads how many cases passed, failed and were skipped out of what a test runner printed.
import re
from dataclasses import dataclass

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
DOCTEST = re.compile(r"^\[doctest\] test cases:\s*(\d+) \|\s*(\d+) passed \|\s*(\d+) failed(?: \|\s*(\d+) skipped)?", re.M)
SUMMARY = re.compile(r"^(?:[\w-]+: )?(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)
TAP = re.compile(r"^(not )?ok \d+(?: - (.*))?$", re.M)
UNITTEST = re.compile(r"^Ran (\d+) tests? in", re.M)
UNITTEST_PART = re.compile(r"(failures|errors|skipped|unexpected successes)=(\d+)")


# What a runner without summary ends with if it lacks what it needs.
SKIPPED = 77


@dataclass
class Counts:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: "Counts") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def of_unittest(output: str) -> Counts | None:
    ran = UNITTEST.search(output)
    if not ran:
        return None
    last = output.strip().splitlines()[-1]
    parts = {name: int(number) for name, number in UNITTEST_PART.findall(last)}
    skipped = parts.pop("skipped", 0)
    failed = sum(parts.values())
    return Counts(max(int(ran.group(1)) - skipped - failed, 0), failed, skipped)


def of_node_test(output: str) -> Counts | None:
    found = {name: int(number) for name, number in re.findall(r"^# (pass|fail|skipped|todo|cancelled) (\d+)$", output, re.M)}
    if "pass" not in found:
        return None
    return Counts(found["pass"], found["fail"] + found.get("cancelled", 0), found.get("skipped", 0) + found.get("todo", 0))


def of_tap(output: str) -> Counts | None:
    """The flat list of the Test Anything Protocol, as vitest prints it."""
    if not re.search(r"^TAP version 13$", output, re.M):
        return None
    total = Counts()
    for failed, text in TAP.findall(output):
        if failed:
            total.failed += 1
        elif "# SKIP" in text:
            total.skipped += 1
        else:
            total.passed += 1
    return total


def count_cases(output: str, status: int) -> Counts:
    """Counts the cases of one run. A runner that prints no summary is one case; one that ends badly has a failure."""
    output = ESCAPES.sub("", output)
    total = Counts()
    doctest = list(DOCTEST.finditer(output))
    summaries = list(SUMMARY.finditer(output))
    if doctest:
        for found in doctest:
            total.add(Counts(int(found.group(2)), int(found.group(3)), int(found.group(4) or 0)))
    elif summaries:
        passed, failed, skipped = (int(part) for part in summaries[-1].groups())
        total = Counts(passed, failed, skipped)
    elif status == SKIPPED:
        return Counts(skipped=1)
    else:
        total = of_unittest(output) or of_node_test(output) or of_tap(output) or Counts(passed=1 if status == 0 else 0)
    if status != 0 and total.failed == 0:
        total.failed = 1
    return total
