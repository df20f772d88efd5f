# S1: publishing takes the permission for all that a flow refers to, by whichever way a flow comes to be published; and what has never been
# published has no more than who starts it.
import json
import unittest

from program import chain, edge, node, until
from serving import ServeTest


def plain(name):
    nodes = [node("count", "generate/pattern", rows=0, rate=5, batchRows=1), node("out", "debug/log")]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes)}


def secretive(name):
    ask = node("ask", "http/request", url="http://127.0.0.1:1/", headers={"x-key": "${secret:KEY}"})
    return {"id": name, "version": "1.0.0", "nodes": [node("one", "generate/pattern", rows=1), ask], "edges": [edge("e", "one.rows", "ask.rows")]}


def mounted(name):
    nodes = [node("in", "files/json-read", path="lake:in.ndjson"), node("out", "debug/log")]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes)}


def nested(name, *inner):
    return {"id": name, "version": "1.0.0", "nodes": [node(f"in{i}", f"subflow/{one}") for i, one in enumerate(inner)], "edges": []}


KINDS = {"secret": (secretive, "secret.use for the secret 'KEY'"), "mount": (mounted, "mount.use for the mount 'lake'")}


class Publishing(ServeTest):
    def setUp(self):
        super().setUp()
        self.server = self.serve()
        (self.folder / "lake").mkdir()
        (self.folder / "lake/in.ndjson").write_text('{"n": 1}\n')
        for folder in ("team", "other"):
            self.json("PUT", f"/mounts/lake?folder={folder}", {"directory": str(self.folder / "lake")}, 201)
            self.json("PUT", f"/secrets/KEY?folder={folder}", {"value": "a long secret", "hosts": ["127.0.0.1"]}, 201)
        # May publish in both folders, and use nothing of theirs.
        self.cut = self.person("eva", "editor", ("team", "other"),
                               ("flow.read", "flow.edit", "flow.publish", "run.start", "run.stop", "data.read"))

    def json(self, method, path, body=None, status=(200, 201, 202, 204), headers=None):
        found, _, said = self.server.ask(method, f"/api/v1{path}", body, headers)
        self.assertIn(found, status if isinstance(status, tuple) else (status,), (path, said))
        return json.loads(said) if said else None

    def person(self, name, role, folders, permissions):
        who = {"name": name, "password": "a password for tests"}
        user = self.json("POST", "/users", who)["id"]
        for folder in folders:
            self.json("POST", "/grants", {"user": user, "role": role, "folder": folder})
        _, headers, said = self.server.ask("POST", "/api/v1/session", who, {"cookie": ""})
        session = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(said)["csrf"]}
        token = self.json("POST", "/tokens", {"name": "cut", "permissions": list(permissions)}, headers=session)["token"]
        return {"authorization": f"Bearer {token}"}

    def create(self, flow, folder="team", publish=False):
        self.json("POST", f"/flows?folder={folder}", flow)
        if publish:
            self.json("POST", f"/flows/{flow['id']}/versions", {"publish": True})

    def denied(self, says, method, path, body=None, headers=None):
        refused = self.json(method, path, body, 403, {**self.cut, **(headers or {})})
        self.assertEqual(refused["code"], "publish.denied", refused)
        self.assertIn(says, refused["detail"])
        return refused["detail"]

    def test_every_way_to_a_published_flow_asks_for_what_it_refers_to(self):
        for kind, (made, says) in KINDS.items():
            with self.subTest(kind=kind):
                # Publish.
                self.create(made(f"{kind}-new"))
                self.denied(says, "POST", f"/flows/{kind}-new/versions", {"publish": True})
                # Going back to a version.
                self.create(made(f"{kind}-back"))
                self.json("POST", f"/flows/{kind}-back/versions", {})
                self.json("PUT", f"/flows/{kind}-back", plain(f"{kind}-back"), headers={"if-match": "*"})
                self.denied(says, "POST", f"/flows/{kind}-back/versions/1/restore", headers={"if-match": "*"})
                # Moving.
                self.create(made(f"{kind}-moved"), publish=True)
                self.denied(says, "POST", f"/flows/{kind}-moved/move", {"folder": "other"})
                # Out of the bin.
                self.create(made(f"{kind}-gone"), publish=True)
                self.json("DELETE", f"/flows/{kind}-gone", headers={"if-match": "*"})
                self.denied(says, "POST", f"/flows/{kind}-gone/restore")
                # weir apply: a new one, one that changes, one that only moves, one that only comes back.
                for name in ("applied", "new", "moved", "gone"):
                    order = {"flows": [{"folder": "team", "document": made(f"{kind}-{name}")}]}
                    if name != "moved":
                        self.denied(says, "POST", "/apply", order)
                for name, folder in (("moved", "other"), ("gone", "team")):
                    order = {"flows": [{"folder": folder, "document": plain(f"{kind}-{name}")}], "publish": False}
                    self.denied(says, "POST", "/apply", order)
                # Nothing of it was done.
                self.assertEqual(self.json("GET", f"/flows/{kind}-moved")["folder"], "team")
                self.assertEqual(self.json("GET", f"/flows/{kind}-new")["publishedVersion"], 0)
                self.json("GET", f"/flows/{kind}-applied", status=404)
                # Who may, does.
                self.json("POST", f"/flows/{kind}-gone/restore")
                order = {"flows": [{"folder": "other", "document": plain(f"{kind}-moved")}], "publish": False}
                self.assertEqual(self.json("POST", "/apply", order)["flows"][0]["change"], "changed")

    def test_what_nobody_has_published_has_no_more_than_who_starts_it(self):
        for kind, (made, says) in KINDS.items():
            with self.subTest(kind=kind):
                name = f"{kind}-kept"
                self.create(plain(name), publish=True)
                run = self.json("POST", f"/flows/{name}/runs", {}, headers=self.cut)["id"]
                until(lambda: self.json("GET", f"/runs/{run}")["state"] == "running")
                # The draft, and a version that was kept and never published.
                self.json("PUT", f"/flows/{name}", made(name), headers={"if-match": "*"})
                self.json("POST", f"/flows/{name}/versions", {}, headers=self.cut)
                for version in ("draft", 2):
                    self.denied(says, "POST", f"/flows/{name}/runs", {"version": version})
                    self.denied(says, "POST", f"/runs/{run}/version", {"version": version})
                    self.denied(says, "POST", f"/flows/{name}/runs/version", {"version": version})
                self.denied(says, "POST", f"/flows/{name}/schedules", {"name": "s", "everyMs": 86_400_000, "version": 2})
                made_schedule = self.json("POST", f"/flows/{name}/schedules", {"name": "s", "everyMs": 86_400_000}, headers=self.cut)
                self.denied(says, "PUT", f"/schedules/{made_schedule['id']}", {"name": "s", "everyMs": 86_400_000, "version": 2}, {"if-match": "*"})
                target = {"secret": "ask", "mount": "in"}[kind]
                self.denied(says, "POST", f"/flows/{name}/preview", {"node": target, "effects": True})
                # Once somebody has published it, it runs with what its folder has.
                self.json("POST", f"/flows/{name}/versions", {"publish": True})
                self.json("POST", f"/flows/{name}/runs", {"version": 3}, headers=self.cut)
                self.json("POST", f"/runs/{run}/stop")

    def test_a_subflow_is_one_that_its_user_can_read(self):
        self.json("POST", "/flows?folder=hidden", plain("inner"))
        self.create(plain("near"), "other")
        for name, inner in (("hidden", "inner"), ("missing", "none")):
            self.create(nested(name, inner, "near"))
            self.json("POST", f"/flows/{name}/versions", {})
            self.json("PUT", f"/flows/{name}", plain(name), headers={"if-match": "*"})
            # What is hidden and what is not there are told alike.
            told = self.denied(f"cannot read the subflow '{inner}'", "POST", f"/flows/{name}/versions/1/restore", headers={"if-match": "*"})
            self.assertIn("is in a folder that you do not see, or is not there", told)
            self.assertNotIn("near", told)
            self.assertNotIn("'hidden'", told.replace("the flow 'hidden'", ""))
        self.create(nested("moved", "inner", "none"))
        self.assertIn("'inner' and 'none'", self.denied("cannot read the subflows", "POST", "/flows/moved/move", {"folder": "other"}))
        # A server has no subflows to put in place yet: such a flow is refused before anybody is asked.
        self.assertIn("flow.unknown_subflow", json.dumps(self.json("POST", "/flows/moved/versions", {"publish": True}, 422)))
        self.json("POST", "/flows/moved/move", {"folder": "other"}, 403)
        self.json("PUT", "/flows/moved", nested("moved", "inner"), headers={"if-match": "*"})
        self.json("POST", "/flows/moved/move", {"folder": "other"})


if __name__ == "__main__":
    unittest.main()
