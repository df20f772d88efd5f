#!/usr/bin/env python3
# Folders of the machine that a server gives to folders of flows, and nothing else of it; and what they may connect to.
import http.server
import json
import os
import socket
import sqlite3
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import chain, edge, node, until  # noqa: E402
from serving import ServeTest  # noqa: E402


class Folders(ServeTest):
    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.lake = self.folder / "lake"
        self.lake.mkdir()
        (self.lake / "in.ndjson").write_text('{"n":1}\n{"n":2}\n')

    def json(self, method, path, body=None, status=200, headers=None):
        found, _, said = self.server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def mount(self, name="lake", directory=None, folder="team", writes=False, status=201):
        body = {"directory": str(directory or self.lake), "writes": writes}
        return self.json("PUT", f"/mounts/{name}?folder={folder}", body, status)

    def create(self, name, *nodes, folder="team", edges=None, **more):
        flow = {"id": name, "version": "1.0.0", "nodes": list(nodes), "edges": chain(*nodes) if edges is None else edges, **more}
        self.json("POST", f"/flows?folder={folder}", flow, 201)
        return name

    def run_flow(self, name, version="draft", status=201, **more):
        """The run when it is over; what is refused is given as it is."""
        begun = self.json("POST", f"/flows/{name}/runs", {"version": version, **more}, status)
        if status != 201:
            return begun
        return until(lambda: (run := self.json("GET", f"/runs/{begun['id']}"))["state"] in ("done", "failed", "stopped") and run)

    def copy(self, name, path, into="out.ndjson", folder="team"):
        self.create(name, node("in", "files/json-read", path=path), node("out", "files/json-write", path=into), folder=folder)
        return name

    def out(self, folder="team", name="out.ndjson"):
        path = self.server.data / "files" / folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else None

    def person(self, name, role, folder="team"):
        """Headers of somebody with a role in a folder."""
        user = self.json("POST", "/users", {"name": name, "password": "nineteen violet umbrellas"}, 201)["id"]
        self.json("POST", "/grants", {"user": user, "role": role, "folder": folder}, 201)
        _, headers, said = self.server.ask("POST", "/api/v1/session", {"name": name, "password": "nineteen violet umbrellas"}, {"cookie": ""})
        return {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(said)["csrf"]}


class PutFiles(Folders):
    def put(self, path, body=b"a\n1\n", mount="project", folder="team", **headers):
        status, _, said = self.server.ask("PUT", f"/api/v1/mounts/{mount}/files/{path}?folder={folder}", body, {"content-type": "application/octet-stream", **headers})
        return status, json.loads(said)

    def refused(self, path, code, status, **more):
        got, said = self.put(path, **more)
        self.assertEqual((got, said.get("code")), (status, code), said)

    def test_files_are_put_where_flows_read_them(self):
        self.assertEqual(self.put("in/2026/rows.ndjson", b'{"n":1}\n'), (201, {"path": "in/2026/rows.ndjson", "bytes": 8}))
        self.assertEqual(self.put("in/2026/rows.ndjson", b'{"n":7}\n{"n":8}\n')[0], 200)
        self.assertEqual(self.run_flow(self.copy("reads", "in/2026/rows.ndjson"))["state"], "done")
        self.assertEqual([row["n"] for row in self.out()], [7, 8])
        self.refused("in/2026/rows.ndjson", "storage.exists", 412, **{"if-none-match": "*"})
        self.mount("drop", writes=True)
        large = os.urandom(11 << 20)
        self.assertEqual(self.put("large%20file.bin", large, mount="drop", folder="team/below")[0], 201)
        self.assertEqual((self.lake / "large file.bin").read_bytes(), large)
        entries = self.json("GET", "/audit?action=mount.file_put")["entries"]
        self.assertEqual({one["object"] for one in entries}, {"mount:project", "mount:drop"})
        self.assertIn("in/2026/rows.ndjson", json.dumps(entries))

    def test_S7_what_leads_elsewhere_is_not_put_anywhere(self):
        self.mount("drop", writes=True)
        self.mount("kept")
        outside = self.folder / "outside"
        outside.mkdir()
        (self.lake / "way").symlink_to(outside)
        (self.lake / "link").symlink_to("in.ndjson")
        for path in ("../x", "..%2fx", "%2e%2e/x", "a/../../x", "a//b", "a/", "./a", ".hidden", "a/.weir/x", "%2fetc%2fx", "a%5cb", "a%0ab", "x" * 201, "a/" * 32 + "b", "a" * 150 + ("/" + "b" * 150) * 7):
            with self.subTest(path=path[:40]):
                self.refused(path, "files.outside_mount", 422, mount="drop")
        for path in ("way/x", "link", "link/x", "way"):
            with self.subTest(path=path):
                self.refused(path, "files.outside_mount", 422, mount="drop")
        self.assertEqual(self.put("a%00b", mount="drop")[0], 400)
        self.refused("a", "files.read_only", 422, mount="kept")
        self.refused("a", "storage.not_found", 404, mount="nowhere")
        self.assertEqual(self.put("a", None, mount="drop", **{"content-length": str((64 << 20) + 1)})[0], 413)
        self.assertEqual(self.put("a", b"{}", mount="drop", **{"content-type": "application/json"})[0], 415)
        self.assertEqual(sorted(path.name for path in self.lake.iterdir()), ["in.ndjson", "link", "way"])
        self.assertEqual(list(outside.iterdir()), [])
        for role in ("viewer", "operator"):
            self.assertEqual(self.put("a", **self.person(f"a-{role}", role))[0], 403)
        self.assertEqual(self.put("a", **self.person("an-editor", "editor"))[0], 201)
        self.assertIn(self.put("a", folder="other", **self.person("another", "editor"))[0], (403, 404))


