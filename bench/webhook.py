#!/usr/bin/env python3
# Measures http/webhook: requests a second under wrk with the server on one core, and answer times at a steady 1,000 a
# second over 50 connections. The rows counted by the flow must be the requests answered.
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BODY = '{"id":"9f1c2d3e-0000-4000-8000-00000000abcd","device":"sensor-0042","site":"north-3","value":21.5,"unit":"celsius","seq":123456,"ok":true,"at":"2026-11-21T10:00:00Z","note":"'
BODY += "x" * (298 - len(BODY)) + '"}'


def listen(weir, folder):
    command = ["taskset", "-c", "0", weir, "run", "-q", str(ROOT / "bench/flows/webhook.flow.json"), "--listen", "127.0.0.1:0", "--threads", "1",
               "--mount", f"o={folder}", "--set", "out=o:sum.ndjson"]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for line in run.stderr:
        if found := re.search(r"listens at http://127.0.0.1:(\d+)", line):
            return run, int(found[1])
    sys.exit("the flow does not listen")


def finish(run, folder, expected):
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=60)
    rows = json.loads((folder / "sum.ndjson").read_text())["rows"]
    # Requests that wrk abandons at its end are in the flow, too.
    if not expected <= rows <= expected + 50:
        sys.exit(f"{expected} requests were answered, {rows} rows arrived")
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weir", default=str(ROOT / "build/bin/weir"))
    parser.add_argument("--paced", default=str(ROOT / "build/release/bench_webhook-paced"))
    parser.add_argument("--seconds", type=int, default=10)
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed")
    with tempfile.TemporaryDirectory() as holder:
        folder = Path(holder)
        script = folder / "post.lua"
        script.write_text(f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [[{BODY}]]\n')
        run, port = listen(arguments.weir, folder)
        wrk = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", "-c50", f"-d{arguments.seconds}s", "--latency", "-s", str(script),
                              f"http://127.0.0.1:{port}/hook"], capture_output=True, text=True, check=True).stdout
        count = int(re.search(r"(\d+) requests in", wrk)[1])
        if "Non-2xx" in wrk or "Socket errors" in wrk:
            sys.exit(wrk)
        rows = finish(run, folder, count)
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", wrk)[1])
        times = dict(re.findall(r"(50|99)%\s+([\d.]+\w+)", wrk))
        print(f"unlimited: {rate:,.0f} requests/s, p50 {times['50']}, p99 {times['99']}, {rows:,} rows in the flow")
        if Path(arguments.paced).exists():
            run, port = listen(arguments.weir, folder)
            paced = subprocess.run(["taskset", "-c", "1", arguments.paced, str(port), "1000", str(arguments.seconds), "50"], capture_output=True, text=True)
            finish(run, folder, 1000 * arguments.seconds)
            print("steady:    " + (paced.stdout or paced.stderr).strip())


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
