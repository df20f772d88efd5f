#!/usr/bin/env python3
# Measures http/webhook and its peers, server and client on a core each: requests a second under wrk, and answer times
# at a steady 1,000 a second over 50 connections. Of ours the rows counted in the flow must be the requests answered.
#   bench/webhook.py [--runs 3] [--seconds 10] [--only ours]
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import servers
from servers import NPM, PEERS, ROOT, Server

BODY = '{"id":"9f1c2d3e-0000-4000-8000-00000000abcd","device":"sensor-0042","site":"north-3","value":21.5,"unit":"celsius","seq":123456,"ok":true,"at":"2026-11-21T10:00:00Z","note":"'
BODY += "x" * (298 - len(BODY)) + '"}'


def ours(weir, folder):
    return Server([weir, "run", "-q", ROOT / "bench/flows/webhook.flow.json", "--listen", "127.0.0.1:0", "--threads", "1",
                   "--mount", f"o={folder}", "--set", "out=o:sum.ndjson"], r"listens at http://127.0.0.1:(\d+)", "err")


def peers(folder):
    yield "Fastify", ["node", PEERS / "webhook-fastify.mjs", NPM]
    yield "Node.js alone", ["node", PEERS / "webhook-node.mjs"]
    yield "Node-RED", ["node", PEERS / "webhook-node-red.mjs", NPM, folder]


def flood(port, script, seconds):
    return servers.flood(port, "/hook", seconds, "-s", script)


def steady(paced, port, seconds):
    """p50, p99, p99.9 in microseconds at 1,000 a second."""
    told = subprocess.run(["taskset", "-c", "1", str(paced), str(port), "1000", str(seconds), "50"], capture_output=True, text=True).stdout
    if " errors 0" not in told:
        sys.exit(f"steady: {told}")
    return tuple(float(number) for number in re.search(r"p50 (\d+) us\s+p99 (\d+) us\s+p99.9 (\d+) us", told).groups())


def count_rows(folder, expected):
    rows = json.loads((folder / "sum.ndjson").read_text())["rows"]
    # Requests that wrk abandons at its end are in the flow, too.
    if not expected <= rows <= expected + 50:
        sys.exit(f"{expected} requests were answered, {rows} rows arrived")


def measure(start, paced, script, seconds, counted=None):
    server = start()
    if server.port is None:
        server.stop()
        return None
    try:
        flooded = flood(server.port, script, seconds)
    finally:
        server.stop()
    if counted:
        count_rows(counted, flooded[3])
    server = start()
    try:
        even = steady(paced, server.port, seconds)
    finally:
        server.stop()
    if counted:
        count_rows(counted, 1000 * seconds)
    return *flooded[:3], *even


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", default=str(ROOT / "build/bin/weir"))
    parser.add_argument("--paced", default=str(ROOT / "build/release/bench_webhook-paced"))
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed")
    with tempfile.TemporaryDirectory() as holder:
        folder = Path(holder)
        script = folder / "post.lua"
        script.write_text(f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [[{BODY}]]\n')
        contestants = [("ours", lambda: ours(arguments.weir, folder), folder)]
        contestants += [(name, lambda command=command: Server(command), None) for name, command in peers(folder)]
        results = {}
        for _ in range(arguments.runs):
            for name, start, counted in contestants:
                if arguments.only in ("", name) and (found := measure(start, arguments.paced, script, arguments.seconds, counted)):
                    results.setdefault(name, []).append(found)
        first = None
        for name, *_ in contestants:
            if name not in results:
                if arguments.only in ("", name):
                    print(f"   {name:24} skipped: not here or failed")
                continue
            rate, p50, p99, even50, even99, even999 = (statistics.median(column) for column in zip(*results[name]))
            first = first or rate
            print(f"   {name:24} {rate:9,.0f} requests/s  p50 {p50:6.0f} us  p99 {p99:6.0f} us  ours/this {first / rate:6.2f}"
                  f"   at 1,000/s: p50 {even50:5.0f} us  p99 {even99:5.0f} us  p99.9 {even999:6.0f} us", flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
