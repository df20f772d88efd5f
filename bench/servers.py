# What the benchmarks of servers share: a server on one core, wrk on the other.
import http.client
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
START_SECONDS = 60


class Server:
    """One server on core 0; its first words name its port, which is None if it did not start."""

    def __init__(self, command, says=r"port (\d+)", stream="out", environment=None):
        self.began = time.perf_counter()
        # Into files: a server whose words nobody reads would wait for a reader.
        self.words = {name: tempfile.TemporaryFile() for name in ("out", "err")}
        self.process = subprocess.Popen(["taskset", "-c", "0", *map(str, command)], stdout=self.words["out"], stderr=self.words["err"], env=environment)
        until, self.port = time.monotonic() + START_SECONDS, None
        while self.port is None and time.monotonic() < until:
            ended = self.process.poll() is not None
            if found := re.search(says + r"\s", self.said(stream)):
                self.port = int(found[1])
            elif ended:
                break
            else:
                time.sleep(0.001)

    def said(self, stream):
        return os.pread(self.words[stream].fileno(), 65536, 0).decode(errors="replace")

    def ask(self, method, path, body=None, headers=()):
        """Headers and text of the answer; ends the benchmark if it is an error."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {**({"content-type": "application/json"} if body else {}), **dict(headers)})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status not in (200, 201):
            sys.exit(f"{method} {path} is answered with {answer.status}: {text}")
        return dict(answer.getheaders()), text

    def memory_mib(self):
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Service(Server):
    """`weir serve` over a data folder."""

    def __init__(self, weir, data, *more):
        super().__init__([weir, "serve", "--data", data, "--listen", "127.0.0.1:0", *more], r"listening at http://127.0.0.1:(\d+)", "err")
        self.data = Path(data)

    def token(self):
        """Of the first account, made by the setup link: every request of a measurement is authenticated."""
        code = (self.data / "setup-link").read_text().strip().split("#code=")[1]
        headers, text = self.ask("POST", "/api/v1/setup", json.dumps({"code": code, "name": "root", "password": "a password for the bench"}))
        cookie = next(value for name, value in headers.items() if name.lower() == "set-cookie").split(";")[0]
        session = {"cookie": cookie, "x-weir-csrf": json.loads(text)["csrf"]}
        _, text = self.ask("GET", "/api/v1/roles", headers=session)
        permissions = [name for role in json.loads(text)["roles"] if role["name"] == "admin" for name in role["permissions"]]
        _, text = self.ask("POST", "/api/v1/tokens", json.dumps({"name": "bench", "permissions": permissions}), session)
        return json.loads(text)["token"]


def microseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def flood(port, path, seconds, *options):
    """wrk on core 1 over 50 connections: requests a second, p50 and p99 in microseconds, requests."""
    told = subprocess.run(["taskset", "-c", "1", "wrk", "-t1", "-c50", f"-d{seconds}s", "--latency", *map(str, options), f"http://127.0.0.1:{port}{path}"],
                          capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        sys.exit(told)
    times = dict(re.findall(r"(50|99)%\s+([\d.]+\w+)", told))
    return float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]), microseconds(times["50"]), microseconds(times["99"]), int(re.search(r"(\d+) requests in", told)[1])
