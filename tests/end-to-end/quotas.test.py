# Quotas of disk, threads, descriptors, connections and what is sent: intake stops before the disk of a folder is used up, and goes
# on when there is room again.
import http.server
import json
import os
import signal
import socket
import threading
import time
import unittest
from pathlib import Path

from program import chain, edge, node, until
from serving import ServeTest


def failing(name, rows, config=None):
    """Half of its rows become dead letters of about 2 KB; without a number of rows it goes on."""
    source = node("count", "generate/pattern", rows=rows, **({} if rows else {"rate": 1000, "batchRows": 50}))
    text, share = node("text", "logic/map", set={"text": json.dumps("x" * 2000)}), node("share", "logic/map", set={"share": "1 / (row.id % 2)"})
    show = node("show", "debug/log", rows=1)
    return {"id": name, "version": "1.0.0", "nodes": [source, text, share, show], "edges": chain(source, text, share, show),
            "config": {"maxErrors": 10**9, "checkpoint": {"everyMs": 500}, **(config or {})}}


def children_of(process):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == process:
                found.append(int(stat.parent.name))
        except OSError:
            continue
    return found


class Sink:
    """Takes what is posted to it, each request with a pause; knows how many connections there were at a time."""

    def __init__(self, test, pause=0.0):
        self.lock, self.open, self.most, self.bytes, self.requests = threading.Lock(), 0, 0, 0, 0
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def setup(self):
                super().setup()
                with sink.lock:
                    sink.open += 1
                    sink.most = max(sink.most, sink.open)

            def finish(self):
                with sink.lock:
                    sink.open -= 1
                super().finish()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(pause)
                with sink.lock:
                    sink.bytes += len(body)
                    sink.requests += 1
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.handle_error = lambda *_: None
        threading.Thread(target=server.serve_forever, daemon=True).start()
        test.addCleanup(server.server_close)
        test.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_address[1]}/"


class Holder:
    """Takes connections, and says nothing."""

    def __init__(self, test):
        self.connections = []
        listener = socket.create_server(("127.0.0.1", 0))
        test.addCleanup(listener.close)
        self.url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"

        def loop():
            while True:
                try:
                    self.connections.append(listener.accept()[0])
                except OSError:
                    return
        threading.Thread(target=loop, daemon=True).start()


def posting(name, url, rows=0, rate=200, limits=None, size=2000, timeout="20s"):
    """A row of so many bytes is posted again and again; without a number of rows it goes on."""
    source = node("count", "generate/pattern", rows=rows, **({} if rows else {"rate": rate, "batchRows": 20}))
    text = node("text", "logic/map", set={"text": json.dumps("x" * size)})
    ask = node("ask", "http/request", url=url, method="POST", timeout=timeout) | {"retry": {"attempts": 1}}
    show = node("show", "debug/log", rows=1)
    edges = [*chain(source, text, ask), edge("e3", "ask.response", "show.rows")]
    return {"id": name, "version": "1.0.0", "nodes": [source, text, ask, show], "edges": edges,
            "config": {"maxErrors": 10**9, "limits": limits or {}}}


def holding(name, url, limits=None):
    """A connection that stays."""
    hold, show = node("hold", "tcp/read", url=url, maxDelay="100ms"), node("heard", "debug/log", rows=1)
    return {"id": name, "version": "1.0.0", "nodes": [hold, show], "edges": chain(hold, show), "config": {"limits": limits or {}}}


