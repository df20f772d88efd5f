#!/usr/bin/env python3
# A server's flows in a real PostgreSQL: the suite of stores, a server over it, a database that goes away and comes back.
import json
import os
import signal
import subprocess
import sys
import threading
import unittest
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ROOT, until  # noqa: E402
from servers import POSTGRES, Cable, PostgreSql, needs  # noqa: E402
from serving import ServeTest  # noqa: E402

SUITE = ROOT / "build/release/test_service"


def flow(name):
    return {"id": name, "version": "1.0.0", "nodes": [], "edges": []}


@needs(POSTGRES / "postgres")
class ServerDatabase(ServeTest):
    def setUp(self):
        super().setUp()
        self.database = PostgreSql(self, self.folder / "postgres")

    @unittest.skipUnless(SUITE.exists(), "test_service is not built")
    def test_R18_the_suite_of_stores_holds_in_postgresql(self):
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        control = [*user, str(POSTGRES / "pg_ctl"), "-D", str(self.database.data), "-w", "-s"]
        self.database.stop()
        log, more = self.folder / "postgres/log", f"-p {self.database.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.database.folder}"
        start = " ".join([*control, "-l", str(log), "-o", f"'{more}'", "start"])
        stop = " ".join([*control, "-m", "immediate", "stop"])
        subprocess.run(start, shell=True, check=True, cwd="/")
        self.addCleanup(subprocess.run, stop, shell=True, cwd="/", stderr=subprocess.DEVNULL)
        environment = {**os.environ, "WEIR_TEST_POSTGRES": self.database.url, "WEIR_TEST_POSTGRES_STOP": f"cd / && {stop}", "WEIR_TEST_POSTGRES_START": f"cd / && {start}"}
        done = subprocess.run([SUITE, "--test-case=*PostgreSQL*"], env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"test cases: +([6-9]|[1-9][0-9]) ")

    def test_a_server_keeps_its_flows_there(self):
        server = self.serve(env={**os.environ, "DATABASE_URL": self.database.url})
        status, _, said = server.ask("POST", "/api/v1/flows?folder=team", flow("orders"))
        self.assertEqual(status, 201, said)
        self.assertEqual(self.database.sql("SELECT id, folder FROM flows"), ["orders|team"])
        # Its files are encrypted by us, its database by nobody that we know of.
        keys = json.loads(server.ask("GET", "/api/v1/keys")[2])
        self.assertEqual((keys["encrypted"], keys["database"]), (True, {"kind": "postgresql", "encrypted": False}))
        self.assertEqual(server.stop(), 0)
        again = self.serve("--database-url", self.database.url)
        status, _, said = again.ask("GET", "/api/v1/flows/orders")
        self.assertEqual((status, json.loads(said)["folder"]), (200, "team"), said)

    def test_a_database_that_goes_away_and_comes_back(self):
        server = self.serve("--database-url", self.database.url)
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow("before"))[0], 201)
        self.database.stop()
        status, _, said = server.ask("GET", "/api/v1/flows/before")
        self.assertEqual((status, json.loads(said)["code"]), (503, "storage.unavailable"), said)
        told = said
        status, _, said = server.ask("POST", "/api/v1/flows", flow("lost"))
        self.assertEqual((status, json.loads(said)["code"]), (503, "storage.unavailable"), said)
        # Where the database is, and why it does not answer, is for the log alone.
        address = urlsplit(self.database.url)
        for text in (told, said):
            self.assertNotIn(str(address.port), text)
            self.assertNotIn(address.hostname, text)
            self.assertIn("cannot be reached", json.loads(text)["detail"])
        self.assertIn(f"{address.hostname}:{address.port} cannot be reached", server.said())
        self.database.start()
        until(lambda: self.database.answers())
        self.assertEqual(server.ask("GET", "/api/v1/flows/before")[0], 200)
        self.assertEqual(server.ask("GET", "/api/v1/flows/lost")[0], 404)
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow("after"))[0], 201)

    def hangs(self, server, begin, end):
        """What is asked of a server whose database hangs, and when that has passed."""
        ask = lambda *what: (lambda status, headers, said: (status, {name.lower(): value for name, value in headers.items()}, json.loads(said)))(*server.ask(*what))
        self.assertEqual(ask("POST", "/api/v1/flows", flow("before"))[0], 201)
        self.assertEqual(server.ask("GET", "/health/ready")[0], 200)
        answers = {}
        asked = {"read": ("GET", "/api/v1/flows/before"), "list": ("GET", "/api/v1/flows"), "write": ("POST", "/api/v1/flows", flow("lost")),
                 "run": ("POST", "/api/v1/flows/before/runs", {})}
        begin()
        try:
            waiting = [threading.Thread(target=lambda name=name, what=what: answers.update({name: ask(*what)})) for name, what in asked.items()]
            for one in waiting:
                one.start()
            until(lambda: server.ask("GET", "/health/ready")[0] == 503)
            self.assertEqual(server.ask("GET", "/health/live")[0], 200)
            self.assertEqual(ask("GET", "/health/ready")[2]["code"], "storage.unavailable")
            for one in waiting:
                one.join(120)
            for name, (status, headers, said) in answers.items():
                self.assertEqual((status, said.get("code")), (503, "storage.unavailable"), f"{name}: {said}")
                self.assertIn("retry-after", headers)
            self.assertEqual(set(answers), set(asked))
            # Who comes later is not kept waiting by those who came before.
            self.assertEqual(ask("GET", "/api/v1/flows/before")[0], 503)
        finally:
            end()
        until(lambda: server.ask("GET", "/health/ready")[0] == 200)
        until(lambda: server.ask("GET", "/api/v1/flows/before")[0] == 200)
        unknown = "may have been made" in answers["write"][2]["detail"]
        self.assertIn(ask("GET", "/api/v1/flows/lost")[0], (200, 404) if unknown else (404,))
        self.assertEqual(ask("POST", "/api/v1/flows", flow("after"))[0], 201)

    def test_R18_a_database_that_hangs_and_goes_on(self):
        server = self.serve("--database-url", self.database.url, "--database-timeout", "2s")
        self.hangs(server, lambda: self.database.signal(signal.SIGSTOP), lambda: self.database.signal(signal.SIGCONT))

    def test_R18_a_network_that_swallows_what_is_sent_to_the_database(self):
        cable = Cable(self, self.database.port)
        server = self.serve("--database-url", f"postgresql://u@127.0.0.1:{cable.port}/postgres", "--database-timeout", "2s")
        cut = lambda is_cut: setattr(cable, "cut", is_cut)
        self.hangs(server, lambda: cut(True), lambda: cut(False))

    def test_a_server_is_not_started_over_a_database_that_hangs(self):
        self.database.signal(signal.SIGSTOP)
        try:
            process = self.start("serve", "--data", "data", "--listen", "127.0.0.1:0", "--database-url", self.database.url, "--database-timeout", "1s")
            out, err = process.communicate(timeout=120)
        finally:
            self.database.signal(signal.SIGCONT)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn("storage.unavailable", out + err)
        self.assertIn("did not answer within 1000 ms", out + err)

    def test_a_database_of_a_newer_program_is_refused(self):
        self.serve("--database-url", self.database.url).stop()
        self.database.sql("UPDATE meta SET value = 99 WHERE name = 'format'")
        process = self.start("serve", "--data", "data", "--listen", "127.0.0.1:0", "--database-url", self.database.url)
        out, err = process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn("storage.newer", out + err)
        self.assertIn("format 99", out + err)


if __name__ == "__main__":
    unittest.main()
