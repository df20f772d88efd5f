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
