#!/usr/bin/env python3
# Runs a live flow for minutes and looks whether memory, open files and threads stay where they are: memory.py [MINUTES]
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WEIR = Path(os.environ.get("WEIR_BINARY", ROOT / "build/bin/weir")).resolve()
WARM_SHARE = 0.2  # of the time, in which caches may fill
MOST_GROWTH_KIB = 2048  # between the medians of the first and the last fifth behind that


def node(name, type_id, **settings):
    return {"id": name, "typeId": type_id, "version": "1.0.0", "settings": settings}


def edge(name, source, target, **more):
    ends = [dict(zip(("node", "port"), end.split("."))) for end in (source, target)]
    return {"id": name, "source": ends[0], "target": ends[1], **more}


def flow():
    """A fast source that drops, a paced one through expressions and windows, errors that become events, a file."""
    nodes = [
        node("fast", "generate/pattern", pattern="random", rows=0, rate=20_000, batchRows=100),
        node("paced", "generate/pattern", pattern="sine", rows=0, rate=1_000, batchRows=1),
        node("scale", "logic/map", set={"value": "row.value * 2.0 + 1.0", "sensor": "string(row.id % 50)"}),
        node("keep", "logic/filter", condition="row.value > 0.0"),
        node("slow", "flow/throttle", rowsPerSecond=200),
        node("minutes", "aggregate/window", kind="tumbling", size="1s", keys=["sensor"],
             measures=[{"name": "mean", "function": "mean", "of": "row.value"}]),
        node("log", "debug/log", rows=0),
        node("windows", "debug/log", rows=0),
    ]
    edges = [
        edge("shed", "fast.rows", "slow.rows", whenFull={"rule": "dropOldest"}, buffer={"rows": 1000}),
        edge("out", "slow.rows", "log.rows"),
        edge("in", "paced.rows", "scale.rows"),
        edge("scaled", "scale.rows", "keep.rows"),
        edge("kept", "keep.match", "minutes.rows"),
        edge("made", "minutes.rows", "windows.rows"),
    ]
    return {"id": "soak", "version": "1.0.0", "nodes": nodes, "edges": edges}


def look(pid):
    """Resident KiB, open files, threads."""
    status = Path(f"/proc/{pid}/status").read_text()
    value = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if line.startswith(("VmRSS", "Threads"))}
    return int(value["VmRSS"]), len(os.listdir(f"/proc/{pid}/fd")), int(value["Threads"])


def median(values):
    return sorted(values)[len(values) // 2]


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "soak.flow.json").write_text(json.dumps(flow()))
        process = subprocess.Popen([WEIR, "run", "-q", "soak.flow.json", "--metrics", "metrics.json"], cwd=folder)
        seen, until = [], time.monotonic() + minutes * 60
        while time.monotonic() < until and process.poll() is None:
            time.sleep(1)
            if process.poll() is None:
                seen.append(look(process.pid))
        if process.poll() is not None:
            print(f"FAIL the run ended by itself with {process.returncode}")
            return 1
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
        metrics = json.loads((Path(folder) / "metrics.json").read_text())
    warm = seen[int(len(seen) * WARM_SHARE):]
    fifth = max(1, len(warm) // 5)
    failures = [] if code in (0, 130) else [f"exit code {code}"]
    for at, (name, most) in enumerate((("resident KiB", MOST_GROWTH_KIB), ("open files", 0), ("threads", 0))):
        first, last = median([sample[at] for sample in warm[:fifth]]), median([sample[at] for sample in warm[-fifth:]])
        print(f"{name}: {first} after warming up, {last} at the end")
        if last - first > most:
            failures.append(f"{name} grew from {first} to {last}")
    rows = sum(edge["taken"] for edge in metrics["edges"])
    print(f"{minutes:g} minutes, {rows} rows taken from edges, {sum(edge['dropped'] for edge in metrics['edges'])} dropped by rule")
    for failure in failures:
        print("FAIL", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