class Mounts(Folders):
    def test_S7_a_flow_sees_nothing_of_the_machine_that_nobody_gave_it(self):
        secret = self.folder / "secret.ndjson"
        secret.write_text('{"canary":1}\n')
        files = self.server.data / "files/team"
        files.mkdir(parents=True)
        (files / "link.ndjson").symlink_to(secret)
        (files / "up").symlink_to("../..")
        os.mkfifo(files / "pipe.ndjson")
        spelled = ["/etc/passwd", str(secret), "../../weir.db", "../../../secret.ndjson", "./../../../secret.ndjson", "link.ndjson",
                   "up/weir.db", "project:../../weir.db", "project:/etc/passwd", "//etc/passwd", "a/../../../../secret.ndjson",
                   "/proc/self/environ", "/proc/self/fd/3", "file:///etc/passwd", "pipe.ndjson", "/dev/zero", "~/.ssh/id_rsa",
                   "..%2f..%2fweir.db"]
        for i, path in enumerate(spelled):
            with self.subTest(path=path):
                begun = self.server.ask("POST", f"/api/v1/flows/{self.copy(f'f{i}', path)}/runs", {"version": "draft"})
                if begun[0] == 201:
                    run = json.loads(begun[2])["id"]
                    ended = until(lambda: (one := self.json("GET", f"/runs/{run}"))["state"] in ("done", "failed") and one)
                    self.assertEqual(ended["state"], "failed", ended)
                    self.assertIn(ended["error"]["code"].split(".")[0], ("files", "csv", "json"), ended)
                else:
                    self.assertEqual(begun[0], 422, begun[2])
                self.assertNotIn("canary", json.dumps(self.out() or []))

    def test_a_mount_is_read_written_only_if_it_may_be_and_reaches_folders_below(self):
        self.mount()
        self.copy("read", "lake:in.ndjson")
        self.assertEqual(self.run_flow("read")["state"], "done")
        self.assertEqual(self.out(), [{"n": 1}, {"n": 2}])
        self.copy("below", "lake:in.ndjson", folder="team/reports")
        self.assertEqual(self.run_flow("below")["state"], "done")
        self.copy("write", "lake:in.ndjson", "lake:made/out.ndjson")
        refused = self.run_flow("write")
        self.assertEqual((refused["state"], refused["error"]["code"]), ("failed", "files.denied"), refused)
        self.assertEqual(sorted(one.name for one in self.lake.iterdir()), ["in.ndjson"])
        self.mount(writes=True, status=200)
        self.assertEqual(self.run_flow("write")["state"], "done")
        self.assertEqual((self.lake / "made/out.ndjson").read_text(), '{"n":1}\n{"n":2}\n')
        self.json("DELETE", "/mounts/lake?folder=team", status=204)
        self.assertEqual(self.run_flow("read", status=422)["code"], "flow.invalid")

    def test_S7_links_in_a_mount_that_lead_out_and_things_that_are_no_files_are_refused(self):
        self.mount(writes=True)
        (self.folder / "away.ndjson").write_text('{"canary":1}\n')
        (self.lake / "out.ndjson").symlink_to(self.folder / "away.ndjson")
        (self.lake / "up").symlink_to("..")
        (self.lake / "again.ndjson").symlink_to("in.ndjson")
        os.mkfifo(self.lake / "pipe.ndjson")
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(self.lake / "socket.ndjson"))
        for i, (path, code) in enumerate((("lake:out.ndjson", "files.outside_mount"), ("lake:up/away.ndjson", "files.outside_mount"),
                                          ("lake:pipe.ndjson", "files.not_regular"), (f"{self.lake}/in.ndjson", "files.outside_mount"))):
            ended = self.run_flow(self.copy(f"l{i}", path))
            self.assertEqual((ended["state"], ended["error"]["code"]), ("failed", code), (path, ended))
        self.assertEqual(self.run_flow(self.copy("fine", "lake:again.ndjson"))["state"], "done")
        self.create("through", node("in", "files/json-read", path="lake:in.ndjson"), node("out", "files/json-write", path="lake:up/x.ndjson"))
        self.assertEqual(self.run_flow("through")["state"], "failed")
        self.assertFalse((self.folder / "x.ndjson").exists())

    def test_S7_what_is_the_servers_own_or_the_systems_is_no_mount(self):
        data = self.server.data
        (self.folder / "disguise").symlink_to(data)
        key = next((self.folder / "config").rglob("*.key"))
        for directory in (data, data / "files", self.folder, "/", "/proc", "/proc/self", "/sys", "/sys/kernel", "/dev", "/dev/shm",
                          self.folder / "disguise", self.folder / "disguise/files", key.parent, key.parent.parent,
                          f"{data}/../data", f"{self.folder}/lake/../data"):
            with self.subTest(directory=str(directory)):
                self.assertEqual(self.mount("bad", directory, status=422)["code"], "mount.refused")
        for directory in ("lake", "", self.folder / "none", self.lake / "in.ndjson"):
            self.assertIn(self.mount("bad", directory or " ", status=422)["code"], ("mount.refused", "api.body"))
        for name in ("a", "project", "no space", "x" * 65):
            self.json("PUT", f"/mounts/{name.replace(' ', '%20')}?folder=team", {"directory": str(self.lake)}, 422)
        self.assertEqual(self.json("GET", "/mounts")["mounts"], [])
        # A folder that becomes one of those later is looked at when it is used.
        self.mount("late")
        self.lake.rename(self.folder / "kept")
        self.lake.symlink_to(data)
        ended = self.run_flow(self.copy("late", "late:weir.db"))
        self.assertEqual((ended["state"], ended["error"]["code"]), ("failed", "flow.invalid"), ended)
        self.assertIn("'late'", ended["error"]["message"])

    def test_a_mount_is_tested_as_the_servers_own_user_and_only_its_administrator_gives_one(self):
        self.mount(writes=True)
        told = self.json("POST", "/mounts/lake/test?folder=team")
        self.assertEqual((told["usable"], told["reads"], told["writes"], told["entries"]), (True, True, True, 1))
        (self.lake / "in.ndjson").unlink()
        self.lake.rmdir()
        told = self.json("POST", "/mounts/lake/test?folder=team")
        self.assertEqual((told["usable"], told["code"]), (False, "mount.refused"))
        self.assertIn("no such folder", told["problem"])
        admin, viewer = self.person("ada", "admin"), self.person("vera", "viewer")
        self.json("PUT", "/mounts/more?folder=team", {"directory": "/srv"}, 403, admin)
        self.assertNotIn("directory", self.json("GET", "/mounts/lake?folder=team", headers=admin))
        self.json("GET", "/mounts/lake?folder=team", status=403, headers=viewer)
        self.assertEqual(self.json("GET", "/mounts", headers=viewer)["mounts"], [])
        actions = [one["action"] for one in self.json("GET", "/audit?action=mount.")["entries"]]
        self.assertEqual(actions, ["mount.created"])

    def test_S7_sqlite_goes_through_the_mount_and_statements_do_not_leave_it(self):
        for path in (self.lake / "rows.db", self.folder / "away.db"):
            with sqlite3.connect(path) as made:
                made.execute("CREATE TABLE rows (n INTEGER)")
            made.close()
        self.mount()
        self.create("fill", node("in", "files/json-read", path="lake:in.ndjson"), node("out", "sql/write", file="lake:rows.db", table="rows"))
        refused = self.run_flow("fill")
        self.assertEqual((refused["state"], refused["error"]["code"]), ("failed", "files.denied"), refused)
        self.mount(writes=True, status=200)
        self.assertEqual(self.run_flow("fill")["state"], "done")
        with sqlite3.connect(self.lake / "rows.db") as made:
            self.assertEqual(made.execute("SELECT n FROM rows ORDER BY n").fetchall(), [(1,), (2,)])
        made.close()
        away = self.folder / "away.db"
        for i, statement in enumerate((f"ATTACH '{away}' AS away", f"VACUUM INTO '{self.folder}/copy.db'", "SELECT load_extension('x')",
                                       "PRAGMA writable_schema=1", "PRAGMA journal_mode=OFF")):
            self.create(f"q{i}", node("in", "generate/pattern", rows=1), node("ask", "sql/query", file="lake:rows.db", statement=statement),
                        node("out", "files/json-write", path=f"q{i}.ndjson"))
            ended = self.run_flow(f"q{i}")
            self.assertIn("sql.", json.dumps(ended), statement)
        self.assertFalse((self.folder / "copy.db").exists())
        self.create("away", node("in", "sql/read", **{"from": "rows", "file": f"{away}"}), node("out", "files/json-write", path="q.ndjson"))
        self.assertEqual(self.run_flow("away")["error"]["code"], "files.outside_mount")

    def test_publishing_needs_the_permission_for_what_the_flow_refers_to(self):
        self.mount()
        operator = self.person("otto", "operator")
        self.json("PUT", "/secrets/KEY?folder=team", {"value": "a long secret", "hosts": ["127.0.0.1"]}, 201)
        ask = node("ask", "http/request", url="http://127.0.0.1:1/", headers={"x-key": "${secret:KEY}"})
        self.create("both", node("in", "files/json-read", path="lake:in.ndjson"), ask, edges=[edge("e", "in.rows", "ask.rows")])
        # Who starts a draft has no more than they may use themselves.
        refused = self.json("POST", "/flows/both/runs", {"version": "draft"}, 403, operator)
        self.assertEqual(refused["code"], "publish.denied")
        for word in ("secret.use", "'KEY'", "mount.use", "'lake'", "the folder 'team'"):
            self.assertIn(word, refused["detail"])
        self.create("missing", node("in", "files/json-read", path="ocean:in.ndjson"), node("out", "debug/log"))
        self.assertEqual(self.json("POST", "/flows/missing/versions", {"publish": True}, 422)["code"], "flow.mount_missing")
        # Moved to where the mount is not, it cannot be published there.
        self.copy("moved", "lake:in.ndjson")
        self.json("POST", "/flows/moved/versions", {"publish": True}, 201)
        self.assertEqual(self.json("POST", "/flows/moved/move", {"folder": "other"}, 422)["code"], "flow.mount_missing")
        applied = {"flows": [{"folder": "other", "document": {"id": "applied", "version": "1.0.0", "edges": [], "nodes": [
            node("in", "files/json-read", path="lake:in.ndjson")]}}], "publish": True}
        status, _, said = self.server.ask("POST", "/api/v1/apply", applied)
        self.assertIn(status, (400, 422), said)
        # A published flow runs with its folder's rights, whoever starts it.
        run = self.json("POST", "/flows/moved/runs", {}, 201, operator)["id"]
        until(lambda: self.json("GET", f"/runs/{run}")["state"] == "done")


