# R21: a backup is made while people write, holds all that was acknowledged before it, and is restored whole or not at all.
import json
import os
import shutil
import signal
import socket
import threading
import time
import unittest
from pathlib import Path

from program import chain, node, until
from serving import ServeTest

CANARY = "canary-row-3117"


def flow(name):
    return {"id": name, "version": "1.0.0", "metadata": {"description": CANARY}, "nodes": [], "edges": []}


class Backup(ServeTest):
    def again(self, data, *arguments):
        """A server over what was restored, whose accounts and tokens are those of the one that was backed up."""
        self.tokens[data] = self.tokens["data"]
        return self.serve(*arguments, data=data)

    def names(self, server):
        status, _, said = server.ask("GET", "/api/v1/flows?limit=500")
        self.assertEqual(status, 200, said)
        return {one["id"] for one in json.loads(said)["flows"]}

    def made(self, *arguments):
        """A server with three flows and a secret, and a backup of it."""
        server = self.serve(*arguments)
        for number in range(3):
            self.assertEqual(server.ask("POST", "/api/v1/flows", flow(f"flow-{number}"))[0], 201)
        self.assertEqual(server.ask("PUT", "/api/v1/secrets/KEY", {"value": CANARY, "hosts": ["db"]})[0], 201)
        self.weir("backup", "data", "kept.backup")
        return server

    def test_R21_a_backup_under_writes_holds_all_that_was_acknowledged_before_it(self):
        server = self.serve()
        acknowledged, ends = [], threading.Event()

        def write(who):
            number = 0
            while not ends.is_set() and number < 400:
                if server.ask("POST", "/api/v1/flows", flow(f"w{who}-{number}"))[0] == 201:
                    acknowledged.append(f"w{who}-{number}")
                number += 1

        writers = [threading.Thread(target=write, args=(who,)) for who in range(3)]
        for writer in writers:
            writer.start()
        try:
            for number in range(3):
                before = set(acknowledged)
                self.weir("backup", "data", f"{number}.backup")
                after = len(acknowledged)
                out, _ = self.weir("restore", f"{number}.backup", f"restored-{number}")
                self.assertIn("does not hold its master key", out)
                restored = self.again(f"restored-{number}")
                status, _, said = restored.ask("GET", "/api/v1/flows?limit=500")
                self.assertEqual(status, 200, said)
                there = self.all_names(restored)
                self.assertTrue(before <= there, before - there)
                self.assertLessEqual(len(there), after + 3 + len(writers))
                self.assertEqual(restored.stop(), 0)
        finally:
            ends.set()
            for writer in writers:
                writer.join()

    def all_names(self, server):
        names, cursor = set(), ""
        while True:
            _, _, said = server.ask("GET", "/api/v1/flows?limit=500" + (f"&cursor={cursor}" if cursor else ""))
            page = json.loads(said)
            names |= {one["id"] for one in page["flows"]}
            cursor = page.get("next")
            if not cursor:
                return names

    def counting(self, server, name):
        """A run that goes on, with checkpoints."""
        source = node("count", "generate/pattern", rows=0, rate=300, batchRows=10)
        mark, slow = node("mark", "logic/map", set={"text": f"'{CANARY}'"}), node("slow", "flow/rate-limit", rows=100)
        out = node("write", "files/json-write", path=f"{name}.ndjson")
        document = {"id": name, "version": "1.0.0", "nodes": [source, mark, slow, out], "edges": chain(source, mark, slow, out)}
        self.assertEqual(server.ask("POST", "/api/v1/flows?folder=team", document)[0], 201)
        self.assertEqual(server.ask("POST", f"/api/v1/flows/{name}/versions", {"publish": True})[0], 201)
        status, _, said = server.ask("POST", f"/api/v1/flows/{name}/runs", {})
        self.assertEqual(status, 201, said)
        return json.loads(said)["id"]

    def seldom(self, server, name="seldom"):
        """A run that by itself makes a checkpoint once an hour."""
        source = node("count", "generate/pattern", rows=0, rate=300, batchRows=10)
        out = node("write", "files/json-write", path=f"{name}.ndjson")
        document = {"id": name, "version": "1.0.0", "config": {"checkpoint": {"everyMs": 3_600_000, "rows": 1_000_000_000}}, "nodes": [source, out], "edges": chain(source, out)}
        self.assertEqual(server.ask("POST", "/api/v1/flows?folder=team", document)[0], 201)
        status, _, said = server.ask("POST", f"/api/v1/flows/{name}/runs", {"version": "draft"})
        self.assertEqual(status, 201, said)
        run = json.loads(said)["id"]
        rows = lambda: [one["rowsOut"] for one in json.loads(server.ask("GET", f"/api/v1/runs/{run}/metrics")[2]).get("metrics", {}).get("nodes", []) if one["id"] == "count"]
        until(lambda: sum(rows()) > 300)
        return run

    def test_R21_a_backup_asks_each_run_for_a_fresh_checkpoint(self):
        server = self.serve()
        run = self.seldom(server)
        self.weir("backup", "data", "stale.backup", "--wait", "0")
        out, _ = self.weir("restore", "stale.backup", "stale")
        self.assertRegex(out, rf"{run}  team/seldom  without a checkpoint")
        _, err = self.weir("backup", "data", "fresh.backup")
        self.assertNotIn(run, err)
        out, _ = self.weir("restore", "fresh.backup", "fresh")
        self.assertRegex(out, rf"{run}  team/seldom  count after [1-9]\d\d+ rows")
        self.assertEqual(json.loads(server.ask("GET", f"/api/v1/runs/{run}")[2])["state"], "running")

    def test_R21_a_backup_goes_on_without_a_run_that_makes_none_in_time_and_says_so(self):
        server = self.serve()
        run = self.seldom(server)
        children = (Path("/proc") / str(server.process.pid) / "task").glob("*/children")
        engines = [int(pid) for path in children for pid in path.read_text().split()]
        self.assertTrue(engines)
        for engine in engines:
            os.kill(engine, signal.SIGSTOP)
        try:
            _, err = self.weir("backup", "data", "kept.backup", "--wait", "1")
        finally:
            for engine in engines:
                os.kill(engine, signal.SIGCONT)
        self.assertIn(run, err)
        self.assertIn("no checkpoint within 1 s", err)
        self.assertIn(run, self.weir("restore", "kept.backup", "again")[0])
        self.fails("backup", "data", "kept.backup", "--wait", "-1", code=2)

    def desk(self):
        """A connection to where a backup asks."""
        desk = socket.socket(socket.AF_UNIX)
        folder = os.open(self.folder / "data", os.O_PATH)
        desk.connect(f"/proc/self/fd/{folder}/backup.socket")
        os.close(folder)
        return desk

    def test_R21_nothing_is_published_while_a_backup_looks(self):
        server = self.serve()
        self.assertEqual(server.ask("POST", "/api/v1/flows", flow("held"))[0], 201)
        publish = lambda: server.ask("POST", "/api/v1/flows/held/versions", {"publish": True})
        with self.desk() as desk:
            desk.sendall(b"save 1000\n")
            self.assertEqual(desk.recv(100), b"saved\n")
            status, headers, said = publish()
            self.assertEqual((status, json.loads(said)["code"]), (503, "publish.waits"), said)
            self.assertIn("retry-after", headers)
            # Drafts are kept all the while.
            self.assertEqual(server.ask("POST", "/api/v1/flows", flow("draft"))[0], 201)
        until(lambda: publish()[0] == 201)

    def test_R21_a_folder_with_published_flows_leaves_the_bin_when_no_backup_looks(self):
        server = self.serve()
        for folder in ("served", "drafts"):
            self.assertEqual(server.ask("POST", f"/api/v1/flows?folder={folder}", flow(f"in-{folder}"))[0], 201)
        self.assertEqual(server.ask("POST", "/api/v1/flows/in-served/versions", {"publish": True})[0], 201)
        for folder in ("served", "drafts"):
            self.assertEqual(server.ask("DELETE", f"/api/v1/folders/{folder}")[0], 200)
        restore = lambda folder: server.ask("POST", f"/api/v1/folders/{folder}")
        with self.desk() as desk:
            desk.sendall(b"save 1000\n")
            self.assertEqual(desk.recv(100), b"saved\n")
            status, headers, said = restore("served")
            self.assertEqual((status, json.loads(said)["code"]), (503, "publish.waits"), said)
            self.assertIn("retry-after", headers)
            # Nothing of it came back, and what publishes nothing comes.
            self.assertIsNotNone(json.loads(server.ask("GET", "/api/v1/flows/in-served")[2]).get("binnedAt"))
            self.assertEqual(restore("drafts")[0], 200)
        until(lambda: restore("served")[0] == 200)

    def test_R21_runs_of_a_restored_folder_are_held_until_they_are_resumed(self):
        server = self.serve()
        runs = [self.counting(server, f"count-{number}") for number in range(2)]
        state = lambda at, run: json.loads(at.ask("GET", f"/api/v1/runs/{run}")[2])
        metrics = lambda at, run: next((one["rowsOut"] for one in json.loads(at.ask("GET", f"/api/v1/runs/{run}/metrics")[2]).get("metrics", {}).get("nodes", [])
                                        if one["id"] == "slow"), 0)
        until(lambda: all(state(server, run)["state"] == "running" and metrics(server, run) > 400 for run in runs))
        self.weir("backup", "data", "kept.backup")
        self.assertEqual({state(server, run)["state"] for run in runs}, {"running"})
        out, _ = self.weir("restore", "kept.backup", "again")
        self.assertIn("are held", out)
        for run in runs:
            self.assertIn(run, out)
        self.assertRegex(out, r"count after [1-9]\d* rows")
        restored = self.again("again")
        time.sleep(2)
        for run in runs:
            held = state(restored, run)
            self.assertEqual(held["state"], "held", held)
            self.assertIn("restored", held["why"])
        self.assertIn(restored.ask("POST", f"/api/v1/runs/{runs[0]}/resume", {})[0], (200, 202))
        until(lambda: state(restored, runs[0])["state"] == "running" and metrics(restored, runs[0]) > 0)
        self.assertEqual(state(restored, runs[1])["state"], "held")
        self.assertEqual(restored.stop(), 0)
        out, _ = self.weir("restore", "kept.backup", "going", "--resume")
        self.assertIn("go on when the server starts", out)
        going = self.again("going")
        until(lambda: all(state(going, run)["state"] == "running" and metrics(going, run) > 0 for run in runs))

    def test_R21_schedules_and_notices_of_a_restored_folder_are_held_until_they_are_let_go_on(self):
        server = self.serve()

        def ask(at, method, path, body=None, status=200):
            got, _, said = at.ask(method, f"/api/v1{path}", body)
            self.assertEqual(got, status, said)
            return json.loads(said)

        for name in ("often", "rests"):
            ask(server, "POST", "/flows?folder=team", flow(name) | {"nodes": [node("count", "generate/pattern", rows=1)]}, 201)
            ask(server, "POST", f"/flows/{name}/versions", {"publish": True}, 201)
        often, rests = (ask(server, "POST", f"/flows/{name}/schedules", {"name": f"of {name}", "everyMs": 1000, "overlap": "parallel", "parallel": 100}, 201)["id"]
                        for name in ("often", "rests"))
        ask(server, "POST", f"/schedules/{rests}/pause")
        channel = {"kind": "webhook", "url": "http://127.0.0.1:9/notices"}
        ask(server, "PUT", "/channels/told", channel)
        ask(server, "PUT", "/channels/silent", channel | {"enabled": False})
        fires = lambda at: ask(at, "GET", f"/schedules/{often}/fires?limit=500")["fires"]
        enabled = lambda at: {one["channel"]["id"]: one["channel"]["enabled"] for one in ask(at, "GET", "/channels")["channels"]}
        until(lambda: fires(server))
        self.weir("backup", "data", "kept.backup")
        out, _ = self.weir("restore", "kept.backup", "again")
        self.assertRegex(out, rf"These schedules are paused.*\n  {often}  team/often  of often\n")
        self.assertNotIn(rests, out)
        self.assertRegex(out, r"These channels tell nobody.*\n  told\n")
        self.assertNotIn("silent", out)
        restored = self.again("again")
        held = ask(restored, "GET", f"/schedules/{often}")
        self.assertTrue(held["paused"])
        before = len(fires(restored))
        self.assertEqual(enabled(restored), {"told": False, "silent": False})
        seen = len(fires(server))
        until(lambda: len(fires(server)) >= seen + 3)
        self.assertEqual(len(fires(restored)), before)
        ask(restored, "POST", f"/schedules/{often}/resume")
        until(lambda: len(fires(restored)) > before)
        out, _ = self.weir("restore", "kept.backup", "going", "--resume")
        self.assertNotIn("paused", out)
        going = self.again("going")
        self.assertEqual(enabled(going), {"told": True, "silent": False})
        until(lambda: len(fires(going)) > before)
        self.assertTrue(ask(going, "GET", f"/schedules/{rests}")["paused"])

    def test_S11_a_backup_is_sealed_and_never_holds_the_master_key(self):
        self.made()
        bytes_of = (self.folder / "kept.backup").read_bytes()
        self.assertNotIn(CANARY.encode(), bytes_of)
        self.assertNotIn(b"flow-1", bytes_of)
        self.assertNotIn((self.folder / "config/weir/master.key").read_text().strip().encode(), bytes_of)
        self.assertEqual((self.folder / "kept.backup").stat().st_mode & 0o077, 0)
        self.assertEqual(list((self.folder / "data/tmp").iterdir()), [])

    def test_what_is_restored_is_another_instance_with_the_same_data(self):
        server = self.made()
        self.weir("restore", "kept.backup", "again")
        one, other = (json.loads((self.folder / name / "keys.json").read_text()) for name in ("data", "again"))
        self.assertNotEqual(one["instance"], other["instance"])
        self.assertEqual(one["master"], other["master"])
        restored = self.again("again")
        self.assertEqual(self.names(restored), self.names(server))
        self.assertIn("KEY", restored.ask("GET", "/api/v1/secrets")[2])

    def test_R21_a_backup_that_was_cut_or_changed_is_refused_before_anything_is_written(self):
        self.made()
        whole = (self.folder / "kept.backup").read_bytes()
        places = [0, 9, 40, len(whole) // 3, len(whole) // 2, len(whole) - 1]
        for place in places:
            changed = bytearray(whole)
            changed[place] ^= 4
            for text in (bytes(changed), whole[:place]):
                self.write("bad.backup", text)
                self.fails("restore", "bad.backup", "again", code=2)
                self.assertEqual([path.name for path in self.folder.glob("again*")], [], place)
        self.write("bad.backup", whole + b"more")
        self.fails("restore", "bad.backup", "again", code=2, says=["[backup.damaged]"])
        self.fails("restore", "none.backup", "again", code=2)

    def test_a_backup_goes_into_an_empty_folder_and_needs_its_master_key(self):
        self.made()
        self.fails("restore", "kept.backup", "data", code=2, says=["[backup.not_empty]"])
        key = self.folder / "config/weir/master.key"
        shutil.move(key, self.folder / "away.key")
        self.fails("restore", "kept.backup", "again", code=2, says=["[key.missing]"])
        self.write("other.key", os.urandom(32).hex())
        (self.folder / "other.key").chmod(0o600)
        self.fails("restore", "kept.backup", "again", "--master-key-file", "other.key", code=2, says=["[key.wrong]"])
        self.assertFalse((self.folder / "again").exists())
        (self.folder / "again").mkdir()
        self.weir("restore", "kept.backup", "again", "--master-key-file", "away.key")
        self.assertEqual(len(self.names(self.again("again", "--master-key-file", "away.key"))), 3)

    def test_a_folder_without_encryption_is_backed_up_as_it_is_and_says_so(self):
        self.made("--no-encryption")
        out, _ = self.weir("backup", "data", "again.backup")
        self.assertIn("not encrypted", out)
        self.weir("restore", "again.backup", "again")
        self.assertEqual(len(self.names(self.again("again"))), 3)
        whole = bytearray((self.folder / "again.backup").read_bytes())
        whole[len(whole) // 2] ^= 1
        self.write("bad.backup", bytes(whole))
        self.fails("restore", "bad.backup", "other", code=2, says=["[backup.damaged]"])
        self.fails("backup", "nowhere", "x.backup", code=2)
        self.fails("backup", "data", "data/x.backup", code=2, says=["in the data folder itself"])
        self.assertFalse((self.folder / "data/x.backup").exists())


if __name__ == "__main__":
    unittest.main()
