# S16: the checklist of docs/reference/asvs.md names tests that are there; and what it asks that no other test shows.
import json
import re
import unittest

from program import ROOT
from serving import Server, ServeTest

PAGE = ROOT / "docs/reference/asvs.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| .* \| (.*) \|$", re.M)


class Checklist(unittest.TestCase):
    def test_s16_each_requirement_has_a_test_that_is_there_or_a_reason(self):
        rows = ROW.findall(PAGE.read_text())
        self.assertGreater(len(rows), 240)
        self.assertEqual(len({name for name, _, _ in rows}), len(rows))
        for name, _, how in rows:
            with self.subTest(name):
                if not how.startswith(("no test: ", "waiver: ", "does not apply: ")):
                    self.assertRegex(how, r"^`[^`]+`$")
                for test in re.findall(r"`((?:tests|service|hosts|engine|apps)/[^`:]+\.(?:cpp|py))(?:: ([^`]+))?`", how):
                    file, title = ROOT / test[0], test[1]
                    self.assertTrue(file.exists(), file)
                    self.assertTrue(not title or title in file.read_text(), f"{file} has no '{title}'")

    def test_s16_level_one_is_complete_and_level_two_is_met_in_nine_of_ten_that_apply(self):
        """A waiver says why something is not met; it does not make it so."""
        for level, least in (("1", 0.9), ("2", 0.9)):
            ways = [how.split(":")[0] for _, its, how in ROW.findall(PAGE.read_text()) if its == level]
            apply = [way for way in ways if way != "does not apply"]
            self.assertTrue(all(ways))
            self.assertGreaterEqual(sum(way != "waiver" for way in apply) / len(apply), least, f"level {level}")
            # What nobody can test is a small part of it.
            self.assertLess(sum(way == "no test" for way in apply) / len(apply), 0.1, f"level {level}")


class Asked(ServeTest):
    def test_methods_that_a_route_does_not_have_are_refused(self):
        server = self.serve(signed_in=False)
        for method in ("TRACE", "CONNECT", "PROPFIND"):
            self.assertIn(server.ask(method, "/api/v1/flows")[0], (400, 405, 501))

    def test_answers_are_not_kept_on_the_way(self):
        server = self.serve()
        for path in ("/api/v1/me", "/api/v1/users", "/api/v1/tokens", "/api/v1/audit", "/api/v1/sign-in"):
            self.assertEqual(server.ask("GET", path)[1]["cache-control"], "no-store", path)

    def test_signing_out_clears_what_the_browser_kept(self):
        server = self.serve()
        _, headers, text = server.ask("POST", "/api/v1/session", {"name": Server.NAME, "password": Server.PASSWORD}, {"cookie": ""})
        session = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(text)["csrf"]}
        status, headers, _ = server.ask("DELETE", "/api/v1/session", headers=session)
        self.assertEqual((status, headers["clear-site-data"]), (204, '"cache", "storage"'))
        self.assertIn("Max-Age=0", headers["set-cookie"])


if __name__ == "__main__":
    unittest.main()