class Tenants(Folders):
    def test_two_folders_with_equal_names_everywhere_see_nothing_of_each_other(self):
        for name in ("one", "two"):
            place = self.folder / f"lake-{name}"
            place.mkdir()
            (place / "in.ndjson").write_text(json.dumps({"of": name}) + "\n")
            self.mount("lake", place, folder=name)
            self.json("PUT", f"/environments/production?folder={name}", {"parameters": {"path": "lake:in.ndjson", "who": name}}, 201)
            self.json("PUT", f"/secrets/KEY?folder={name}", {"value": f"secret-of-{name}"}, 201)
            flow = {"id": f"copy-{name}", "version": "1.0.0", "parameters": [{"name": "path", "type": "string", "default": "none"}],
                    "nodes": [node("in", "files/json-read", path="${path}"), node("out", "files/json-write", path="out.ndjson")]}
            self.json("POST", f"/flows?folder={name}", flow | {"edges": chain(*flow["nodes"])}, 201)
            self.json("POST", f"/flows/copy-{name}/versions", {"publish": True}, 201)
            self.assertEqual(self.run_flow(f"copy-{name}", 1, environment="production")["state"], "done")
        self.assertEqual((self.out("one"), self.out("two")), ([{"of": "one"}], [{"of": "two"}]))
        ada = self.person("ada", "admin", "one")
        self.assertEqual([one["folder"] for one in self.json("GET", "/mounts", headers=ada)["mounts"]], ["one"])
        self.assertEqual([one["folder"] for one in self.json("GET", "/environments", headers=ada)["environments"]], ["one"])
        self.assertEqual([one["folder"] for one in self.json("GET", "/secrets", headers=ada)["secrets"]], ["one"])
        self.assertEqual([one["folder"] for one in self.json("GET", "/flows", headers=ada)["flows"]], ["one"])
        for path in ("/environments/production", "/mounts/lake", "/network"):
            self.json("GET", f"{path}?folder=two", status=404, headers=ada)
        self.json("PUT", "/environments/production?folder=two", {"parameters": {}}, 404, ada)
        self.assertEqual([one["flow"] for one in self.json("GET", "/runs", headers=ada)["runs"]], ["copy-one"])
        for path in ("../two/out.ndjson", "project:../two/out.ndjson"):
            self.copy(f"peek{len(path)}", path, folder="one")
            self.assertEqual(self.run_flow(f"peek{len(path)}")["state"], "failed")


