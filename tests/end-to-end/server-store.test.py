#!/usr/bin/env python3
# What a server has acknowledged is kept: kills under load, what dead processes left, what uses the disk.
import http.client
import json
import random
import signal
import sqlite3
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import until  # noqa: E402
from serving import ServeTest  # noqa: E402

CLIENTS = 8


def flow(name, description=""):
    return {"id": name, "version": "1.0.0", "metadata": {"description": description}, "nodes": [], "edges": []}


class Writer(threading.Thread):
    """Changes one flow again and again over one connection, and remembers what was acknowledged last."""

    def __init__(self, server, number):
        super().__init__(daemon=True)
        self.server, self.name_of_flow, self.acknowledged, self.sent = server, f"flow-{number}", -1, -1

    def run(self):
        try:
            connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=60)
            while True:
                self.sent += 1
                headers = {"content-type": "application/json", **({"if-match": "*"} if self.sent else {"if-none-match": "*"})}
                if token := getattr(self.server, "token", None):
                    headers["authorization"] = f"Bearer {token}"
                connection.request("PUT", f"/api/v1/flows/{self.name_of_flow}", json.dumps(flow(self.name_of_flow, str(self.sent))), headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status not in (200, 201):
                    return
                self.acknowledged = self.sent
        except (OSError, http.client.HTTPException):
            return  # the server was killed


class Keyed(threading.Thread):
    """Keeps versions of one flow, each under a key of its own, which is sent until there is an answer."""

    def __init__(self, name):
        super().__init__(daemon=True)
        self.flow, self.server, self.answers, self.odd, self.ending = name, None, {}, [], threading.Event()

    def send(self, number, message="kept"):
        server = self.server
        headers = {"content-type": "application/json", "idempotency-key": f"{self.flow} {number}"}
        if token := getattr(server, "token", None):
            headers["authorization"] = f"Bearer {token}"
        connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        try:
            connection.request("POST", f"/api/v1/flows/{self.flow}/versions", json.dumps({"message": f"{message} {number}"}), headers)
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()

    def run(self):
        number = 0
        while True:
            try:
                status, said, headers = self.send(number)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)  # the server was killed
                continue
            if status == 201:
                self.answers[number] = (said, headers["location"])
                number += 1
                if self.ending.is_set():
                    return
            else:
                self.odd.append((status, said))
                return


