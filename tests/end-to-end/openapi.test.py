# The description of the API, by clients that nobody here wrote: schemathesis sends what it allows and what it does not.
import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

from program import ROOT, node
from serving import ServeTest

FLOW = {"id": "orders", "version": "1.0.0", "metadata": {"version": "1.0.0"},
        "nodes": [node("read", "files/csv-read", path="in.csv")], "edges": []}
# At most so many of each route and role, and so many seconds for all roles together (0: no bound), so that a hurried test looks at every
# route, too: examples are taken from the routes in turn. `WEIR_EXAMPLES=50 WEIR_API_SECONDS=0` looks deeply.
EXAMPLES = int(os.environ.get("WEIR_EXAMPLES", "25"))
SECONDS = int(os.environ.get("WEIR_API_SECONDS", "40"))
ROLES = ("viewer", "operator", "editor", "developer", "admin")
# What goes on for as long as it is read, if anything is right about the request: errors of these are asked for alone.
ENDLESS = "/live/(events|alerts)$"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def schemathesis():
    """tools/bootstrap installs it beside the Python that runs this."""
    for found in (Path(sys.executable).parent / "schemathesis", ROOT / "build/python/bin/schemathesis"):
        if found.exists():
            return str(found)
    return shutil.which("schemathesis")


class Description(ServeTest):
    def test_it_is_sound_openapi_3_1(self):
        try:
            import openapi_spec_validator
        except ImportError:
            self.skipTest("openapi-spec-validator is not installed")
        document = json.loads(self.serve().ask("GET", "/api/v1/openapi.json")[2])
        problems = [f"{list(one.absolute_path)}: {one.message}" for one in
                    openapi_spec_validator.OpenAPIV31SpecValidator(document).iter_errors()]
        self.assertEqual(problems, [])

    def test_real_answers_are_of_the_shapes_that_are_described(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("jsonschema is not installed")
        server = self.serve()
        document = json.loads(server.ask("GET", "/api/v1/openapi.json")[2])

        def check(method, path, template, body=None, headers=None):
            status, got, said = server.ask(method, path, body, headers)
            described = document["paths"][template][method.lower()]["responses"]
            self.assertIn(str(status), described, (method, path, said))
            answer = described[str(status)]
            if "$ref" in answer:
                answer = document["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
            if not answer.get("content"):
                return json.loads(said) if said else None
            self.assertIn(got["content-type"].split(";")[0], answer["content"])
            schema = {**answer["content"][got["content-type"].split(";")[0]]["schema"], "components": document["components"]}
            jsonschema.Draft202012Validator(schema).validate(json.loads(said))
            return json.loads(said)

        flows = "/api/v1/flows"
        check("POST", flows, flows, FLOW)
        check("POST", flows, flows, FLOW)
        check("GET", flows, flows)
        check("GET", flows + "?limit=x", flows)
        one = flows + "/{flow}"
        check("GET", flows + "/orders", one)
        check("GET", flows + "/none", one)
        check("PUT", flows + "/orders", one, FLOW)
        check("PUT", flows + "/orders", one, {**FLOW, "metadata": {"version": "1.1.0"}}, {"if-match": "*"})
        check("PUT", flows + "/new", one, {**FLOW, "id": "new"}, {"if-none-match": "*"})
        versions = one + "/versions"
        check("POST", flows + "/orders/versions", versions, {})
        check("GET", flows + "/orders/versions", versions)
        check("GET", flows + "/orders/versions/1", versions + "/{number}")
        check("GET", flows + "/orders/versions/1/diff?format=text", versions + "/{number}/diff")
        check("POST", flows + "/orders/versions/1/restore", versions + "/{number}/restore", None, {"if-match": "*"})
        check("POST", flows + "/validate", flows + "/validate", FLOW)
        check("POST", flows + "/format", flows + "/format", FLOW)
        check("POST", flows + "/diff", flows + "/diff", {"before": FLOW, "after": {**FLOW, "nodes": []}})
        check("POST", flows + "/merge", flows + "/merge", {"base": FLOW, "ours": FLOW, "theirs": FLOW})
        check("POST", "/api/v1/apply", "/api/v1/apply", {"publish": False, "flows": [{"document": FLOW, "folder": "team"}]})
        check("POST", "/api/v1/apply", "/api/v1/apply", {"flows": [{}]})
        check("GET", "/api/v1/me", "/api/v1/me")
        # Who has a role in a folder alone holds nothing at the root, and sees what is held there.
        own = check("GET", "/api/v1/me", "/api/v1/me", None, {"authorization": f"Bearer {self.token_of(server, 'editor')}"})
        self.assertEqual((own["permissions"], [one["folder"] for one in own["places"]]), ([], ["team"]))
        self.assertIn("flow.edit", own["places"][0]["permissions"])
        self.assertNotIn("folder.grant", own["places"][0]["permissions"])
        for path in ("/health", "/health/live", "/health/ready", "/capabilities", "/nodes", "/executions"):
            check("GET", "/api/v1" + path, "/api/v1" + path)
        check("DELETE", flows + "/new", one, None, {"if-match": "*"})

    def serve(self, *arguments, **more):
        # One address sends it all.
        return super().serve("--sign-ins-per-second", "0", *arguments, **more)

    def token_of(self, server, role):
        """Of somebody who holds that role in `team`, and may do with the token all that the role may."""
        def ask(method, path, body=None, headers=None):
            status, got, said = server.ask(method, f"/api/v1{path}", body, headers)
            self.assertIn(status, (200, 201), (path, said))
            return got, json.loads(said)

        who = {"name": role, "password": "a password for tests"}
        account = ask("POST", "/users", who)[1]["id"]
        ask("POST", "/grants", {"user": account, "role": role, "folder": "team"})
        got, session = ask("POST", "/session", who, {"cookie": ""})
        headers = {"cookie": got["set-cookie"].split(";")[0], "x-weir-csrf": session["csrf"]}
        permissions = next(each["permissions"] for each in ask("GET", "/roles", headers=headers)[1]["roles"] if each["name"] == role)
        return ask("POST", "/tokens", {"name": "test", "permissions": permissions}, headers)[1]["token"]

    def feed(self, server, token, share, phases="coverage,fuzzing", *which):
        """All routes, but for streams that go on for ever, unless it is said which; `share` of the time."""
        bound = ["--max-time", str(max(1, int(SECONDS * share)))] if SECONDS else []
        who = ["--header", f"Authorization: Bearer {token}"] if token else []
        done = subprocess.run([schemathesis(), "run", f"http://{server.host}:{server.port}/api/v1/openapi.json", "--checks", CHECKS,
                               "--phases", phases, "--max-examples", str(EXAMPLES), "--generation-deterministic", *bound,
                               "--no-shrink", "--warnings", "off", "--suppress-health-check", "all", "--request-timeout", "60",
                               "--no-color", *(which or ("--exclude-path-regex", ENDLESS)), *who],
                              cwd=self.folder, capture_output=True, text=True, timeout=900 if SECONDS else None)
        self.assertEqual(done.returncode, 0, done.stdout[-8000:] + done.stderr[-2000:])
        self.assertIsNone(server.ended())

    @unittest.skipUnless(schemathesis(), "schemathesis is not installed")
    def test_nothing_that_schemathesis_sends_is_a_server_error_or_answered_as_is_not_described(self):
        server = self.serve()
        server.ask("POST", "/api/v1/flows", FLOW)
        self.feed(server, server.token, 0.4)

    @unittest.skipUnless(schemathesis(), "schemathesis is not installed")
    def test_what_is_wrong_with_a_request_for_a_stream_is_answered_as_is_described(self):
        self.feed(self.serve(), None, 0.1, "coverage,fuzzing", "--include-path-regex", ENDLESS)

    @unittest.skipUnless(schemathesis(), "schemathesis is not installed")
    def test_what_every_role_is_answered_is_described_too(self):
        server = self.serve()
        self.assertEqual(server.ask("POST", "/api/v1/flows?folder=team", FLOW)[0], 201)
        for role in ROLES:
            with self.subTest(role=role):
                self.feed(server, self.token_of(server, role), 0.08, "fuzzing")
        with self.subTest(role="nobody"):
            self.feed(server, None, 0.08, "fuzzing")


if __name__ == "__main__":
    unittest.main()
