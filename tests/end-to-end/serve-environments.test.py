#!/usr/bin/env python3
# Values for parameters by the name of a purpose; and rows that are looked at before anything runs for good.
import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import chain, edge, node, until  # noqa: E402
from serving import ServeTest  # noqa: E402


def counting(name="count", **more):
    source = node("count", "generate/pattern", rows="${rows}")
    kept = node("write", "files/json-write", path="out.ndjson")
    return {"id": name, "version": "1.0.0", "nodes": [source, kept], "edges": chain(source, kept),
            "parameters": [{"name": "rows", "type": "integer", "default": 3}]} | more


class Placed(ServeTest):
    def setUp(self):
        super().setUp()
        self.server = self.serve()

    def json(self, method, path, body=None, status=200, headers=None):
        found, _, said = self.server.ask(method, f"/api/v1{path}", body, headers)
        self.assertIn(found, status if isinstance(status, tuple) else (status,), said)
        return json.loads(said) if said else None

    def create(self, flow, folder="team"):
        self.json("POST", f"/flows?folder={folder}", flow, 201)
        return flow["id"]

    def environment(self, name, folder="team", status=201, **parameters):
        return self.json("PUT", f"/environments/{name}?folder={folder}", {"parameters": parameters}, status)

    def person(self, name, role, folder="team"):
        user = self.json("POST", "/users", {"name": name, "password": "nineteen violet umbrellas"}, 201)["id"]
        self.json("POST", "/grants", {"user": user, "role": role, "folder": folder}, 201)
        _, headers, said = self.server.ask("POST", "/api/v1/session", {"name": name, "password": "nineteen violet umbrellas"}, {"cookie": ""})
        return {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(said)["csrf"]}