class ServerStore(ServeTest):
    def in_the_clear(self):
        """The flags of a server whose database these tests can open."""
        flag = "--no-encryption"
        return [flag] if flag in self.weir("serve", "--help")[0] else []

    def test_R1_a_kill_under_load_loses_no_acknowledged_change(self):
        pauses = random.Random(6)
        for round_number in range(3):
            data = f"data-{round_number}"
            server = self.serve(*self.in_the_clear(), data=data)
            writers = [Writer(server, number) for number in range(CLIENTS)]
            for writer in writers:
                writer.start()
            until(lambda: all(writer.acknowledged >= 3 for writer in writers))
            time.sleep(pauses.random() / 5)  # the kill comes at any point of a change
            server.stop(signal.SIGKILL)
            for writer in writers:
                writer.join(60)
            again = self.serve(data=data)
            for writer in writers:
                status, _, said = again.ask("GET", f"/api/v1/flows/{writer.name_of_flow}")
                self.assertEqual(status, 200, said)
                kept = int(json.loads(said)["description"])
                # What was under way when the server ended may have been made or not.
                self.assertIn(kept, range(writer.acknowledged, writer.sent + 1), said)
            again.stop()
            checked = sqlite3.connect(self.folder / data / "weir.db")
            self.assertEqual(checked.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            checked.close()

    def test_R14_after_a_kill_a_request_with_the_same_key_gets_the_first_answer_and_is_applied_once(self):
        pauses = random.Random(14)
        server = self.serve(data="data")
        people = [Keyed(f"keyed-{number}") for number in range(CLIENTS)]
        for one in people:
            one.server = server
            self.assertEqual(server.ask("POST", "/api/v1/flows", flow(one.flow))[0], 201)
            one.start()
        for _ in range(5):
            before = [len(one.answers) for one in people]
            until(lambda was=before: all(one.odd or len(one.answers) >= had + 3 for one, had in zip(people, was, strict=True)))
            time.sleep(pauses.random() / 5)
            server.stop(signal.SIGKILL)
            server = self.serve(data="data")
            for one in people:
                one.server = server
        for one in people:
            one.ending.set()
            one.join(60)
            self.assertEqual(one.odd, [])
        server.stop(signal.SIGKILL)
        server = self.serve(data="data")
        for one in people:
            one.server = server
            # Each key has one version, in their order, whenever the kills came.
            kept, before = [], ""
            while before is not None:
                status, _, said = server.ask("GET", f"/api/v1/flows/{one.flow}/versions?limit=100{before}")
                self.assertEqual(status, 200, said)
                page = json.loads(said)
                kept = [version["message"] for version in reversed(page["versions"])] + kept
                before = f"&before={page['next']}" if "next" in page else None
            self.assertEqual(kept, [f"kept {number}" for number in range(len(one.answers))])
            for number in (0, len(one.answers) - 1):
                status, said, headers = one.send(number)
                self.assertEqual((status, said, headers["location"]), (201, *one.answers[number]))
                self.assertEqual(headers["idempotency-replayed"], "true")
            status, said, _ = one.send(0, "something else")
            self.assertEqual((status, json.loads(said)["code"]), (422, "api.idempotency"), said)

    def test_R14_a_token_is_shown_once_and_its_key_stands_for_it_after_a_kill(self):
        server = self.serve(data="data")
        name = {"name": server.NAME, "password": server.PASSWORD}
        _, headers, text = server.ask("POST", "/api/v1/session", name, {"cookie": "none=1"})
        session = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(text)["csrf"], "idempotency-key": "one token"}
        wish = {"name": "once", "permissions": ["flow.read"]}
        status, _, said = server.ask("POST", "/api/v1/tokens", wish, session)
        self.assertEqual(status, 201, said)
        secret = json.loads(said)["token"]
        self.assertEqual(json.loads(server.ask("POST", "/api/v1/tokens", wish, session)[2])["token"], secret)
        server.stop(signal.SIGKILL)
        server = self.serve(data="data")
        status, _, said = server.ask("POST", "/api/v1/tokens", wish, session)
        self.assertEqual((status, json.loads(said)["code"]), (409, "api.idempotency"), said)
        tokens = json.loads(server.ask("GET", "/api/v1/tokens", headers=session)[2])["tokens"]
        self.assertEqual(len([one for one in tokens if one["name"] == "once"]), 1)

    def test_what_dead_processes_were_writing_is_removed_at_start(self):
        self.serve().stop()
        left = self.folder / "data/tmp/upload-1/part"
        left.parent.mkdir(parents=True)
        left.write_text("half of it")
        self.serve()
        self.assertFalse(left.exists())

    def test_a_data_folder_of_a_newer_program_is_refused_and_left_alone(self):
        self.serve(*self.in_the_clear()).stop()
        changed = sqlite3.connect(self.folder / "data/weir.db")
        changed.execute("UPDATE migrations SET step = 77 WHERE kind = 'flows'")
        changed.commit()
        changed.close()
        process = self.start("serve", "--data", "data", "--listen", "127.0.0.1:0")
        out, err = process.communicate(timeout=60)
        self.assertNotEqual(process.returncode, 0)
        self.assertIn("storage.newer", out + err)
        self.assertIn("format 77", out + err)

    def test_what_uses_the_disk_is_said(self):
        server = self.serve()
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow("orders"))[0], 201)
        status, _, said = server.ask("GET", "/api/v1/disk")
        self.assertEqual(status, 200, said)
        report = json.loads(said)
        records = {use["name"]: use for use in report["records"]}
        self.assertEqual(records["flows"]["count"], 1)
        self.assertGreater(records["bin"]["keepMs"], 0)
        self.assertIn("weir.db", {use["name"] for use in report["files"]})
        self.assertGreater(report["free"], 0)


if __name__ == "__main__":
    unittest.main()