class Wholes(Folders):
    def test_a_folder_goes_into_the_bin_as_one_and_comes_back_as_one(self):
        self.mount()
        self.json("PUT", "/environments/test?folder=team/below", {"parameters": {"a": 1}}, 201)
        hook = node("hook", "http/webhook", path="/x")
        self.create("asked", hook, node("out", "debug/log"))
        self.json("POST", "/flows/asked/versions", {"publish": True}, 201)
        self.copy("below", "lake:in.ndjson", folder="team/below")
        self.copy("apart", "in.ndjson", folder="teams")
        listed = self.json("GET", "/folders/team")
        self.assertEqual(sorted(one["id"] for one in listed["flows"]), ["asked", "below"])
        self.assertEqual(sorted((one["kind"], one["name"]) for one in listed["settings"]), [("environment", "test"), ("hooks", "asked"), ("mount", "lake")])
        self.create("ticks", node("count", "generate/pattern", rows=0, rate=5), node("out", "debug/log"), folder="team/below")
        run = self.json("POST", "/flows/ticks/runs", {"version": "draft"}, 201)["id"]
        self.assertEqual(self.json("DELETE", "/folders/team", status=409)["code"], "run.goes_on")
        self.json("POST", f"/runs/{run}/stop", status=202)
        until(lambda: self.json("GET", f"/runs/{run}")["state"] in ("stopped", "done"))
        viewer, editor = self.person("vera", "viewer"), self.person("eva", "editor")
        self.json("GET", "/folders/team", headers=viewer)
        self.json("DELETE", "/folders/team", status=403, headers=editor)
        self.json("GET", "/folders/teams", status=404, headers=viewer)
        gone = self.json("DELETE", "/folders/team")
        self.assertEqual(sorted(one["id"] for one in gone["flows"]), ["asked", "below", "ticks"])
        self.assertEqual([one["id"] for one in self.json("GET", "/flows")["flows"]], ["apart"])
        self.assertEqual((self.json("GET", "/mounts")["mounts"], self.json("GET", "/environments")["environments"]), ([], []))
        self.json("DELETE", "/folders/team", status=404)
        # Its paths are free meanwhile; who has taken one keeps it, and nothing comes back by half.
        self.create("taker", node("hook", "http/webhook", path="/team/x"), node("out", "debug/log"), folder="")
        self.json("POST", "/flows/taker/versions", {"publish": True}, 201)
        self.assertEqual(self.json("POST", "/folders/team", status=409)["code"], "hook.taken")
        self.assertEqual(len(self.json("GET", "/flows")["flows"]), 2)
        self.json("DELETE", "/flows/taker", headers={"if-match": "*"})
        back = self.json("POST", "/folders/team")
        self.assertEqual(sorted(one["id"] for one in back["flows"]), ["asked", "below", "ticks"])
        self.assertEqual(sorted((one["kind"], one["name"]) for one in self.json("GET", "/folders/team")["settings"]),
                         [("environment", "test"), ("hooks", "asked"), ("mount", "lake")])
        self.json("POST", "/folders/team", status=404)
        self.assertEqual([one["action"] for one in self.json("GET", "/audit?action=folder.")["entries"]], ["folder.restored", "folder.binned"])


