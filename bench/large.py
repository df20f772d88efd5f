#!/usr/bin/env python3
# How long a GET of a small flow takes while others send documents of 10 MB: the server on core 0, all clients on core 1.
#   bench/large.py [--seconds 10] [--clients 4] [--mib 10] [--weir build/bin/weir]
import argparse
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from servers import ROOT, Service

FLOW = {"id": "small", "version": "1.0.0", "nodes": [{"id": "rows", "typeId": "generate/pattern", "version": "1.0.0", "settings": {"rows": 2}}], "edges": []}
SENDER = """
import http.client, sys, time
port, token, name, file, seconds = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], float(sys.argv[5])
body = open(file, "rb").read().replace(b"@name", name.encode())
headers = {"authorization": "Bearer " + token, "content-type": "application/json", "if-match": "*"}
connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
connection.request("POST", "/api/v1/flows", body, headers)
answer = connection.getresponse()
answer.read()
done, end = 0, time.monotonic() + seconds
while time.monotonic() < end and answer.status in (200, 201):
    connection.request("PUT", "/api/v1/flows/" + name, body.replace(b"@change", b"@chang" + b"%d" % (done % 10)), headers)
    answer = connection.getresponse()
    answer.read()
    done += 1
print(done if answer.status in (200, 201) else answer.status * -1)
"""


def large(mib):
    """A document of so many MiB, most of it settings of nodes."""
    nodes, size, number = [], 0, 0
    while size < mib * 1024 * 1024 - 4096:
        node = {"id": f"node-{number}", "typeId": "logic/map", "version": "1.0.0", "name": "@change" if number == 0 else f"the {number}th",
                "settings": {"set": {f"field{i}": f"row.value * {i} + {number}" for i in range(20)}}, "position": {"x": number, "y": number * 2}}
        nodes.append(node)
        size += len(json.dumps(node, separators=(",", ":"))) + 1
        number += 1
    return json.dumps({"id": "@name", "version": "1.0.0", "nodes": nodes, "edges": []}, separators=(",", ":"))


def milliseconds(port, token, seconds, path="/api/v1/flows/small"):
    """How long each GET took, one after the other."""
    os.sched_setaffinity(0, {1})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    took, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        connection.request("GET", path, headers={"authorization": "Bearer " + token})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"GET {path} is answered with {answer.status}")
        took.append((time.perf_counter() - began) * 1e3)
        time.sleep(0.002)
    return sorted(took)


def show(title, took):
    print(f"   {title:34} {len(took):6,} GETs  p50 {statistics.median(took):8.2f} ms  p99 {took[int(len(took) * 0.99)]:8.2f} ms  longest {took[-1]:8.2f} ms", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", default=str(ROOT / "build/bin/weir"))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--mib", type=float, default=9.9)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.json"
        file.write_text(large(arguments.mib))
        server = Service(arguments.weir, tempfile.mkdtemp(dir=folder))
        if server.port is None:
            sys.exit("the server did not start: " + server.said("err"))
        try:
            token = server.token()
            server.ask("POST", "/api/v1/flows", json.dumps(FLOW), {"authorization": "Bearer " + token})
            show("alone", milliseconds(server.port, token, arguments.seconds / 2))
            senders = [subprocess.Popen(["taskset", "-c", "1", sys.executable, "-c", SENDER, str(server.port), token, f"large-{i}", str(file), str(arguments.seconds)],
                                        stdout=subprocess.PIPE, text=True) for i in range(arguments.clients)]
            took = milliseconds(server.port, token, arguments.seconds)
            done = [int(sender.communicate()[0] or -1) for sender in senders]
            if min(done) < 0:
                sys.exit(f"a document was refused: {done}")
            show(f"beside {arguments.clients} who send {arguments.mib:g} MiB", took)
            print(f"   {sum(done) / arguments.seconds:.1f} documents/s", flush=True)
        finally:
            server.stop()


if __name__ == "__main__":
    os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="weir-bench-config-")
    try:
        main()
    finally:
        shutil.rmtree(os.environ["XDG_CONFIG_HOME"], ignore_errors=True)
