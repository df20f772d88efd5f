#!/usr/bin/env python3
# A server under many people, and what a client sees while it is killed, upgraded and given new certificates. Short as a
# test; with WEIR_SOAK_MINUTES=30 (make soak-service) as long as that, with times and availability demanded.
import http.client
import json
import os
import random
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import WEIR, chain, node, signals_as_from_a_shell, until  # noqa: E402
from servers import POSTGRES, PostgreSql  # noqa: E402
from serving import ServeTest  # noqa: E402

SOAK_SECONDS = 60 * float(os.environ.get("WEIR_SOAK_MINUTES", "0"))
PEOPLE, WATCHING, RUNNING, ACCOUNTS = 100, 1_000, 20, 10
SECONDS = SOAK_SECONDS or 10
PATIENCE = 120
# Of a soak: what is answered later than this was not there for who asked.
LATE = 5


def flow(name, note="", **settings):
    source = node("count", "generate/pattern", **settings)
    kept = node("square", "logic/map", set={"square": "row.id * row.id"})
    return {"id": name, "version": "1.0.0", "metadata": {"description": note}, "nodes": [source, kept], "edges": chain(source, kept)}


def quantile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] if times else 0


class Person(threading.Thread):
    """Edits a flow of their own, reads it, lists, runs it now and then, kept or not; keeps what was acknowledged, and what took how long."""

    def __init__(self, server, number, ends, token):
        super().__init__(daemon=True)
        self.server, self.number, self.ends, self.token = server, number, ends, token
        self.times, self.problems, self.edits, self.executions, self.runs = [], [], 0, 0, []
        self.chance = random.Random(number)

    def ask(self, method, path, body=None, expected=(200, 201), counts=True, **headers):
        began = time.monotonic()
        self.connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body),
                                {"authorization": f"Bearer {self.token}", "content-type": "application/json", **headers})
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if counts:
            self.times.append(time.monotonic() - began)
        if answer.status not in expected:
            self.problems.append(f"{method} {path}: {answer.status} {text[:300]}")
        return answer, text

    def run(self):
        self.connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=PATIENCE)
        name = f"person-{self.number}"
        try:
            answer, _ = self.ask("POST", "/flows", flow(name, "0", rows=2))
            tag = answer.getheader("etag")
            while time.monotonic() < self.ends:
                # As one who knows the state that they change: an edit that got lost would be refused or seen.
                answer, _ = self.ask("PUT", f"/flows/{name}", flow(name, str(self.edits + 1), rows=2), **{"if-match": tag})
                tag = answer.getheader("etag")
                self.edits += 1
                _, text = self.ask("GET", f"/flows/{name}")
                if json.loads(text).get("description") != str(self.edits):
                    self.problems.append(f"edit {self.edits} of {name} is lost: {text[:300]}")
                self.ask("GET", "/flows?limit=20")
                if self.chance.random() < 0.1:
                    self.ask("POST", "/execute", {"flow": flow(name, rows=2)}, counts=False)
                    self.executions += 1
                if self.chance.random() < 0.1 or not self.runs:
                    _, text = self.ask("POST", f"/flows/{name}/runs", {"version": "draft"})
                    self.runs.append(json.loads(text).get("id"))
                time.sleep(self.chance.random())
        except Exception as problem:  # whoever stops early would make it easier for the others
            self.problems.append(f"{name}: {problem!r}")
        finally:
            self.connection.close()