class Network(Folders):
    """What a flow may reach; `self.site` answers at a port of this machine."""

    def setUp(self):
        super().setUp()

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path.startswith("/to/"):
                    self.send_response(302)
                    self.send_header("location", self.path[4:])
                else:
                    self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.site.serve_forever, daemon=True).start()
        self.addCleanup(self.site.server_close)
        self.addCleanup(self.site.shutdown)
        self.port = self.site.server_address[1]
        self.count = 0

    def ask(self, url, folder="team"):
        """`done`, or the code of the error with which the request has failed."""
        self.count += 1
        source = node("in", "generate/pattern", rows=1)
        request = node("ask", "http/request", url=url)
        kept = node("out", "files/json-write", path=f"ask{self.count}.ndjson")
        self.create(f"ask{self.count}", source, request, kept, folder=folder, edges=[edge("a", "in.rows", "ask.rows"), edge("b", "ask.response", "out.rows")])
        status, _, said = self.server.ask("POST", f"/api/v1/flows/ask{self.count}/runs", {"version": "draft"})
        if status != 201:
            return said
        run = json.loads(said)["id"]
        ended = until(lambda: (one := self.json("GET", f"/runs/{run}"))["state"] in ("done", "failed") and one)
        counted = json.dumps(ended.get("result", {}).get("errorsByCode", {})) + json.dumps(ended.get("error", {}))
        return "done" if ended["state"] == "done" and "network" not in counted else counted

    def allow(self, *entries, folder="team", status=200, listen=()):
        return self.json("PUT", f"/network?folder={folder}", {"allow": list(entries), "listen": list(listen)}, status)

    def test_S6_a_flow_of_a_server_reaches_only_what_is_public_or_was_allowed(self):
        port = self.port
        spelled = [f"http://127.0.0.1:{port}/", f"http://localhost:{port}/", f"http://[::1]:{port}/", f"http://[::ffff:127.0.0.1]:{port}/",
                   "http://100.64.0.1/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[64:ff9b::7f00:1]/",
                   "http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::]/", f"http://0.0.0.0:{port}/", f"http://2130706433:{port}/",
                   f"http://0x7f000001:{port}/", f"http://127.1:{port}/", "http://[fd00::1]/", "http://192.168.0.1/"]
        for url in spelled:
            with self.subTest(url=url):
                self.assertRegex(self.ask(url), "network.refused|url.invalid|network.unknown_host|network.unreachable")
        self.allow(f"127.0.0.1:{port}")
        self.assertEqual(self.ask(f"http://127.0.0.1:{port}/"), "done")
        # By its own name only; another folder has nothing of it; folders below have.
        self.assertIn("network.refused", self.ask(f"http://localhost:{port}/"))
        self.assertIn("network.refused", self.ask(f"http://127.0.0.1:{port}/", folder="other"))
        self.assertEqual(self.ask(f"http://127.0.0.1:{port}/", folder="team/below"), "done")
        # Each redirect is looked at anew.
        self.assertIn("network.refused", self.ask(f"http://127.0.0.1:{port}/to/http://127.0.0.1:1/"))
        self.assertIn("network.refused", self.ask(f"http://127.0.0.1:{port}/to/http://169.254.169.254/"))

    def test_S6_a_range_does_not_open_the_server_itself(self):
        self.allow("127.0.0.0/8")
        self.assertEqual(self.ask(f"http://127.0.0.1:{self.port}/"), "done")
        self.assertIn("network.refused", self.ask(f"http://127.0.0.1:{self.server.port}/health"))
        self.allow("127.0.0.0/8", f"127.0.0.1:{self.server.port}")
        self.assertEqual(self.ask(f"http://127.0.0.1:{self.server.port}/health"), "done")

    def test_a_range_does_not_open_the_redis_and_the_object_storage_beside_the_server(self):
        self.allow("127.0.0.0/8")
        self.assertEqual(self.ask(f"http://127.0.0.1:{self.port}/"), "done")
        for variable, url in (("REDIS_URL", f"redis://:canary@127.0.0.1:{self.port}/0"), ("S3_ENDPOINT_URL", f"http://127.0.0.1:{self.port}")):
            self.server.stop()
            self.server = self.serve(env={**os.environ, variable: url})
            self.assertIn("network.refused", self.ask(f"http://127.0.0.1:{self.port}/"))
            # Named, it is open.
            self.allow("127.0.0.0/8", f"127.0.0.1:{self.port}")
            self.assertEqual(self.ask(f"http://127.0.0.1:{self.port}/"), "done")
            self.allow("127.0.0.0/8")
        self.server.stop()
        for variable, url in (("REDIS_URL", "http://canary@host"), ("REDIS_URL", "redis://"), ("S3_ENDPOINT_URL", "host:9000")):
            out, err = self.fails("serve", "--data", "data", "--listen", "127.0.0.1:0", code=2, says=(variable, "config.value"), env={**os.environ, variable: url})
            self.assertNotIn("canary", out + err)

    def test_what_is_no_address_is_refused_and_only_administrators_of_the_server_allow(self):
        for entry in ("127.0.0.1", "10.0.0.1/8", "host:", ":80", "host:99999", "http://host/", "10.0.0.0/33", "a b:1", "*:443", "*.example:443", "http://x:1"):
            self.assertEqual(self.allow(entry, status=422)["code"], "network.policy")
        for ports in ("80", "0", "9000-8000", "x", "70000"):
            self.assertEqual(self.allow(listen=[ports], status=422)["code"], "network.policy")
        admin = self.person("ada", "admin")
        self.json("PUT", "/network?folder=team", {"allow": []}, 403, admin)
        self.allow("db:5432")
        self.assertEqual(self.json("GET", "/network?folder=team/below", headers=admin)["allow"], ["db:5432"])

    def test_a_flow_listens_only_at_ports_that_its_folder_has(self):
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        self.create("listen", node("in", "tcp/read", url=f"listen://127.0.0.1:{port}"), node("out", "files/json-write", path="tcp.ndjson"))
        refused = self.run_flow("listen")
        self.assertEqual((refused["state"], refused["error"]["code"]), ("failed", "network.refused"), refused)
        self.allow(listen=[f"{port}-{port}"])
        run = self.json("POST", "/flows/listen/runs", {"version": "draft"}, 201)["id"]

        def connects():
            with socket.socket() as peer:
                return peer.connect_ex(("127.0.0.1", port)) == 0
        until(connects)
        self.json("POST", f"/runs/{run}/stop", status=202)


if __name__ == "__main__":
    unittest.main()
