# weir tap --where: what never matches ends with the run, and what cannot be asked is said at once; of runs here and on a server.
import json
import os
import subprocess
import unittest

from program import chain, node, until
from serving import ServeTest


def ticking(name, rows=0, rate=100):
    """Counts, for ever unless it is said how far."""
    source = node("count", "generate/pattern", rows=rows, rate=rate, batchRows=1, pattern="sequential")
    even = node("even", "logic/filter", condition="row.id % 2 == 0")
    kept = node("write", "files/json-write", path=f"{name}.ndjson")
    return {"id": name, "version": "1.0.0", "nodes": [source, even, kept], "edges": chain(source, even, kept)}


REFUSED = {"row.": "cel.syntax", "nope > 1": "cel.unknown_variable", "frobnicate(row.id)": "cel.unknown_function"}
# What a row has is known when it comes.
FOR_NO_ROW = ("row.nope > 1", "row.id + 1", "row.id > 'a'")
WARNING = "warning: the condition could not be computed for "


class OnAServer(ServeTest):
    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def begin(self, server, flow):
        self.json(server, "POST", "/flows", flow, 201)
        return self.json(server, "POST", f"/flows/{flow['id']}/runs", {"version": "draft"}, 201)["id"]

    def moves(self, server, run):
        until(lambda: any(one["rowsOut"] > 0 for one in self.json(server, "GET", f"/runs/{run}/metrics").get("metrics", {}).get("nodes", [])))

    def tap(self, server, *arguments):
        watcher = self.start("tap", *arguments, "--server", f"http://{server.host}:{server.port}", "--format", "json",
                             env={**os.environ, "WEIR_TOKEN": server.token})
        self.addCleanup(lambda: watcher.poll() is None and watcher.kill())
        return watcher

    def ends(self, watcher, code, *says):
        out, err = watcher.communicate(timeout=120)
        self.assertEqual(watcher.returncode, code, err)
        for text in says:
            self.assertIn(text, err)
        return out, err

    def warned(self, watcher):
        """While it goes on."""
        self.assertTrue(any(line.startswith(WARNING) for line in iter(watcher.stderr.readline, "")))
        self.assertIsNone(watcher.poll())

    def test_what_never_matches_ends_when_the_run_is_stopped(self):
        server = self.serve()
        run = self.begin(server, ticking("ticks"))
        self.moves(server, run)
        watchers = [self.tap(server, run, "e1", "--where", "row.id < 0"), self.tap(server, run, "e2", "--where", "row.id < 0"),
                    self.tap(server, run, "e1", "--where", "row.id < 0", "--limit", "1")]
        rows = self.tap(server, run, "e1", "--where", "row.id > 1")
        self.assertTrue(rows.stdout.readline().startswith("{"))
        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        for watcher in watchers:
            self.assertEqual(self.ends(watcher, 0)[0], "")
        self.ends(rows, 0)

    def test_what_never_matches_ends_when_the_run_comes_to_its_end_by_itself(self):
        server = self.serve()
        run = self.begin(server, ticking("short", rows=1500))
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] == "running")
        watcher = self.tap(server, run, "e1", "--where", "row.id < 0")
        self.ends(watcher, 0)
        self.assertEqual(self.json(server, "GET", f"/runs/{run}")["state"], "done")

    def test_what_cannot_be_asked_is_said_at_once_while_others_look_on(self):
        server = self.serve()
        run = self.begin(server, ticking("ticks"))
        self.moves(server, run)
        good = self.tap(server, run, "e1", "--where", "row.id > 1")
        self.assertTrue(good.stdout.readline().startswith("{"))
        for where, code in REFUSED.items():
            with self.subTest(where=where):
                # Twice: the second meets what the first has left.
                for _ in range(2):
                    self.ends(self.tap(server, run, "e1", "--where", where), 2, code)
        watchers = [self.tap(server, run, "e1", "--where", where) for where in FOR_NO_ROW]
        for watcher in watchers:
            self.warned(watcher)
        self.assertTrue(good.stdout.readline().startswith("{"))
        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        for watcher in watchers:
            self.assertEqual(self.ends(watcher, 0)[0], "")

    def test_a_run_that_is_over_is_not_waited_for(self):
        server = self.serve()
        run = self.begin(server, ticking("short", rows=3))
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] == "done")
        self.ends(self.tap(server, run, "e1", "--where", "row.id < 0"), 2)

    def test_a_run_that_begins_can_be_looked_at(self):
        server = self.serve()
        for i in range(5):
            run = self.begin(server, ticking(f"ticks-{i}"))
            until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] == "running")
            rows = self.tap(server, run, "e1", "--where", "row.id > 1", "--limit", "1")
            self.assertTrue(self.ends(rows, 0)[0].startswith("{"))


class Here(ServeTest):
    def begin(self, rows=0):
        (self.folder / "flow.json").write_text(json.dumps(ticking("ticks", rows)))
        run = self.start("run", "flow.json", "--quiet", stdout=subprocess.DEVNULL,
                         env={**os.environ, "XDG_RUNTIME_DIR": str(self.folder)})
        self.addCleanup(lambda: run.poll() is None and run.kill())
        until(lambda: "ticks" in self.weir("runs", env={**os.environ, "XDG_RUNTIME_DIR": str(self.folder)})[0])
        return run

    def tap(self, *arguments):
        watcher = self.start("tap", *arguments, "--format", "json", env={**os.environ, "XDG_RUNTIME_DIR": str(self.folder)})
        self.addCleanup(lambda: watcher.poll() is None and watcher.kill())
        return watcher

    ends = OnAServer.ends
    warned = OnAServer.warned

    def test_what_never_matches_ends_with_the_run(self):
        self.begin(rows=400)
        for watcher in [self.tap("e1", "--where", "row.id < 0"), self.tap("e2", "--where", "row.id < 0", "--limit", "1")]:
            self.assertEqual(self.ends(watcher, 0)[0], "")

    def test_what_cannot_be_asked_is_said_at_once(self):
        run = self.begin()
        for where, code in REFUSED.items():
            with self.subTest(where=where):
                self.ends(self.tap("e1", "--where", where), 2, code)
        watchers = [self.tap("e1", "--where", where) for where in FOR_NO_ROW]
        for watcher in watchers:
            self.warned(watcher)
        self.assertIsNone(run.poll())
        run.terminate()
        for watcher in watchers:
            self.ends(watcher, 0)


if __name__ == "__main__":
    unittest.main()