class L1(ServeTest):
    def accounts(self, server):
        """Tokens of accounts that may do everything with flows."""
        def ask(path, body):
            status, _, said = server.ask("POST", f"/api/v1{path}", body)
            self.assertEqual(status, 201, said)
            return json.loads(said)
        tokens = []
        for i in range(ACCOUNTS):
            user = ask("/users", {"name": f"team-{i}", "service": True})["id"]
            ask("/grants", {"user": user, "role": "admin", "folder": ""})
            permissions = ["flow.read", "flow.edit", "run.start", "data.read", "run.debug"]
            tokens.append(ask(f"/users/{user}/tokens", {"name": "test", "permissions": permissions})["token"])
        return tokens

    def watching(self, server, token, path, upgrade):
        """A connection that is opened and then only kept; nothing is asked over it."""
        wire = socket.create_connection((server.host, server.port), timeout=PATIENCE)
        self.addCleanup(wire.close)
        wire.sendall((f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n" + upgrade + "\r\n").encode())
        return wire

    def test_L1_a_hundred_people_edit_and_run_while_twenty_flows_run_and_two_thousand_watch(self):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit[1], 16_384), limit[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limit)
        server = self.serve()
        ask = lambda *words, **more: server.ask(*words, **more)
        runs = []
        for i in range(RUNNING):
            self.assertEqual(ask("POST", "/api/v1/flows", flow(f"running-{i}", rows=0, rate=50, batchRows=5))[0], 201)
            status, _, said = ask("POST", f"/api/v1/flows/running-{i}/versions", {"publish": True})
            self.assertEqual(status, 201, said)
            status, _, said = ask("POST", f"/api/v1/flows/running-{i}/runs", {})
            self.assertEqual(status, 201, said)
            runs.append(json.loads(said)["id"])
        state = lambda run: json.loads(ask("GET", f"/api/v1/runs/{run}")[2])["state"]
        until(lambda: all(state(run) == "running" for run in runs), PATIENCE)
        tokens = self.accounts(server)
        socket_please = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        idle = [self.watching(server, tokens[i % ACCOUNTS], f"/api/v1/runs/{runs[i % RUNNING]}/live/progress", "Accept: text/event-stream\r\n") for i in range(WATCHING)]
        idle += [self.watching(server, tokens[i % ACCOUNTS], "/api/v1/live", socket_please) for i in range(WATCHING)]
        heads = [wire.recv(1_000).decode() for wire in idle]
        opened = [head.split(" ")[1] for head in heads]
        self.assertEqual((opened.count("200"), opened.count("101")), (WATCHING, WATCHING), next((head for head in heads if head.split(" ")[1] not in ("200", "101")), ""))

        people = [Person(server, i, time.monotonic() + SECONDS, tokens[i % ACCOUNTS]) for i in range(PEOPLE)]
        for person in people:
            person.start()
        for person in people:
            person.join(SECONDS + PATIENCE)
        times = [one for person in people for one in person.times]
        print(f"\nL1: {len(times)} requests, {sum(person.edits for person in people)} edits, {sum(person.executions for person in people)} executions, {sum(len(person.runs) for person in people)} runs, "
              f"p50 {1e3 * quantile(times, 0.5):.1f} ms, p99 {1e3 * quantile(times, 0.99):.1f} ms", flush=True)
        self.assertEqual([problem for person in people for problem in person.problems], [])
        for person in people:
            self.assertEqual(json.loads(ask("GET", f"/api/v1/flows/person-{person.number}")[2])["description"], str(person.edits))
            self.assertGreater(person.edits, 0)
            self.assertGreater(len(person.runs), 0)
            for run in person.runs:
                until(lambda run=run: state(run) not in ("starting", "running"), PATIENCE)
                self.assertEqual(state(run), "done", run)
        self.assertEqual([state(run) for run in runs], ["running"] * RUNNING)
        if SOAK_SECONDS:
            self.assertLess(quantile(times, 0.99), 0.2)


class Kept:
    """What systemd does for weir.socket and weir.service: holds the socket, and starts the server again when it has ended."""

    HAND_OVER = 'exec 3<&"$0"; LISTEN_PID=$$ exec "$@"'

    def __init__(self, test, *arguments):
        self.test, self.arguments, self.binary = test, arguments, str(WEIR)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.starts, self.ending, self.process, self.codes = 0, False, None, []
        self.log = (test.folder / "kept.log").open("ab")
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()
        test.addCleanup(self.end)

    def keep(self):
        while not self.ending:
            number = self.listener.fileno()
            self.process = subprocess.Popen(["bash", "-c", self.HAND_OVER, str(number), self.binary, "serve", *self.arguments], cwd=self.test.folder, pass_fds=(number,),
                                            stdout=self.log, stderr=self.log, env={**os.environ, "LISTEN_FDS": "1"}, preexec_fn=signals_as_from_a_shell)
            self.starts += 1
            self.codes.append(self.process.wait())

    def said(self):
        return (self.test.folder / "kept.log").read_text()

    def again(self, number):
        """Ends the server; it is there again when it says so."""
        before, heard = self.starts, self.said().count("listening at")
        self.process.send_signal(number)
        until(lambda: self.starts > before and self.said().count("listening at") > heard, PATIENCE)

    def end(self):
        self.ending = True
        self.process.kill()
        self.thread.join(PATIENCE)
        self.listener.close()
        self.log.close()


class Prober(threading.Thread):
    """Ten requests a second, each over a connection of its own, and whether they were answered as they should be."""

    def __init__(self, kept, path, token):
        super().__init__(daemon=True)
        self.kept, self.path, self.token = kept, path, token
        self.ending, self.sent, self.failed, self.slowest = threading.Event(), 0, [], 0.0

    def one(self):
        began = time.monotonic()
        connection = http.client.HTTPSConnection("127.0.0.1", self.kept.port, timeout=30, context=ssl._create_unverified_context())
        try:
            connection.request("GET", self.path, headers={"authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            answer.read()
            if SOAK_SECONDS and time.monotonic() - began > LATE:
                return f"answered after {time.monotonic() - began:.1f} s"
            return None if answer.status == 200 else f"answered with {answer.status}"
        except (OSError, http.client.HTTPException) as problem:
            return repr(problem)
        finally:
            connection.close()

    def run(self):
        following = time.monotonic()
        while not self.ending.wait(max(0.0, following - time.monotonic())):
            following += 0.1
            began = time.monotonic()
            self.sent += 1
            if problem := self.one():
                self.failed.append(problem)
            self.slowest = max(self.slowest, time.monotonic() - began)

    def end(self):
        self.ending.set()
        self.join(PATIENCE)
        return 1 - len(self.failed) / self.sent


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
class Availability(ServeTest):
    def certificate(self, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", str(self.folder / "new.key"), "-out", str(self.folder / "new.crt")], check=True, capture_output=True)
        for part in ("key", "crt"):
            os.replace(self.folder / f"new.{part}", self.folder / f"tls.{part}")

    def shown(self, kept):
        return ssl.get_server_certificate(("127.0.0.1", kept.port))

    def account(self, kept):
        """A token, by way of the setup link."""
        def ask(path, body=None, **headers):
            connection = http.client.HTTPSConnection("127.0.0.1", kept.port, timeout=PATIENCE, context=ssl._create_unverified_context())
            connection.request("POST" if body else "GET", "/api/v1" + path, json.dumps(body) if body else None, {"content-type": "application/json", **headers})
            answer = connection.getresponse()
            text = answer.read().decode()
            connection.close()
            self.assertIn(answer.status, (200, 201), text)
            return answer, json.loads(text)
        link = self.folder / "data/setup-link"
        until(link.exists, PATIENCE)
        code = until(lambda: re.search(r"#code=(\S+)", link.read_text()), PATIENCE)[1]
        answer, made = ask("/setup", {"code": code, "name": "root", "password": "a password for tests"})
        session = {"cookie": answer.getheader("set-cookie").split(";")[0], "x-weir-csrf": made["csrf"]}
        roles = ask("/roles", **session)[1]["roles"]
        permissions = [name for role in roles if role["name"] == "admin" for name in role["permissions"]]
        token = ask("/tokens", {"name": "test", "permissions": permissions}, **session)[1]["token"]
        ask("/flows", flow("probed", rows=1), authorization=f"Bearer {token}")
        return token

    def test_kills_an_upgrade_and_a_new_certificate_refuse_nobody(self):
        self.certificate("first")
        more = []
        database = None
        if SOAK_SECONDS and (POSTGRES / "postgres").exists():
            database = PostgreSql(self, self.folder / "postgres")
            more = ["--database-url", database.url]
        kept = Kept(self, "--data", "data", "--tls-cert", "tls.crt", "--tls-key", "tls.key", *more)
        token = self.account(kept)
        prober = Prober(kept, "/api/v1/flows/probed", token)
        prober.start()
        chance, ends, kills, rounds = random.Random(12), time.monotonic() + SOAK_SECONDS, 0, 0
        restarts = 0
        while rounds == 0 or time.monotonic() < ends:
            rounds += 1
            for _ in range(3):
                time.sleep(chance.random() * (30 if SOAK_SECONDS else 1))
                kept.again(signal.SIGKILL)
                kills += 1
            before = self.shown(kept)
            self.certificate(f"round-{rounds}")
            kept.process.send_signal(signal.SIGHUP)
            until(lambda: self.shown(kept) != before, PATIENCE)  # noqa: B023
            # An upgrade: another binary, begun when the one before has answered what it had.
            newer = self.folder / f"weir-{rounds}"
            shutil.copy2(kept.binary, newer)
            kept.binary = str(newer)
            kept.again(signal.SIGTERM)
            self.assertIn(f"/weir-{rounds}", os.readlink(f"/proc/{kept.process.pid}/exe"))
            if database and rounds % 5 == 0:
                database.stop()
                database.start()
                restarts += 1
        asked = prober.sent
        until(lambda: prober.sent > asked + 5, PATIENCE)
        share = prober.end()
        print(f"\navailability: {100 * share:.3f} % of {prober.sent} requests, the slowest {prober.slowest:.2f} s; {kills} kills, {rounds} upgrades and certificates, {restarts} restarts of the database", flush=True)
        # It has ended when it was made to, and at no other time.
        self.assertEqual(sorted(kept.codes), [-signal.SIGKILL] * kills + [0] * rounds, kept.said()[-2000:])
        # A kill may hit a request that is under way, and nothing else is lost.
        self.assertLessEqual(len(prober.failed), kills, prober.failed)
        self.assertFalse([problem for problem in prober.failed if "refused" in problem.lower()], prober.failed)
        if SOAK_SECONDS:
            self.assertGreaterEqual(share, 0.999, prober.failed)


class HandedOver(ServeTest):
    def fails_with(self, script, says):
        done = subprocess.run(["bash", "-c", script, str(WEIR), "serve", "--data", "data"], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("server.listen", done.stderr)
        self.assertIn(says, done.stderr)

    def test_what_is_handed_over_and_no_socket_is_refused(self):
        self.fails_with('exec 3< /dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$0" "$@"', "no TCP socket that listens")
        self.fails_with('export LISTEN_FDS=1 LISTEN_PID=$$; exec 3<&-; exec "$0" "$@"', "no TCP socket that listens")
        self.fails_with('exec 3< /dev/null 4< /dev/null; export LISTEN_FDS=2 LISTEN_PID=$$; exec "$0" "$@"', "2 sockets were handed over")

    def test_what_is_meant_for_another_process_is_let_be(self):
        server = self.serve(env={**os.environ, "LISTEN_FDS": "1", "LISTEN_PID": "1"})
        self.assertEqual(server.ask("GET", "/api/v1/health")[0], 200)


if __name__ == "__main__":
    unittest.main()
