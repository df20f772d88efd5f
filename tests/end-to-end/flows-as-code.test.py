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

    def test_much_is_applied_at_once_and_a_plan_says_what_is_too_much(self):
        for number in range(6):
            self.put(f"flows/f{number}.flow.json", flow(f"f{number}", "long " * 400_000))
        applied = self.say("apply")
        self.assertEqual(applied.returncode, 0, applied.stderr)
        self.assertEqual(len(self.ask("/flows/f5/versions")["versions"]), 1)
        self.server = self.serve("--max-apply-size", "10MiB", data="smaller")
        self.url = f"http://{self.server.host}:{self.server.port}"
        for command in ("plan", "apply"):
            refused = self.say(command)
            self.assertEqual(refused.returncode, 2, refused.stderr)
            self.assertIn("api.too_large", refused.stderr)
            self.assertIn("--max-apply-size", refused.stderr)
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

    def committed(self, folder):
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(self.folder / folder)]
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "more"]):
            subprocess.run([*git, *arguments], check=True, capture_output=True, timeout=60)

    def test_pull_follows_flows_that_were_moved_or_deleted_on_the_server(self):
        for path in ("stays", "x/moved", "y/binned", "y/away"):
            self.put(f"flows/{path}.flow.json", flow(path.split("/")[-1]))
        self.put("flows/new.flow.json", flow("new"))
        self.assertEqual(self.say("apply", "--folder", "team").returncode, 0)
        for one, folder in (("moved", "team/z"), ("away", "elsewhere")):
            status, _, said = self.server.ask("POST", f"/api/v1/flows/{one}/move", {"folder": folder}, {"if-match": "*"})
            self.assertEqual(status, 200, said)
        self.assertEqual(self.server.ask("DELETE", "/api/v1/flows/binned", headers={"if-match": "*", "authorization": f"Bearer {self.server.token}"})[0], 200)
        self.put("flows/newer.flow.json", flow("newer"))
        # Without git nothing that would be lost is moved or deleted; with it what differs is told, and stays unless asked.
        held = self.say("pull", "--folder", "team")
        self.assertEqual(held.returncode, 1, held.stdout + held.stderr)
        self.assertRegex(held.stdout, r"! flows/x/moved.flow.json: moves to team/z; left as it is")
        self.committed("flows")
        pulled = self.say("pull", "--folder", "team")
        self.assertEqual(pulled.returncode, 0, pulled.stdout + pulled.stderr)
        self.assertIn("~ flows/x/moved.flow.json → flows/z/moved.flow.json: moves to team/z", pulled.stdout)
        for path, why in (("y/binned", "is in the bin"), ("y/away", "is 'elsewhere/away' on the server"), ("newer", "has no such flow")):
            self.assertRegex(pulled.stdout, rf"= flows/{path}.flow.json: .*{why}.*--prune deletes it")
            self.assertTrue((self.folder / f"flows/{path}.flow.json").exists())
        self.assertTrue((self.folder / "flows/z/moved.flow.json").exists())
        self.assertFalse((self.folder / "flows/x/moved.flow.json").exists())
        self.committed("flows")
        self.put("flows/later.flow.json", flow("later"))
        pruned = self.say("pull", "--folder", "team", "--prune")
        self.assertEqual(pruned.returncode, 1, pruned.stdout + pruned.stderr)
        self.assertIn("! flows/later.flow.json", pruned.stdout)
        self.assertIn("- flows/y/binned.flow.json", pruned.stdout)
        (self.folder / "flows/later.flow.json").unlink()
        planned = self.say("plan", "--folder", "team")
        self.assertEqual(planned.returncode, 0, planned.stdout)

    def test_pull_looks_at_everything_before_it_writes_and_escapes_ids_that_are_no_names_of_files(self):
        for number, one in enumerate(("a/b", ".hidden", "ns/../x", "a%2Fb", "b" * 200, "x:y", "über")):
            self.put(f"flows/{number}.flow.json", flow(one))
        self.assertEqual(self.say("apply", "--folder", "team").returncode, 0)
        pulled = self.say("pull", "--folder", "team", folder="copy")
        self.assertEqual(pulled.returncode, 0, pulled.stdout + pulled.stderr)
        self.assertEqual(sorted(str(path.relative_to(self.folder / "copy")) for path in (self.folder / "copy").rglob("*") if path.is_file()),
                         sorted(f"{name}.flow.json" for name in ("a%2Fb", "%2Ehidden", "ns%2F..%2Fx", "a%252Fb", "b" * 200, "x%3Ay", "über")))
        self.assertEqual(self.say("plan", "--folder", "team", folder="copy").returncode, 0)
        # One in a folder that is none here is told, and holds up none of the others.
        self.assertEqual(self.server.ask("POST", "/api/v1/flows?folder=team/.git", flow("odd"))[0], 201)
        held = self.say("pull", "--folder", "team", folder="other")
        self.assertEqual(held.returncode, 1, held.stdout + held.stderr)
        self.assertIn("! 'team/.git/odd': lies in a folder that can have no such name here", held.stdout)
        self.assertEqual(len([path for path in (self.folder / "other").rglob("*") if path.is_file()]), 7)
        # Nothing is written if something cannot be read.
        (self.folder / "third").mkdir()
        self.write("third/wrong.flow.json", "{")
        self.assertEqual(self.say("pull", "--folder", "team", folder="third").returncode, 2)
        self.assertEqual([path.name for path in (self.folder / "third").iterdir()], ["wrong.flow.json"])

    def test_an_empty_folder_empties_the_server_only_if_that_is_said(self):
        self.put("flows/a.flow.json", flow("a"))
        self.assertEqual(self.say("apply", "--folder", "team").returncode, 0)
        (self.folder / "empty").mkdir()
        refused = self.say("apply", "--folder", "team", "--prune", folder="empty")
        self.assertEqual(refused.returncode, 2, refused.stdout)
        self.assertIn("--allow-empty", refused.stderr)
        self.assertEqual([one["id"] for one in self.ask("/flows")["flows"]], ["a"])
        self.assertEqual(self.say("apply", "--folder", "team", folder="empty").returncode, 0)
        self.assertEqual(self.say("apply", "--folder", "team", "--prune", "--allow-empty", folder="empty").returncode, 0)
        self.assertEqual(self.ask("/flows")["flows"], [])
        self.assertEqual(self.say("apply", "--folder", "team", "--prune", folder="empty").returncode, 0)

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
