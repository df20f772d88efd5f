# The audit log of weir serve: what it tells of changes, refusals and readings, how it is checked and passed on.
import http.client
import json
import sqlite3
import time
import unittest

from program import chain, node, until
from serving import ServeTest

FLOW = {"id": "orders", "version": "1.0.0", "nodes": [], "edges": []}


class Audit(ServeTest):
    def ask(self, server, method, path, body=None, headers=None, wanted=None):
        status, headers, text = server.ask(method, "/api/v1" + path, body, headers)
        if wanted is not None:
            self.assertEqual(status, wanted, text)
        return status, headers, json.loads(text) if text else None

    def entries(self, server, **query):
        path = "/audit?" + "&".join(f"{name}={value}" for name, value in query.items())
        return self.ask(server, "GET", path, wanted=200)[2]["entries"]

    def somebody(self, server, name, role=None, folder="team"):
        """An account with a role; the headers of its session."""
        password = f"the password of {name}"
        user = self.ask(server, "POST", "/users", {"name": name, "password": password}, wanted=201)[2]["id"]
        if role:
            self.ask(server, "POST", "/grants", {"user": user, "role": role, "folder": folder}, wanted=201)
        _, headers, session = self.ask(server, "POST", "/session", {"name": name, "password": password}, {"cookie": ""}, 201)
        return user, {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": session["csrf"]}

    def test_a_flows_life_is_told_with_its_states_and_who_and_whence(self):
        server = self.serve()
        etag = self.ask(server, "POST", "/flows?folder=team", FLOW, {"authorization": f"Bearer {server.token}", "x-request-id": "r-1"}, 201)[1]["etag"]
        etag = self.ask(server, "PUT", "/flows/orders", dict(FLOW, **{"x-name": "x"}), {"authorization": f"Bearer {server.token}", "if-match": etag}, 200)[1]["etag"]
        self.ask(server, "POST", "/flows/orders/versions", {"label": "1", "message": "first"}, wanted=201)
        self.ask(server, "PUT", "/flows/orders", FLOW, {"authorization": f"Bearer {server.token}", "if-match": '"1"'}, 412)
        self.ask(server, "DELETE", "/flows/orders", None, {"authorization": f"Bearer {server.token}", "if-match": etag}, 200)
        told = self.entries(server, object="flow:orders")[::-1]
        self.assertEqual([one["action"] for one in told], ["flow.created", "flow.changed", "flow.version_kept", "flow.binned"])
        first, second, third, _ = told
        self.assertEqual((first["request"], first["address"], first["folder"]), ("r-1", "127.0.0.1", "team"))
        self.assertTrue(first["credential"].startswith("t:") and first["actor"])
        self.assertEqual((second["detail"]["before"], second["detail"]["after"]), (first["detail"]["after"], int(etag.strip('"'))))
        self.assertEqual(third["detail"]["request"]["message"], "first")
        server.stop()
        self.assertIn("each as it was written", self.weir("audit", "verify", "--data", "data")[0])

    def test_a_flow_that_is_gone_for_good_is_told_apart_from_one_in_the_bin(self):
        server = self.serve()
        self.ask(server, "POST", "/flows?folder=team", FLOW, wanted=201)
        for path, status in (("/flows/orders", 200), ("/flows/orders?purge=true", 204)):
            self.ask(server, "DELETE", path, None, {"authorization": f"Bearer {server.token}", "if-match": "*"}, status)
        self.assertEqual([one["action"] for one in self.entries(server, object="flow:orders")], ["flow.purged", "flow.binned", "flow.created"])

    def test_who_watches_rows_is_told_of(self):
        server = self.serve()
        nodes = [node("count", "generate/pattern", rows=0, rate=50), node("out", "debug/log")]
        self.ask(server, "POST", "/flows?folder=team", {"id": "seen", "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes)}, wanted=201)
        run = self.ask(server, "POST", "/flows/seen/runs", {"version": "draft"}, wanted=201)[2]["id"]
        until(lambda: self.ask(server, "GET", f"/runs/{run}")[2]["state"] == "running")
        edge = chain(*nodes)[0]["id"]
        streams = ((f"/runs/{run}/live/taps/{edge}", "data.tapped"), (f"/runs/{run}/live/errors", "data.errors_read"), (f"/runs/{run}/live/events", "data.events_read"),
                   (f"/live/events?subscribe=tap:{run}:other&subscribe=metrics:{run}", "data.tapped"))
        for path, action in streams:
            with self.subTest(path=path):
                before = len(self.entries(server, action=action, object=f"run:{run}"))
                connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
                connection.request("GET", f"/api/v1{path}", headers={"authorization": f"Bearer {server.token}"})
                self.assertEqual(connection.getresponse().status, 200)
                told = until(lambda: (found := self.entries(server, action=action, object=f"run:{run}"))[before:] and found)
                connection.close()
                self.assertEqual((len(told), told[0]["folder"]), (before + 1, "team"))
        self.ask(server, "POST", f"/runs/{run}/stop", {})

    def test_secrets_are_told_of_and_never_told(self):
        server = self.serve()
        self.ask(server, "PUT", "/secrets/key?folder=team", {"value": "canary-of-a-secret", "hosts": ["a.example"]})
        told = self.entries(server, action="secret.")
        self.assertEqual([(one["action"], one["object"], one["folder"]) for one in told], [("secret.written", "secret:key", "team")])
        self.assertNotIn("canary", json.dumps(self.entries(server, limit=1000)))
        self.assertNotIn("the password of", json.dumps(self.entries(server, limit=1000)))

    def test_refusals_of_known_callers_and_of_wrong_tokens_are_told(self):
        server = self.serve()
        user, anna = self.somebody(server, "anna", "viewer")
        self.ask(server, "GET", "/users", headers=anna, wanted=403)
        self.ask(server, "POST", "/flows?folder=team", FLOW, anna, 403)
        self.ask(server, "GET", "/users", headers={"authorization": "Bearer weir_pat_wrong"}, wanted=401)
        self.ask(server, "POST", "/session", {"name": "anna", "password": "wrong"}, {"cookie": ""}, 401)
        told = self.entries(server, action="request.refused")
        self.assertEqual([(one["actor"], one["detail"]["operation"], one["detail"]["status"]) for one in told],
                         [("", "listUsers", 401), (user, "createFlow", 403), (user, "listUsers", 403)])
        self.assertEqual(self.entries(server, action="session.refused")[0]["detail"], {"name": "anna"})

    def test_reading_data_of_a_run_is_told(self):
        server = self.serve()
        source = node("a", "generate/pattern", rows=0, rate=20)
        flow = dict(FLOW, nodes=[source, node("b", "debug/log")], edges=chain(source, node("b", "debug/log")))
        self.ask(server, "POST", "/flows?folder=team", flow, wanted=201)
        run = self.ask(server, "POST", "/flows/orders/runs", {"version": "draft"})
        self.assertIn(run[0], (200, 201, 202), run)
        name = run[2]["id"]
        until(lambda: self.ask(server, "GET", f"/runs/{name}/dead-letters")[0] == 200)
        self.ask(server, "GET", f"/runs/{name}/logs")
        self.ask(server, "GET", f"/runs/{name}/taps/e1?rows=1")
        actions = {one["action"] for one in self.entries(server, action="data.")}
        self.assertLessEqual({"data.dead_letters_read", "data.logs_read"}, actions)
        self.assertTrue(self.entries(server, action="run.started"))
        self.assertTrue(self.entries(server, action="audit.read"))

    def test_a_log_that_was_changed_is_found_out(self):
        server = self.serve("--no-encryption")
        self.ask(server, "POST", "/flows?folder=team", FLOW, wanted=201)
        server.stop()
        with sqlite3.connect(server.data / "weir.db") as database:
            database.execute("UPDATE audit SET actor = 'somebody else' WHERE action = 'flow.created'")
        self.fails("audit", "verify", "--data", "data", code=1, says=("not what was written",))

    def test_what_is_no_data_folder_is_refused_and_nothing_is_changed(self):
        def looks():
            return {str(path): (path.stat().st_mode, path.is_file() and path.read_bytes()) for path in [self.folder, *self.folder.rglob("*")]}

        (self.folder / "other").mkdir(mode=0o755)
        self.write("other/file", "somebody's")
        before = looks()
        for folder in ("other", "nowhere", "other/file"):
            for command in (("audit", "verify", "--data", folder), ("backup", folder, "x.backup"), ("rotate-keys", folder), ("encrypt", folder)):
                self.fails(*command, code=2, says=("[backup.no_data]",))
                self.assertEqual(looks(), before, command)
        server = self.serve()
        server.stop()
        kept = looks()
        self.weir("audit", "verify", "--data", "data")
        self.assertEqual(looks(), kept)
        self.assertEqual((server.data / "weir.db").stat().st_mode & 0o777, 0o600)
        # As of a server whose records are in a PostgreSQL: it has keys, and no database.
        (server.data / "weir.db").unlink()
        for command in (("audit", "verify", "--data", "data"), ("backup", "data", "x.backup")):
            self.fails(*command, code=2, says=("[backup.no_data]", "PostgreSQL"))
        self.assertIn("PostgreSQL", self.weir("rotate-keys", "data", "--rewrite")[0])
        self.assertFalse((server.data / "weir.db").exists())

    def test_it_is_passed_on_to_a_file_each_entry_once(self):
        path = self.folder / "audit.ndjson"
        server = self.serve("--audit-file", str(path))
        self.ask(server, "POST", "/flows?folder=team", FLOW, wanted=201)
        until(lambda: "flow.created" in path.read_text())
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        server.stop()
        # A line that was cut short, as by a loss of power.
        path.write_text(path.read_text() + '{"number": 99, "at"')
        server = self.serve("--audit-file", str(path))
        self.ask(server, "DELETE", "/flows/orders", None, {"authorization": f"Bearer {server.token}", "if-match": "*"}, 200)
        until(lambda: "flow.binned" in path.read_text())
        server.stop()
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        self.assertEqual([line["number"] for line in lines], list(range(1, len(lines) + 1)))
        head = self.weir("audit", "verify", "--data", "data")[0]
        self.assertIn(lines[-1]["hash"], head)
        path.write_text("something else\n")
        self.fails("serve", "--data", "data", "--listen", "127.0.0.1:0", "--audit-file", str(path), code=2, says=("no entry of an audit log",))

    def test_changes_of_runs_rules_and_sets_of_flows_are_told_once_with_what_they_made(self):
        server = self.serve()
        source = node("count", "generate/pattern", rows=0, rate=10, batchRows=1)
        flow = {"id": "ticks", "version": "1.0.0", "nodes": [source], "edges": []}
        self.ask(server, "POST", "/apply", {"flows": [{"folder": "team", "document": flow}], "publish": True}, wanted=200)
        # What is so already is not told again.
        self.ask(server, "POST", "/apply", {"flows": [{"folder": "team", "document": flow}], "publish": True}, wanted=200)
        # What is so already is told too: somebody has asked for it.
        run = self.ask(server, "POST", "/flows/ticks/runs", {}, wanted=201)[2]["id"]
        again = {"authorization": f"Bearer {server.token}", "idempotency-key": "one"}
        other = self.ask(server, "POST", "/flows/ticks/runs", {}, again, 201)[2]["id"]
        self.assertEqual(self.ask(server, "POST", "/flows/ticks/runs", {}, again, 201)[2]["id"], other)
        for one in (run, other):
            self.ask(server, "POST", f"/runs/{one}/stop", wanted=202)
            until(lambda: self.ask(server, "GET", f"/runs/{one}")[2]["state"] == "stopped")
        rule = {"metric": "weir_runs", "over": 1000, "severity": "warning"}
        status, _, said = self.ask(server, "PUT", "/alert-rules/many", rule)
        self.assertIn(status, (200, 201, 422), said)
        self.ask(server, "PUT", "/secrets/key?folder=team", {"value": "canary-of-a-secret"})
        self.ask(server, "DELETE", "/secrets/key?folder=team", wanted=204)
        self.ask(server, "DELETE", "/secrets/key?folder=team", wanted=404)
        self.ask(server, "DELETE", f"/runs/{run}", wanted=204)
        told = self.entries(server, limit=1000)[::-1]
        actions = [one["action"] for one in told]
        self.assertEqual([one["detail"]["location"].rsplit("/")[-1] for one in told if one["action"] == "run.started"], [run, other, other])
        self.assertEqual([one["object"] for one in told if one["action"] in ("run.stopped", "run.removed")], [f"run:{run}", f"run:{other}", f"run:{run}"])
        for action, count in (("flow.created", 1), ("flow.version_kept", 1), ("secret.written", 1), ("secret.removed", 1)):
            self.assertEqual(actions.count(action), count, (action, actions))
        self.assertEqual({one["folder"] for one in told if one["action"].startswith(("flow.", "run."))}, {"team"})
        server.stop()
        self.assertIn("each as it was written", self.weir("audit", "verify", "--data", "data")[0])

    def test_schedules_and_rules_are_told_in_their_folder_with_what_they_were(self):
        server = self.serve()
        flow = {"id": "ticks", "version": "1.0.0", "nodes": [node("count", "generate/pattern", rows=1)], "edges": []}
        self.ask(server, "POST", "/apply", {"flows": [{"folder": "team", "document": flow}], "publish": True}, wanted=200)
        key = self.ask(server, "POST", "/flows/ticks/schedules", {"name": "nightly", "cron": "0 3 * * *"}, wanted=201)[2]["id"]
        self.ask(server, "PUT", f"/schedules/{key}", {"name": "hourly", "cron": "0 * * * *"}, {"authorization": f"Bearer {server.token}", "if-match": "*"}, 200)
        self.ask(server, "POST", f"/schedules/{key}/pause", wanted=200)
        self.ask(server, "POST", f"/schedules/{key}/resume", wanted=200)
        self.ask(server, "DELETE", f"/schedules/{key}", wanted=204)
        rule = {"metric": "weir_flow_runs", "over": 1000, "folder": "team"}
        self.ask(server, "PUT", "/alert-rules/many", rule, wanted=200)
        self.ask(server, "DELETE", "/alert-rules/many", wanted=204)
        told = {one["action"]: one for one in self.entries(server, limit=100) if one["object"] in (f"schedule:{key}", "alert_rule:many")}
        self.assertEqual(set(told), {"schedule.changed", "schedule.paused", "schedule.resumed", "schedule.removed", "alert_rule.changed", "alert_rule.removed"})
        self.assertEqual({one["folder"] for one in told.values()}, {"team"})
        was = {action: one["detail"].get("was", {}) for action, one in told.items()}
        self.assertEqual([was[f"schedule.{what}"]["name"] for what in ("changed", "paused", "removed")], ["nightly", "hourly", "hourly"])
        self.assertEqual((was["schedule.removed"]["cron"], was["schedule.removed"]["flow"], was["alert_rule.removed"]["metric"]), ("0 * * * *", "ticks", "weir_flow_runs"))

    def test_what_is_older_than_is_kept_goes_and_the_rest_still_vouches_for_itself(self):
        server = self.serve("--keep-audit", "2s", "--keeping-every", "200ms")
        self.ask(server, "POST", "/flows?folder=team", FLOW, wanted=201)
        self.assertTrue(self.entries(server, action="flow.created"))
        until(lambda: not self.entries(server, action="flow.created"))
        trimmed = self.entries(server, action="audit.trimmed")[0]["detail"]
        self.assertGreaterEqual(trimmed["through"], trimmed["from"])
        self.ask(server, "DELETE", "/flows/orders", None, {"authorization": f"Bearer {server.token}", "if-match": "*"}, 200)
        server.stop()
        said = self.weir("audit", "verify", "--data", "data")[0]
        self.assertIn("each as it was written", said)
        self.assertIn("are kept no longer, as an entry says", said)
        # Without a bound nothing more goes.
        again = self.serve("--keep-audit", "0s", "--keep-audit-bytes", "0B", "--keeping-every", "200ms")
        before = len(self.entries(again, action="flow.binned"))
        time.sleep(3)
        self.assertEqual(len(self.entries(again, action="flow.binned")), before)

    def test_an_administrator_ends_somebodys_sessions(self):
        server = self.serve()
        user, anna = self.somebody(server, "anna")
        self.ask(server, "DELETE", f"/users/{user}/sessions", headers=anna, wanted=403)
        self.ask(server, "DELETE", "/users/none/sessions", wanted=404)
        self.ask(server, "DELETE", f"/users/{user}/sessions", wanted=204)
        self.ask(server, "GET", "/me", headers=anna, wanted=401)
        self.assertEqual(self.entries(server, action="session.ended")[0]["object"], f"user:{user}")

    def test_s3_a_disabled_users_stream_ends_within_five_seconds(self):
        server = self.serve()
        user, anna = self.somebody(server, "anna", "operator")
        self.ask(server, "POST", "/flows?folder=team", FLOW, wanted=201)
        connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", "/api/v1/live/events?subscribe=alerts:team", headers={"cookie": anna["cookie"]})
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        self.ask(server, "PATCH", f"/users/{user}", {"disabled": True}, wanted=200)
        began = time.monotonic()
        while answer.readline():
            pass
        # The server looks within a second; the rest is for a machine that is busy.
        self.assertLess(time.monotonic() - began, 30)
        self.ask(server, "GET", "/me", headers=anna, wanted=401)


if __name__ == "__main__":
    unittest.main()
