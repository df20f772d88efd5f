# weir serve keeps runs of kept flows: started once, stopped for good, alive after the end of an engine or of the server.
import http.client
import json
import os
import signal
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from program import chain, node, until
from serving import ServeTest


def children_of(process):
    """Ids of the processes that it has started and that go on."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == process and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def ticking(name, rate=200, **more):
    """Counts for ever, and writes what it has counted."""
    source = node("count", "generate/pattern", rows=0, rate=rate, batchRows=1)
    kept = node("write", "files/json-write", path=f"{name}.ndjson")
    return {"id": name, "version": "1.0.0", "nodes": [source, kept], "edges": chain(source, kept), **more}


def short(name, rows=100):
    source = node("count", "generate/pattern", rows="${rows}")
    kept = node("write", "files/json-write", path=f"{name}.ndjson")
    return {"id": name, "version": "1.0.0", "nodes": [source, kept], "edges": chain(source, kept),
            "parameters": [{"name": "rows", "type": "integer", "default": rows}]}


class Runs(ServeTest):
    def json(self, server, method, path, body=None, status=200, headers=None):
        found, _, said = server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def publish(self, server, flow):
        self.json(server, "POST", "/flows", flow, 201)
        self.json(server, "POST", f"/flows/{flow['id']}/versions", {"publish": True}, 201)
        return flow["id"]

    def begin(self, server, flow, **body):
        return self.json(server, "POST", f"/flows/{flow}/runs", body, 201)["id"]

    def state(self, server, run):
        return self.json(server, "GET", f"/runs/{run}")

    def reaches(self, server, run, *states):
        return until(lambda: (found := self.state(server, run))["state"] in states and found)

    def test_streams_of_a_run_hear_that_the_server_ends_and_hold_nothing_up(self):
        # With all that time to end in, nobody would wait for it to pass.
        server = self.serve("--drain-timeout", "10m")
        run = self.begin(server, self.publish(server, ticking("streamed")))
        self.reaches(server, run, "running")
        readers = []
        for path in (f"/runs/{run}/events", f"/runs/{run}/live/events", f"/runs/{run}/live/metrics", "/live/alerts"):
            reader = http.client.HTTPConnection(server.host, server.port, timeout=60)
            reader.request("GET", f"/api/v1{path}", headers={"authorization": f"Bearer {server.token}"})
            answer = reader.getresponse()
            self.assertEqual(answer.status, 200, path)
            self.addCleanup(reader.close)
            readers.append(answer)
        self.assertEqual(server.stop(), 0)
        for answer in readers:
            # A body that was cut would raise IncompleteRead.
            said = answer.read().decode()
            last = said.strip().split("\n\n")[-1]
            self.assertIn("event: going-away\n", last)
            self.assertEqual(json.loads(last.split("data: ")[1])["type"], "going-away")

    def reaches_version(self, server, run, version):
        """Its state once it runs that version, or does not run any more."""
        return until(lambda: (found := self.state(server, run)) and
                     (found["state"] not in ("starting", "running", "stopping") or (found["version"], found["state"]) == (version, "running")) and found)

    def read(self, server, run):
        """Rows that its source has given, as its metrics say."""
        metrics = self.json(server, "GET", f"/runs/{run}/metrics").get("metrics", {})
        return next((one["rowsOut"] for one in metrics.get("nodes", []) if one["id"] == "count"), 0)

    def test_a_flow_whose_run_goes_on_stays_and_its_events_end_with_the_right_to_them(self):
        server = self.serve()
        self.publish(server, ticking("ticks"))
        run = self.begin(server, "ticks")
        self.reaches(server, run, "running")
        any_state = {"if-match": "*"}
        for query in ("", "?purge=true"):
            self.assertEqual(self.json(server, "DELETE", f"/flows/ticks{query}", status=409, headers=any_state)["code"], "run.goes_on")
        gone = {"flows": [], "remove": [{"id": "ticks"}]}
        self.assertEqual(self.json(server, "POST", "/apply", gone, 409)["code"], "run.goes_on")

        account = self.json(server, "POST", "/users", {"name": "otto", "password": "nineteen violet umbrellas"}, 201)["id"]
        grant = self.json(server, "POST", "/grants", {"user": account, "role": "operator", "flow": "ticks"}, 201)["id"]
        said = server.ask("POST", "/api/v1/session", {"name": "otto", "password": "nineteen violet umbrellas"}, {"cookie": ""})
        session = {"cookie": said[1]["set-cookie"].split(";")[0]}
        connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", f"/api/v1/runs/{run}/events", headers=session)
        events = connection.getresponse()
        self.assertEqual(events.status, 200)
        self.assertTrue(events.readline())
        self.json(server, "DELETE", f"/grants/{grant}", status=204)
        self.assertIn(b"auth.revoked", events.read())

        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        self.reaches(server, run, "stopped", "done")
        # Its end is told a moment before it is stored.
        until(lambda: server.ask("DELETE", "/api/v1/flows/ticks", headers=any_state)[0] == 200)
        self.json(server, "DELETE", "/flows/ticks?purge=true", status=204, headers=any_state)

    def test_a_run_is_started_with_parameters_and_remembered(self):
        server = self.serve()
        self.json(server, "POST", "/flows", short("orders"), 201)
        refused = self.json(server, "POST", "/flows/orders/runs", {}, 409)
        self.assertEqual(refused["code"], "run.no_version")
        self.json(server, "POST", "/flows/orders/versions", {"publish": True}, 201)
        run = self.begin(server, "orders", parameters={"rows": 7})
        ended = self.reaches(server, run, "done", "failed")
        self.assertEqual((ended["state"], ended["version"], ended["parameters"]), ("done", 1, {"rows": 7}), ended)
        written = (self.folder / "data/files/orders.ndjson").read_text().splitlines()
        self.assertEqual(len(written), 7)
        draft = self.begin(server, "orders", version="draft")
        self.assertEqual(self.reaches(server, draft, "done", "failed")["version"], 0)
        runs = self.json(server, "GET", "/runs?flow=orders")["runs"]
        self.assertEqual([one["id"] for one in runs], [draft, run])
        page = self.json(server, "GET", "/runs?limit=1")
        self.assertEqual([one["id"] for one in self.json(server, "GET", f"/runs?limit=1&cursor={page['next']}")["runs"]], [run])
        self.json(server, "DELETE", f"/runs/{run}", status=204)
        self.json(server, "GET", f"/runs/{run}", status=404)

    def test_what_cannot_run_is_refused_and_leaves_no_run(self):
        server = self.serve()
        self.publish(server, short("orders"))
        for body, status in (({"parameters": {"rows": "many"}}, 422), ({"parameters": []}, 400), ({"version": 9}, 404),
                             ({"version": "newest"}, 400), ({"rows": 3}, 400)):
            self.json(server, "POST", "/flows/orders/runs", body, status)
        self.json(server, "POST", "/flows/none/runs", {}, 404)
        self.assertEqual(self.json(server, "GET", "/runs")["runs"], [])

    def test_R14_the_same_idempotency_key_a_hundred_times_at_once_is_one_run(self):
        server = self.serve()
        self.publish(server, short("orders"))
        start = lambda _: self.json(server, "POST", "/flows/orders/runs", {}, 201, {"idempotency-key": "one"})["id"]
        with ThreadPoolExecutor(20) as pool:
            ids = set(pool.map(start, range(100)))
        self.assertEqual(len(ids), 1)
        self.assertEqual(len(self.json(server, "GET", "/runs")["runs"]), 1)

    def test_a_run_that_is_stopped_stays_stopped(self):
        server = self.serve()
        self.publish(server, ticking("ticks"))
        run = self.begin(server, "ticks")
        self.reaches(server, run, "running")
        self.json(server, "DELETE", f"/runs/{run}", status=409)
        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        self.assertEqual(self.reaches(server, run, "stopped", "done", "failed")["state"], "stopped")
        # What has ended is left as it is, and its state is the answer.
        for body in (None, {"at": "checkpoint"}):
            self.assertEqual(self.json(server, "POST", f"/runs/{run}/stop", body, status=200)["state"], "stopped")
        self.json(server, "POST", f"/runs/{run}/stop", {"at": "once"}, status=400)
        server.stop()
        again = self.serve()
        self.assertEqual(self.state(again, run)["state"], "stopped")

    def test_the_end_of_an_engine_only_interrupts_the_runs_in_it(self):
        server = self.serve()
        self.publish(server, ticking("ticks"))
        self.publish(server, ticking("apart", config={"isolation": "process"}))
        run, other = self.begin(server, "ticks"), self.begin(server, "apart")
        self.reaches(server, other, "running")
        apart = set(children_of(server.process.pid))
        self.reaches(server, run, "running")
        until(lambda: self.read(server, run) > 0 and self.read(server, other) > 0)
        engines = children_of(server.process.pid)
        self.assertEqual(len(engines), 2, apart)
        for engine in engines:
            command = Path(f"/proc/{engine}/cmdline").read_bytes()
            self.assertIn(b"engine", command)
        before = self.state(server, other)["restarts"]
        os.kill(engines[0], signal.SIGKILL)
        interrupted = until(lambda: next((one for one in (run, other) if self.state(server, one)["restarts"] > before), None))
        untouched = other if interrupted == run else run
        counted = self.read(server, interrupted)
        self.reaches(server, interrupted, "running")
        until(lambda: self.read(server, interrupted) != counted)
        self.assertEqual(self.state(server, untouched)["restarts"], 0)
        self.assertEqual(self.state(server, untouched)["state"], "running")

    def test_runs_go_on_when_the_server_was_killed(self):
        server = self.serve()
        self.publish(server, ticking("ticks"))
        run = self.begin(server, "ticks")
        self.reaches(server, run, "running")
        server.kill()
        again = self.serve()
        # Until the run has been taken over, its record is what the killed server had written.
        until(lambda: (found := self.state(again, run))["restarts"] >= 1 and found["state"] == "running")
        until(lambda: self.read(again, run) > 0)
        self.json(again, "POST", f"/runs/{run}/stop", status=202)
        self.reaches(again, run, "stopped")

    def test_a_run_that_ends_its_process_again_and_again_is_given_up(self):
        server = self.serve()
        self.publish(server, ticking("ticks", config={"checkpoint": {"everyMs": 3_600_000, "rows": 1_000_000_000}}))
        run = self.begin(server, "ticks")
        for _ in range(3):
            self.reaches(server, run, "running")
            os.kill(children_of(server.process.pid)[0], signal.SIGSEGV)
            until(lambda: self.state(server, run)["state"] != "running")
        given_up = self.reaches(server, run, "failed")
        self.assertIn("3 times", given_up["error"]["message"])
        self.assertEqual(server.ask("GET", "/api/v1/health")[0], 200)

    def test_a_run_that_is_stopped_at_a_checkpoint_goes_on_behind_it(self):
        server = self.serve()
        self.publish(server, ticking("ticks", config={"checkpoint": {"everyMs": 100}}))
        run = self.begin(server, "ticks")
        until(lambda: self.read(server, run) > 50)
        self.json(server, "POST", f"/runs/{run}/resume", status=409)
        self.json(server, "POST", f"/runs/{run}/stop", {"at": "now"}, 400)
        self.json(server, "POST", f"/runs/{run}/stop", {"at": "checkpoint"}, 202)
        stopped = self.reaches(server, run, "stopped", "failed", "done")
        self.assertEqual((stopped["state"], stopped["outcome"]), ("stopped", "cancelled"), stopped)
        server.stop()
        again = self.serve()
        self.assertEqual(self.state(again, run)["state"], "stopped")
        self.json(again, "POST", f"/runs/{run}/resume", status=202)
        self.reaches(again, run, "running")
        until(lambda: self.read(again, run) > 20)
        self.json(again, "POST", f"/runs/{run}/stop", status=202)
        self.assertEqual(self.reaches(again, run, "stopped")["outcome"], "done")
        written = [json.loads(line)["id"] for line in (self.folder / "data/files/ticks.ndjson").read_text().splitlines()]
        # Nothing twice, and nothing is missing: it went on where it was.
        self.assertEqual(written, list(range(len(written))))
        self.assertEqual(self.json(again, "POST", f"/runs/{run}/resume", status=409)["code"], "run.ended")

    def test_R16_a_new_version_comes_into_the_run_that_goes_on(self):
        server = self.serve()
        flow = ticking("ticks", config={"checkpoint": {"everyMs": 100}})
        self.publish(server, flow)
        run = self.begin(server, "ticks")
        until(lambda: self.read(server, run) > 20)
        marked = node("mark", "logic/map", set={"mark": "'new'"})
        source, kept = flow["nodes"]
        newer = {**flow, "nodes": [source, marked, kept], "edges": chain(source, marked, kept)}
        tag = server.ask("GET", "/api/v1/flows/ticks")[1]["etag"]
        self.json(server, "PUT", "/flows/ticks", newer, headers={"if-match": tag})
        self.json(server, "POST", "/flows/ticks/versions", {"publish": True}, 201)
        self.assertEqual(self.json(server, "POST", f"/runs/{run}/version", {"running": "maybe"}, 400)["code"], "api.body")
        self.json(server, "POST", f"/runs/{run}/version", {"version": 9}, 404)
        said = self.json(server, "POST", "/flows/ticks/runs/version", {}, 202)
        self.assertEqual(said, {"runs": [{"run": run, "changes": True}]})
        changed = until(lambda: (found := self.state(server, run))["version"] == 2 and found)
        self.assertEqual((changed["state"], changed["restarts"]), ("running", 0), changed)
        counted = self.read(server, run)
        until(lambda: self.read(server, run) > counted + 20)
        self.assertEqual(self.json(server, "POST", f"/runs/{run}/version", {}, 409)["code"], "run.keeps_version")
        # The version outlives its engine.
        os.kill(children_of(server.process.pid)[0], signal.SIGKILL)
        until(lambda: (found := self.state(server, run))["restarts"] == 1 and found["state"] == "running")
        self.assertEqual(self.state(server, run)["version"], 2)
        # And by a restart behind a checkpoint.
        other = node("mark", "logic/map", set={"mark": "'newer'"})
        tag = server.ask("GET", "/api/v1/flows/ticks")[1]["etag"]
        self.json(server, "PUT", "/flows/ticks", {**flow, "nodes": [source, other, kept], "edges": chain(source, other, kept)}, headers={"if-match": tag})
        self.json(server, "POST", "/flows/ticks/versions", {"publish": True}, 201)
        until(lambda: self.read(server, run) > 0)
        self.json(server, "POST", f"/runs/{run}/version", {"running": "restart", "keepState": True}, 202)
        told = self.reaches_version(server, run, 3)
        self.assertEqual((told["state"], told["version"]), ("running", 3), told)
        # A version that has no place for what was saved is held, with the reason, until people say what becomes of it.
        until(lambda: self.read(server, run) > 50)
        self.json(server, "POST", f"/runs/{run}/version", {"version": 1, "running": "restart"}, 202)
        held = self.reaches(server, run, "held")
        self.assertEqual(held["wanted"], "running", held)
        self.assertIn("the saved state has a node '", held["why"])
        server.stop()
        again = self.serve()
        self.assertEqual(self.state(again, run)["state"], "held")
        self.json(again, "POST", f"/runs/{run}/resume", status=202)
        self.reaches(again, run, "held")
        self.json(again, "POST", f"/runs/{run}/stop", status=202)
        self.reaches(again, run, "stopped")

    def test_a_version_that_a_run_cannot_take_leaves_it_as_it_was(self):
        server = self.serve()
        flow = ticking("ticks")
        self.publish(server, flow)
        run = self.begin(server, "ticks")
        self.reaches(server, run, "running")
        source, kept = flow["nodes"]
        faster = {**flow, "nodes": [node("count", "generate/pattern", rows=0, rate=10, batchRows=1), kept]}
        tag = server.ask("GET", "/api/v1/flows/ticks")[1]["etag"]
        self.json(server, "PUT", "/flows/ticks", faster, headers={"if-match": tag})
        self.json(server, "POST", f"/runs/{run}/version", {"version": "draft"}, 202)
        told = until(lambda: (found := self.state(server, run)).get("why", "").startswith("it goes on as it was") and found)
        self.assertEqual((told["version"], told["state"]), (1, "running"))

    def test_S8_quotas_of_folders_bound_their_runs(self):
        server = self.serve()
        for name, folder in (("ticks", "team/reports"), ("free", "other")):
            # Without a file, which one run at a time writes.
            flow = {"id": name, "version": "1.0.0", "nodes": [node("count", "generate/pattern", rows=0, rate=5, batchRows=1)], "edges": []}
            self.json(server, "POST", f"/flows?folder={folder}", flow, 201)
            self.json(server, "POST", f"/flows/{name}/versions", {"publish": True}, 201)
        for body in ({"runs": 0}, {"memoryBytes": 5}, {"cores": 1}, []):
            self.json(server, "PUT", "/quotas?folder=team", body, 400)
        self.json(server, "PUT", "/quotas?folder=/team", {}, 400)
        self.json(server, "PUT", "/quotas?folder=team", {"runs": 2, "maxRunMs": 600_000})
        first = self.begin(server, "ticks")
        self.begin(server, "ticks")
        refused = self.json(server, "POST", "/flows/ticks/runs", {}, 429)
        self.assertEqual(refused["code"], "quota.runs")
        self.assertIn("the folder 'team' at most 2 runs", refused["detail"])
        self.begin(server, "free")
        self.json(server, "POST", f"/runs/{first}/stop", status=202)
        self.reaches(server, first, "stopped")
        third = self.begin(server, "ticks")
        used = self.json(server, "GET", "/quotas")["quotas"]
        self.assertEqual([(one["folder"], one["going"], one["runs"]) for one in used], [("team", 2, 2)])
        self.json(server, "PUT", "/quotas?folder=team", {"startedPerMinute": 1})
        self.assertEqual(self.json(server, "POST", "/flows/ticks/runs", {}, 429)["code"], "quota.started")
        self.json(server, "POST", f"/runs/{third}/stop", status=202)
        self.json(server, "PUT", "/quotas?folder=team", {"maxRunMs": 1000})
        brief = self.begin(server, "ticks")
        ended = self.reaches(server, brief, "failed", "done", "stopped")
        self.assertEqual((ended["state"], ended["error"]["code"]), ("failed", "run.time_limit"), ended)
        self.json(server, "DELETE", "/quotas?folder=team", status=204)
        self.json(server, "DELETE", "/quotas?folder=team", status=404)

    def test_runs_are_found_by_time_and_by_who_started_them(self):
        server = self.serve()
        self.publish(server, short("orders"))
        runs, made = [], []
        for _ in range(3):
            # One after the other: they write one file.
            runs.append(self.begin(server, "orders"))
            made.append(self.reaches(server, runs[-1], "done", "failed")["createdAt"])
        ids = lambda query: [one["id"] for one in self.json(server, "GET", f"/runs?{query}")["runs"]]
        # An end is told a moment before it is kept.
        until(lambda: ids(f"from={made[0]}&until={made[2] + 1}&state=done") == runs[::-1])
        self.assertEqual(ids(f"until={made[0]}"), [])
        self.assertEqual(ids("startedBy=nobody"), [])
        self.json(server, "GET", "/runs?from=yesterday", status=400)

    def test_events_of_a_run_are_told_and_read_again(self):
        server = self.serve()
        self.publish(server, short("orders"))
        run = self.begin(server, "orders")
        self.reaches(server, run, "done")
        status, _, said = server.ask("GET", f"/api/v1/runs/{run}/events")
        self.assertEqual(status, 200)
        states = [json.loads(line[5:])["state"] for line in said.splitlines() if line.startswith("data:") and '"state"' in line]
        self.assertEqual(states[-1], "done")
        self.assertEqual(self.json(server, "GET", f"/runs/{run}/logs"), {"logs": []})


if __name__ == "__main__":
    unittest.main()
