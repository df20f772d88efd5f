# weir top, tap, debug and runs with --server: runs of a server are watched as those of this machine.
import json
import os
import re
import signal
import subprocess
import unittest

from program import chain, node, until
from serving import ServeTest


def ticking(name, rate=100, **more):
    """Counts for ever."""
    source = node("count", "generate/pattern", rows=0, rate=rate, batchRows=1, pattern="sequential")
    even = node("even", "logic/filter", condition="row.id % 2 == 0")
    kept = node("write", "files/json-write", path=f"{name}.ndjson")
    return {"id": name, "version": "1.0.0", "nodes": [source, even, kept], "edges": chain(source, even, kept), **more}


class WatchServer(ServeTest):
    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def begin(self, server, flow):
        self.json(server, "POST", "/flows", flow, 201)
        run = self.json(server, "POST", f"/flows/{flow['id']}/runs", {"version": "draft"}, 201)["id"]
        moved = lambda: any(one["rowsOut"] > 0 for one in self.json(server, "GET", f"/runs/{run}/metrics").get("metrics", {}).get("nodes", []))  # noqa: E731
        until(moved)
        return run

    def env(self, server, token=None):
        return {**os.environ, "WEIR_TOKEN": token or server.token}

    def url(self, server):
        return f"{server.scheme}://{server.host}:{server.port}"

    def at(self, server, *arguments, code=0, **more):
        return self.weir(*arguments, "--server", self.url(server), code=code, env=self.env(server), **more)

    def test_top_shows_the_nodes_of_a_run_by_its_id_or_its_flow(self):
        server = self.serve()
        run = self.begin(server, ticking("ticks"))
        for name in ([run], [run[:6]], ["ticks"], []):
            out, _ = self.at(server, "top", *name, "--once", "--every", "300")
            self.assertRegex(out, r"count +generate/pattern +")
            self.assertRegex(out, r"write +files/json-write")

    def test_a_tap_shows_rows_that_match_and_ends_with_its_limit(self):
        server = self.serve()
        self.begin(server, ticking("ticks"))
        out, err = self.at(server, "tap", "ticks", "e2", "--where", "row.id % 10 == 4", "--limit", "3", "--format", "json")
        ids = [json.loads(line)["id"] for line in out.splitlines()]
        self.assertEqual([one % 10 for one in ids], [4, 4, 4], out + err)
        out, _ = self.at(server, "tap", "e1", "--limit", "2", "--format", "table")
        self.assertRegex(out.splitlines()[0], r"\bid\b")
        # What was shown is never more than what was counted.
        shown = re.search(r"showing (\d+)(?: of (\d+) matches| rows)", err)
        self.assertTrue(shown and (shown[2] is None or int(shown[1]) <= int(shown[2])), err)

    def test_the_server_may_be_named_by_a_variable(self):
        server = self.serve()
        self.begin(server, ticking("ticks"))
        named = {**self.env(server), "WEIR_SERVER": self.url(server)}
        out, _ = self.weir("top", "ticks", "--once", "--every", "300", env=named)
        self.assertRegex(out, r"count +generate/pattern +")
        out, _ = self.weir("tap", "ticks", "e1", "--limit", "1", "--format", "json", env=named)
        self.assertIn("id", json.loads(out.splitlines()[0]))
        self.fails("top", "ticks", "--server", "", code=2, says=["weir run"], env=named)

    def test_a_row_is_held_changed_and_let_go_over_the_network(self):
        server = self.serve()
        run = self.begin(server, ticking("ticks", rate=50))
        lines = ("break e2 if row.id > 100", "wait", "set value=-1.5", "list", "continue")
        commands = [word for line in lines for word in ("--command", line)]
        out, _ = self.at(server, "debug", run, *commands, "--wait", "60000")
        self.assertRegex(out, r"held \d+ on edge e2 \(even -> write\)")
        self.assertRegex(out, r"\n  value +-1.5")
        written = self.folder / "data/files/ticks.ndjson"
        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] == "stopped")
        self.assertTrue(any(json.loads(line)["value"] == -1.5 for line in written.read_text().splitlines()))

    def test_when_the_debugger_goes_its_breakpoints_go_and_the_run_goes_on(self):
        server = self.serve()
        run = self.begin(server, ticking("ticks", rate=50))
        watcher = self.start("debug", run, "--server", self.url(server), stdin=subprocess.PIPE, env=self.env(server))
        watcher.stdin.write("break e1\nwait\n")
        watcher.stdin.flush()
        self.assertTrue(any("held" in line for line in iter(watcher.stdout.readline, "")))
        watcher.kill()
        watcher.communicate()
        rows = lambda: self.json(server, "GET", f"/runs/{run}/metrics")["metrics"]["nodes"][2]["rowsIn"]  # noqa: E731
        before = rows()
        until(lambda: rows() > before + 5)

    def test_a_watcher_ends_with_the_run(self):
        server = self.serve()
        run = self.begin(server, ticking("ticks"))
        watcher = self.start("top", run, "--server", self.url(server), "--every", "200", env=self.env(server))
        self.assertTrue(any("generate/pattern" in line for line in iter(watcher.stdout.readline, "")))
        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        out, err = watcher.communicate(timeout=120)
        self.assertEqual(watcher.returncode, 0, err)
        self.assertIn("the run is over", err)

    def test_ctrl_c_ends_the_watcher_and_nothing_else(self):
        server = self.serve()
        run = self.begin(server, ticking("ticks"))
        watcher = self.start("tap", run, "e1", "--server", self.url(server), "--format", "json", env=self.env(server))
        self.assertTrue(watcher.stdout.readline().startswith("{"))
        watcher.send_signal(signal.SIGINT)
        watcher.communicate(timeout=120)
        self.assertEqual(watcher.returncode, 130)
        self.assertEqual(self.json(server, "GET", f"/runs/{run}")["state"], "running")

    def test_what_cannot_be_watched_is_said(self):
        server = self.serve()
        self.fails("top", "--server", self.url(server), code=2, says=["no run goes on that this token may see"], env=self.env(server))
        run = self.begin(server, ticking("ticks"))
        self.fails("tap", run, "e9", "--server", self.url(server), code=2, says=["no edge 'e9'"], env=self.env(server))
        self.fails("tap", run, "e1", "--where", "row.", "--server", self.url(server), code=2, env=self.env(server))
        self.fails("top", "zz", "--server", self.url(server), code=2, says=["no run's id begins with 'zz'", run], env=self.env(server))
        self.fails("top", "--server", self.url(server), code=2, says=["401", "WEIR_TOKEN"], env=self.env(server, "weir_pat_no_thing"))
        self.fails("top", "--server", "tcp://127.0.0.1:1", code=2, says=["http:// or https://"])
        self.fails("top", "--server", "http://weir.example.com", code=2, says=["server.insecure"])

    def test_over_tls_the_certificate_is_verified(self):
        server = self.serve("--tls-self-signed")
        self.assertEqual(server.scheme, "https")
        run = self.begin(server, ticking("ticks"))
        self.fails("top", run, "--server", self.url(server), code=2, says=["certificate"], env=self.env(server))
        certificate = str(next((self.folder / "data").rglob("self-signed.crt")))
        out, _ = self.at(server, "tap", run, "e1", "--limit", "1", "--format", "json", "--ca-file", certificate)
        self.assertTrue(re.match(r"\{.*\"id\"", out), out)


if __name__ == "__main__":
    unittest.main()
