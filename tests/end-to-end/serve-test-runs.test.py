# Tests of flows on a server: POST /flows/F/test runs what `weir test` runs, with what the folder and its caller have.
import json
import unittest

from program import chain, node
from serving import ServeTest


class TestRuns(ServeTest):
    def json(self, server, method, path, body=None, status=200):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def given(self, name="sums", expression="row.id * 2", **more):
        nodes = [node("read", "files/csv-read", path="in.csv"), node("twice", "logic/map", set={"twice": expression}),
                 node("write", "files/csv-write", path="out.csv")]
        return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes), **more}

    def case(self, name="adds up", twice=2, **more):
        return {"name": name, "in": {"read": [{"id": 1}]}, "out": {"write": [{"id": 1, "twice": twice}]}, **more}

    def answers(self, server, *tests, flow="sums", status=200, **more):
        return self.json(server, "POST", f"/flows/{flow}/test", {"tests": list(tests), **more}, status)

    def test_each_test_says_whether_it_passed_and_else_why(self):
        server = self.serve()
        self.json(server, "POST", "/flows", self.given(), 201)
        found = self.answers(server, self.case(), self.case("is wrong", 3), self.case("knows no node", out={"other": []}))
        self.assertEqual((found["passed"], found["failed"]), (1, 2))
        self.assertEqual([one["name"] for one in found["tests"]], ["adds up", "is wrong", "knows no node"])
        self.assertEqual(found["tests"][0], {"name": "adds up", "passed": True})
        self.assertEqual(found["tests"][1]["why"], '\'write\', row 1: expected {"id":1,"twice":3}, got {"id":1,"twice":2}')
        self.assertIn("'other'", found["tests"][2]["why"])
        self.assertEqual(self.json(server, "GET", "/runs")["runs"], [])
        self.assertEqual(list((self.folder / "data").rglob("out.csv")), [])
        audit = self.json(server, "GET", "/audit?action=data.tested")["entries"]
        self.assertEqual([one["object"] for one in audit], ["flow:sums"])

    def test_it_says_what_weir_test_says(self):
        server = self.serve()
        flow = self.given()
        tests = [self.case(), self.case("is wrong", 3), self.case("fails", deadLetters=1), self.case("at once", clock="2026-03-01T00:00:00Z")]
        self.write("sums.flow.json", json.dumps(flow))
        self.write("sums.test.json", json.dumps(tests))
        out, _ = self.weir("test", "sums.flow.json", code=1)
        self.json(server, "POST", "/flows", flow, 201)
        found = self.answers(server, *tests)
        self.assertIn(f"{found['passed']} passed, {found['failed']} failed", out)
        for one in found["tests"]:
            self.assertIn(one.get("why", ""), out)

    def test_what_waits_an_hour_is_tested_at_once(self):
        server = self.serve()
        nodes = [node("read", "files/csv-read", path="in.csv"), node("late", "flow/delay", delay="1h"), node("write", "files/csv-write", path="out.csv")]
        self.json(server, "POST", "/flows", {"id": "late", "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes)}, 201)
        rows = [{"id": 1}, {"id": 2}]
        found = self.answers(server, {"name": "late", "in": {"read": rows}, "out": {"write": rows}}, flow="late")
        self.assertEqual(found["passed"], 1, found)

    def test_a_version_the_draft_or_a_document_is_tested(self):
        server = self.serve()
        self.json(server, "POST", "/flows", self.given(), 201)
        self.json(server, "POST", "/flows/sums/versions", {}, 201)
        etag = server.ask("GET", "/api/v1/flows/sums")[1]["etag"]
        headers = {"if-match": etag, "authorization": f"Bearer {server.token}", "content-type": "application/json"}
        status, _, said = server.ask("PUT", "/api/v1/flows/sums", json.dumps(self.given(expression="row.id * 3")), headers)
        self.assertEqual(status, 200, said)
        self.assertEqual(self.answers(server, self.case(), version=1)["passed"], 1)
        self.assertEqual(self.answers(server, self.case())["passed"], 0)
        self.assertEqual(self.answers(server, self.case(twice=3), version="draft")["passed"], 1)
        self.assertEqual(self.answers(server, self.case(twice=4), document=self.given(expression="row.id * 4"))["passed"], 1)

    def test_what_would_change_something_on_the_way_is_refused(self):
        server = self.serve()
        nodes = [node("read", "files/csv-read", path="in.csv"), node("tell", "http/request", url="http://127.0.0.1:9/", method="POST"),
                 node("write", "files/csv-write", path="out.csv")]
        flow = {"id": "tells", "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes)}
        flow["edges"][1]["source"]["port"] = "response"
        self.json(server, "POST", "/flows", flow, 201)
        given = {"name": "tells", "in": {"read": []}, "out": {"write": []}}
        refused = self.answers(server, given, flow="tells", status=422)
        self.assertEqual(refused["code"], "preview.effects")
        self.assertIn("'tell'", refused["detail"])
        found = self.answers(server, given, flow="tells", effects=True)
        self.assertEqual(found["passed"], 1, found)

    def test_what_is_no_test_is_refused_by_name(self):
        server = self.serve()
        self.json(server, "POST", "/flows", self.given(), 201)
        for tests in ([], "all", [self.case()] * 101):
            self.json(server, "POST", "/flows/sums/test", {"tests": tests}, 400)
        for more in ({"version": 0}, {"version": "newest"}, {"document": 5}, {"effects": 1}, {"colour": "red"}, {"version": 1, "document": self.given()}):
            self.answers(server, self.case(), status=400, **more)
        self.json(server, "POST", "/flows/sums/test", {}, 400)
        refused = self.answers(server, {"name": "x", "out": {"write": 5}}, {"out": {}}, status=422)
        self.assertEqual({one["pointer"] for one in refused["problems"]}, {"/0/out/write", "/1"})
        self.answers(server, self.case(), flow="nothing", status=404)
        self.answers(server, self.case(), version=7, status=404)

    def test_who_may_not_run_it_or_read_its_data_cannot_test_it(self):
        server = self.serve()
        self.json(server, "POST", "/flows", self.given(), 201)
        status, headers, said = server.ask("POST", "/api/v1/session", {"name": server.NAME, "password": server.PASSWORD}, {"cookie": "none=1"})
        self.assertEqual(status, 201, said)
        session = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(said)["csrf"]}

        def status_with(permissions, body):
            found, _, made = server.ask("POST", "/api/v1/tokens", {"name": "limited", "permissions": permissions}, session)
            self.assertEqual(found, 201, made)
            return server.ask("POST", "/api/v1/flows/sums/test", body, {"authorization": f"Bearer {json.loads(made)['token']}"})[0]

        body = {"tests": [self.case()]}
        self.assertEqual(status_with(["flow.read"], body), 403)
        self.assertEqual(status_with(["flow.read", "data.read"], body), 403)
        self.assertEqual(status_with(["flow.read", "run.start"], body), 403)
        self.assertEqual(status_with(["flow.read", "run.start", "data.read"], {**body, "document": self.given()}), 403)
        # What the flow names its caller must be allowed to use: its files are those of a mount.
        self.assertEqual(status_with(["flow.read", "run.start", "data.read", "mount.use"], body), 200)


if __name__ == "__main__":
    unittest.main()