class Environments(Placed):
    def begin(self, flow, status=201, **body):
        begun = self.json("POST", f"/flows/{flow}/runs", {"version": "draft"} | body, status)
        if status != 201:
            return begun
        return until(lambda: (run := self.json("GET", f"/runs/{begun['id']}"))["state"] in ("done", "failed") and run)

    def test_a_run_has_the_values_of_its_environment_and_what_is_said_goes_before(self):
        self.create(counting())
        self.environment("test", rows=2, other="for another flow")
        self.environment("production", rows=5)
        for body, rows in (({}, 3), ({"environment": "test"}, 2), ({"environment": "production"}, 5),
                           ({"environment": "production", "parameters": {"rows": 1}}, 1)):
            run = self.begin("count", **body)
            self.assertEqual((run["state"], len((self.server.data / "files/team/out.ndjson").read_text().splitlines())), ("done", rows), run)
            self.assertEqual(run.get("environment"), body.get("environment"))
        refused = self.begin("count", 422, environment="stage")
        self.assertEqual(refused["code"], "run.environment")
        self.assertIn("production, test", refused["detail"])
        # Folders below see it, and their own goes before it; another folder sees nothing.
        self.create(counting("below"), "team/reports")
        self.create(counting("other"), "elsewhere")
        self.assertEqual(self.begin("below", environment="test")["parameters"], {"rows": 2})
        self.environment("test", "team/reports", rows=4)
        self.assertEqual(self.begin("below", environment="test")["parameters"], {"rows": 4})
        self.assertEqual(self.begin("other", 422, environment="test")["code"], "run.environment")

    def test_a_schedule_names_an_environment_too(self):
        self.create(counting())
        self.json("POST", "/flows/count/versions", {"publish": True}, 201)
        plan = {"cron": "0 0 1 1 *", "environment": "production"}
        self.assertEqual(self.json("POST", "/flows/count/schedules", plan, 422)["code"], "run.environment")
        self.environment("production", rows=6)
        made = self.json("POST", "/flows/count/schedules", plan, 201)
        self.assertEqual(made["environment"], "production")
        self.environment("production", status=200, rows=4)
        self.server.stop()
        self.server = self.serve()
        self.json("POST", f"/schedules/{made['id']}/run", {}, (200, 201, 202))
        runs = until(lambda: [one for one in self.json("GET", "/runs?flow=count")["runs"] if one["state"] == "done"])
        self.assertEqual(runs[0]["environment"], "production")
        self.assertEqual(len((self.server.data / "files/team/out.ndjson").read_text().splitlines()), 4)

    def test_a_value_that_fits_no_parameter_is_refused_before_anything_runs(self):
        self.create(counting())
        self.environment("test", rows="many")
        self.assertEqual(self.begin("count", 422, environment="test")["code"], "flow.invalid")
        self.assertEqual(self.json("GET", "/runs")["runs"], [])

    def test_environments_outlast_the_server_and_are_changed_and_deleted(self):
        self.environment("test", rows=2)
        self.environment("test", status=200, rows=7)
        self.server.stop()
        self.server = self.serve()
        told = self.json("GET", "/environments/test?folder=team")
        self.assertEqual((told["parameters"], told["folder"]), ({"rows": 7}, "team"))
        self.assertEqual(len(self.json("GET", "/environments?folder=team")["environments"]), 1)
        self.json("DELETE", "/environments/test?folder=team", status=204)
        self.json("DELETE", "/environments/test?folder=team", status=404)
        self.json("GET", "/environments/test?folder=team", status=404)
        self.assertEqual([one["action"] for one in self.json("GET", "/audit?action=environment.")["entries"]],
                         ["environment.removed", "environment.changed", "environment.created"])

    def test_who_may_publish_sets_values_and_mistakes_are_named(self):
        editor, operator, stranger = self.person("eva", "editor"), self.person("otto", "operator"), self.person("sam", "admin", "elsewhere")
        path = "/environments/test?folder=team"
        self.json("PUT", path, {"parameters": {"a": 1}}, 201, editor)
        self.json("PUT", path, {"parameters": {"a": 1}}, 403, operator)
        self.json("GET", path, headers=operator)
        self.json("PUT", path, {"parameters": {"a": 1}}, 404, stranger)
        self.assertEqual(self.json("GET", "/environments", headers=stranger)["environments"], [])
        for body, status in (({}, 400), ({"parameters": []}, 400), ({"parameters": {"a": {}}}, 422), ({"parameters": {"a": [1]}}, 422),
                             ({"parameters": {"a": "${secret:KEY}"}}, 422), ({"parameters": {}, "values": 1}, 400),
                             ({"parameters": {}, "description": 3}, 400), ("no json", 400)):
            self.json("PUT", path, body, status)
        self.json("PUT", "/environments/x?folder=team", {"parameters": {}}, 422)
        self.json("PUT", "/environments/test?folder=/team", {"parameters": {}}, 400)


