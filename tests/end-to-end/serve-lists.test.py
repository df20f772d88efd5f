#!/usr/bin/env python3
# Lists of a server: pages, filters and rights; the figures of runs in a list; who is told of alerts; refusals that name
# what is missing.
import http.client
import json
import unittest
from urllib.parse import quote

from program import chain, node, until
from serving import ServeTest


def counting(name, rows=30):
    nodes = [node("count", "generate/pattern", rows=rows), node("share", "logic/map", set={"share": "100 / (row.id % 10)"}),
             node("show", "debug/log", rows=1)]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes)}


class Lists(ServeTest):
    def json(self, server, method, path, body=None, status=(200, 201, 204), headers=None):
        found, _, said = server.ask(method, f"/api/v1{path}", body, headers)
        self.assertIn(found, status if isinstance(status, tuple) else (status,), f"{method} {path}: {said}")
        return json.loads(said) if said else None

    def pages(self, server, path, list, headers=None):
        """The entries of each page."""
        found, cursor = [], ""
        while True:
            page = self.json(server, "GET", path + (f"&cursor={quote(cursor)}" if cursor else ""), headers=headers)
            found.append(page[list])
            if not (cursor := page.get("next", "")):
                return found

    def somebody(self, server, name, role, folder):
        """The headers of somebody with a role in a folder."""
        user = self.json(server, "POST", "/users", {"name": name, "service": True})["id"]
        self.json(server, "POST", "/grants", {"user": user, "role": role, "folder": folder})
        roles = self.json(server, "GET", "/roles")["roles"]
        permissions = [one for each in roles if each["name"] == role for one in each["permissions"]]
        return {"authorization": "Bearer " + self.json(server, "POST", f"/users/{user}/tokens", {"name": "test", "permissions": permissions})["token"]}

    def filled(self):
        server = self.serve()
        (self.folder / "lake").mkdir()
        for folder in ("team", "team/east", "other"):
            name = folder.replace("/", "-")
            self.json(server, "POST", f"/flows?folder={quote(folder)}", counting(name))
            self.json(server, "POST", f"/flows/{name}/versions", {"publish": True})
            for many in ("one", "two"):
                made = self.json(server, "POST", f"/flows/{name}/schedules", {"name": f"{name} {many}", "cron": "0 3 1 1 *"})
            self.json(server, "POST", f"/schedules/{made['id']}/pause")
            self.json(server, "PUT", f"/quotas?folder={quote(folder)}", {"threads": 8})
            self.json(server, "PUT", f"/alert-rules/rule-{name}", {"folder": folder, "metric": "weir_flow_stuck_seconds", "over": 300})
            self.json(server, "PUT", f"/channels/channel-{name}", {"kind": "webhook", "url": "https://hooks.example.com/in", "folder": folder})
            self.json(server, "PUT", f"/environments/test?folder={quote(folder)}", {"parameters": {}})
            self.json(server, "PUT", f"/mounts/lake?folder={quote(folder)}", {"directory": str(self.folder / "lake"), "writes": False})
            self.json(server, "PUT", f"/secrets/KEY?folder={quote(folder)}", {"value": "a value", "hosts": ["a.example"]})
        return server

    LISTS = {"schedules": "schedules", "quotas": "quotas", "alert-rules": "rules", "channels": "channels", "environments": "environments",
             "mounts": "mounts", "secrets": "secrets"}

    def test_every_list_comes_in_pages_and_refuses_what_is_none(self):
        server = self.filled()
        editor = self.somebody(server, "ed", "editor", "team")
        cursors = {}
        for path, list in self.LISTS.items():
            with self.subTest(list=path):
                folder_of = lambda one: one.get("channel", one)["folder"]  # noqa: E731
                whole = self.pages(server, f"/{path}?limit=500&folder=team", list)
                self.assertEqual([len(whole), {folder_of(one) for one in whole[0]}], [1, {"team", "team/east"}])
                single = self.pages(server, f"/{path}?limit=1&folder=team", list)
                self.assertEqual([folder_of(one) for page in single for one in page], [folder_of(one) for one in whole[0]])
                self.assertEqual([len(page) for page in single], [1] * len(whole[0]))
                if path != "channels":
                    seen = [folder_of(one) for page in self.pages(server, f"/{path}?limit=1", list, editor) for one in page]
                    self.assertEqual(set(seen), {"team", "team/east"})
                for bad in ("limit=0", "limit=100000", "limit=-1", "limit=few", "limit=", "cursor=nothing", "page=2"):
                    self.assertEqual(self.json(server, "GET", f"/{path}?{bad}", status=400)["code"], "api.query", bad)
                cursors[path] = self.json(server, "GET", f"/{path}?limit=1")["next"]
        for path in self.LISTS:
            for other, cursor in cursors.items():
                if path != other:
                    self.json(server, "GET", f"/{path}?cursor={quote(cursor)}", status=400)

    def test_schedules_are_found_by_flow_and_state(self):
        server = self.filled()
        names = lambda query: [one["name"] for one in self.json(server, "GET", f"/schedules?{query}")["schedules"]]  # noqa: E731
        self.assertEqual(names("flow=team"), ["team one", "team two"])
        self.assertEqual(names("state=paused&folder=team"), ["team two", "team-east two"])
        self.assertEqual(names("state=planned&flow=team"), ["team one"])
        self.json(server, "GET", "/schedules?state=sleeping", status=400)
        self.json(server, "GET", "/schedules?folder=/team", status=400)
        listed = self.pages(server, "/flows/team/schedules?limit=1", "schedules")
        self.assertEqual([[one["name"] for one in page] for page in listed], [["team one"], ["team two"]])

    def test_what_may_not_be_made_names_the_folder_or_the_permission(self):
        server = self.filled()
        rule = lambda folder: {"folder": folder, "metric": "weir_flow_stuck_seconds", "over": 300}  # noqa: E731
        editor, viewer = self.somebody(server, "ed", "editor", "team"), self.somebody(server, "vi", "viewer", "team")
        both = self.somebody(server, "bo", "editor", "team/east")
        elsewhere = self.json(server, "PUT", "/alert-rules/q", rule("other"), 404, editor)
        self.assertIn("the folder 'other'", elsewhere["detail"])
        self.assertNotIn("'q'", elsewhere["detail"])
        self.assertEqual(self.json(server, "PUT", "/alert-rules/rule-other", rule("other"), 404, editor)["detail"], elsewhere["detail"])
        self.assertIn("flow.publish", self.json(server, "PUT", "/alert-rules/q", rule("team"), 403, viewer)["detail"])
        taken = self.json(server, "PUT", "/alert-rules/rule-other", rule("team"), 409, editor)
        self.assertEqual(taken["code"], "storage.exists")
        self.assertIn("another one", taken["detail"])
        self.assertNotIn("other'", taken["detail"].replace("rule-other'", ""))
        self.json(server, "PUT", "/alert-rules/rule-team", rule("team/east"), 409, both)
        self.json(server, "PUT", "/alert-rules/q", rule("team"), 200, editor)
        self.assertIn("server.admin", self.json(server, "PUT", "/channels/c", {"kind": "webhook", "url": "https://a.example"}, 403, editor)["detail"])

    def test_a_list_of_runs_has_the_figures_of_each(self):
        server = self.serve()
        self.json(server, "POST", "/flows", counting("counts"))
        runs = [self.json(server, "POST", "/flows/counts/runs", {"version": "draft"})["id"] for _ in range(2)]
        state = lambda run: self.json(server, "GET", f"/runs/{run}")["state"]  # noqa: E731
        until(lambda: all(state(run) in ("done", "failed") for run in runs))
        for one in self.json(server, "GET", "/runs?flow=counts")["runs"]:
            figures = one["figures"]
            self.assertEqual((figures["rowsIn"], figures["rowsOut"], figures["setAside"]), (30, 27, 3), one)
            self.assertGreater(figures["elapsedMicros"], 0)
            self.assertNotIn("metrics", one)
        server.stop()
        again = self.serve()
        self.assertEqual([one["figures"]["rowsIn"] for one in self.json(again, "GET", "/runs")["runs"]], [30, 30])

    def test_a_letter_that_is_not_there_is_not_thrown_away(self):
        server = self.serve()
        self.json(server, "POST", "/flows", counting("counts"))
        run = self.json(server, "POST", "/flows/counts/runs", {"version": "draft"})["id"]
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] in ("done", "failed"))
        letter = self.json(server, "GET", f"/runs/{run}/dead-letters?limit=1")["letters"][0]["number"]
        self.assertEqual(self.json(server, "DELETE", f"/runs/{run}/dead-letters/{letter}"), {"discarded": 1})
        refused = self.json(server, "DELETE", f"/runs/{run}/dead-letters/99", status=404)
        self.assertEqual(refused["code"], "dead_letters.unknown_run")

    def events(self, server, subscribe, headers):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=120)
        self.addCleanup(connection.close)
        connection.request("GET", f"/api/v1/live/events?subscribe={subscribe}", headers=headers)
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200, answer.status)
        return answer

    def alerts(self, answer, count):
        """The next alerts of a stream."""
        found = []
        while len(found) < count:
            line = answer.readline().decode()
            self.assertTrue(line, "the stream has ended")
            if line.startswith("data: ") and '"alert"' in line:
                found.append(json.loads(line[6:])["data"])
        return found

    def test_alerts_of_rules_without_a_flow_come_live(self):
        server = self.serve()
        admin = {"authorization": f"Bearer {server.token}"}
        viewer = self.somebody(server, "vi", "viewer", "team")
        self.json(server, "POST", "/flows?folder=team", counting("counts", 10))
        root, team = self.events(server, "alerts:", admin), self.events(server, "alerts:team", viewer)
        self.assertEqual(server.ask("GET", "/api/v1/live/alerts", headers=viewer)[0], 404)
        bound = {"metric": "process_threads", "over": 0, "forMs": 0, "windowMs": 1000}
        self.json(server, "PUT", "/alert-rules/threads", {**bound, "name": "threads"})
        first = self.alerts(root, 1)[0]
        self.assertEqual((first["name"], first["folder"], first["flow"], first["state"]), ("threads", "", "", "raised"))
        # That of the folder, whose series has no flow either.
        self.json(server, "PUT", "/quotas?folder=team", {"totalDiskBytes": 1 << 30})
        self.json(server, "PUT", "/alert-rules/quota", {"metric": "weir_folder_disk_quota_bytes", "over": 0, "forMs": 0, "windowMs": 1000, "folder": "team", "name": "quota"})
        of_team = self.alerts(team, 1)[0]
        self.assertEqual((of_team["name"], of_team["folder"], of_team["flow"]), ("quota", "team", ""))
        self.assertEqual(self.alerts(root, 1)[0]["name"], "quota")
        self.json(server, "DELETE", "/alert-rules/quota", status=204)
        self.assertEqual(self.alerts(team, 1)[0]["state"], "cleared")


if __name__ == "__main__":
    unittest.main()
