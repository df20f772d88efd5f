#!/usr/bin/env python3
# Measures `weir serve` and its peers, server and client on a core each, under wrk -t1 -c50; every request to ours is authenticated.
#   get      GET of a flow of 1.4 KB, beside Fastify and bare Node.js
#   execute  POST /execute of a small flow, answered with its events: the same each time, and another one each time
#   update   PUT of a flow of 1.4 KB by 50 clients, each acknowledged after fsync; the data folder in the clear and encrypted, beside SQLite by itself
#   start    from start to the first answer, and the memory held while nothing is asked
#   bench/service.py [--runs 3] [--seconds 10] [--only get]
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from servers import NPM, PEERS, ROOT, Server, Service, flood

FLOW = "/api/v1/flows/orders"
CLIENTS, FLOWS = 50, 500


def flow(name="orders"):
    """A document of about 1.4 KB."""
    nodes = [{"id": "read", "typeId": "generate/pattern", "version": "1.0.0", "settings": {}}]
    nodes += [{"id": f"price-{i}", "typeId": "logic/map", "version": "1.0.0", "settings": {"set": {"total": f"row.value * {i}.5 + row.value"}}} for i in range(6)]
    edges = [{"id": f"e{i}", "source": {"node": a["id"], "port": "rows"}, "target": {"node": b["id"], "port": "rows"}} for i, (a, b) in enumerate(zip(nodes, nodes[1:]))]
    return {"id": name, "version": "1.0.0", "metadata": {"description": "@"}, "nodes": nodes, "edges": edges}


def small_flow():
    """Two rows through one node."""
    nodes = [{"id": "rows", "typeId": "generate/pattern", "version": "1.0.0", "settings": {"rows": 2}},
             {"id": "square", "typeId": "logic/map", "version": "1.0.0", "settings": {"set": {"square": "row.id * row.id"}}}]
    return {"id": "small", "version": "1.0.0", "nodes": nodes, "edges": [{"id": "e1", "source": {"node": "rows", "port": "rows"}, "target": {"node": "square", "port": "rows"}}]}


def compact(document):
    return json.dumps(document, separators=(",", ":"))


