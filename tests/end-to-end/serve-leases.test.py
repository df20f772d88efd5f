# Two servers over one PostgreSQL: a run has one owner, whoever is asked can stop it, a planned time comes once, and what a server that
# has gone leaves is taken over.
import csv
import json
import signal
import unittest
from pathlib import Path

from program import chain, node, until
from servers import POSTGRES, PostgreSql, needs
from serving import ServeTest


def ticking(name):
    nodes = [node("count", "generate/pattern", rows=0, rate=20, batchRows=1)]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes)}


@needs(POSTGRES / "postgres")
class Leases(ServeTest):
    def setUp(self):
        super().setUp()
        self.database = PostgreSql(self, self.folder / "postgres")

    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def pair(self):
        first = self.serve("--database-url", self.database.url, data="first")
        self.tokens["second"] = first.token
        return first, self.serve("--database-url", self.database.url, data="second")

    def begin(self, server, flow):
        self.json(server, "POST", "/flows", flow, 201)
        self.json(server, "POST", f"/flows/{flow['id']}/versions", {"publish": True}, 201)
        run = self.json(server, "POST", f"/flows/{flow['id']}/runs", {}, 201)["id"]
        return self.reaches(server, run, "running")["id"]

    def reaches(self, server, run, *states):
        return until(lambda: (found := self.json(server, "GET", f"/runs/{run}"))["state"] in states and found, 120)

    def owner(self, run):
        return self.database.sql(f"SELECT owner, epoch FROM runs WHERE id = '{run}'")[0].split("|")

    def engines(self, server):
        """The processes that it has begun and that still run."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                state, parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            except OSError:
                continue
            if int(parent) == server.process.pid and state not in "ZX":
                found.append(int(entry.name))
        return found

    def test_R15_a_run_has_one_owner_and_is_taken_over_when_that_has_gone(self):
        first, second = self.pair()
        run = self.begin(first, ticking("ticks"))
        stopped = self.begin(first, ticking("other"))
        owner, epoch = self.owner(run)
        self.json(second, "POST", f"/runs/{stopped}/stop", status=202)
        self.reaches(first, stopped, "stopped")
        self.assertEqual(self.owner(run), [owner, epoch])
        first.kill()
        until(lambda: self.owner(run)[0] != owner, 120)
        self.assertEqual(int(self.owner(run)[1]), int(epoch) + 1)
        self.reaches(second, run, "running")
        self.json(second, "POST", f"/runs/{run}/stop", status=202)
        self.reaches(second, run, "stopped")

    def test_R15_an_owner_that_was_away_too_long_ends_its_engines(self):
        first, second = self.pair()
        run = self.begin(first, ticking("ticks"))
        owner, epoch = self.owner(run)
        self.assertNotEqual(self.engines(first), [])
        first.process.send_signal(signal.SIGSTOP)
        try:
            until(lambda: self.owner(run)[0] != owner, 120)
            self.assertEqual(self.engines(first), [], "two engines work one run")
            self.reaches(second, run, "running")
        finally:
            first.process.send_signal(signal.SIGCONT)
        # It runs nothing of it any more, and says what the other one does.
        until(lambda: self.json(first, "GET", f"/runs/{run}")["state"] == "running")
        new = self.owner(run)
        self.assertEqual(int(new[1]), int(epoch) + 1)
        self.json(first, "POST", f"/runs/{run}/stop", status=202)
        self.reaches(second, run, "stopped")
        self.assertEqual(self.owner(run), new)

    def test_R15_an_owner_whose_database_hangs_ends_its_engines_in_time(self):
        server = self.serve("--database-url", self.database.url)
        run = self.begin(server, ticking("ticks"))
        owner, epoch = self.owner(run)
        self.assertNotEqual(self.engines(server), [])
        self.database.signal(signal.SIGSTOP)
        try:
            until(lambda: self.engines(server) == [], 120)
            self.assertEqual(server.ask("GET", "/health/live")[0], 200)
        finally:
            self.database.signal(signal.SIGCONT)
        # Nobody else may have begun it before that.
        self.assertEqual(self.owner(run), [owner, epoch])
        until(lambda: self.owner(run)[0] != owner, 120)
        self.assertEqual(int(self.owner(run)[1]), int(epoch) + 1)
        until(lambda: server.ask("GET", f"/api/v1/runs/{run}")[0] == 200)
        self.reaches(server, run, "running")
        self.assertNotEqual(self.engines(server), [])

    def test_R15_a_run_that_was_made_without_its_owner_hearing_of_it_is_worked(self):
        server = self.serve("--database-url", self.database.url)
        run = self.begin(server, ticking("ticks"))
        # As a database leaves it that hung while its making was committed.
        self.database.sql(f"CREATE TEMP TABLE made AS SELECT * FROM runs WHERE id = '{run}';"
                          "UPDATE made SET id = 'unheard', number = nextval('numbers'), state = 'starting', started_at = 0, lease_until = lease_until + 60000;"
                          "INSERT INTO runs SELECT * FROM made; INSERT INTO run_documents (run, document, object)"
                          f"SELECT 'unheard', document, object FROM run_documents WHERE run = '{run}'")
        self.reaches(server, "unheard", "running")
        self.assertEqual(self.owner("unheard"), self.owner(run))
        for one in (run, "unheard"):
            self.json(server, "POST", f"/runs/{one}/stop", status=202)
            self.reaches(server, one, "stopped")

    def test_R15_what_goes_on_from_a_journal_waits_for_the_server_that_has_it(self):
        first, second = self.pair()
        flow = {"id": "kept", "version": "1.0.0", "nodes": [node("count", "generate/pattern", rows=0, rate=50, batchRows=1),
                                                            node("out", "files/csv-write", path="rows.csv")],
                "config": {"checkpoint": {"everyMs": 200}}}
        flow["edges"] = [{**edge, "guarantee": "durable"} for edge in chain(*flow["nodes"])]
        run = self.begin(first, flow)
        written = lambda data: sorted(Path(self.folder, data, "files").rglob("*rows.csv*"))
        until(lambda: sum(path.stat().st_size for path in written("first")) > 200)
        owner, epoch = self.owner(run)
        first.kill()
        held = self.reaches(second, run, "held")
        self.assertEqual(held["error"]["code"], "run.elsewhere")
        self.assertIn(f"runs/{run}", held["why"])
        self.assertNotEqual(self.owner(run), [owner, epoch])
        self.assertIn("run.elsewhere", second.ask("POST", f"/api/v1/runs/{run}/resume")[2])
        self.assertEqual(written("second"), [])
        self.assertFalse((self.folder / "second/runs" / run).exists())
        # It goes on where it was, without a word of anybody.
        again = self.serve("--database-url", self.database.url, data="first")
        self.assertNotIn("error", self.reaches(again, run, "running"))
        self.json(second, "POST", f"/runs/{run}/stop", status=202)
        self.reaches(again, run, "stopped")
        with next(path for path in written("first") if path.name == "rows.csv").open() as file:
            numbers = [int(row["id"]) for row in csv.DictReader(file)]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))

    def test_R15_of_two_servers_one_starts_the_run_of_a_time(self):
        first, second = self.pair()
        self.json(first, "POST", "/flows", {"id": "short", "version": "1.0.0", "nodes": [node("count", "generate/pattern", rows=3)], "edges": []}, 201)
        self.json(first, "POST", "/flows/short/versions", {"publish": True}, 201)
        made = self.json(first, "POST", "/flows/short/schedules", {"everyMs": 1000, "overlap": "parallel", "parallel": 100, "misfire": "all"}, 201)
        fires = lambda: [one for one in self.json(second, "GET", f"/schedules/{made['id']}/fires?limit=500")["fires"] if one["outcome"] == "started"]
        until(lambda: len(fires()) >= 6)
        self.json(second, "POST", f"/schedules/{made['id']}/pause")
        planned = sorted(one["plannedAt"] for one in fires())
        self.assertEqual([b - a for a, b in zip(planned, planned[1:])], [1000] * (len(planned) - 1))
        runs = self.json(first, "GET", "/runs?flow=short&limit=500")["runs"]
        self.assertEqual({one["id"] for one in runs}, {one["run"] for one in fires()})


if __name__ == "__main__":
    unittest.main()
