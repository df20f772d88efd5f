# What runs of a server keep of their rows: recordings that `weir replay` takes, traces of sampled rows; who may read them,
# what is masked and sealed, and when they go.
import io
import json
import os
import tarfile
import unittest

from program import chain, node, until
from serving import ServeTest

CANARY = "canary-row-4471"
SEGMENT = "000001.arrows.zst"


class RowsKept(ServeTest):
    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def given(self, name="rows", rate=0, **more):
        """A thousand rows, or with a rate rows without end."""
        shape = {"rows": 0, "rate": rate, "batchRows": 1} if rate else {"rows": 1000}
        source = node("count", "generate/pattern", pattern="sequential", **shape)
        text = node("text", "logic/map", set={"text": json.dumps(CANARY), "secret": "'hidden-' + string(row.id)"})
        nodes = [source, text, node("end", "debug/log", rows=1)]
        return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes), **more}

    def started(self, server, flow, **asked):
        self.json(server, "POST", "/flows", flow, 201)
        return self.json(server, "POST", f"/flows/{flow['id']}/runs", {"version": "draft", **asked}, 201)

    def ended(self, server, run):
        state = until(lambda: (found := self.json(server, "GET", f"/runs/{run}"))["state"] in ("done", "failed") and found)
        self.assertEqual(state["state"], "done", state)

    def recorded(self, server, flow=None, **more):
        run = self.started(server, flow or self.given(), record={"edge": "e2", **more})["id"]
        self.ended(server, run)
        return run

    def archive(self, server, run):
        status, headers, got = server.ask("GET", f"/api/v1/runs/{run}/recording", raw=True)
        self.assertEqual((status, headers.get("content-type")), (200, "application/x-tar"), got)
        return tarfile.open(fileobj=io.BytesIO(got))

    def use(self, server, name):
        return next((one for one in self.json(server, "GET", "/disk")["files"] if one["name"] == name), {"bytes": 0, "count": 0})

    def replayed(self, folder, flow):
        """The rows that a sink gets when the recording is fed into the last edge."""
        nodes = flow["nodes"][:-1] + [node("write", "files/csv-write", path="o.csv")]
        edges = [flow["edges"][0], {**flow["edges"][1], "target": {"node": "write", "port": "rows"}}]
        self.write("local.flow.json", json.dumps({**flow, "nodes": nodes, "edges": edges}))
        self.weir("replay", folder, "local.flow.json", "e2", "--speed", "max", "-q")
        return (self.folder / "o.csv").read_text().splitlines()[1:]

    def test_a_run_is_recorded_and_weir_replay_takes_what_the_server_gives(self):
        server = self.serve()
        flow = self.given()
        run = self.recorded(server, flow)
        self.assertEqual(self.json(server, "GET", f"/runs/{run}")["rowsKept"]["record"]["edge"], "e2")
        with self.archive(server, run) as archive:
            archive.extractall(self.folder, filter="data")
        index = json.loads((self.folder / "e2.weir-recording/recording.json").read_text())
        self.assertEqual((index["finished"], sum(one["rows"] for one in index["segments"])), (True, 1000))
        rows = self.replayed("e2.weir-recording", flow)
        self.assertEqual(len(rows), 1000)
        self.assertIn(CANARY, rows[0])
        audit = self.json(server, "GET", "/audit?action=data.recording_read")["entries"]
        self.assertEqual([one["object"] for one in audit], [f"run:{run}"])
        self.assertGreater(self.use(server, "runs/recordings")["bytes"], 0)

    def test_the_commands_take_what_a_run_of_a_server_keeps(self):
        server = self.serve()
        flow = self.given()
        run = self.started(server, flow, record={"edge": "e2"}, trace={"rows": 1})["id"]
        self.ended(server, run)
        other = {**self.given("other"), "id": "other"}
        self.ended(server, self.started(server, other)["id"])
        at = ("--server", f"http://127.0.0.1:{server.port}")
        env = {**os.environ, "WEIR_TOKEN": server.token}
        _, told = self.weir("record", run, *at, env=env)
        self.assertIn("fetched 1,000 rows of edge e2 in e2.weir-recording", told)
        self.assertEqual(len(self.replayed("e2.weir-recording", flow)), 1000)
        self.fails("record", run, *at, code=2, says=["files.exists"], env=env)
        # By its flow, and the newest that keeps rows.
        self.weir("record", "rows", "--out", "named", *at, env=env)
        self.weir("record", "last", "--out", "newest", *at, env=env)
        for folder in ("named", "newest"):
            self.assertEqual(len(list((self.folder / folder).glob("*.arrows.zst"))), len(list((self.folder / "e2.weir-recording").glob("*.arrows.zst"))))
        (self.folder / "o.csv").unlink()
        self.weir("replay", run[:-2], "local.flow.json", "e2", "--speed", "max", "-q", *at, env=env)
        self.assertEqual(len((self.folder / "o.csv").read_text().splitlines()), 1001)
        ids, _ = self.weir("trace", run, *at, env=env)
        first = ids.splitlines()[0]
        way, _ = self.weir("trace", "last", first, *at, env=env)
        self.assertIn("text", way)
        self.assertIn("-> rows", way)
        for command in (("record", "other"), ("record", "zz"), ("trace", "other"), ("replay", "zz", "local.flow.json", "e2")):
            self.fails(*command, *at, code=2, says=["run.not_found"], env=env)
        self.fails("record", run, "e2", *at, code=2, says=["without an edge"], env=env)
        self.fails("record", "local.flow.json", code=2, says=["EDGE"])
        self.fails("trace", run, *at, code=2, says=["401"], env={**env, "WEIR_TOKEN": "weir_pat_no_thing"})

    def test_sensitive_fields_are_not_recorded_unless_that_is_said(self):
        server = self.serve()
        for name, more in (("masked", {}), ("whole", {"sensitive": True})):
            flow = self.given(name, config={"sensitive": ["secret"]})
            run = self.recorded(server, flow, **more)
            with self.archive(server, run) as archive:
                archive.extractall(self.folder / name, filter="data")
            rows = self.replayed(f"{name}/e2.weir-recording", flow)
            self.assertEqual(len(rows), 1000)
            self.assertEqual(all("(sensitive)" in row for row in rows), not more)
            self.assertEqual("hidden-7" in "".join(rows), bool(more))

    def test_nothing_of_a_row_lies_open_on_the_disk_and_keys_can_be_changed(self):
        server = self.serve()
        run = self.started(server, self.given(), record={"edge": "e2"}, trace={"rows": 1})["id"]
        self.ended(server, run)
        steps = self.json(server, "GET", f"/runs/{run}/trace?limit=1000")["steps"]
        files = [path for path in (self.folder / "data/runs" / run).rglob("*") if path.is_file()]
        kept = [path for path in files if path.name == SEGMENT or path.suffix == ".ndjson"]
        self.assertEqual(len(kept), 2)
        for path in kept:
            self.assertTrue(path.read_bytes().startswith(b"weirlog1"), path)
            self.assertNotIn(CANARY.encode(), path.read_bytes())
            self.assertNotIn(b"startNanos", path.read_bytes())
        sealed = [path.read_bytes() for path in kept]
        server.stop()
        self.weir("rotate-keys", "data")
        self.weir("rotate-keys", "data", "--rewrite")
        self.assertTrue(all(path.read_bytes() != before for path, before in zip(kept, sealed)))
        again = self.serve()
        self.assertEqual(self.json(again, "GET", f"/runs/{run}/trace?limit=1000")["steps"], steps)
        with self.archive(again, run) as archive:
            self.assertEqual(len(archive.getnames()), 2)

    def test_what_was_kept_in_the_open_is_sealed_by_weir_encrypt(self):
        server = self.serve("--no-encryption")
        run = self.started(server, self.given(), record={"edge": "e2"}, trace={"rows": 1})["id"]
        self.ended(server, run)
        steps = self.json(server, "GET", f"/runs/{run}/trace?limit=1000")["steps"]
        server.stop()
        self.weir("encrypt", "data")
        for path in (self.folder / "data/runs" / run).rglob("*"):
            if path.name == SEGMENT or path.suffix == ".ndjson":
                self.assertTrue(path.read_bytes().startswith(b"weirlog1"), path)
        again = self.serve()
        self.assertEqual(self.json(again, "GET", f"/runs/{run}/trace?limit=1000")["steps"], steps)
        self.assertEqual(len(self.archive(again, run).getnames()), 2)

    def test_sampled_rows_are_traced_and_read_page_by_page_and_row_by_row(self):
        server = self.serve()
        run = self.started(server, self.given(), trace={"rows": 100})["id"]
        self.ended(server, run)
        steps, cursor = [], ""
        for _ in range(1000):
            page = self.json(server, "GET", f"/runs/{run}/trace?limit=3{cursor}")
            steps += page["steps"]
            if "next" not in page:
                break
            cursor = f"&cursor={page['next']}"
        self.assertEqual(page["every"], 100)
        self.assertEqual(steps, self.json(server, "GET", f"/runs/{run}/trace?limit=1000")["steps"])
        self.assertEqual({one["node"] for one in steps}, {"count", "text", "end"})
        row = next(one["taken"][0] for one in steps if one.get("taken"))
        for asked in (row, row[:8]):
            way = self.json(server, "GET", f"/runs/{run}/trace?limit=1000&row={asked}")["steps"]
            self.assertEqual({one["node"] for one in way}, {"count", "text", "end"})
            self.assertTrue(all(row[:8] in json.dumps(one) for one in way))
        for query in ("row=abc", "row=" + "x" * 32, "limit=0", "limit=1001", "cursor=x", "colour=red"):
            self.json(server, "GET", f"/runs/{run}/trace?{query}", status=400)
        self.json(server, "GET", f"/runs/{run}/recording", status=404)

    def test_a_recording_and_a_trace_go_when_their_time_is_over_and_their_run_stays(self):
        server = self.serve("--keep-recordings", "1s", "--keep-traces", "1s", "--keeping-every", "200ms")
        run = self.started(server, self.given(), record={"edge": "e2"}, trace={"rows": 1})["id"]
        self.ended(server, run)
        for part in ("recording", "trace"):
            until(lambda part=part: server.ask("GET", f"/api/v1/runs/{run}/{part}", raw=True)[0] == 404)
        for part in ("recordings", "traces"):
            until(lambda part=part: self.use(server, f"runs/{part}")["bytes"] == 0)
        self.assertEqual(self.json(server, "GET", f"/runs/{run}")["state"], "done")

    def test_deleting_frees_what_they_took_and_only_of_runs_that_have_ended(self):
        server = self.serve()
        run = self.started(server, self.given(), record={"edge": "e2"}, trace={"rows": 1})["id"]
        self.ended(server, run)
        for part in ("recording", "trace"):
            self.assertGreater(self.json(server, "DELETE", f"/runs/{run}/{part}")["freedBytes"], 0)
            self.json(server, "DELETE", f"/runs/{run}/{part}", status=404)
            self.assertEqual(self.use(server, f"runs/{part}s")["bytes"], 0)
        run = self.started(server, self.given("going", rate=10), record={"edge": "e1"}, trace={"rows": 1})["id"]
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] == "running")
        for part in ("recording", "trace"):
            self.assertEqual(self.json(server, "DELETE", f"/runs/{run}/{part}", status=409)["code"], "run.goes_on")
        self.json(server, "POST", f"/runs/{run}/stop", status=202)

    def test_a_run_that_loses_its_engine_keeps_a_recording_of_each_beginning(self):
        server = self.serve()
        run = self.started(server, self.given("long", rate=200), record={"edge": "e2"}, trace={"rows": 1})["id"]
        segment = self.folder / "data/runs" / run / "recordings/000001" / SEGMENT
        until(lambda: segment.exists() and segment.stat().st_size > 0)
        server.kill()
        again = self.serve()
        second = self.folder / "data/runs" / run / "recordings/000002" / SEGMENT
        until(lambda: second.exists() and second.stat().st_size > 0)
        self.json(again, "POST", f"/runs/{run}/stop", status=202)
        until(lambda: self.json(again, "GET", f"/runs/{run}")["state"] == "stopped")
        names = self.archive(again, run).getnames()
        for name in ("e2.weir-recording", "e2-2.weir-recording"):
            self.assertIn(f"{name}/recording.json", names)
            self.assertIn(f"{name}/{SEGMENT}", names)
        self.assertTrue(self.json(again, "GET", f"/runs/{run}/trace")["steps"])

    def test_what_cannot_be_kept_is_said_before_anything_begins(self):
        server = self.serve()
        self.json(server, "POST", "/flows", self.given(), 201)
        start = lambda status, **asked: self.json(server, "POST", "/flows/rows/runs", {"version": "draft", **asked}, status)  # noqa: E731
        self.assertIn("Did you mean 'e2'", start(422, record={"edge": "e22"})["detail"])
        for asked in ({"record": {}}, {"record": "e2"}, {"record": {"edge": "e2", "bytes": 5}}, {"trace": {"rows": 0}}, {"trace": {}}):
            start(400, **asked)
        self.assertEqual(self.json(server, "GET", "/runs")["runs"], [])

    def test_who_may_not_read_data_neither_records_nor_reads(self):
        server = self.serve()
        self.json(server, "POST", "/flows", self.given(), 201)
        status, headers, said = server.ask("POST", "/api/v1/session", {"name": server.NAME, "password": server.PASSWORD}, {"cookie": "none=1"})
        self.assertEqual(status, 201, said)
        session = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(said)["csrf"]}
        wanted = {"name": "starts", "permissions": ["flow.read", "flow.edit", "run.start"]}
        status, _, said = server.ask("POST", "/api/v1/tokens", wanted, session)
        self.assertEqual(status, 201, said)
        as_other = {"authorization": f"Bearer {json.loads(said)['token']}"}
        ask = lambda method, path, body=None: server.ask(method, f"/api/v1{path}", body, as_other)[0]  # noqa: E731
        self.assertEqual(ask("POST", "/flows/rows/runs", {"version": "draft", "record": {"edge": "e2"}}), 403)
        run = self.json(server, "POST", "/flows/rows/runs", {"version": "draft", "record": {"edge": "e2"}}, 201)["id"]
        self.ended(server, run)
        for part in ("recording", "trace"):
            self.assertEqual(ask("GET", f"/runs/{run}/{part}"), 403)
            self.assertEqual(ask("DELETE", f"/runs/{run}/{part}"), 403)


if __name__ == "__main__":
    unittest.main()