def posts(folder, body, token):
    """A script for wrk that posts one body."""
    script = Path(folder) / "post.lua"
    script.write_text(f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.headers["Authorization"] = "Bearer {token}"\nwrk.body = [[{body}]]\n')
    return script


def different(folder, body, token):
    """A script for wrk that posts a document which the server has never seen, each time."""
    before, after = body.split("row.id * row.id")
    script = Path(folder) / "different.lua"
    script.write_text(f'local headers = {{["Content-Type"] = "application/json", ["Authorization"] = "Bearer {token}"}}\nlocal count = 0\n'
                      f'request = function()\n  count = count + 1\n'
                      f'  return wrk.format("POST", "/execute", headers, [[{before}row.id * row.id + ]] .. count .. [[{after}]])\nend\n')
    return script


def changes(folder, token):
    """A script for wrk that changes one of many flows with each request, each time into something else."""
    before, after = compact(flow("flow-@")).split("flow-@")[0], compact(flow("flow-@")).split("flow-@")[1]
    middle, end = after.split("@")
    script = Path(folder) / "change.lua"
    script.write_text(f'local headers = {{["Content-Type"] = "application/json", ["Authorization"] = "Bearer {token}", ["If-Match"] = "*"}}\nlocal count = 0\n'
                      f'request = function()\n  count = count + 1\n  local name = "flow-" .. count % {FLOWS}\n'
                      f'  return wrk.format("PUT", "/api/v1/flows/" .. name, headers, [[{before}]] .. name .. [[{middle}]] .. count .. [[{end}]])\nend\n')
    return script


def served(weir, folder, *more):
    """A new server, and a token of it; without one there is nothing to measure."""
    # One caller is the whole of the load here.
    server = Service(weir, tempfile.mkdtemp(dir=folder), "--changes-per-second", "0", *more)
    if server.port is None:
        server.stop()
        sys.exit("the server did not start: " + server.said("err"))
    return server, server.token()


def get_ours(weir, folder, seconds):
    server, token = served(weir, folder)
    try:
        authorization = f"Bearer {token}"
        server.ask("POST", "/api/v1/flows", compact(flow()), {"authorization": authorization})
        return flood(server.port, FLOW, seconds, "-H", f"Authorization: {authorization}")
    finally:
        server.stop()


def peer(command):
    def measure(_, __, seconds):
        server = Server(command)
        try:
            return None if server.port is None else flood(server.port, FLOW, seconds)
        finally:
            server.stop()
    return measure


def execute(script):
    def measure(weir, folder, seconds):
        # All clients are one person, of whom fewer executions at once are taken otherwise.
        server, token = served(weir, folder, "--executions-of-one", "64")
        try:
            # What is refused or fails inside of its stream is answered with 200 as well.
            _, events = server.ask("POST", "/execute", compact({"flow": small_flow()}), {"authorization": f"Bearer {token}"})
            if '"outcome":"done"' not in events:
                sys.exit(f"the flow is not executed: {events}")
            return flood(server.port, "/execute", seconds, "-s", script(folder, compact({"flow": small_flow()}), token))
        finally:
            server.stop()
    return measure


def update(*more):
    def measure(weir, folder, seconds):
        server, token = served(weir, folder, *more)
        try:
            for i in range(FLOWS):
                server.ask("POST", "/api/v1/flows", compact(flow(f"flow-{i}")), {"authorization": f"Bearer {token}"})
            return flood(server.port, "/", seconds, "-s", changes(folder, token))
        finally:
            server.stop()
    return measure


def sqlite(batch):
    """SQLite by itself, one client and so many rows a transaction."""
    def measure(_, folder, seconds):
        command = ["taskset", "-c", "0", "python3", PEERS / "store-sqlite.py", tempfile.mkdtemp(dir=folder), seconds, batch]
        told = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout
        words = told.split()
        return float(words[1]), float(words[3]), float(words[6]), 0
    return measure


def start(weir, folder):
    """Milliseconds to the first answer of a server that is started again over its data, and the MiB that it holds idle."""
    data = tempfile.mkdtemp(dir=folder)
    Service(weir, data).stop()
    again = Service(weir, data)
    try:
        again.ask("GET", "/api/v1/health")
        ready = (time.perf_counter() - again.began) * 1e3
        return ready, again.memory_mib()
    finally:
        again.stop()


def table(title, contestants, arguments, folder):
    print(f"   {title}", flush=True)
    results = {}
    for _ in range(arguments.runs):
        for name, measure in contestants:
            if (found := measure(arguments.weir, folder, arguments.seconds)) is not None:
                results.setdefault(name, []).append(found)
    first = None
    for name, _ in contestants:
        if name not in results:
            print(f"   {name:24} skipped: not here or failed")
            continue
        rate, p50, p99, _ = (statistics.median(column) for column in zip(*results[name]))
        first = first or rate
        print(f"   {name:24} {rate:9,.0f} requests/s  p50 {p50:6.0f} us  p99 {p99:6.0f} us  ours/this {first / rate:6.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", default=str(ROOT / "build/bin/weir"))
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=["get", "execute", "update", "start"])
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed")
    wanted = lambda name: arguments.only in (None, name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "flow.json"
        file.write_text(compact(flow()))
        if wanted("get"):
            table(f"GET of a flow of {file.stat().st_size} bytes", [
                ("ours", get_ours),
                ("Fastify", peer(["node", PEERS / "flow-fastify.mjs", NPM, file])),
                ("Fastify with a schema", peer(["node", PEERS / "flow-fastify.mjs", NPM, file, "schema"])),
                ("Node.js alone", peer(["node", PEERS / "flow-node.mjs", file])),
            ], arguments, folder)
        if wanted("execute"):
            table("POST /execute of two rows through one node", [("the same document", execute(posts)), ("another each time", execute(different))], arguments, folder)
        if wanted("update"):
            table(f"PUT of a flow by {CLIENTS} clients, after fsync", [
                ("in the clear", update("--no-encryption")),
                ("encrypted", update()),
                ("SQLite, a row at once", sqlite(1)),
                ("SQLite, fifty at once", sqlite(50)),
            ], arguments, folder)
        if wanted("start"):
            ready, idle = (statistics.median(column) for column in zip(*(start(arguments.weir, folder) for _ in range(arguments.runs))))
            print(f"   start {ready:,.0f} ms to the first answer, {idle:.1f} MiB held by an idle server", flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    # Its master key goes with the data.
    os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="weir-bench-config-")
    try:
        main()
    finally:
        shutil.rmtree(os.environ["XDG_CONFIG_HOME"], ignore_errors=True)
