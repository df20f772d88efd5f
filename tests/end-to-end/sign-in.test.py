# Signing in to weir serve as people and programs do: the setup link, sessions, tokens, grants, the audit log.
import json
import stat
import unittest

from serving import Server, ServeTest


class SignIn(ServeTest):
    def setUp(self):
        super().setUp()
        self.server = self.serve(signed_in=False)

    def ask(self, method, path, body=None, headers=None, wanted=None):
        status, headers, text = self.server.ask(method, "/api/v1" + path, body, headers)
        if wanted is not None:
            self.assertEqual(status, wanted, text)
        return status, headers, json.loads(text) if text else None

    def set_up(self):
        """Makes the first account; gives the headers of its session, as a page of the application sends them."""
        account = {"code": self.server.setup_code(), "name": Server.NAME, "password": Server.PASSWORD}
        return self.session(*self.ask("POST", "/setup", account, wanted=201)[1:])

    def session(self, headers, body):
        return {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": body["csrf"]}

    def sign_in(self, name, password):
        return self.session(*self.ask("POST", "/session", {"name": name, "password": password}, wanted=201)[1:])

    def test_s14_the_setup_link_is_for_one_use_and_in_no_log(self):
        link = self.server.data / "setup-link"
        self.assertEqual(stat.S_IMODE(link.stat().st_mode), 0o600)
        code = self.server.setup_code()
        self.assertNotIn(code, self.server.said())
        self.ask("GET", "/flows", wanted=401)
        # There is no account that everybody knows.
        for name in ("root", "admin", "weir"):
            self.ask("POST", "/session", {"name": name, "password": name}, wanted=401)
        self.ask("POST", "/setup", {"code": "x" * 43, "name": "eve", "password": "a long password"}, wanted=403)
        session = self.set_up()
        self.assertFalse(link.exists())
        self.ask("GET", "/me", headers=session, wanted=200)
        self.ask("POST", "/setup", {"code": code, "name": "eve", "password": "a long password"}, wanted=403)
        self.server.stop()
        self.server = self.serve(signed_in=False)
        self.assertFalse(link.exists())
        # Sessions outlive a restart.
        self.ask("GET", "/me", headers=session, wanted=200)

    def test_s4_another_sites_page_changes_nothing_with_the_cookie(self):
        session = self.set_up()
        cookie = {"cookie": session["cookie"]}
        group = {"name": "sales"}
        self.assertEqual(self.ask("POST", "/groups", group, cookie, 403)[2]["code"], "auth.cross_site")
        self.ask("POST", "/groups", group, {**session, "origin": "http://evil.example"}, 403)
        self.ask("POST", "/groups", group, {**cookie, "origin": f"http://127.0.0.1:{self.server.port}"}, 201)

    def test_s2_a_token_works_until_it_is_revoked_and_does_what_it_is_for(self):
        session = self.set_up()
        wanted = {"name": "ci", "permissions": ["flow.read"], "folders": []}
        made = self.ask("POST", "/tokens", wanted, session, 201)[2]
        token = {"authorization": "Bearer " + made["token"]}
        self.ask("GET", "/flows", headers=token, wanted=200)
        self.ask("POST", "/flows", {"id": "a", "version": "1.0.0", "nodes": [], "edges": []}, token, 403)
        self.ask("GET", "/users", headers=token, wanted=403)
        self.ask("DELETE", "/tokens/" + made["about"]["id"], headers=session, wanted=204)
        refused, headers, problem = self.ask("GET", "/flows", headers=token)
        self.assertEqual((refused, problem["code"]), (401, "auth.token"))
        self.assertIn("invalid_token", headers["www-authenticate"])
        # What the server keeps of it does not give it away.
        self.server.stop()
        kept = b"".join(file.read_bytes() for file in self.server.data.glob("weir.db*"))
        self.assertNotIn(made["token"].rsplit("_", 1)[1].encode(), kept)

    def test_s3_who_is_disabled_is_out_at_once_and_the_last_administrator_stays(self):
        session = self.set_up()
        anna = self.ask("POST", "/users", {"name": "anna", "password": "a long password"}, session, 201)[2]["id"]
        hers = self.sign_in("anna", "a long password")
        self.ask("GET", "/me", headers=hers, wanted=200)
        self.ask("GET", "/users", headers=hers, wanted=403)
        self.ask("PATCH", f"/users/{anna}", {"disabled": True}, session, 200)
        self.ask("GET", "/me", headers=hers, wanted=401)
        self.ask("POST", "/session", {"name": "anna", "password": "a long password"}, wanted=401)
        root = self.ask("GET", "/me", headers=session, wanted=200)[2]["user"]["id"]
        self.assertEqual(self.ask("DELETE", f"/users/{root}", headers=session, wanted=409)[2]["code"], "auth.last_administrator")

    def test_grants_open_folders_and_flows_and_nothing_else(self):
        session = self.set_up()
        anna = self.ask("POST", "/users", {"name": "anna", "password": "a long password"}, session, 201)[2]["id"]
        hers = self.sign_in("anna", "a long password")
        for name in ("orders", "salaries"):
            self.ask("POST", "/flows", {"id": name, "version": "1.0.0", "nodes": [], "edges": []}, session, 201)
        self.ask("GET", "/flows/orders", headers=hers, wanted=404)
        grant = {"user": anna, "role": "viewer", "flow": "orders"}
        given = self.ask("POST", "/grants", grant, session, 201)[2]["id"]
        self.ask("GET", "/flows/orders", headers=hers, wanted=200)
        self.ask("GET", "/flows/salaries", headers=hers, wanted=404)
        self.ask("DELETE", "/flows/orders", headers={**hers, "if-match": "*"}, wanted=403)
        self.ask("DELETE", f"/grants/{given}", headers=session, wanted=204)
        self.ask("GET", "/flows/orders", headers=hers, wanted=404)
        # Whoever has said nothing has not said everything, and no grant waits for a flow that may come.
        self.ask("POST", "/grants", {"user": anna, "role": "viewer"}, session, 400)
        self.ask("POST", "/grants", {**grant, "flow": "later"}, session, 404)

    def test_grants_of_a_flow_end_when_it_is_deleted_for_good(self):
        session = self.set_up()
        anna = self.ask("POST", "/users", {"name": "anna", "password": "a long password"}, session, 201)[2]["id"]
        hers, any_state = self.sign_in("anna", "a long password"), {**session, "if-match": "*"}
        flow = {"id": "orders", "version": "1.0.0", "nodes": [], "edges": []}
        self.ask("POST", "/flows?folder=hr", flow, session, 201)
        grant = {"user": anna, "role": "admin", "flow": "orders"}
        self.assertEqual(self.ask("POST", "/grants", grant, session, 201)[2]["folder"], "hr")
        self.ask("POST", "/grants", {**grant, "folder": "team"}, session, 422)
        self.ask("POST", "/flows/orders/move", {"folder": "pay"}, any_state, 200)
        self.assertIn("pay", [one["folder"] for one in self.ask("GET", "/grants", headers=session, wanted=200)[2]["grants"]])
        self.ask("DELETE", "/flows/orders", headers=any_state, wanted=200)
        self.ask("GET", "/flows/orders", headers=hers, wanted=200)
        self.ask("DELETE", "/flows/orders?purge=true", headers=any_state, wanted=204)
        self.ask("POST", "/flows?folder=secret", flow, session, 201)
        self.ask("GET", "/flows/orders", headers=hers, wanted=404)
        self.server.stop()
        self.server = self.serve(signed_in=False)
        self.ask("GET", "/flows/orders", headers=hers, wanted=404)
        self.assertEqual(len(self.ask("GET", "/grants", headers=session, wanted=200)[2]["grants"]), 1)
        taken = self.ask("GET", "/audit?action=grant.removed", headers=session, wanted=200)
        self.assertEqual(len(taken[2]["entries"]), 1)
        # A request is named by the server; that name is in the log.
        purge = self.ask("GET", "/audit?action=flow.", headers=session, wanted=200)[2]["entries"]
        self.assertTrue(all(len(entry["request"]) > 8 for entry in purge), purge)
        # A move stands in the logs of both folders.
        self.assertEqual(len({(entry["request"], entry["folder"]) for entry in purge}), len(purge))

    def test_s14_who_fails_too_often_has_to_wait(self):
        self.set_up()
        answers = [self.ask("POST", "/session", {"name": "root", "password": "wrong password"}) for _ in range(7)]
        self.assertEqual({status for status, _, _ in answers}, {401, 429})
        self.assertGreaterEqual(int(answers[-1][1]["retry-after"]), 1)

    def test_the_audit_log_tells_who_did_what_and_can_be_checked(self):
        session = self.set_up()
        self.ask("POST", "/groups", {"name": "sales"}, session, 201)
        entries = self.ask("GET", "/audit", headers=session, wanted=200)[2]["entries"]
        self.assertEqual([entry["action"] for entry in entries], ["group.created", "server.set_up"])
        self.assertEqual(entries[0]["detail"]["name"], "sales")
        self.assertNotIn(Server.PASSWORD, json.dumps(entries))
        self.assertNotIn("argon2", json.dumps(entries))
        self.server.stop()
        said, _ = self.weir("audit", "verify", "--data", "data")
        self.assertIn("3 entries", said)
        self.assertRegex(said, r"hash [0-9a-f]{64}")


if __name__ == "__main__":
    unittest.main()
