#!/usr/bin/env python3
# Measures `weir serve` and its peers, server and client on a core each: GET of a flow of 1.4 KB under wrk -t1 -c50; of
# ours, which looks at a token each time, also the time from start to the first answer, and the memory that it holds while nothing is asked.
#   bench/service.py [--runs 3] [--seconds 10] [--only ours]
import argparse
import http.client
import json
import os
import re
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench/peers"
NPM = ROOT / "build/bench-peers/npm"
PATH = "/api/v1/flows/orders"
START_SECONDS = 60


def flow():
    """A document of about 1.4 KB."""
    nodes = [{"id": "read", "typeId": "generate/pattern", "version": "1.0.0", "settings": {}}]
    nodes += [{"id": f"price-{i}", "typeId": "logic/map", "version": "1.0.0", "settings": {"set": {"total": f"row.value * {i}.5 + row.value"}}} for i in range(6)]
    edges = [{"id": f"e{i}", "source": {"node": a["id"], "port": "rows"}, "target": {"node": b["id"], "port": "rows"}} for i, (a, b) in enumerate(zip(nodes, nodes[1:]))]
    return {"id": "orders", "version": "1.0.0", "nodes": nodes, "edges": edges}


class Server:
    """One server on core 0; its first words name its port."""

    def __init__(self, command, says, stream):
        self.began = time.perf_counter()
        self.process = subprocess.Popen(["taskset", "-c", "0", *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out = self.process.stdout if stream == "out" else self.process.stderr
        until, self.port = time.monotonic() + START_SECONDS, None
        while self.port is None and time.monotonic() < until:
            if not select.select([out], [], [], 1)[0]:
                continue
            line = out.readline()
            if line == "":
                break
            if found := re.search(says, line):
                self.port = int(found[1])

    def ask(self, method, path, body=None, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {**({"content-type": "application/json"} if body else {}), **dict(headers)})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status not in (200, 201):
            sys.exit(f"{method} {path} is answered with {answer.status}: {text}")
        return dict(answer.getheaders()), text

    def token(self, data):
        """Of the first account, made by the setup link: every request of the measurement is authenticated."""
        code = (Path(data) / "setup-link").read_text().strip().split("#code=")[1]
        headers, text = self.ask("POST", "/api/v1/setup", json.dumps({"code": code, "name": "root", "password": "a password for the bench"}))
        cookie = next(value for name, value in headers.items() if name.lower() == "set-cookie").split(";")[0]
        session = {"cookie": cookie, "x-weir-csrf": json.loads(text)["csrf"]}
        _, text = self.ask("POST", "/api/v1/tokens", json.dumps({"name": "bench", "permissions": ["flow.read", "flow.edit"]}), session)
        return json.loads(text)["token"]

    def memory_mib(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()


def microseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def flood(port, seconds, *headers):
    """Requests a second, p50 and p99 in microseconds."""
    told = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", "-c50", f"-d{seconds}s", "--latency", *headers, f"http://127.0.0.1:{port}{PATH}"],
                          capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        sys.exit(told)
    times = dict(re.findall(r"(50|99)%\s+([\d.]+\w+)", told))
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]), microseconds(times["50"]), microseconds(times["99"])


def measure_ours(weir, folder, document, seconds):
    data = tempfile.mkdtemp(dir=folder)
    command = [weir, "serve", "--data", data, "--listen", "127.0.0.1:0"]
    says = r"listening at http://127.0.0.1:(\d+)"
    first = Server(command, says, "err")
    if first.port is None:
        first.stop()
        return None, None
    try:
        authorization = f"Bearer {first.token(data)}"
        first.ask("POST", "/api/v1/flows", document, {"authorization": authorization})
        flooded = flood(first.port, seconds, "-H", f"Authorization: {authorization}")
    finally:
        first.stop()
    # Started again over the same data: what a restart takes, and what it holds when nothing has been asked.
    again = Server(command, says, "err")
    try:
        again.ask("GET", "/api/v1/health")
        ready = (time.perf_counter() - again.began) * 1e3
        idle = again.memory_mib()
    finally:
        again.stop()
    return flooded, (ready, idle)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", default=str(ROOT / "build/bin/weir"))
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed")
    with tempfile.TemporaryDirectory() as folder:
        document = json.dumps(flow(), separators=(",", ":"))
        file = Path(folder) / "flow.json"
        file.write_text(document)
        peers = [("Fastify", ["node", PEERS / "flow-fastify.mjs", NPM, file]),
                 ("Fastify with a schema", ["node", PEERS / "flow-fastify.mjs", NPM, file, "schema"]),
                 ("Node.js alone", ["node", PEERS / "flow-node.mjs", file])]
        results, states = {}, []
        for _ in range(arguments.runs):
            if arguments.only in ("", "ours"):
                flooded, state = measure_ours(arguments.weir, folder, document, arguments.seconds)
                if flooded is not None:
                    results.setdefault("ours", []).append(flooded)
                    states.append(state)
            for name, command in peers:
                if arguments.only not in ("", name):
                    continue
                server = Server(command, r"port (\d+)", "out")
                if server.port is not None:
                    results.setdefault(name, []).append(flood(server.port, arguments.seconds))
                server.stop()
        print(f"   GET of a flow of {len(document)} bytes", flush=True)
        first = None
        for name in ["ours", *(name for name, _ in peers)]:
            if name not in results:
                if arguments.only in ("", name):
                    print(f"   {name:24} skipped: not here or failed")
                continue
            rate, p50, p99 = (statistics.median(column) for column in zip(*results[name]))
            first = first or rate
            print(f"   {name:24} {rate:9,.0f} requests/s  p50 {p50:6.0f} us  p99 {p99:6.0f} us  ours/this {first / rate:6.2f}", flush=True)
        if states:
            ready, idle = (statistics.median(column) for column in zip(*states))
            print(f"   {'ours, started again':24} {ready:9,.0f} ms to the first answer, {idle:.1f} MiB held", flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
