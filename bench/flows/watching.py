#!/usr/bin/env python3
# What it costs a run that somebody can look into it: watching.py [FLOW ROWS ROUNDS]
# Each round runs the flow without a socket, with one that nobody uses, with the figures written at the end, with traces
# of 1 row in 1,000, with somebody who watches the figures, and with a debugger beside that whose breakpoint never
# matches an edge in use; processor seconds of the run, medians.
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WEIR = ROOT / "build/bin/weir"
WATCHERS = {
    "no socket": None,
    "metrics": None,
    "traces of 1 in 1,000": None,
    "socket, nobody there": [],
    "weir top": [["top", "--every", "100"]],
    "weir top, debugger idle": [["top", "--every", "100"], ["debug"]],
    "weir tap": [["tap", "EDGE", "--format", "json"]],
}
OPTIONS = {"metrics": ["--metrics", "{folder}/metrics.json"], "traces of 1 in 1,000": ["--trace-rows", "1000"]}


def run(flow, rows, watchers, edge, options):
    arguments = [str(WEIR), "run", str(flow), "-q", "--threads", "1", "--set", f"rows={rows}"] + (["--no-socket"] if watchers is None else []) + options
    process = subprocess.Popen(arguments, stderr=subprocess.DEVNULL)
    others = []
    for watcher in watchers or []:
        words = [edge if word == "EDGE" else word for word in watcher]
        others.append(subprocess.Popen([str(WEIR), *words], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    for other in others:
        other.stdin.close()
        other.send_signal(signal.SIGTERM)
        other.wait()
    assert process.returncode == 0, process.returncode
    return used.ru_utime + used.ru_stime


def main():
    flow = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "bench/flows/five-stage.flow.json"
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 7
    edge = json.loads(flow.read_text())["edges"][0]["id"]
    spent = {name: [] for name in WATCHERS}
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        for _ in range(rounds):
            for name, watchers in WATCHERS.items():
                spent[name].append(run(flow, rows, watchers, edge, [word.format(folder=folder) for word in OPTIONS.get(name, [])]))
    alone = statistics.median(spent["no socket"])
    for name, seconds in spent.items():
        middle = statistics.median(seconds)
        print(f"{name:26} {middle:8.3f} s of processor  {100 * (middle / alone - 1):+6.2f} %   least {min(seconds):.3f} s")


main()