class Previews(Placed):
    def flow(self):
        source = node("in", "files/json-read", path="in.ndjson")
        big = node("big", "logic/filter", condition="row.n > params.least")
        out = node("out", "files/json-write", path="out.ndjson")
        ask = node("ask", "http/request", url="http://127.0.0.1:1/")
        return {"id": "look", "version": "1.0.0", "nodes": [source, big, out, ask],
                "edges": [edge("e1", "in.rows", "big.rows"), edge("e2", "big.match", "out.rows"), edge("e3", "big.match", "ask.rows")],
                "parameters": [{"name": "least", "type": "integer", "default": 2}]}

    def setUp(self):
        super().setUp()
        files = self.server.data / "files/team"
        files.mkdir(parents=True)
        (files / "in.ndjson").write_text("".join(f'{{"n":{i},"name":"row {i}"}}\n' for i in range(5000)))
        self.create(self.flow())

    def preview(self, status=200, headers=None, flow="look", **body):
        return self.json("POST", f"/flows/{flow}/preview", body, status, headers)

    def test_the_first_rows_of_a_node_with_their_schema_and_nothing_is_written(self):
        told = self.preview(node="big", rows=3)
        self.assertEqual((told["port"], told["rows"], told["complete"]), ("match", [{"n": i, "name": f"row {i}"} for i in (3, 4, 5)], False))
        self.assertEqual([one["name"] for one in told["schema"]], ["n", "name"])
        self.assertTrue(all(one["type"] for one in told["schema"]))
        self.assertEqual(len(self.preview(node="in")["rows"]), 100)
        told = self.preview(node="big", sourceRows=5)
        self.assertEqual(([row["n"] for row in told["rows"]], told["complete"]), ([3, 4], True))
        self.assertEqual(self.preview(node="big", port="rest", rows=1)["rows"], [{"n": 0, "name": "row 0"}])
        self.assertEqual(sorted(one.name for one in (self.server.data / "files/team").iterdir()), ["in.ndjson"])
        self.assertEqual(self.json("GET", "/runs")["runs"], [])

    def test_it_takes_parameters_environments_and_a_document_in_place_of_the_draft(self):
        self.json("PUT", "/environments/test?folder=team", {"parameters": {"least": 4990}}, 201)
        self.assertEqual([row["n"] for row in self.preview(node="big", environment="test", rows=2)["rows"]], [4991, 4992])
        self.assertEqual([row["n"] for row in self.preview(node="big", environment="test", parameters={"least": 7}, rows=1)["rows"]], [8])
        document = self.flow()
        document["nodes"][1]["settings"]["condition"] = "row.n == 42"
        self.assertEqual(self.preview(node="big", document=document)["rows"], [{"n": 42, "name": "row 42"}])
        self.assertEqual(self.preview(node="big", rows=1)["rows"][0]["n"], 3)

    def test_what_cannot_be_looked_at_is_refused_with_the_reason(self):
        self.assertEqual(self.preview(422, node="none")["code"], "preview.node")
        self.assertEqual(self.preview(422, node="out")["code"], "preview.node")
        self.assertEqual(self.preview(422, node="big", port="none")["code"], "preview.node")
        refused = self.preview(422, node="ask")
        self.assertEqual(refused["code"], "preview.effects")
        self.assertIn("'ask'", refused["detail"])
        for body in ({}, {"node": 3}, {"node": "big", "rows": 0}, {"node": "big", "rows": 1001}, {"node": "big", "sourceRows": "all"},
                     {"node": "big", "parameters": []}, {"node": "big", "document": []}, {"node": "big", "more": 1}, {"node": "big", "effects": 1}):
            self.preview(400, **body)
        self.preview(422, node="big", environment="none")
        self.preview(422, node="big", parameters={"least": "much"})
        self.preview(404, flow="none", node="big")
        # What fails while it runs is told with what was there before.
        (self.server.data / "files/team/in.ndjson").unlink()
        told = self.preview(node="big")
        self.assertEqual((told["rows"], told["complete"], told["error"]["code"]), ([], False, "files.not_found"))

    def test_S13_a_preview_needs_the_rights_of_a_run_and_gives_none_that_its_caller_lacks(self):
        viewer, operator, editor = self.person("vera", "viewer"), self.person("otto", "operator"), self.person("eva", "editor")
        stranger = self.person("sam", "admin", "elsewhere")
        self.preview(403, viewer, node="big")
        self.preview(404, stranger, node="big")
        self.preview(200, operator, node="big")
        self.preview(403, operator, node="big", document=self.flow())
        self.preview(200, editor, node="big", document=self.flow())
        lake = self.folder / "lake"
        lake.mkdir()
        (lake / "in.ndjson").write_text('{"n":9}\n')
        self.json("PUT", "/mounts/lake?folder=team", {"directory": str(lake), "writes": True}, 201)
        document = self.flow() | {"id": "mounted"}
        document["nodes"][0]["settings"]["path"] = "lake:in.ndjson"
        self.create(document)
        self.assertEqual(self.preview(403, operator, flow="mounted", node="big")["code"], "publish.denied")
        self.assertEqual(self.preview(200, editor, flow="mounted", node="big")["rows"], [{"n": 9}])
        document["nodes"][0]["settings"]["path"] = "/etc/passwd"
        self.assertEqual(self.preview(200, editor, flow="mounted", node="in", document=document)["error"]["code"], "files.outside_mount")

    def test_an_endless_source_and_a_caller_who_goes_away_leave_nothing_behind(self):
        source = node("count", "generate/pattern", rows=0, rate=100, batchRows=1)
        self.create({"id": "endless", "version": "1.0.0", "nodes": [source], "edges": []})
        for _ in range(3):
            self.assertEqual(len(self.preview(flow="endless", node="count", rows=2)["rows"]), 2)


if __name__ == "__main__":
    unittest.main()
