# weir serve --project DIR: the files of a folder are what is edited.
import json
import os
import stat
import unittest

from program import node, until
from serving import ServeTest


def flow(name, description="", limit=10):
    return {"id": name, "version": "1.0.0", "metadata": {"description": description},
            "nodes": [node("read", "files/csv-read", path="in.csv"), node("cut", "flow/limit", count=limit)],
            "edges": [{"id": "e1", "source": {"node": "read", "port": "rows"}, "target": {"node": "cut", "port": "rows"}}]}


class Project(ServeTest):
    def put(self, path, document):
        self.write(path, json.dumps(document))

    def start_project(self):
        (self.folder / "flows").mkdir(exist_ok=True)
        return self.serve("--project", "flows", data="flows/.weir")

    def draft(self, server, name):
        status, headers, said = server.ask("GET", f"/api/v1/flows/{name}")
        return (json.loads(said) if status == 200 else None), headers.get("etag")

    def change(self, server, name, **metadata):
        found, tag = self.draft(server, name)
        document = found["document"]
        document["metadata"] = {**document.get("metadata", {}), **metadata}
        status, _, said = server.ask("PUT", f"/api/v1/flows/{name}", document, {"if-match": tag})
        self.assertEqual(status, 200, said)

    def save(self, server, name, status=200):
        got, _, said = server.ask("POST", f"/api/v1/flows/{name}/save")
        self.assertEqual(got, status, said)
        return json.loads(said)

    def on_disk(self, path):
        return json.loads((self.folder / path).read_text())

    def test_files_are_flows_in_their_folders_and_save_writes_the_file(self):
        self.put("flows/reports/daily.flow.json", flow("daily"))
        server = self.start_project()
        self.assertEqual(self.draft(server, "daily")[0]["folder"], "reports")
        self.change(server, "daily", description="edited")
        self.assertNotEqual(self.on_disk("flows/reports/daily.flow.json")["metadata"].get("description"), "edited")
        self.assertEqual(self.save(server, "daily"), {"path": "reports/daily.flow.json", "changed": True})
        self.assertEqual(self.on_disk("flows/reports/daily.flow.json")["metadata"]["description"], "edited")
        self.assertEqual(self.save(server, "daily")["changed"], False)
        status, _, said = server.ask("POST", "/api/v1/flows?folder=new", flow("made"))
        self.assertEqual(status, 201, said)
        self.save(server, "made")
        self.assertTrue((self.folder / "flows/new/made.flow.json").exists())
        self.assertEqual((self.folder / "flows/.weir/.gitignore").read_text(), "*\n")

    def test_a_draft_outlives_a_restart_and_a_change_on_the_disk_is_merged_into_it(self):
        self.put("flows/orders.flow.json", flow("orders"))
        server = self.start_project()
        self.change(server, "orders", description="from the browser")
        self.assertEqual(server.stop(), 0)
        self.put("flows/orders.flow.json", flow("orders", limit=77))
        again = self.start_project()
        document = self.draft(again, "orders")[0]["document"]
        self.assertEqual(document["metadata"]["description"], "from the browser")
        self.assertEqual(document["nodes"][1]["settings"]["count"], 77)
        self.put("flows/orders.flow.json", flow("orders", limit=88))
        until(lambda: self.draft(again, "orders")[0]["document"]["nodes"][1]["settings"]["count"] == 88)
        self.assertEqual(self.draft(again, "orders")[0]["description"], "from the browser")
        until(lambda: again.ask("POST", "/api/v1/flows/orders/save")[0] == 200)
        saved = self.on_disk("flows/orders.flow.json")
        self.assertEqual((saved["metadata"]["description"], saved["nodes"][1]["settings"]["count"]), ("from the browser", 88))

    def test_where_both_changed_one_thing_the_draft_stays_and_it_is_told(self):
        self.put("flows/orders.flow.json", flow("orders"))
        server = self.start_project()
        found, tag = self.draft(server, "orders")
        document = found["document"]
        document["nodes"][1]["settings"]["count"] = 1
        self.assertEqual(server.ask("PUT", "/api/v1/flows/orders", document, {"if-match": tag})[0], 200)
        self.put("flows/orders.flow.json", flow("orders", limit=2))
        until(lambda: "changed on the disk and in the draft" in server.said())
        self.assertEqual(self.draft(server, "orders")[0]["document"]["nodes"][1]["settings"]["count"], 1)
        # Save asks before it writes over what somebody else has changed, also after a restart.
        self.assertEqual(server.stop(), 0)
        server = self.start_project()
        refused = self.save(server, "orders", 409)
        self.assertEqual(refused["code"], "storage.conflict")
        for text in ("orders.flow.json", "'cut'", "take=draft"):
            self.assertIn(text, refused["detail"])
        self.assertEqual(self.on_disk("flows/orders.flow.json")["nodes"][1]["settings"]["count"], 2)
        told = self.file(server, "orders")
        self.assertEqual((told["path"], len(told["conflicts"]), told["problem"]), ("orders.flow.json", 1, ""))
        self.assertEqual(server.ask("POST", "/api/v1/flows/orders/save?take=disk")[0], 400)
        status, _, said = server.ask("POST", "/api/v1/flows/orders/save?take=draft")
        self.assertEqual((status, json.loads(said)["changed"]), (200, True), said)
        self.assertEqual(self.on_disk("flows/orders.flow.json")["nodes"][1]["settings"]["count"], 1)
        self.assertEqual(self.file(server, "orders")["conflicts"], [])
        self.save(server, "orders")

    def file(self, server, name):
        status, _, said = server.ask("GET", f"/api/v1/flows/{name}/file")
        self.assertEqual(status, 200, said)
        return json.loads(said)

    def test_a_file_that_is_no_flow_any_more_is_written_over_only_if_that_is_said(self):
        self.put("flows/orders.flow.json", flow("orders"))
        server = self.start_project()
        self.write("flows/orders.flow.json", "no JSON")
        until(lambda: self.file(server, "orders")["problem"])
        refused = self.save(server, "orders", 409)
        self.assertEqual((refused["code"], "no flow now" in refused["detail"]), ("storage.conflict", True), refused)
        self.assertEqual((self.folder / "flows/orders.flow.json").read_text(), "no JSON")
        status, _, said = server.ask("POST", "/api/v1/flows/orders/save?take=draft")
        self.assertEqual(status, 200, said)
        self.assertEqual(self.on_disk("flows/orders.flow.json")["id"], "orders")
        self.assertEqual(self.file(server, "orders")["problem"], "")

    def test_files_that_are_no_flows_are_told_and_passed_over(self):
        self.write("flows/broken.flow.json", "{")
        self.put("flows/a.flow.json", flow("same"))
        self.put("flows/b.flow.json", flow("same"))
        self.put("flows/good.flow.json", flow("good"))
        server = self.start_project()
        self.assertIsNotNone(self.draft(server, "good")[0])
        until(lambda: "broken.flow.json" in server.said() and "is also that of" in server.said())

    def in_bin(self, server, name):
        return bool((self.draft(server, name)[0] or {}).get("binnedAt"))

    def publish(self, server, name):
        status, _, said = server.ask("POST", f"/api/v1/flows/{name}/versions", {"publish": True})
        self.assertEqual(status, 201, said)

    def test_a_file_that_is_deleted_puts_its_flow_into_the_bin_and_one_that_comes_back_takes_it_out(self):
        for name in ("left", "edited", "published"):
            self.put(f"flows/a/{name}.flow.json", {**flow(name), "nodes": [node("g", "generate/pattern", rows=1)], "edges": []})
        server = self.start_project()
        self.change(server, "edited", description="mine")
        self.publish(server, "published")
        for name in ("left", "edited", "published"):
            (self.folder / f"flows/a/{name}.flow.json").unlink()
        until(lambda: self.in_bin(server, "left") and self.file(server, "edited")["conflicts"] and self.file(server, "published")["conflicts"])
        for name in ("edited", "published"):
            self.assertFalse(self.in_bin(server, name))
            refused = self.save(server, name, 409)
            self.assertIn("was deleted on the disk", refused["detail"])
            self.assertFalse((self.folder / f"flows/a/{name}.flow.json").exists())
        status, _, said = server.ask("POST", "/api/v1/flows/edited/save?take=draft")
        self.assertEqual((status, json.loads(said)), (200, {"path": "a/edited.flow.json", "changed": True}))
        self.put("flows/b/left.flow.json", flow("left", limit=3))
        until(lambda: not self.in_bin(server, "left"))
        found = self.draft(server, "left")[0]
        self.assertEqual((found["folder"], found["document"]["nodes"][1]["settings"]["count"]), ("b", 3))
        # Also while no server runs.
        self.assertEqual(server.stop(), 0)
        (self.folder / "flows/b/left.flow.json").unlink()
        again = self.start_project()
        until(lambda: self.in_bin(again, "left"))
        self.assertFalse(self.in_bin(again, "edited"))

    def test_a_file_and_its_flow_follow_each_other_into_another_folder(self):
        for name in ("one", "two", "live"):
            self.put(f"flows/{name}.flow.json", {**flow(name), "nodes": [node("g", "generate/pattern", rows=1)], "edges": []})
        server = self.start_project()
        self.publish(server, "live")
        (self.folder / "flows/deep").mkdir()
        (self.folder / "flows/one.flow.json").rename(self.folder / "flows/deep/one.flow.json")
        until(lambda: self.draft(server, "one")[0]["folder"] == "deep")
        self.assertEqual(self.file(server, "one"), {"path": "deep/one.flow.json", "conflicts": [], "problem": ""})
        self.assertEqual(self.save(server, "one"), {"path": "deep/one.flow.json", "changed": False})
        # What is published keeps its rights until somebody moves it.
        (self.folder / "flows/live.flow.json").rename(self.folder / "flows/deep/live.flow.json")
        until(lambda: self.file(server, "live")["conflicts"])
        self.assertEqual(self.draft(server, "live")[0]["folder"], "")
        self.assertIn("deep/live.flow.json", self.save(server, "live", 409)["detail"])
        self.assertEqual(server.ask("POST", "/api/v1/flows/live/move", {"folder": "deep"})[0], 200)
        self.assertEqual(self.save(server, "live")["path"], "deep/live.flow.json")
        # The other way round.
        self.assertEqual(server.ask("POST", "/api/v1/flows/two/move", {"folder": "elsewhere/x"})[0], 200)
        self.assertIn("Save moves the file", self.file(server, "two")["conflicts"][0])
        self.assertEqual(self.save(server, "two"), {"path": "elsewhere/x/two.flow.json", "changed": True})
        self.assertFalse((self.folder / "flows/two.flow.json").exists())
        self.assertEqual(self.on_disk("flows/elsewhere/x/two.flow.json")["id"], "two")
        self.assertEqual(server.stop(), 0)
        again = self.start_project()
        self.assertEqual([self.draft(again, name)[0]["folder"] for name in ("one", "two", "live")], ["deep", "elsewhere/x", "deep"])

    def test_a_flow_that_is_deleted_has_its_file_removed_by_save(self):
        self.put("flows/gone.flow.json", flow("gone"))
        server = self.start_project()
        _, tag = self.draft(server, "gone")
        self.assertEqual(server.ask("DELETE", "/api/v1/flows/gone", headers={"if-match": tag})[0], 200)
        self.assertIn("Save removes it", self.file(server, "gone")["conflicts"][0])
        self.put("flows/gone.flow.json", flow("gone", limit=7))
        until(lambda: len(self.file(server, "gone")["conflicts"]) == 2)
        self.assertEqual(self.save(server, "gone", 409)["code"], "storage.conflict")
        self.assertTrue((self.folder / "flows/gone.flow.json").exists())
        status, _, said = server.ask("POST", "/api/v1/flows/gone/save?take=draft")
        self.assertEqual((status, json.loads(said)), (200, {"path": "gone.flow.json", "changed": True}))
        self.assertFalse((self.folder / "flows/gone.flow.json").exists())
        self.assertEqual(self.file(server, "gone"), {"path": "", "conflicts": [], "problem": ""})

    def test_a_file_that_gets_another_id_is_another_flow_and_the_former_goes(self):
        self.put("flows/sub/three.flow.json", flow("three"))
        server = self.start_project()
        self.put("flows/sub/three.flow.json", flow("four"))
        until(lambda: self.draft(server, "four")[0] and self.in_bin(server, "three"))
        self.assertEqual(self.file(server, "four")["path"], "sub/three.flow.json")
        self.assertEqual(self.file(server, "three")["path"], "")

    def test_nothing_is_written_into_hidden_folders(self):
        self.put("flows/orders.flow.json", flow("orders"))
        server = self.start_project()
        for folder in (".git", ".weir/base", "a/.b"):
            status, _, said = server.ask("POST", f"/api/v1/flows?folder={folder}", flow("hooks"))
            self.assertEqual((status, json.loads(said)["code"]), (400, "api.folder"), said)
            status, _, said = server.ask("POST", "/api/v1/flows/orders/move", {"folder": folder})
            self.assertEqual((status, json.loads(said)["code"]), (400, "api.folder"), said)
        self.assertEqual(server.ask("POST", "/api/v1/flows?folder=node_modules", flow("module"))[0], 201)
        self.assertEqual(self.save(server, "module", 400)["code"], "storage.invalid")
        self.assertFalse((self.folder / "flows/node_modules").exists())

    def test_nothing_is_read_or_written_through_symbolic_links(self):
        outside = self.folder / "outside"
        outside.mkdir()
        (outside / "ext.flow.json").write_text(json.dumps(flow("ext")))
        (outside / "secret").write_text("hidden words")
        self.put("flows/own.flow.json", flow("own"))
        os.symlink(outside, self.folder / "flows/away")
        os.symlink(outside / "ext.flow.json", self.folder / "flows/ext.flow.json")
        os.symlink(outside / "secret", self.folder / "flows/secret.flow.json")
        server = self.start_project()
        until(lambda: server.said().count("is a symbolic link") >= 2)
        self.assertNotIn("hidden", server.said())
        self.assertEqual(server.ask("GET", "/api/v1/flows/ext")[0], 404)
        for name, folder, link in (("in", "away", "'away'"), ("deep", "away/below", "'away'"), ("ext", "", "'ext.flow.json'")):
            self.assertEqual(server.ask("POST", f"/api/v1/flows?folder={folder}", flow(name, "of the draft"))[0], 201)
            for take in ("", "?take=draft"):
                status, _, said = server.ask("POST", f"/api/v1/flows/{name}/save{take}")
                self.assertEqual(status, 409, said)
            if name != "ext":
                self.assertIn(f"{link} is a symbolic link", json.loads(said)["detail"])
        self.assertEqual(sorted(one.name for one in outside.iterdir()), ["ext.flow.json", "secret"])
        self.assertNotIn("of the draft", (outside / "ext.flow.json").read_text())
        # A file that becomes a link while the server runs is not written through either.
        os.replace(self.folder / "flows/own.flow.json", outside / "own.flow.json")
        os.symlink(outside / "own.flow.json", self.folder / "flows/own.flow.json")
        before = (outside / "own.flow.json").read_text()
        until(lambda: "link" in self.file(server, "own")["problem"])
        self.change(server, "own", description="changed")
        self.assertEqual(server.ask("POST", "/api/v1/flows/own/save?take=draft")[0], 409)
        self.assertEqual((outside / "own.flow.json").read_text(), before)

    def test_a_folder_of_its_own_that_is_a_link_is_refused_at_the_start(self):
        (self.folder / "flows").mkdir()
        (self.folder / "outside").mkdir()
        os.symlink(self.folder / "outside", self.folder / "flows/.weir")
        self.fails("serve", "--project", "flows", "--listen", "127.0.0.1:0", code=2, says=["'.weir' is a symbolic link"])
        self.assertEqual(list((self.folder / "outside").iterdir()), [])

    def test_an_address_that_is_refused_leaves_no_data_folder(self):
        self.fails("serve", "--data", "fresh", "--listen", "0.0.0.0:0", code=2, says=["can be reached from other machines"])
        self.assertFalse((self.folder / "fresh").exists())

    def test_save_keeps_the_mode_of_a_file_and_gives_new_ones_that_of_the_umask(self):
        self.put("flows/old.flow.json", flow("old"))
        (self.folder / "flows/old.flow.json").chmod(0o664)
        before = os.umask(0o022)
        try:
            server = self.start_project()
        finally:
            os.umask(before)
        self.change(server, "old", description="edited")
        self.save(server, "old")
        self.assertEqual(server.ask("POST", "/api/v1/flows?folder=new", flow("made"))[0], 201)
        self.save(server, "made")
        mode = lambda path: stat.S_IMODE((self.folder / path).stat().st_mode)
        self.assertEqual([mode("flows/old.flow.json"), mode("flows/new/made.flow.json"), mode("flows/new")], [0o664, 0o644, 0o755])
        self.assertEqual(mode("flows/.weir/base/old.json"), 0o600)

    def test_a_server_without_a_project_says_how_to_have_one(self):
        server = self.serve()
        server.ask("POST", "/api/v1/flows", flow("a"))
        status, _, said = server.ask("POST", "/api/v1/flows/a/save")
        self.assertEqual((status, "--project" in said), (409, True), said)


if __name__ == "__main__":
    unittest.main()
