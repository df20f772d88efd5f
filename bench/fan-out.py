#!/usr/bin/env python3
# Measures how much of a core it takes to send one tap, about 200 bytes ten times a second, to many who watch it: by
# WebSocket, as Server-Sent Events, and by Node.js with ws and with Fastify; and by a program that does nothing but send, below which
# nobody gets. Server and clients on a core each. Times are between the making of a message and its coming, and between the first
# client that had it and each of the others. On a machine that is busy with other things servers make fewer messages: compare what one
# costs. `lost`: the part of what was made that did not come to a client.
#   bench/fan-out.py [--clients 1000] [--seconds 20] [--only weir-ws]
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench/peers"
NPM = ROOT / "build/bench-peers/npm"
PACKAGES = os.environ.get("WEIR_NODE_PACKAGES", str(ROOT / "package.json"))
SENDS = ROOT / "build/bench-peers/fan-out-sends"
SERVER = Path(os.environ.get("WEIR_FAN_OUT", ROOT / "build/release/bench_live-fan-out"))
PARTS = ["sends", "weir-ws", "weir-sse", "node-ws", "node-sse"]
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(pid):
    """Seconds of the processor that a process and those it started have used."""
    used = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid or int(fields[1]) == pid:
            used += int(fields[11]) + int(fields[12])
    return used / TICKS


def resident_of(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def started(command, log):
    process = subprocess.Popen(["taskset", "-c", "0", *map(str, command)], stdout=log, stderr=log, env={**os.environ, "WEIR_NODE_PACKAGES": PACKAGES})
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r"listening at http://[\d.]+:(\d+)", Path(log.name).read_text()):
            return process, int(found[1])
        time.sleep(0.05)
    raise SystemExit(f"{command[0]} did not start: {Path(log.name).read_text()}")


def measure(name, port, pid, kind, path, first, arguments):
    before = resident_of(pid)
    clients = subprocess.Popen(["taskset", "-c", "1", "node", PEERS / "fan-out-clients.mjs", str(port), kind, str(arguments.clients), path, first],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    connected = json.loads(clients.stdout.readline() or "{}").get("connected")
    time.sleep(2)
    held = resident_of(pid) - before
    clients.stdin.write("begin\n")
    clients.stdin.flush()
    cpu, began = cpu_of(pid), time.monotonic()
    time.sleep(arguments.seconds)
    cpu, took = cpu_of(pid) - cpu, time.monotonic() - began
    clients.stdin.write("end\n")
    clients.stdin.flush()
    seen = json.loads(clients.stdout.readline())
    clients.wait()
    return {"name": name, "clients": connected, "clientsAtEnd": seen["connected"], "corePercent": round(100 * cpu / took, 2), "microsecondsPerMessage": round(1e6 * cpu / max(1, seen["messages"]), 2), "bytesPerClient": held // max(1, connected),
            "messagesPerSecond": round(seen["messages"] / took), "lost": seen["lost"], "behindFirstP50Ms": seen.get("p50"), "behindFirstP99Ms": seen.get("p99"), "firstAfterP50Ms": seen.get("row50")}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--only", choices=PARTS)
    arguments = parser.parse_args()
    for name in PARTS:
        if arguments.only not in (None, name):
            continue
        if name == "sends" and not SENDS.is_file():
            print("sends: skipped, it is not built")
            continue
        if name == "node-ws" and not (Path(PACKAGES).parent / "node_modules/ws").is_dir():
            print("node-ws: skipped, the npm package ws is not installed")
            continue
        if name == "node-sse" and not (NPM / "node_modules/fastify").is_dir():
            print("node-sse: skipped, the npm package fastify is not installed")
            continue
        with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "log", "w", encoding="utf-8") as log:
            if name == "sends":
                process, port = started([SENDS], log)
                found = ("sse", "/", "")
            elif name == "node-ws":
                process, port = started(["node", PEERS / "fan-out-ws.mjs"], log)
                found = ("ws", "/", "")
            elif name == "node-sse":
                process, port = started(["node", PEERS / "fan-out-sse.mjs", NPM], log)
                found = ("sse", "/", "")
            else:
                process, port = started([SERVER], log)
                subscribe = {"v": 1, "type": "subscribe", "data": {"kind": "tap", "run": "bench", "edge": "tapped", "as": "json"}}
                found = ("ws", "/api/v1/live", json.dumps(subscribe)) if name == "weir-ws" else ("sse", "/api/v1/runs/bench/live/taps/tapped", "")
            try:
                seen = measure(name, port, process.pid, *found, arguments)
                print(json.dumps(seen), flush=True)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)
            # A server that sends less to fewer is no faster.
            if name.startswith("weir") and (seen["clientsAtEnd"] != arguments.clients or seen["messagesPerSecond"] == 0):
                sys.exit(f"{name}: of {arguments.clients} clients {seen['clientsAtEnd']} were there at the end, with {seen['messagesPerSecond']} messages a second")


if __name__ == "__main__":
    main()
