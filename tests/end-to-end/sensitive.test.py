# Sensitive fields of a flow on a server: who may not read data sees no value of them, nor of what is computed from them,
# wherever rows are shown.
import json
import unittest

from program import chain, node, until
from serving import ServeTest

CARDS = ["4111-0000-0001", "4222-0000-0002", "4333-0000-0003"]


class Sensitive(ServeTest):
    def json(self, server, method, path, body=None, status=200, headers=None):
        found, _, said = server.ask(method, f"/api/v1{path}", body, headers)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def flow(self, **config):
        """Cards that go round and round; one in three fails with a message that quotes it."""
        numbers = node("numbers", "generate/pattern", rows=0, rate=100, batchRows=1, pattern="sequential")
        card = node("card", "logic/map", set={"card": f"{json.dumps(CARDS)}[row.id % 3]"})
        last = node("last", "logic/map", set={"ending": "row.card.substring(10)", "shown": "row.id * 2",
                                              "number": "row.card == '4333-0000-0003' ? int(row.card) : 1"})
        keep = node("keep", "debug/log", rows=1)
        return {"id": "cards", "version": "1.0.0", "nodes": [numbers, card, last, keep], "edges": chain(numbers, card, last, keep),
                "config": {"sensitive": ["card"], "maxErrors": 10**9, **config}}

    def viewer(self, server):
        """A token that may see flows and runs, and nothing of their data."""
        return self.limited(server, "flow.read")

    def limited(self, server, *permissions):
        token, server.token = server.token, None
        status, headers, said = server.ask("POST", "/api/v1/session", {"name": server.NAME, "password": server.PASSWORD})
        server.token = token
        self.assertEqual(status, 201, said)
        session = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(said)["csrf"]}
        made = self.json(server, "POST", "/tokens", {"name": "limited", "permissions": list(permissions)}, 201, session)
        return {"authorization": "Bearer " + made["token"]}

    def begin(self, server, flow):
        self.json(server, "POST", "/flows", flow, 201)
        run = self.json(server, "POST", "/flows/cards/runs", {"version": "draft"}, 201)["id"]
        until(lambda: any(one["rowsOut"] > 9 for one in self.json(server, "GET", f"/runs/{run}/metrics").get("metrics", {}).get("nodes", [])[2:]))
        return run

    def assertHidden(self, text):
        for card in CARDS:
            self.assertNotIn(card, text)
            self.assertNotIn(f'"{card[10:]}"', text)

    def rows(self, server, run, headers=None, where=""):
        path = f"/runs/{run}/taps/e3?rows=10&waitMs=20000{where}"
        return self.json(server, "GET", path, headers=headers)

    def test_taps_and_previews_are_masked_for_those_without_the_right(self):
        server = self.serve()
        run = self.begin(server, self.flow())
        viewer = self.viewer(server)
        seen = until(lambda: self.rows(server, run)["rows"])[0]
        self.assertIn(seen["card"], CARDS)
        hidden = until(lambda: self.rows(server, run, viewer)["rows"])[0]
        self.assertEqual((hidden["card"], hidden["ending"], hidden["number"]), ("(sensitive)",) * 3)
        self.assertIsInstance(hidden["shown"], int)
        # A condition cannot be used to guess: it sees what its asker sees.
        guessed = self.rows(server, run, viewer, "&where=" + "row.card%20==%20'4111-0000-0001'")
        self.assertEqual(guessed["rows"], [])
        self.assertTrue(until(lambda: self.rows(server, run, None, "&where=" + "row.card%20==%20'4111-0000-0001'")["rows"]))

    def test_errors_and_dead_letters_never_quote_a_value(self):
        server = self.serve()
        run = self.begin(server, self.flow())
        viewer = self.viewer(server)
        letters = until(lambda: self.json(server, "GET", f"/runs/{run}/dead-letters")["letters"])
        self.assertEqual(letters[0]["row"]["card"], CARDS[2])  # whoever may read data can mend it
        self.assertHidden(letters[0]["message"])
        masked = self.json(server, "GET", f"/runs/{run}/dead-letters", headers=viewer)
        self.assertTrue(masked["letters"])
        self.assertHidden(json.dumps(masked))
        self.assertHidden(json.dumps(self.json(server, "GET", f"/runs/{run}", headers=viewer)))
        for path in ("logs", "events"):
            self.assertEqual(server.ask("GET", f"/api/v1/runs/{run}/{path}", headers=viewer)[0], 403)
        self.assertHidden(server.said())

    def test_a_log_of_rows_shows_the_mask_to_everybody(self):
        server = self.serve()
        run = self.begin(server, self.flow())
        logs = until(lambda: (found := json.dumps(self.json(server, "GET", f"/runs/{run}/logs"))).count("(sensitive)") > 3 and found)
        self.assertHidden(logs)
        self.assertIn("shown", logs)

    def test_a_breakpoint_tells_no_value_to_those_without_the_right(self):
        server = self.serve()
        run = self.begin(server, self.flow())
        blind = self.limited(server, "flow.read", "run.debug")
        path, guess = f"/runs/{run}/breakpoints", {"edge": "e2", "where": f"row.card == '{CARDS[0]}'"}
        held = lambda: self.json(server, "GET", f"/runs/{run}/held")["held"]
        refused = self.json(server, "POST", path, guess, 403, blind)
        self.assertEqual(refused["code"], "auth.denied")
        self.assertIn("data.read", refused["detail"])
        self.json(server, "POST", path, {"edge": "e2", "where": ""}, headers=blind)
        until(held)
        self.json(server, "POST", path, guess)

    def test_the_end_of_a_run_that_failed_does_not_quote_one(self):
        server = self.serve()
        self.json(server, "POST", "/flows", self.flow(maxErrors=2), 201)
        run = self.json(server, "POST", "/flows/cards/runs", {"version": "draft"}, 201)["id"]
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] == "failed")
        said = self.json(server, "GET", f"/runs/{run}")
        self.assertIn("error", said)
        self.assertHidden(json.dumps(said))
        self.assertHidden(server.said())

    def test_a_field_that_is_declared_not_to_be_sensitive_is_shown(self):
        server = self.serve()
        run = self.begin(server, self.flow(notSensitive=["ending"]))
        hidden = until(lambda: self.rows(server, run, self.viewer(server))["rows"])[0]
        self.assertEqual(hidden["card"], "(sensitive)")
        self.assertIn(hidden["ending"], [card[10:] for card in CARDS])

    def test_who_declares_a_field_to_be_shown_must_hold_secret_write(self):
        server = self.serve()
        self.json(server, "POST", "/flows", self.flow(notSensitive=["ending"]), 201)
        editor = self.limited(server, "flow.read", "flow.edit", "flow.publish", "run.start")
        for path, body in (("/flows/cards/versions", {"publish": True}), ("/flows/cards/runs", {"version": "draft"})):
            said = self.json(server, "POST", path, body, 403, editor)
            self.assertIn("'ending'", said["detail"])
        self.json(server, "POST", "/flows/cards/versions", {"publish": True}, 201)
        # What is published already may be published again.
        self.json(server, "POST", "/flows/cards/versions", {"publish": True}, 201, editor)


if __name__ == "__main__":
    unittest.main()
