# How much one caller may send to weir serve: 429 with Retry-After, and everybody else goes on.
import json
import re
import time
import unittest

from program import until
from serving import ServeTest

FLOW = {"id": "orders", "version": "1.0.0", "nodes": [], "edges": []}


class RequestRates(ServeTest):
    def put(self, server, headers):
        return server.ask("PUT", "/api/v1/flows/orders", FLOW, {"if-match": "*", **headers})

    def limited(self, server, kind):
        return int(re.search(rf'weir_http_limited_total{{kind="{kind}"}} (\d+)', server.ask("GET", "/metrics")[2])[1])

    def test_who_sends_too_many_changes_is_told_when_to_go_on_and_others_are_not_held(self):
        server = self.serve("--changes-per-second", "2", "--sign-ins-per-second", "0")
        self.assertEqual(server.ask("POST", "/api/v1/flows", FLOW)[0], 201)
        account = {"name": "other", "password": "a password for others", "administersServer": True}
        self.assertEqual(server.ask("POST", "/api/v1/users", account)[0], 201)
        _, headers, text = server.ask("POST", "/api/v1/session", {"name": "other", "password": account["password"]}, {"cookie": ""})
        other = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(text)["csrf"]}
        for _ in range(500):
            status, headers, text = self.put(server, {"authorization": f"Bearer {server.token}"})
            if status != 200:
                break
        self.assertEqual((status, json.loads(text)["code"]), (429, "api.rate"), text)
        self.assertIn("--changes-per-second", text)
        self.assertGreaterEqual(int(headers["retry-after"]), 1)
        # Reading has no limit of its own, and somebody else is not held.
        for _ in range(50):
            self.assertEqual(server.ask("GET", "/api/v1/flows/orders")[0], 200)
        self.assertNotEqual(server.ask("POST", "/api/v1/flows/validate", FLOW, other)[0], 429)
        self.assertGreaterEqual(self.limited(server, "changes"), 1)
        self.assertEqual(self.limited(server, "reads"), 0)
        # Whoever waits as long as they were told goes on.
        time.sleep(int(headers["retry-after"]))
        until(lambda: self.put(server, {"authorization": f"Bearer {server.token}"})[0] == 200)

    def test_an_address_may_try_only_so_many_passwords(self):
        server = self.serve("--sign-ins-per-second", "1")
        codes = set()
        for _ in range(40):
            status, headers, text = server.ask("POST", "/api/v1/session", {"name": "root"}, {"cookie": ""})
            codes.add((status, json.loads(text)["code"]))
            if status == 429:
                break
        self.assertIn((429, "api.rate"), codes)
        self.assertIn("retry-after", headers)
        # A token is no sign-in.
        self.assertEqual(server.ask("GET", "/api/v1/me")[0], 200)

    def test_who_asks_whether_the_server_is_well_is_answered_whatever_the_limit_is(self):
        server = self.serve("--reads-per-second", "1")
        answers = {server.ask("GET", "/api/v1/flows")[0] for _ in range(60)}
        self.assertIn(429, answers)
        for path in ("/health/live", "/health/ready", "/api/v1/health"):
            self.assertEqual({server.ask("GET", path, headers={"cookie": ""})[0] for _ in range(60)}, {200}, path)

    def test_a_limit_that_is_none_is_refused_at_the_start(self):
        for bad in ("-1", "many", "2000000"):
            self.fails("serve", "--data", "new", "--listen", "127.0.0.1:0", "--changes-per-second", bad, code=2, says=["changes-per-second"])


if __name__ == "__main__":
    unittest.main()
