# weir plan, apply and pull against a server: a folder of flows in git is what the server runs.
import json
import os
import subprocess
import unittest

from program import WEIR, node
from serving import ServeTest


def flow(name, description="", settings=None):
    read = node("read", "files/csv-read", path="in.csv")
    keep = node("keep", "logic/filter", condition=settings or "row.a > 1")
    write = node("write", "files/csv-write", path="out.csv")
    edges = [{"id": "e1", "source": {"node": "read", "port": "rows"}, "target": {"node": "keep", "port": "rows"}},
             {"id": "e2", "source": {"node": "keep", "port": "match"}, "target": {"node": "write", "port": "rows"}}]
    return {"id": name, "version": "1.0.0", "metadata": {"version": "1.0.0", "description": description},
            "nodes": [read, keep, write], "edges": edges}


class FlowsAsCode(ServeTest):
    def setUp(self):
        super().setUp()
        self.server = self.serve()
        self.url = f"http://{self.server.host}:{self.server.port}"

    def with_token(self, more):
        token = getattr(self.server, "token", None)
        return {**os.environ, **({"WEIR_TOKEN": token} if token else {}), **more}

    def put(self, path, document):
        self.write(path, json.dumps(document))

    def say(self, command, *arguments, folder="flows", **environment):
        return subprocess.run([str(WEIR), command, folder, "--server", self.url, *arguments], cwd=self.folder, text=True,
                              capture_output=True, timeout=120, env=self.with_token(environment))

    def ask(self, path):
        status, _, said = self.server.ask("GET", "/api/v1" + path)
        self.assertEqual(status, 200, said)
        return json.loads(said)

    def test_a_plan_shows_what_applying_does_and_twice_is_as_good_as_once(self):
        self.put("flows/orders.flow.json", flow("orders"))
        self.put("flows/reports/daily.flow.json", flow("daily"))
        planned = self.say("plan", "--folder", "team")
        self.assertEqual(planned.returncode, 1, planned.stderr)
        self.assertIn("+ team/orders: is new", planned.stdout)
        self.assertIn("2 to make", planned.stdout)
        self.assertEqual(self.ask("/flows")["flows"], [])
        applied = self.say("apply", "--folder", "team", "--message", "commit 1")
        self.assertEqual(applied.returncode, 0, applied.stderr)
        self.assertIn("Applied 2", applied.stdout)
        self.assertEqual({one["id"]: one["folder"] for one in self.ask("/flows")["flows"]}, {"orders": "team", "daily": "team/reports"})
        self.assertEqual(self.ask("/flows/orders/versions")["versions"][0]["message"], "commit 1")
        again = self.say("apply", "--folder", "team")
        self.assertEqual((again.returncode, "Nothing to do." in again.stdout), (0, True), again.stdout)
        self.assertEqual(self.say("plan", "--folder", "team").returncode, 0)
        self.assertEqual(len(self.ask("/flows/orders/versions")["versions"]), 1)

    def test_a_change_is_shown_by_what_it_means_in_words_markdown_and_json(self):
        self.put("flows/orders.flow.json", flow("orders"))
        self.assertEqual(self.say("apply").returncode, 0)
        self.put("flows/orders.flow.json", flow("orders", settings="row.a > 2"))
        planned = self.say("plan")
        self.assertEqual(planned.returncode, 1, planned.stderr)
        self.assertIn("~ orders: 1 node changed", planned.stdout)
        self.assertIn("row.a > 2", planned.stdout)
        self.assertIn("`orders`: 1 node changed", self.say("plan", "--format", "markdown").stdout)
        said = json.loads(self.say("plan", "--format", "json").stdout)
        self.assertEqual((said["flows"][0]["change"], said["same"]), ("changed", False))
        self.assertEqual(self.say("apply").returncode, 0)
        self.assertEqual(self.ask("/flows/orders")["publishedVersion"], 2)

    def test_what_was_changed_on_the_server_is_shown_and_what_no_file_has_goes_only_if_asked(self):
        self.put("flows/a.flow.json", flow("a"))
        self.put("flows/b.flow.json", flow("b"))
        self.assertEqual(self.say("apply").returncode, 0)
        self.server.ask("PUT", "/api/v1/flows/a", flow("a", "changed in the browser"), {"if-match": "*"})
        (self.folder / "flows/b.flow.json").unlink()
        planned = self.say("plan")
        self.assertIn("- changed in the browser", planned.stdout)
        self.assertIn("= b: is only on the server", planned.stdout)
        applied = self.say("apply", "--prune")
        self.assertEqual(applied.returncode, 0, applied.stderr)
        self.assertIn("- b: goes into the bin", applied.stdout)
        self.assertEqual([one["id"] for one in self.ask("/flows")["flows"]], ["a"])
        self.assertEqual(self.ask("/flows/a")["description"], "")

    def test_nothing_is_applied_if_one_document_is_wrong(self):
        self.put("flows/good.flow.json", flow("good"))
        broken = flow("broken")
        broken["nodes"][1]["settings"] = {"condition": "row.a +"}
        self.put("flows/broken.flow.json", broken)
        applied = self.say("apply")
        self.assertEqual(applied.returncode, 2)
        self.assertIn("broken.flow.json: /nodes/1", applied.stderr)
        self.assertEqual(self.ask("/flows")["flows"], [])
        self.write("flows/broken.flow.json", "{")
        self.assertIn("broken.flow.json:1:", self.say("apply").stderr)
        self.put("flows/broken.flow.json", flow("good"))
        self.assertIn("is also that of", self.say("apply").stderr)
        self.assertEqual(self.ask("/flows")["flows"], [])

    def test_pull_is_the_inverse_and_overwrites_only_what_git_has(self):
        self.put("flows/x/orders.flow.json", flow("orders"))
        self.assertEqual(self.say("apply").returncode, 0)
        pulled = self.say("pull", folder="copy")
        self.assertEqual(pulled.returncode, 0, pulled.stderr)
        self.assertTrue((self.folder / "copy/x/orders.flow.json").exists())
        self.assertEqual(self.say("plan", folder="copy").returncode, 0)
        self.server.ask("PUT", "/api/v1/flows/orders", flow("orders", "from the browser"), {"if-match": "*"})
        held = self.say("pull", folder="copy")
        self.assertEqual((held.returncode, "held back" in held.stdout), (1, True), held.stdout)
        self.assertNotIn("from the browser", (self.folder / "copy/x/orders.flow.json").read_text())
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(self.folder / "copy")]
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
            subprocess.run([*git, *arguments], check=True, capture_output=True, timeout=60)
        self.assertEqual(self.say("pull", folder="copy").returncode, 0)
        self.assertIn("from the browser", (self.folder / "copy/x/orders.flow.json").read_text())
        self.assertEqual(self.say("pull", "--published", "--force", folder="copy").returncode, 0)
        self.assertNotIn("from the browser", (self.folder / "copy/x/orders.flow.json").read_text())

    def test_bad_addresses_and_tokens_are_refused_before_anything_is_sent(self):
        self.put("flows/a.flow.json", flow("a"))
        def said(*arguments, **environment):
            done = subprocess.run([str(WEIR), "plan", "flows", *arguments], cwd=self.folder, text=True, capture_output=True,
                                  timeout=120, env=self.with_token(environment))
            self.assertEqual(done.returncode, 2, done.stdout)
            return done.stderr
        self.assertIn("server.insecure", said("--server", "http://weir.example.com"))
        self.assertIn("has a user or a password", said("--server", "https://a:b@weir.example.com"))
        self.assertIn("url.invalid", said("--server", "weir.example.com:80:80"))
        self.assertIn("token file", said("--server", self.url, "--token-file", self.write("empty", "\n").as_posix()))
        self.assertIn("network.", said("--server", "http://127.0.0.1:1"))


if __name__ == "__main__":
    unittest.main()
