# What a server keeps for how long: runs with their files, log lines, dead letters; what uses the disk, and that deleting frees it.
import json
import os
import time
import unittest

from program import chain, node, until
from serving import ServeTest


def failing(name, rows=50, size=10):
    """Half of its rows become dead letters of about `size` bytes."""
    source = node("count", "generate/pattern", rows=rows, pattern="sequential")
    share = node("share", "logic/map", set={"share": "1 / (row.id % 2)", "text": json.dumps("x" * size)})
    show = node("show", "debug/log", rows=5)
    return {"id": name, "version": "1.0.0", "nodes": [source, node("text", "logic/map", set={"text": json.dumps("x" * size)}), share, show],
            "edges": chain(source, node("text", "logic/map"), share, show), "config": {"maxErrors": 10**9}}


class Retention(ServeTest):
    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def done(self, server, flow):
        run = self.json(server, "POST", f"/flows/{flow}/runs", {"version": "draft"}, 201)["id"]
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] in ("done", "failed"))
        return run

    def use(self, server, name, kind="files"):
        return next((one for one in self.json(server, "GET", "/disk")[kind] if one["name"] == name), {"bytes": 0, "count": 0})

    def test_runs_beyond_a_number_go_with_their_files(self):
        server = self.serve("--keep-runs-count", "2", "--keeping-every", "200ms")
        self.json(server, "POST", "/flows", failing("rows"), 201)
        runs = [self.done(server, "rows") for _ in range(4)]
        listed = lambda: [one["id"] for one in self.json(server, "GET", "/runs")["runs"]]  # noqa: E731
        until(lambda: listed() == runs[:1:-1])
        folders = lambda: sorted(path.name for path in (self.folder / "data/runs").iterdir())  # noqa: E731
        until(lambda: folders() == sorted(runs[2:]))
        self.json(server, "GET", f"/runs/{runs[0]}", status=404)
        self.json(server, "GET", f"/runs/{runs[0]}/logs", status=404)
        self.assertEqual(self.use(server, "runs", "records")["keepCount"], 2)

    def test_a_flow_says_how_many_of_its_runs_are_kept_and_how_long(self):
        server = self.serve("--keeping-every", "200ms")
        one, soon, other = failing("one"), failing("soon"), failing("other")
        one["config"]["keep"], soon["config"]["keep"] = {"runs": 1}, {"runMs": 1000}
        for flow in (one, soon, other):
            self.json(server, "POST", "/flows", flow, 201)
        first, kept, gone, stays = self.done(server, "one"), self.done(server, "one"), self.done(server, "soon"), self.done(server, "other")
        until(lambda: [run["id"] for run in self.json(server, "GET", "/runs")["runs"]] == [stays, kept])
        for run in (first, gone):
            self.json(server, "GET", f"/runs/{run}", status=404)

    def test_dead_letters_go_by_age_and_their_run_stays(self):
        server = self.serve("--keep-dead-letters", "1s", "--keeping-every", "200ms")
        self.json(server, "POST", "/flows", failing("rows"), 201)
        run = self.done(server, "rows")
        until(lambda: self.json(server, "GET", f"/runs/{run}/dead-letters")["letters"] == [])
        self.assertIn(self.json(server, "GET", f"/runs/{run}")["state"], ("done", "failed"))
        until(lambda: self.use(server, "runs/dead-letters")["bytes"] == 0)

    def test_dead_letters_go_by_bytes_the_oldest_first(self):
        server = self.serve("--keep-dead-letters-bytes", "50KiB", "--keeping-every", "200ms")
        self.json(server, "POST", "/flows", failing("rows", rows=2000, size=2000), 201)
        first, second = self.done(server, "rows"), self.done(server, "rows")
        until(lambda: self.json(server, "GET", f"/runs/{first}/dead-letters")["letters"] == [])
        self.assertTrue(self.json(server, "GET", f"/runs/{second}/dead-letters")["letters"])

    def planted(self, run, part, sizes):
        """Files in the folder of a run that has ended, each an hour older than the one before."""
        folder = run / part
        folder.mkdir(exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for number, size in enumerate(sizes):
            path = folder / f"{number}.kept"
            path.write_bytes(b"x" * size)
            os.utime(path, (time.time() - 3600 * number - 60,) * 2)
        return lambda: sorted(path.name for path in folder.iterdir())

    def test_files_of_each_kind_go_by_age_number_and_bytes_the_oldest_first(self):
        for part in ("dead-letters", "recordings", "traces"):
            for bound, value in (("", "90m"), ("-count", "2"), ("-bytes", "25KiB")):
                with self.subTest(part=part, bound=bound or "age"):
                    data = f"data-{part}{bound}"
                    server = self.serve(f"--keep-{part}{bound}", value, "--keeping-every", "200ms", data=data)
                    self.json(server, "POST", "/flows", failing("rows"), 201)
                    run = self.done(server, "rows")
                    folder = self.folder / data / "runs" / run
                    left = self.planted(folder, part, [10_000] * 4)
                    until(lambda now=left: now() == ["0.kept", "1.kept"])
                    use = self.use(server, f"runs/{part}")
                    self.assertEqual((use["count"], use["bytes"]), (2, 20_000))
                    for name in ("keepMs", "keepCount", "keepBytes"):
                        self.assertGreater(use[name], 0)
                    self.assertTrue(folder.exists())
                    server.stop()

    def test_runs_go_when_their_files_take_too_much_the_oldest_first(self):
        server = self.serve("--keep-runs-bytes", "500KiB", "--keeping-every", "200ms")
        self.json(server, "POST", "/flows", failing("rows"), 201)
        runs = []
        for _ in range(3):
            runs.append(self.done(server, "rows"))
            (self.folder / "data/runs" / runs[-1] / "large").write_bytes(b"x" * 200_000)
        until(lambda: [one["id"] for one in self.json(server, "GET", "/runs")["runs"]] == runs[:0:-1])
        # The files of a run go behind its record.
        until(lambda: sorted(path.name for path in (self.folder / "data/runs").iterdir()) == sorted(runs[1:]))
        self.assertEqual(self.use(server, "runs", "records")["keepBytes"], 500 << 10)

    def test_log_lines_and_audit_entries_go_by_number_the_oldest_first(self):
        server = self.serve("--keep-logs-count", "3", "--keep-audit-count", "10", "--keeping-every", "200ms")
        self.json(server, "POST", "/flows", failing("rows"), 201)
        run = self.done(server, "rows")
        self.assertTrue(self.json(server, "GET", f"/runs/{run}/logs")["logs"])
        until(lambda: 0 < self.use(server, "run-logs", "records")["count"] <= 3)
        for i in range(30):
            self.json(server, "POST", "/flows", {"id": f"f-{i}", "version": "1.0.0", "nodes": [], "edges": []}, 201)
        until(lambda: self.use(server, "audit", "records")["count"] <= 11)
        newest = [one["object"] for one in self.json(server, "GET", "/audit?action=flow.created")["entries"]]
        self.assertEqual(newest[0], "flow:f-29")
        self.assertNotIn("flow:f-0", newest)
        kinds = {one["name"]: one for one in self.json(server, "GET", "/disk")["records"]}
        for kind in ("runs", "run-logs", "audit"):
            for name in ("keepMs", "keepCount", "keepBytes"):
                self.assertGreater(kinds[kind][name], 0, kind)

    def test_log_lines_outlive_the_servers_process_and_go_with_their_run(self):
        server = self.serve()
        self.json(server, "POST", "/flows", failing("rows"), 201)
        run = self.done(server, "rows")
        lines = self.json(server, "GET", f"/runs/{run}/logs")["logs"]
        self.assertTrue(any(one["node"] == "show" for one in lines))
        until(lambda: self.use(server, "run-logs", "records")["count"] >= len(lines))
        server.kill()
        again = self.serve()
        self.assertEqual(self.json(again, "GET", f"/runs/{run}/logs")["logs"], lines)
        self.json(again, "DELETE", f"/runs/{run}", status=204)
        self.assertEqual(self.use(again, "run-logs", "records")["count"], 0)

    def test_all_lines_of_a_log_are_read_page_by_page_and_found(self):
        server = self.serve()
        source = node("count", "generate/pattern", rows=1000, pattern="sequential")
        logs = [node(f"show-{i}", "debug/log", rows=1000) for i in range(3)] + [node("few", "debug/log", rows=3, level="warning")]
        self.json(server, "POST", "/flows", {"id": "many", "version": "1.0.0", "nodes": [source, *logs],
                                             "edges": [dict(chain(source, log)[0], id=f"to-{log['id']}") for log in logs]}, 201)
        run = self.done(server, "many")
        read = lambda query="": self.json(server, "GET", f"/runs/{run}/logs?{query}")  # noqa: E731

        def pages(query):
            lines, cursor = [], ""
            for _ in range(200):
                page = read(f"{query}{cursor}")
                lines = page["logs"] + lines
                if "next" not in page:
                    return lines
                cursor = f"&cursor={page['next']}"
            self.fail("the pages do not end")

        until(lambda: self.use(server, "run-logs", "records")["count"] >= 3003)
        lines = pages("limit=300")
        self.assertEqual(len([one for one in lines if one["node"].startswith("show-")]), 3000)
        self.assertEqual(pages(""), lines)
        self.assertEqual(read()["logs"], lines[-1000:])
        few = [one for one in lines if one["node"] == "few"]
        self.assertGreaterEqual(len(few), 3)
        self.assertEqual(pages("node=few"), few)
        self.assertEqual(pages("level=warning&limit=2"), [one for one in lines if one["level"] not in ("debug", "info")])
        first = lines[0]["at"]
        self.assertEqual(pages(f"to={first}"), [one for one in lines if one["at"] == first])
        self.assertEqual(pages(f"from={first + 1}"), [one for one in lines if one["at"] > first])
        self.assertEqual(pages("search=no+line+says+that"), [])
        for query in ("limit=0", "limit=1001", "cursor=x", "level=loud", "from=2&to=1", "colour=red"):
            self.json(server, "GET", f"/runs/{run}/logs?{query}", status=400)
        server.kill()
        again = self.serve()
        self.assertEqual(self.json(again, "GET", f"/runs/{run}/logs")["logs"], lines[-1000:])

    def test_deleting_frees_space_of_files_and_of_the_database(self):
        server = self.serve("--keeping-every", "200ms")
        self.json(server, "POST", "/flows", failing("rows", rows=2000, size=2000), 201)
        run = self.done(server, "rows")
        letters = self.use(server, "runs/dead-letters")
        self.assertGreater(letters["bytes"], 20_000)
        self.json(server, "DELETE", f"/runs/{run}", status=204)
        self.assertEqual(self.use(server, "runs/dead-letters")["bytes"], 0)
        self.assertFalse((self.folder / "data/runs" / run).exists())
        # Larger ones are not in the database.
        notes = [{"id": "n", "text": "y" * 60_000}]
        for i in range(150):
            flow = {"id": f"large-{i}", "version": "1.0.0", "nodes": [node("count", "generate/pattern")], "edges": [], "notes": notes}
            self.json(server, "POST", "/flows", flow, 201)
        full = self.use(server, "weir.db")["bytes"] + self.use(server, "weir.db-wal")["bytes"]
        self.assertGreater(full, 8_000_000)
        for i in range(150):
            for query in ("", "?purge=true"):
                self.assertIn(server.ask("DELETE", f"/api/v1/flows/large-{i}{query}", headers={"if-match": "*", "authorization": f"Bearer {server.token}"})[0], (200, 204))
        until(lambda: self.use(server, "weir.db")["bytes"] < full / 2)


class Versions(ServeTest):
    FLOW = {"id": "orders", "version": "1.0.0", "nodes": [], "edges": []}

    def test_versions_beyond_a_number_go_and_those_that_were_published_stay(self):
        server = self.serve("--keep-versions-count", "2", "--keeping-every", "200ms")
        ask = lambda method, path, body=None: json.loads(server.ask(method, f"/api/v1{path}", body)[2])  # noqa: E731
        ask("POST", "/flows", self.FLOW)
        for number in range(1, 6):
            ask("POST", "/flows/orders/versions", {"publish": number == 2})
        numbers = lambda: [one["number"] for one in ask("GET", "/flows/orders/versions")["versions"]]  # noqa: E731
        until(lambda: numbers() == [5, 4, 2])
        self.assertEqual(server.ask("GET", "/api/v1/flows/orders/versions/1")[0], 404)
        self.assertEqual(server.ask("GET", "/api/v1/flows/orders/versions/2")[0], 200)
        [told] = [one for one in ask("GET", "/disk")["records"] if one["name"] == "versions"]
        self.assertEqual((told["count"], told["keepCount"]), (3, 2))


if __name__ == "__main__":
    unittest.main()
