#!/usr/bin/env python3
# What it costs that a row is on the disk before it is acknowledged: a flow's durable edge, and the journal below it, beside
# the raw disk, SQLite and Redis Streams, rows of 200 bytes, in the folder DIR (default: the project's build folder; a RAM disk would measure nothing).
#   bench/durable.py [--runs 3] [--folder DIR]
import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ("journal", "durable-edge")
START_SECONDS = 20


def told(command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True, **more).stdout


def sqlite(folder, batch):
    rows = 2000 if batch == 1 else 200_000
    out = told([sys.executable, ROOT / "bench/peers/durable-sqlite.py", Path(folder) / f"log-{time.monotonic_ns()}.db", rows, batch])
    return float(out.split()[1])


def redis(folder, pipeline):
    """XADD with appendfsync always, 50 clients."""
    if not (shutil.which("redis-server") and shutil.which("redis-benchmark")):
        return None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = tempfile.mkdtemp(dir=folder)
    server = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", home, "--appendonly", "yes", "--appendfsync", "always",
                               "--save", ""], stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_SECONDS
        while subprocess.run(["redis-cli", "-p", str(port), "ping"], capture_output=True).returncode != 0 and time.monotonic() < until:
            time.sleep(0.1)
        rows = 50_000 if pipeline == 1 else 500_000
        out = told(["redis-benchmark", "-p", port, "-c", 50, "-P", pipeline, "-n", rows, "-q", "XADD", "log", "*", "d", "x" * 200])
        return float(re.findall(r"([\d.]+) requests per second", out)[-1])
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(home)


def ours(program, folder):
    """Each line that it prints: name -> rows/s, p50, p99 in microseconds."""
    out = told([ROOT / f"build/release/bench_{program}", "."], cwd=folder)
    before = "durable edge, " if program == "durable-edge" else ""
    return {before + name.strip(): (float(rate), float(p50), float(p99))
            for name, rate, p50, p99 in re.findall(r"^(\S.*?)\s{2,}(\d+) rows/s\s+p50\s+(\d+) us\s+p99\s+(\d+) us", out, re.M)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", default=str(ROOT / "build"))
    arguments = parser.parse_args()
    subprocess.run(["tools/build", "release", *(f"bench_{name}" for name in PROGRAMS)], check=True)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        runs = [{**ours("journal", folder), **ours("durable-edge", folder)} for _ in range(arguments.runs)]
        middle = {name: tuple(statistics.median(run[name][i] for run in runs) for i in range(3)) for name in runs[0]}
        for name, (rate, p50, p99) in middle.items():
            print(f"   {name:52} {rate:11,.0f} rows/s  p50 {p50:7,.0f} us  p99 {p99:7,.0f} us")
        alone = middle["durable edge, a row alone"][0]
        many = middle["durable edge, batches of 100, 20,000 rows under way"][0]
        peers = (("SQLite WAL, 1 row a transaction", lambda: sqlite(folder, 1), alone), ("SQLite WAL, 100 rows a transaction", lambda: sqlite(folder, 100), many),
                 ("Redis Streams, 50 clients", lambda: redis(folder, 1), many), ("Redis Streams, 100 rows pipelined", lambda: redis(folder, 100), many))
        for name, measure, mine in peers:
            found = [rate for rate in (measure() for _ in range(arguments.runs)) if rate]
            if not found:
                print(f"   {name:52} skipped: not here")
                continue
            rate = statistics.median(found)
            print(f"   {name:52} {rate:11,.0f} rows/s  ours/this {mine / rate:7.2f}")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