class AskingTest(ServeTest):
    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def begin(self, server, flow, folder):
        self.json(server, "POST", f"/flows?folder={folder}", flow, 201)
        return self.json(server, "POST", f"/flows/{flow['id']}/runs", {"version": "draft"}, 201)["id"]

    def state(self, server, run):
        return self.json(server, "GET", f"/runs/{run}")

    def rows(self, server, run):
        nodes = self.json(server, "GET", f"/runs/{run}/metrics").get("metrics", {}).get("nodes", [])
        return next((one["rowsOut"] for one in nodes if one["id"] == "count"), 0)

    def metric(self, server, name, folder):
        line = next((one for one in server.ask("GET", "/api/v1/metrics")[2].splitlines() if one.startswith(f'{name}{{folder="{folder}"}}')), None)
        return None if line is None else float(line.rsplit(" ", 1)[1])

    def stands(self, server, run):
        """It takes nothing in: over several reports no row."""
        def still():
            before = self.rows(server, run)
            time.sleep(3)
            return self.rows(server, run) == before
        until(still)


class Quotas(AskingTest):
    def test_R7_at_90_percent_of_a_quota_of_disk_intake_stops_and_it_goes_on_when_there_is_room(self):
        server = self.serve("--no-encryption", "--keeping-every", "200ms")
        for body in ({"totalDiskBytes": 5}, {"threads": 0}, {"threads": 5000}, {"descriptors": 3}):
            self.json(server, "PUT", "/quotas?folder=team", body, 400)
        old = self.begin(server, failing("old", 5000), "team/reports")
        until(lambda: self.state(server, old)["state"] in ("done", "failed"))
        free = self.begin(server, failing("free", 0), "other")
        kept = self.json(server, "PUT", "/quotas?folder=team", {"totalDiskBytes": 20 << 20})
        self.assertEqual(kept["totalDiskBytes"], 20 << 20)
        run = self.begin(server, failing("ticks", 0), "team")
        held = until(lambda: (found := self.state(server, run)).get("why") and found, 120)
        self.assertEqual(held["state"], "running")
        self.assertIn("runs and drafts of the folder 'team' have", held["why"])
        self.assertIn("the quota is 20.0 MiB", held["why"])
        self.assertEqual(self.metric(server, "weir_folder_intake_stopped", "team"), 1)
        self.assertEqual(self.metric(server, "weir_folder_disk_quota_bytes", "team"), 20 << 20)
        self.assertGreaterEqual(self.metric(server, "weir_folder_disk_bytes", "team"), 18 << 20)
        self.assertIsNone(self.metric(server, "weir_folder_intake_stopped", "other"))
        self.stands(server, run)
        until(lambda: any("its sources give nothing" in one["message"] for one in self.json(server, "GET", f"/runs/{run}/logs")["logs"]))
        # It is not failed or stuck, and others go on.
        self.assertEqual(self.state(server, run)["state"], "running")
        elsewhere = self.rows(server, free)
        until(lambda: self.rows(server, free) > elsewhere)
        self.json(server, "POST", f"/runs/{free}/stop", status=202)
        # Deleting makes room, and it goes on where it was.
        before = self.rows(server, run)
        self.json(server, "DELETE", f"/runs/{old}", status=204)
        until(lambda: not self.state(server, run).get("why"))
        until(lambda: self.rows(server, run) > before + 500)
        # Held again, after a restart of the server too, it can be stopped.
        until(lambda: self.state(server, run).get("why"), 120)
        self.assertEqual(server.stop(), 0)
        server = self.serve("--no-encryption", "--keeping-every", "200ms")
        until(lambda: "the quota is" in self.state(server, run).get("why", ""), 120)
        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        until(lambda: self.state(server, run)["state"] == "stopped")

    def test_what_is_used_stands_beside_what_is_allowed(self):
        server = self.serve("--no-encryption", "--keeping-every", "200ms")
        run = self.begin(server, failing("ticks", 0), "team/reports")
        other = self.begin(server, failing("free", 0), "other")
        self.json(server, "PUT", "/quotas?folder=team", {"totalDiskBytes": 1 << 30, "memoryBytes": 1 << 30, "startedPerMinute": 100})
        quota = lambda: next(one for one in self.json(server, "GET", "/quotas")["quotas"] if one["folder"] == "team")  # noqa: E731
        found = until(lambda: (now := quota())["used"]["totalDiskBytes"] > 0 and now["used"]["memoryBytes"] > 0 and now, 120)
        used = found["used"]
        self.assertEqual(used["runs"], 1)
        self.assertGreaterEqual(used["startedPerMinute"], 0)
        self.assertEqual(used["totalDiskBytes"], sum(used["disk"].values()))
        self.assertEqual(used["diskBytes"], used["totalDiskBytes"], "one run has it all")
        self.assertGreater(used["maxRunMs"], 0)
        self.assertLess(used["memoryBytes"], 1 << 30)
        for one in (run, other):
            self.json(server, "POST", f"/runs/{one}/stop", status=202)
        until(lambda: quota()["used"]["runs"] == 0)

    def test_R7_a_higher_quota_lets_runs_go_on(self):
        server = self.serve("--no-encryption", "--keeping-every", "200ms")
        self.json(server, "PUT", "/quotas", {"totalDiskBytes": 4 << 20})
        run = self.begin(server, failing("ticks", 0), "team")
        self.assertIn("this server", until(lambda: self.state(server, run).get("why"), 120))
        before = self.rows(server, run)
        self.json(server, "DELETE", "/quotas", status=204)
        until(lambda: not self.state(server, run).get("why") and self.rows(server, run) > before)

    def test_S8_what_a_process_of_a_folder_may_open_is_bounded(self):
        server = self.serve()
        self.json(server, "PUT", "/quotas?folder=team", {"descriptors": 200, "threads": 1})
        run = self.begin(server, failing("ticks", 0), "team")
        until(lambda: self.rows(server, run) > 100)
        limits = [next(line.split()[3] for line in Path(f"/proc/{child}/limits").read_text().splitlines() if line.startswith("Max open files"))
                  for child in children_of(server.process.pid)]
        self.assertIn("200", limits)

    def test_a_flow_says_how_much_the_files_of_its_runs_may_take(self):
        server = self.serve("--no-encryption", "--keeping-every", "200ms")

        def done(flow):
            run = self.json(server, "POST", f"/flows/{flow}/runs", {"version": "draft"}, 201)["id"]
            until(lambda: self.state(server, run)["state"] in ("done", "failed"))
            return run
        self.json(server, "POST", "/flows", failing("other", 2000), 201)
        stays = done("other")
        folder = self.folder / "data/runs" / stays
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        self.assertGreater(size, 1 << 20)
        self.json(server, "POST", "/flows", failing("bounded", 2000, {"keep": {"bytes": size * 5 // 2}}), 201)
        self.json(server, "POST", "/flows", failing("none", 2000, {"keep": {"bytes": 0}}), 422)
        runs = [done("bounded") for _ in range(4)]
        until(lambda: [one["id"] for one in self.json(server, "GET", "/runs")["runs"]] == [runs[3], runs[2], stays])
        # Files go behind their records.
        until(lambda: sorted(path.name for path in (self.folder / "data/runs").iterdir()) == sorted([runs[3], runs[2], stays]))

    def test_S8_what_a_run_spills_is_bounded_by_its_flow_and_by_its_folder(self):
        server = self.serve()

        def spilling(name, config):
            source = node("count", "generate/pattern", rows=1_500_000)
            words = node("words", "logic/map", set={"word": "string(row.id) + '-a-longer-key-of-a-group'"})
            group = node("group", "aggregate/group", keys=["word"], measures=[{"name": "rows", "function": "count"}])
            show = node("show", "debug/log", rows=1)
            limits = {"memoryBytes": 32 << 20, **config}
            return {"id": name, "version": "1.0.0", "nodes": [source, words, group, show], "edges": chain(source, words, group, show),
                    "config": {"limits": limits}}

        def ended(name, config, folder):
            run = self.begin(server, spilling(name, config), folder)
            return until(lambda: (found := self.state(server, run))["state"] in ("done", "failed") and found, 240)
        self.assertEqual(ended("free", {}, "team")["state"], "done")
        bounded = ended("bounded", {"diskBytes": 1 << 20}, "team")
        self.assertEqual((bounded["state"], bounded["error"]["code"]), ("failed", "disk.limit"))
        self.json(server, "PUT", "/quotas?folder=small", {"diskBytes": 1 << 20})
        small = ended("small", {}, "small")
        self.assertEqual((small["state"], small["error"]["code"]), ("failed", "disk.limit"))

    def test_a_crash_report_says_which_rows_the_step_was_given(self):
        server = self.serve()
        heavy = f"[{', '.join(str(i) for i in range(300))}].exists(x, x * row.id < -1)"
        nodes = [node("count", "generate/pattern", rows=0), node("some", "logic/filter", condition=heavy), node("show", "debug/log")]
        flow = {"id": "culprit", "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes), "config": {"checkpoint": {"everyMs": 3_600_000, "rows": 10**9}}}
        run = self.begin(server, flow, "team")
        crashes = []
        for crash in range(1, 4):
            until(lambda: self.state(server, run)["state"] == "running" and self.rows(server, run) > 0)
            for child in children_of(server.process.pid):
                os.kill(child, signal.SIGSEGV)
            crashes = until(lambda: len(found := self.json(server, "GET", f"/runs/{run}/crashes")["crashes"]) >= crash and found)
            if any("rows" in one for one in crashes):
                break
        report = next(one for one in crashes if "rows" in one)
        self.assertIn(report["node"], ("some", "show"))
        self.assertEqual(report["rows"]["source"], 1)
        self.assertGreater(report["rows"]["count"], 0)
        self.assertGreaterEqual(report["rows"]["sequence"], 0)
        self.assertEqual(set(report["rows"]), {"source", "partition", "sequence", "count"})


class Network(AskingTest):
    def serve(self, *arguments, **more):
        return super().serve("--no-encryption", "--keeping-every", "200ms", "--network-allow", "127.0.0.0/8", *arguments, **more)

    def quota(self, server, folder):
        return next(one for one in self.json(server, "GET", "/quotas")["quotas"] if one["folder"] == folder)

    def ended(self, server, run):
        return until(lambda: (found := self.state(server, run))["state"] in ("done", "failed", "stopped") and found, 240)

    def refused(self, server, run):
        """The message of a row that found no connection."""
        return until(lambda: next((one["message"] for one in self.json(server, "GET", f"/runs/{run}/dead-letters")["letters"]
                                   if one["code"] == "network.limit"), None), 120)

    def test_S8_numbers_that_are_none_are_refused(self):
        server = self.serve()
        for name in ("connections", "totalConnections", "egressBytes", "egressBytesPerDay"):
            for value in (0, -1, 1.5, "5", None, [1]):
                answer = self.json(server, "PUT", "/quotas?folder=team", {name: value}, 400)
                self.assertIn(name, json.dumps(answer))
        self.json(server, "PUT", "/quotas?folder=team", {"connections": 1_000_001}, 400)
        for limits in ({"connections": 0}, {"connections": -1}, {"connections": "5"}, {"egressBytes": 0}, {"egressBytes": -5}, {"egressBytesPerDay": 5}):
            answer = self.json(server, "POST", "/flows", posting("bad", "http://127.0.0.1:1/", limits=limits), 422)
            self.assertIn(next(iter(limits)), json.dumps(answer))
        kept = {"connections": 3, "totalConnections": 5, "egressBytes": 1000, "egressBytesPerDay": 1 << 40}
        self.assertEqual(kept, {name: self.json(server, "PUT", "/quotas?folder=team", kept)[name] for name in kept})
        self.assertEqual(kept, {name: self.quota(server, "team")[name] for name in kept})

    def test_S8_a_run_has_no_more_connections_than_its_flow_allows_and_loses_no_row(self):
        server, sink = self.serve(), Sink(self, pause=0.02)
        run = self.begin(server, posting("few", sink.url, rows=60, limits={"connections": 2}), "team")
        self.assertEqual(self.ended(server, run)["state"], "done")
        self.assertEqual(sink.requests, 60)
        self.assertLessEqual(sink.most, 2)

    def test_S8_above_the_bound_a_connection_waits_and_is_refused_by_name(self):
        server, sink, holder = self.serve(), Sink(self), Holder(self)
        self.json(server, "PUT", "/quotas?folder=team", {"totalConnections": 1})
        held = self.begin(server, holding("held", holder.url), "team")
        until(lambda: holder.connections)
        until(lambda: self.quota(server, "team")["used"]["totalConnections"] == 1)
        self.assertEqual(self.quota(server, "team")["used"]["connections"], 1)
        other = self.begin(server, posting("other", sink.url, rows=3, timeout="300ms"), "team/below")
        self.assertIn("totalConnections of the quota of the folder 'team' allows 1 connection", self.refused(server, other))
        self.assertEqual(sink.requests, 0)
        # Of its own flow it has as many as it wants, and another folder is not concerned.
        free = self.begin(server, posting("free", sink.url, rows=3), "elsewhere")
        self.assertEqual(self.ended(server, free)["state"], "done")
        self.json(server, "POST", f"/runs/{held}/stop", status=202)
        self.ended(server, held)
        again = self.begin(server, posting("again", sink.url, rows=3), "team")
        self.assertEqual(self.ended(server, again)["state"], "done")
        self.assertEqual(sink.requests, 6)

    def test_S8_the_lower_of_flow_and_folder_counts_and_kept_connections_make_room(self):
        server, sink, holder = self.serve(), Sink(self), Holder(self)
        self.json(server, "PUT", "/quotas?folder=team", {"connections": 1})
        both = posting("both", sink.url, rate=5, limits={"connections": 7}, timeout="300ms")
        hold = holding("hold", holder.url)
        both["nodes"] += hold["nodes"]
        both["edges"] += [one | {"id": f"more-{one['id']}"} for one in hold["edges"]]
        run = self.begin(server, both, "team")
        # Whoever came first: the connection that is kept for the next request gives way to one that somebody waits for.
        until(lambda: holder.connections, 120)
        self.assertIn("connections of the quota of the folder 'team' allows 1 connection", self.refused(server, run))
        self.json(server, "POST", f"/runs/{run}/stop", status=202)

    def test_S8_a_run_that_sends_more_than_it_may_ends_and_says_whose_bound_it_was(self):
        server, sink = self.serve(), Sink(self)
        ended = self.ended(server, self.begin(server, posting("much", sink.url, limits={"egressBytes": 100_000}), "team"))
        self.assertEqual((ended["state"], ended["error"]["code"]), ("failed", "run.egress_limit"))
        self.assertIn("egressBytes of config.limits allows 100000", ended["error"]["message"])
        self.assertGreater(sink.bytes, 50_000)
        self.json(server, "PUT", "/quotas?folder=team", {"egressBytes": 50_000})
        ended = self.ended(server, self.begin(server, posting("more", sink.url, limits={"egressBytes": 100_000}), "team"))
        self.assertEqual(ended["error"]["code"], "run.egress_limit")
        self.assertIn("egressBytes of the quota of the folder 'team' allows 50000", ended["error"]["message"])
        # Less than that is not concerned.
        run = self.begin(server, posting("little", sink.url, rows=5), "team")
        self.assertEqual(self.ended(server, run)["state"], "done")

    def test_S8_above_what_a_folder_may_send_on_a_day_its_sources_give_nothing(self):
        server, sink = self.serve(), Sink(self)
        self.json(server, "PUT", "/quotas?folder=team", {"egressBytesPerDay": 300_000})
        run = self.begin(server, posting("day", sink.url), "team/below")
        held = until(lambda: (found := self.state(server, run)).get("why") and found, 120)
        self.assertEqual(held["state"], "running")
        self.assertIn("runs of the folder 'team' have sent", held["why"])
        self.assertIn("egressBytesPerDay", held["why"])
        used = self.quota(server, "team")["used"]
        self.assertGreaterEqual(used["egressBytesPerDay"], 300_000)
        self.assertGreater(used["egressBytes"], 0)
        self.stands(server, run)
        # What was sent today is known after a restart; a run that goes on sends nothing twice in the count.
        self.assertEqual(server.stop(), 0)
        server = self.serve()
        until(lambda: "egressBytesPerDay" in self.state(server, run).get("why", ""), 120)
        before = self.rows(server, run)
        self.json(server, "PUT", "/quotas?folder=team", {"egressBytesPerDay": 1 << 40})
        until(lambda: not self.state(server, run).get("why") and self.rows(server, run) > before, 120)
        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        self.assertEqual(self.ended(server, run)["state"], "stopped")


    def test_S8_what_a_preview_sends_counts_for_the_day_of_its_folder(self):
        server, sink = self.serve(), Sink(self)
        self.json(server, "PUT", "/quotas?folder=team", {"egressBytesPerDay": 1 << 40})
        self.json(server, "POST", "/flows?folder=team", posting("look", sink.url, rows=5), 201)
        seen = self.json(server, "POST", "/flows/look/preview", {"node": "ask", "port": "response", "effects": True})
        self.assertEqual(len(seen["rows"]), 5, seen)
        until(lambda: self.quota(server, "team")["used"]["egressBytesPerDay"] >= sink.bytes > 0)


class Documents(ServeTest):
    """What editors store, against the quota of their folder."""

    FLOW = {"id": "orders", "version": "1.0.0", "nodes": [], "edges": []}

    def json(self, server, method, path, body=None, status=200, headers=None):
        found, _, said = server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def test_flows_versions_and_their_bytes_are_refused_above_the_quota_of_the_folder(self):
        server = self.serve()
        self.json(server, "PUT", "/quotas?folder=team", {"documents": 2, "versions": 3, "documentBytes": 20_000})
        self.json(server, "POST", "/flows?folder=team", {**self.FLOW, "id": "one"}, 201)
        self.json(server, "POST", "/flows?folder=team/east", {**self.FLOW, "id": "two"}, 201)
        refused = self.json(server, "POST", "/flows?folder=team/east", {**self.FLOW, "id": "three"}, 507)
        self.assertEqual(refused["code"], "quota.documents")
        self.assertIn("'team'", refused["detail"])
        self.json(server, "GET", "/flows/three", status=404)
        self.json(server, "POST", "/flows?folder=other", {**self.FLOW, "id": "three"}, 201)
        large = {**self.FLOW, "id": "one", "x-note": "x" * 30_000}
        refused = self.json(server, "PUT", "/flows/one", large, 507, {"authorization": f"Bearer {server.token}", "if-match": "*"})
        self.assertEqual(refused["code"], "quota.bytes")
        self.assertNotIn("x-note", self.json(server, "GET", "/flows/one"))
        for _ in range(3):
            self.json(server, "POST", "/flows/one/versions", {}, 201)
        refused = self.json(server, "POST", "/flows/two/versions", {}, 507)
        self.assertEqual(refused["code"], "quota.versions")
        [quota] = self.json(server, "GET", "/quotas?folder=team")["quotas"]
        self.assertEqual((quota["documents"], quota["used"]["documents"], quota["used"]["versions"]), (2, 2, 3))
        self.assertGreater(quota["used"]["documentBytes"], 0)
        for bad in ({"documents": 0}, {"versions": -1}, {"documentBytes": "many"}):
            self.assertEqual(self.json(server, "PUT", "/quotas?folder=team", bad, 400)["code"], "api.body")


if __name__ == "__main__":
    unittest.main()
