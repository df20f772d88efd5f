#!/usr/bin/env python3
# R16: a flow that runs is changed by saving its file, or by sending the run a new version.
import contextlib
import csv
import json
import os
import random
import socket
import struct
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from live_runs import LiveTest  # noqa: E402
from program import chain, edge, node, until  # noqa: E402


class Watched(LiveTest):
    def setUp(self):
        super().setUp()
        self.said = self.folder / "said.txt"

    def numbers(self):
        return node("numbers", "generate/pattern", rows=0, rate=2000, batchRows=10)

    def document(self, *nodes, edges=None):
        return {"id": "live", "version": "1.0.0", "nodes": list(nodes), "edges": chain(*nodes) if edges is None else edges}

    def save(self, *nodes, edges=None):
        """As an editor does: a new file takes the old one's name."""
        self.write("live.next", json.dumps(self.document(*nodes, edges=edges)))
        os.replace(self.folder / "live.next", self.folder / "live.flow.json")

    def watched(self, *nodes, more=("--watch",), edges=None):
        self.save(*nodes, edges=edges)
        out = self.said.open("w")
        self.addCleanup(out.close)
        process = self.start("run", "live.flow.json", *more, stderr=out)
        self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: process.poll() is None and (process.kill(), process.wait()))
        self.process = process
        self.run_id = self.socket_of(process)
        self.rows("e1")
        return process

    def rows(self, name):
        """Rows go along the edge."""
        self.weir("tap", self.run_id, name, "--limit", "3")

    def says(self, text):
        until(lambda: text in self.said.read_text())

    def ids(self, name="o.csv"):
        with (self.folder / name).open() as file:
            return [int(row["id"]) for row in csv.DictReader(file)]

    def test_a_new_version_is_applied_while_rows_flow_and_no_row_is_lost(self):
        keep = node("keep", "logic/filter", condition="row.id >= 0")
        write = node("write", "files/csv-write", path="o.csv")
        process = self.watched(self.numbers(), keep, write)
        aside = node("aside", "files/csv-write", path="aside.csv")
        self.save(self.numbers(), node("keep", "logic/filter", condition="row.id >= 0 && row.id < 1000000000"), write, aside,
                  edges=chain(self.numbers(), keep, write) + [edge("e9", "numbers.rows", "aside.rows")])
        self.says("changed: node 'keep' is changed")
        self.says("changed: node 'aside' (files/csv-write) is added")
        self.says("changed: edge 'e9' ('numbers' to 'aside') is added")
        self.rows("e9")
        self.save(self.numbers(), keep, write)
        self.says("node 'aside' (files/csv-write) is removed, and finishes what it has")
        until(lambda: (self.folder / "aside.csv").exists())
        self.stop(process)
        ids = self.ids()
        self.assertEqual(ids, list(range(len(ids))))
        aside = self.ids("aside.csv")
        self.assertEqual(aside, list(range(aside[0], aside[0] + len(aside))))

    def test_an_invalid_version_is_told_with_its_errors_and_the_run_goes_on(self):
        write = node("write", "files/csv-write", path="o.csv")
        process = self.watched(self.numbers(), write)
        self.write("live.flow.json", "{ not json")
        self.says("not changed: the new version is not valid, and the run goes on as it was:")
        self.save(self.numbers(), node("bad", "logic/filter", condition="row.id +"), write)
        self.says("/settings/condition")
        self.assertIsNone(process.poll())
        self.save(self.numbers(), node("all", "logic/filter", condition="row.id >= 0"), write)
        self.says("changed: node 'all' (logic/filter) is added")
        self.stop(process)
        ids = self.ids()
        self.assertEqual(ids, list(range(len(ids))))

    def test_what_cannot_be_changed_is_refused_with_what_to_do(self):
        write = node("write", "files/csv-write", path="o.csv")
        process = self.watched(self.numbers(), write)
        self.save(self.numbers(), node("write", "files/csv-write", path="o.csv", ifEmpty="none"))
        self.says("Give it another path")
        self.says("[change.same_file]")
        slower = node("numbers", "generate/pattern", rows=0, rate=1000, batchRows=10)
        self.save(slower, write)
        self.says("[state.changed]")
        self.stop(process)

    def test_with_keep_state_a_source_goes_on_where_it_was(self):
        write = node("write", "files/csv-write", path="o.csv")
        process = self.watched(self.numbers(), write, more=("--watch", "--keep-state"))
        self.save(node("numbers", "generate/pattern", rows=0, rate=1000, batchRows=10), write)
        self.says("changed: node 'numbers' is changed and goes on with the state it had")
        self.stop(process)
        ids = self.ids()
        self.assertEqual(ids, list(range(len(ids))))

    def test_a_changed_sink_finishes_its_file_and_goes_on_with_another(self):
        process = self.watched(self.numbers(), node("write", "files/csv-write", path="o.csv"))
        self.save(self.numbers(), node("write", "files/csv-write", path="p.csv"))
        self.says("what it has written so far is finished, and the rest goes on anew")
        self.rows("e1")
        self.stop(process)
        ids = self.ids() + self.ids("p.csv")
        self.assertEqual(ids, list(range(len(ids))))

    def killed_and_resumed(self, process):
        process.kill()
        process.wait()
        out = self.said.open("a")
        self.addCleanup(out.close)
        again = self.start("run", "live.flow.json", "--resume", "--finish", "--events", "again.ndjson", stderr=out)
        self.addCleanup(again.stdout.close)
        self.addCleanup(lambda: again.poll() is None and (again.kill(), again.wait()))
        until(lambda: (self.folder / "again.ndjson").exists() and "checkpoint.restored" in (self.folder / "again.ndjson").read_text())
        self.stop(again)

    def test_checkpoints_after_a_change_are_of_the_new_version(self):
        write = node("write", "files/csv-write", path="o.csv")
        process = self.watched(self.numbers(), write, more=("--watch", "--resume", "--finish", "--events", "events.ndjson"))
        self.save(self.numbers(), node("all", "logic/filter", condition="row.id >= 0"), write)
        self.says("changed: node 'all' (logic/filter) is added")

        def stored():
            kinds = [json.loads(line)["kind"] for line in (self.folder / "events.ndjson").read_text().splitlines(True) if line.endswith("\n")]
            return "change.applied" in kinds and "checkpoint.done" in kinds[kinds.index("change.applied"):]
        until(stored)
        self.killed_and_resumed(process)
        ids = self.ids()
        self.assertEqual(ids, list(range(len(ids))))

    def test_a_run_whose_sink_was_replaced_and_whose_node_was_removed_is_resumed(self):
        keep = node("keep", "logic/filter", condition="row.id >= 0")
        process = self.watched(self.numbers(), keep, node("write", "files/csv-write", path="o.csv"), more=("--watch", "--resume", "--finish", "--events", "events.ndjson"))
        self.save(self.numbers(), node("write", "files/csv-write", path="p.csv"))
        self.says("what it has written so far is finished, and the rest goes on anew")
        self.says("node 'keep' (logic/filter) is removed")

        def stored():
            kinds = [json.loads(line)["kind"] for line in (self.folder / "events.ndjson").read_text().splitlines(True) if line.endswith("\n")]
            return "change.applied" in kinds and kinds[kinds.index("change.applied"):].count("checkpoint.done") >= 2
        until(stored)
        self.killed_and_resumed(process)
        ids = sorted(self.ids() + self.ids("p.csv"))
        self.assertEqual(ids, list(range(len(ids))))

    def ask(self, connection, kind, data):
        body = json.dumps({"v": 1, "type": kind, "id": "q", "data": data}).encode()
        frame = struct.pack("<BBHIQQ", 1, 0, 0, 0, 0, 0) + body
        connection.sendall(struct.pack("<I", len(frame)) + frame)
        got = b""
        while len(got) < 4 or len(got) < 4 + struct.unpack("<I", got[:4])[0]:
            part = connection.recv(65536)
            self.assertTrue(part)
            got += part
        return json.loads(got[28:])

    def connected(self):
        connection = socket.socket(socket.AF_UNIX)
        self.addCleanup(connection.close)
        connection.settimeout(60)
        connection.connect(str(self.runtime / "weir" / self.run_id))
        return connection

    def deployed(self, connection, document, **more):
        """What became of the version; sent again while the last one is being applied."""
        while True:
            answer = self.ask(connection, "deploy-graph", {"document": document, **more})
            if answer["type"] == "ok":
                return until(lambda: (lambda got: got if got["state"] != "underWay" else None)(self.ask(connection, "change", {})["data"]))
            if answer["data"]["code"] != "change.busy":
                return {"state": "refused", "error": answer["data"]}
            time.sleep(0.005)

    def test_r16_through_sixty_versions_under_load_every_row_comes_out_once(self):
        """Nodes come, go, change and are bypassed, edges are rewired and governed otherwise, while rows come as fast as
        they are taken."""
        numbers = node("numbers", "generate/pattern", rows=0, batchRows=50)
        write, other = node("write", "files/csv-write", path="o.csv"), node("fold", "logic/map", set={"half": "row.id / 2"})
        self.watched(numbers, write, more=("-q",))
        connection = self.connected()
        draw = random.Random(16)
        applied = 0
        for version in range(60):
            between = []
            for name in ("a", "b", "c"):
                kind = draw.randrange(4)
                if kind == 0:
                    between.append(node(name, "logic/filter", condition=f"row.id >= {-draw.randrange(5)}"))
                elif kind == 1:
                    between.append(node(name, "logic/map", set={"note": f"'{version}'"}) | {"bypass": True})
                elif kind == 2:
                    between.append(node(name, "flow/limit", "2.0.0", count=10**12))
            document = self.document(numbers, *between, write)
            for line in document["edges"]:
                line["buffer"] = {"rows": draw.choice([100, 2000, 50_000])}
            if draw.randrange(2):
                aside = node(f"aside{version}", "files/csv-write", path=f"aside{version}.csv")
                document["nodes"] += [other, aside]
                document["edges"] += [edge(f"s{version}", "numbers.rows", "fold.rows"), edge(f"t{version}", "fold.rows", f"{aside['id']}.rows")]
            view = self.deployed(connection, document, keepState=True)
            self.assertIn(view["state"], ("applied", "refused"), view)
            if view["state"] == "refused":
                self.assertEqual(view["error"]["code"], "change.not_quiet", view)
            applied += view["state"] == "applied"
        self.assertGreater(applied, 50)
        before = len(self.ask(connection, "hello", {})["data"])
        self.assertGreater(before, 0)
        self.stop(self.process)
        ids = self.ids()
        self.assertGreater(len(ids), 1000)
        # What a node that is taken out still has comes beside what goes past it.
        self.assertTrue(all(at == row for at, row in enumerate(sorted(ids))), "a row is lost or doubled")
        for path in self.folder.glob("aside*.csv"):
            aside = sorted(self.ids(path.name))
            self.assertEqual(aside, list(range(aside[0], aside[0] + len(aside))) if aside else [], path.name)

    def test_bad_frames_and_bad_versions_over_the_socket_change_nothing(self):
        write = node("write", "files/csv-write", path="o.csv")
        self.watched(self.numbers(), write, more=("-q",))
        connection = self.connected()
        good = self.document(self.numbers(), write)
        for data in ({}, {"document": None}, {"document": []}, {"document": "{"}, {"document": 7}, {"document": good, "keepState": "yes"},
                     {"document": good, "waitMs": -1}, {"document": good, "waitMs": "soon"}, {"document": good | {"id": "another"}}):
            answer = self.ask(connection, "deploy-graph", data)
            self.assertEqual(answer["type"], "error", data)
            self.assertTrue(answer["data"]["message"], data)
        # A run takes no more than 10 MiB at once, and says so or hangs up.
        large = self.connected()
        body = json.dumps({"v": 1, "type": "deploy-graph", "id": "q", "data": {"document": good | {"x-note": "n" * (11 << 20)}}}).encode()
        with contextlib.suppress(OSError):
            large.sendall(struct.pack("<I", 24 + len(body)) + struct.pack("<BBHIQQ", 1, 0, 0, 0, 0, 0) + body)
            large.recv(4096)
        for bytes_ in (b"\xff" * 64, struct.pack("<I", 3) + b"abc", struct.pack("<I", 28) + bytes(24) + b"nope"):
            broken = self.connected()
            with contextlib.suppress(OSError):
                broken.sendall(bytes_)
                broken.shutdown(socket.SHUT_WR)
                while broken.recv(4096):
                    pass
        self.assertEqual(self.ask(connection, "change", {})["data"]["state"], "none")
        self.rows("e1")
        self.stop(self.process)
        ids = self.ids()
        self.assertEqual(ids, list(range(len(ids))))

    def test_deploy_graph_over_the_socket(self):
        write = node("write", "files/csv-write", path="o.csv")
        process = self.watched(self.numbers(), write, more=("-q",))
        connection = self.connected()
        refused = self.ask(connection, "deploy-graph", {"document": {"id": "live"}})
        self.assertEqual((refused["type"], refused["data"]["code"]), ("error", "flow.invalid"))
        document = self.document(self.numbers(), node("all", "logic/filter", condition="row.id >= 0"), write)
        document["x-note"] = "n" * 200_000
        begun = self.ask(connection, "deploy-graph", {"document": document})
        self.assertEqual((begun["type"], begun["data"]), ("ok", {"change": 1}))
        view = until(lambda: (lambda got: got if got["state"] != "underWay" else None)(self.ask(connection, "change", {})["data"]))
        self.assertEqual(view["state"], "applied")
        self.assertIn("node 'all' (logic/filter) is added", view["steps"])
        self.assertIn("'all'", json.dumps(self.ask(connection, "hello", {})["data"]).replace('"', "'"))
        self.stop(process)
        ids = self.ids()
        self.assertEqual(ids, list(range(len(ids))))


if __name__ == "__main__":
    unittest.main()
