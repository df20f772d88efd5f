# The log of what was done to a draft: appended once, read in pages, there after a kill, gone with its flow.
import hashlib
import json
import re
import signal
import unittest
from concurrent.futures import ThreadPoolExecutor

from program import node, until
from serving import ServeTest

BASE = hashlib.sha256(b"a document").hexdigest()


def bare(name):
    return {"id": name, "version": "1.0.0", "nodes": [], "edges": []}


def entries(*names):
    return [{"base": BASE, "operation": {"do": "move", "node": name, "by": [1, 2.5]}} for name in names]


class Operations(ServeTest):
    def json(self, method, path, body=None, status=200, headers=None):
        got, _, said = self.server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(got, status, (path, said))
        return json.loads(said) if said else None

    def start_server(self):
        self.server = self.serve()
        self.json("POST", "/flows", bare("orders"), 201)

    def append(self, after, *names, status=200, flow="orders", headers=None):
        return self.json("POST", f"/flows/{flow}/operations", {"after": after, "operations": entries(*names)}, status, headers)

    def names(self, query="", flow="orders"):
        return [one["operation"]["node"] for one in self.json("GET", f"/flows/{flow}/operations{query}")["operations"]]

    def test_a_log_is_appended_to_once_and_outlives_a_kill(self):
        self.start_server()
        self.assertEqual(self.json("GET", "/flows/orders/operations"), {"operations": [], "oldest": 0, "last": 0})
        self.assertEqual(self.append(0, "a", "b"), {"oldest": 1, "last": 2, "added": 2})
        # A reload sends again what it is not sure of.
        self.assertEqual(self.append(0, "a", "b"), {"oldest": 1, "last": 2, "added": 0})
        self.assertEqual(self.append(1, "b", "c"), {"oldest": 1, "last": 3, "added": 1})
        # The other tab has not seen c.
        refused = self.append(2, "x", status=409)
        self.assertEqual((refused["code"], refused["oldest"], refused["last"]), ("storage.conflict", 1, 3))
        self.assertIn("the log ends with 3", refused["detail"])
        self.assertEqual(self.append(9, "x", status=409)["last"], 3)
        first = self.json("GET", "/flows/orders/operations?after=0&limit=1")
        me = self.json("GET", "/me")["user"]["id"]
        self.assertEqual(first["operations"][0] | {"at": 0}, {"number": 1, "author": me, "at": 0, **entries("a")[0]})
        self.assertEqual((first["oldest"], first["last"]), (1, 3))
        self.assertEqual([self.names(), self.names("?limit=2"), self.names("?after=1"), self.names("?after=3")],
                         [["a", "b", "c"], ["b", "c"], ["b", "c"], []])
        self.server.stop(signal.SIGKILL)
        self.server = self.serve()
        self.assertEqual(self.names(), ["a", "b", "c"])
        self.assertEqual(self.append(3, "d")["last"], 4)
        uses = {one["name"]: one for one in self.json("GET", "/disk")["records"]}
        self.assertEqual(uses["operations"]["count"], 1)
        self.assertGreater(uses["operations"]["bytes"], 4 * 100)

    def test_of_two_tabs_that_append_at_once_each_operation_is_there_once(self):
        self.start_server()

        def tab(name):
            last, sent = 0, 0
            while sent < 20:
                status, _, said = self.server.ask("POST", "/api/v1/flows/orders/operations", {"after": last, "operations": entries(f"{name}{sent}")})
                answer = json.loads(said)
                assert status in (200, 409), said
                last, sent = answer["last"], sent + (status == 200)
            return sent
        with ThreadPoolExecutor(2) as tabs:
            self.assertEqual(list(tabs.map(tab, "ab")), [20, 20])
        names = self.names("?after=0")
        self.assertEqual(sorted(names), sorted(f"{tab}{i}" for tab in "ab" for i in range(20)))
        for one in "ab":
            self.assertEqual([name for name in names if name[0] == one], [f"{one}{i}" for i in range(20)])

    def test_what_is_no_operation_is_refused_and_nothing_of_it_is_kept(self):
        self.start_server()
        good = entries("a")[0]
        for body, says in (
                ("", "after"), ("[]", "object"), ({"operations": [good]}, "'after'"), ({"after": -1, "operations": [good]}, "'after'"),
                ({"after": "0", "operations": [good]}, "'after'"), ({"after": 0}, "'operations'"), ({"after": 0, "operations": []}, "one to 500"),
                ({"after": 0, "operations": [good] * 501}, "one to 500"), ({"after": 0, "operations": {}}, "'operations'"),
                ({"after": 0, "operations": [good, 7]}, "/operations/1"), ({"after": 0, "operations": [good], "more": 1}, "'more'"),
                ({"after": 0, "operations": [{**good, "author": "root"}]}, "'author'"), ({"after": 0, "operations": [{"base": BASE}]}, "'operation'"),
                ({"after": 0, "operations": [{**good, "operation": "text"}]}, "'operation'"), ({"after": 0, "operations": [{"operation": {}}]}, "'base'"),
                ({"after": 0, "operations": [{**good, "base": BASE[:-1]}]}, "'base'"), ({"after": 0, "operations": [{**good, "base": BASE.upper()}]}, "'base'")):
            with self.subTest(body=str(body)[:100]):
                refused = self.json("POST", "/flows/orders/operations", body, 400)
                self.assertEqual(refused["code"], "api.body")
                self.assertIn(says, refused["detail"])
        large = {"after": 0, "operations": [good, {"base": BASE, "operation": {"text": "x" * (256 << 10)}}]}
        refused = self.json("POST", "/flows/orders/operations", large, 413)
        self.assertEqual(refused["code"], "storage.too_large")
        self.assertIn("/operations/1", refused["detail"])
        for query in ("?after=-1", "?after=x", "?limit=0", "?limit=1001", "?before=1"):
            self.assertEqual(self.json("GET", f"/flows/orders/operations{query}", status=400)["code"], "api.query")
        self.assertEqual(self.json("GET", "/flows/none/operations", status=404)["code"], "storage.not_found")
        self.append(0, "a", flow="none", status=404)
        self.assertEqual(self.names(), [])

    def test_a_log_keeps_to_its_bounds_and_ends_with_its_flow(self):
        self.start_server()
        last, large = 0, {"text": "x" * (250 << 10)}
        for _ in range(20):
            last = self.json("POST", "/flows/orders/operations", {"after": last, "operations": [{"base": BASE, "operation": large}]})["last"]
        page = self.json("GET", "/flows/orders/operations?after=0")
        self.assertEqual((page["last"], page["operations"][0]["number"]), (20, page["oldest"]))
        self.assertGreater(page["oldest"], 1)
        self.assertTrue(all(one["operation"] == large for one in page["operations"]))
        self.assertLessEqual(sum(len(json.dumps(one)) for one in page["operations"]), (4 << 20) + 4096)
        self.json("DELETE", "/flows/orders", headers={"if-match": "*"})
        self.assertEqual(self.append(20, "late", status=409)["code"], "storage.in_bin")
        self.json("POST", "/flows/orders/restore")
        self.assertEqual(self.append(20, "back")["last"], 21)
        self.json("DELETE", "/flows/orders", headers={"if-match": "*"})
        self.json("DELETE", "/flows/orders?purge=true", status=204, headers={"if-match": "*"})
        uses = {one["name"]: one for one in self.json("GET", "/disk")["records"]}
        self.assertEqual((uses["operations"]["count"], uses["operations"]["bytes"]), (0, 0))
        self.json("POST", "/flows", bare("orders"), 201)
        self.assertEqual(self.append(21, "stale", status=409)["last"], 0)

    def test_logs_count_against_the_disk_of_their_folder(self):
        self.server = self.serve("--keeping-every", "100ms")
        self.json("POST", "/flows?folder=team", bare("orders"), 201)
        self.json("PUT", "/quotas?folder=team", {"totalDiskBytes": 1 << 20})
        figure = lambda name: float(re.search(rf'^{name}\{{folder="team"\}} (\S+)$', self.server.ask("GET", "/metrics")[2], re.M)[1])  # noqa: E731
        until(lambda: 'folder="team"' in self.server.ask("GET", "/metrics")[2])
        self.assertEqual((figure("weir_folder_disk_bytes"), figure("weir_folder_intake_stopped")), (0, 0))
        for last in range(4):
            self.json("POST", "/flows/orders/operations", {"after": last, "operations": [{"base": BASE, "operation": {"text": "x" * (240 << 10)}}]})
        until(lambda: figure("weir_folder_disk_bytes") > 4 * (240 << 10))
        until(lambda: figure("weir_folder_intake_stopped") == 1)
        self.json("DELETE", "/flows/orders", headers={"if-match": "*"})
        self.json("DELETE", "/flows/orders?purge=true", status=204, headers={"if-match": "*"})
        until(lambda: figure("weir_folder_intake_stopped") == 0)

    def test_who_may_not_edit_neither_reads_nor_writes_the_log(self):
        self.start_server()
        self.append(0, "a")
        for role, status in (("viewer", 403), ("operator", 403), ("editor", 200)):
            with self.subTest(role=role):
                who = {"name": role, "password": "a password for tests"}
                account = self.json("POST", "/users", who, 201)["id"]
                got, headers, said = self.server.ask("POST", "/api/v1/session", who, {"cookie": ""})
                session = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(said)["csrf"]}
                # Without a role the flow is not there for them.
                self.json("GET", "/flows/orders/operations", status=404, headers=session)
                self.append(1, role, status=404, headers=session)
                self.json("POST", "/grants", {"user": account, "role": role, "folder": ""}, 201)
                self.json("GET", "/flows/orders/operations", status=status, headers=session)
                self.append(1, role, status=status, headers=session)
        self.assertEqual(self.names(), ["a", "editor"])

    def test_a_project_has_its_log_beside_its_drafts(self):
        (self.folder / "flows").mkdir()
        self.write("flows/orders.flow.json", json.dumps({**bare("orders"), "nodes": [node("a", "debug/log")]}))
        self.server = self.serve("--project", "flows", data="flows/.weir")
        self.append(0, "a")
        self.assertEqual(self.server.stop(), 0)
        self.write("flows/orders.flow.json", json.dumps({**bare("orders"), "nodes": [node("b", "debug/log")]}))
        self.server = self.serve("--project", "flows", data="flows/.weir")
        self.assertEqual(self.names(), ["a"])
        self.assertEqual([path.name for path in (self.folder / "flows").iterdir() if path.name != ".weir"], ["orders.flow.json"])


if __name__ == "__main__":
    unittest.main()
