#!/usr/bin/env python3
# R16 with durable edges: a flow that is changed while requests come in, and killed, loses none that was acknowledged.
import importlib.util
import json
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import edge, node, until  # noqa: E402

spec = importlib.util.spec_from_file_location("durable", Path(__file__).parent / "durable.test.py")
durable = importlib.util.module_from_spec(spec)
spec.loader.exec_module(durable)
LIMIT = durable.LIMIT


class Changed(durable.Durable):
    def save(self, number, *more):
        nodes = [node("hook", "http/webhook", path="/hook", rows="body"),
                 node("mark", "logic/map", set={"version": str(number)}), node("out", "files/json-write", path="out.ndjson"), *more]
        edges = [edge("e0", "hook.rows", "mark.rows", guarantee="durable"), edge("e1", "mark.rows", "out.rows")]
        edges += [edge(f"x-{one['id']}", "mark.rows", f"{one['id']}.rows") for one in more]
        return self.flow("hook", *nodes, edges=edges, config={"checkpoint": {"everyMs": 20}})

    def says(self, run, text):
        until(lambda: text in run.told, LIMIT)

    def stored(self, since):
        """A checkpoint of the version that is applied last."""
        kinds = [json.loads(line)["kind"] for line in (self.folder / "events.ndjson").read_text().splitlines(True) if line.endswith("\n")]
        return kinds.count("change.applied") > since and "checkpoint.done" in kinds[len(kinds) - 1 - kinds[::-1].index("change.applied"):]

    def test_r16_what_is_acknowledged_through_changes_and_kills_comes_out_once(self):
        senders = durable.Senders(4)
        self.addCleanup(senders.stop)
        flow, version = self.save(0), 0
        extra = []
        for life in range(4):
            run, senders.port = self.listening(flow, "--resume", "--watch", "--keep-state", "--events", "events.ndjson")
            for change in range(3):
                before = len(senders.acknowledged)
                version += 1
                if change == 2:
                    extra.append(node(f"more{life}", "files/csv-write", path=f"more{life}.csv"))
                self.save(version, *extra)
                until(lambda: self.stored(change), LIMIT)
                until(lambda: len(senders.acknowledged) > before + 50, LIMIT)
            run.send_signal(signal.SIGKILL)
            run.wait(LIMIT)
            self.assertNotIn("not changed", run.told)
            self.kill(run)
        run, senders.port = self.listening(flow, "--resume")
        before = len(senders.acknowledged)
        until(lambda: len(senders.acknowledged) > before + 50, LIMIT)
        senders.stop()
        self.ended(run)
        rows = self.out()
        ids = [row["id"] for row in rows]
        self.assertEqual(len(set(ids)), len(ids), "a row came out twice")
        self.assertEqual(senders.acknowledged - set(ids), set(), "acknowledged rows are lost")
        self.assertEqual({row["version"] for row in rows}, set(range(1, version + 1)) | {rows[0]["version"]})

    def test_what_the_journal_was_not_laid_out_for_is_refused_and_the_run_goes_on(self):
        flow = self.save(1)
        run, port = self.listening(flow, "--watch")
        document = json.loads((self.folder / flow).read_text())

        def refused(says, change):
            said = run.told.count("[change.durable]")
            other = json.loads(json.dumps(document))
            change(other)
            self.write(flow, json.dumps(other))
            until(lambda: run.told.count("[change.durable]") > said, LIMIT)
            self.assertIn(says, run.told[run.told.rindex("not changed"):])
            self.assertEqual(self.post(port, {"id": said}), 202)

        refused("source 'hook' waits for the journal", lambda new: new["nodes"][0]["settings"].update(maxBodyBytes=1000))
        refused("'hook' is gone from its place", lambda new: new["nodes"].reverse())
        refused("edge 'e0' is removed", lambda new: new["edges"][0].update(id="another"))
        refused("edge 'e9' is added", lambda new: new["edges"].append(edge("e9", "hook.rows", "out.rows")))
        refused("edge 'e0'", lambda new: new["edges"][0].pop("guarantee"))
        self.ended(run)
        self.assertEqual([row["id"] for row in self.out()], [0, 1, 2, 3, 4])


if __name__ == "__main__":
    unittest.main()
