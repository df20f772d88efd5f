#!/usr/bin/env python3
# Two servers over one PostgreSQL: what is changed at one of people, rights, folders and alerts holds at the other, and none writes
# back what it knew before.
import http.client
import json
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import chain, node, until  # noqa: E402
from servers import POSTGRES, PostgreSql, needs  # noqa: E402
from serving import ServeTest  # noqa: E402

PASSWORD = "a password of somebody"


@needs(POSTGRES / "postgres")
class Many(ServeTest):
    def setUp(self):
        super().setUp()
        self.database = PostgreSql(self, self.folder / "postgres")
        self.first = self.serve("--database-url", self.database.url, data="first")
        self.tokens["second"] = self.first.token
        self.second = self.serve("--database-url", self.database.url, data="second")

    def ask(self, server, method, path, body=None, headers=None):
        """A change that met one of the other server is asked for again, as the answer says."""
        def once():
            status, got, said = server.ask(method, f"/api/v1{path}", body, headers)
            return None if status == 409 and "storage.elsewhere" in said else (status, got, said)
        return until(once)

    def json(self, server, method, path, body=None, status=200, headers=None):
        found, _, said = self.ask(server, method, path, body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def user(self, server, name, **more):
        return self.json(server, "POST", "/users", {"name": name, "password": PASSWORD, **more}, 201)["id"]

    def enter(self, server, name):
        status, headers, said = server.ask("POST", "/api/v1/session", {"name": name, "password": PASSWORD}, {"cookie": ""})
        return {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(said)["csrf"]} if status == 201 else None

    def status(self, server, path, headers):
        return server.ask("GET", f"/api/v1{path}", headers=headers)[0]

    def test_who_is_made_or_disabled_at_one_server_is_so_at_the_other(self):
        eve = self.user(self.first, "eve")
        until(lambda: self.status(self.second, f"/users/{eve}", None) == 200)
        there, here = self.enter(self.second, "eve"), self.enter(self.first, "eve")
        # A session of one is a session of the other.
        until(lambda: self.status(self.first, "/me", there) == 200)
        until(lambda: self.status(self.second, "/me", here) == 200)
        self.json(self.first, "PATCH", f"/users/{eve}", {"disabled": True})
        until(lambda: self.status(self.second, "/me", there) == 401)
        self.assertEqual(self.status(self.second, "/me", here), 401)
        self.assertIsNone(self.enter(self.second, "eve"))
        # Another change at the other server leaves it so.
        self.assertTrue(self.json(self.second, "PATCH", f"/users/{eve}", {"fullName": "Eve"})["disabled"])
        until(lambda: (found := self.json(self.first, "GET", f"/users/{eve}")).get("fullName") == "Eve" and found["disabled"])

    def test_a_change_that_does_not_know_of_another_one_is_not_made(self):
        eve = self.user(self.first, "eve")
        until(lambda: self.status(self.second, f"/users/{eve}", None) == 200)

        def both(one, other):
            with ThreadPoolExecutor(2) as pool:
                return [task.result() for task in (pool.submit(self.first.ask, *one), pool.submit(self.second.ask, *other))]

        for i in range(8):
            name = {"name": f"twin{i}", "password": PASSWORD}
            answers = both(("POST", "/api/v1/users", name), ("POST", "/api/v1/users", name))
            self.assertEqual(sorted(status for status, _, _ in answers), [201, 409], answers)
            both(("PATCH", f"/api/v1/users/{eve}", {"disabled": True}), ("PATCH", f"/api/v1/users/{eve}", {"fullName": f"Eve {i}"}))
            self.json(self.first, "PATCH", f"/users/{eve}", {"disabled": True})
            self.assertTrue(self.json(self.second, "PATCH", f"/users/{eve}", {"fullName": "Eve"})["disabled"])
            self.json(self.first, "PATCH", f"/users/{eve}", {"disabled": False})
        found = [one["name"] for one in self.json(self.first, "GET", "/users")["users"]]
        self.assertEqual(len(found), len(set(found)), found)
        # One administrator stays, whoever takes it from whom.
        root = next(one["id"] for one in self.json(self.first, "GET", "/users")["users"] if one["name"] == "root")
        self.json(self.first, "PATCH", f"/users/{eve}", {"administersServer": True})
        until(lambda: self.json(self.second, "GET", f"/users/{eve}")["administersServer"])
        both(("PATCH", f"/api/v1/users/{root}", {"administersServer": False}), ("PATCH", f"/api/v1/users/{eve}", {"administersServer": False}))
        kept = self.database.sql("SELECT count(*) FROM identities WHERE kind = 'user' AND body LIKE '%\"administersServer\":true%'")
        self.assertNotEqual(kept, ["0"])

    def test_tokens_and_grants_are_those_of_both_and_open_streams_end(self):
        service = self.json(self.first, "POST", "/users", {"name": "robot", "service": True}, 201)["id"]
        flow = {"id": "ticks", "version": "1.0.0", "nodes": [node("count", "generate/pattern", rows=0, rate=20, batchRows=1)], "edges": []}
        self.json(self.second, "POST", "/flows?folder=team", flow, 201)
        self.json(self.second, "POST", "/flows/ticks/versions", {"publish": True}, 201)
        run = self.json(self.second, "POST", "/flows/ticks/runs", {}, 201)["id"]
        until(lambda: self.json(self.second, "GET", f"/runs/{run}")["state"] == "running", 120)
        grant = self.json(self.first, "POST", "/grants", {"user": service, "role": "operator", "folder": "team"}, 201)["id"]
        token = self.json(self.first, "POST", f"/users/{service}/tokens", {"name": "t", "permissions": ["flow.read", "data.read"]}, 201)
        robot = {"authorization": f"Bearer {token['token']}"}
        until(lambda: self.status(self.second, "/flows/ticks", robot) == 200)
        stream = http.client.HTTPConnection(self.second.host, self.second.port, timeout=120)
        self.addCleanup(stream.close)
        stream.request("GET", f"/api/v1/runs/{run}/events", headers=robot)
        answer = stream.getresponse()
        self.assertEqual(answer.status, 200)
        self.json(self.first, "DELETE", f"/grants/{grant}", status=204)
        # It ends without anybody's doing.
        try:
            answer.read()
        except http.client.IncompleteRead:
            pass
        self.assertIn(self.status(self.second, "/flows/ticks", robot), (403, 404))
        self.assertEqual(self.status(self.second, "/me", robot), 200)
        self.json(self.first, "DELETE", f"/users/{service}", status=204)
        until(lambda: self.status(self.second, "/me", robot) == 401)
        self.json(self.second, "POST", f"/runs/{run}/stop", status=202)

    def test_folders_and_alerts_follow(self):
        lake = self.folder / "lake"
        lake.mkdir()
        self.json(self.first, "PUT", "/mounts/lake?folder=team", {"directory": str(lake), "writes": False}, 201)
        until(lambda: self.status(self.second, "/mounts/lake?folder=team", None) == 200)
        self.json(self.second, "DELETE", "/mounts/lake?folder=team", status=204)
        until(lambda: self.status(self.first, "/mounts/lake?folder=team", None) == 404)
        self.assertIn(self.ask(self.first, "PUT", "/network?folder=team", {"allow": ["db.internal:5432"], "listen": []})[0], (200, 201))
        until(lambda: self.json(self.second, "GET", "/network?folder=team")["allow"] == ["db.internal:5432"])
        rule = {"metric": "weir_flow_stuck_seconds", "over": 300}
        self.assertIn(self.ask(self.first, "PUT", "/alert-rules/stuck-here", rule)[0], (200, 201))
        until(lambda: self.status(self.second, "/alert-rules/stuck-here", None) == 200)
        self.json(self.second, "DELETE", "/alert-rules/stuck-here", status=204)
        until(lambda: self.status(self.first, "/alert-rules/stuck-here", None) == 404)

    def test_a_path_is_claimed_once(self):
        for server, name in ((self.first, "one"), (self.second, "two")):
            hook, kept = node("hook", "http/webhook", path="/orders"), node("write", "files/json-write", path=f"{name}.ndjson")
            self.json(server, "POST", "/flows?folder=team", {"id": name, "version": "1.0.0", "nodes": [hook, kept], "edges": chain(hook, kept)}, 201)
        with ThreadPoolExecutor(2) as pool:
            tasks = [pool.submit(server.ask, "POST", f"/api/v1/flows/{name}/versions", {"publish": True}) for server, name in ((self.first, "one"), (self.second, "two"))]
            answers = [task.result() for task in tasks]
        self.assertEqual([answers[0][0], answers[1][0]].count(201), 1, answers)
        loser, name = (self.second, "two") if answers[0][0] == 201 else (self.first, "one")
        until(lambda: "hook.taken" in loser.ask("POST", f"/api/v1/flows/{name}/versions", {"publish": True})[2])


if __name__ == "__main__":
    unittest.main()
