# The pages about accounts: what their headers allow, and a person at them with Chromium.
import gzip
import re
import subprocess
import unittest
from pathlib import Path

from program import ROOT, signals_as_from_a_shell
from serving import ServeTest

CHROMIUM, PLAYWRIGHT = Path("/usr/bin/chromium"), ROOT / "web/node_modules/playwright-core"


class AccountPages(ServeTest):
    def test_they_are_served_with_a_strict_policy_and_parts_that_are_there(self):
        server = self.serve(signed_in=False)
        for path in ("/setup", "/sign-in", "/account", "/people"):
            with self.subTest(path):
                status, headers, page = server.ask("GET", path)
                self.assertEqual((status, headers["content-type"]), (200, "text/html; charset=utf-8"))
                policy = headers["content-security-policy"]
                self.assertIn("default-src 'none'", policy)
                self.assertIn("frame-ancestors 'none'", policy)
                self.assertNotIn("unsafe-inline", policy)
                self.assertNotRegex(page, r"<script(?![^>]*src=)|\son\w+=|style=")
                for part in re.findall(r'(?:href|src)="(assets/[^"]+)"', page):
                    status, _, text = server.ask("GET", "/" + part)
                    self.assertEqual(status, 200, part)
                    for imported in re.findall(r'from "\./([^"]+)"', text):
                        self.assertEqual(server.ask("GET", "/assets/" + imported)[0], 200)
                    self.assertNotIn("innerHTML", text)

    def test_the_page_at_the_root_has_a_strict_policy_and_parts_that_are_there(self):
        server = self.serve(signed_in=False)
        status, headers, page = server.ask("GET", "/", raw=True)
        self.assertEqual((status, headers["content-type"]), (200, "text/html; charset=utf-8"))
        self.assertNotIn("unsafe-inline", headers["content-security-policy"])
        text = (gzip.decompress(page) if headers.get("content-encoding") == "gzip" else page).decode()
        self.assertNotRegex(text, r"<script(?![^>]*src=)|\son\w+=|style=")
        parts = re.findall(r'(?:href|src)="(?:\./)?(assets/[^"]+)"', text)
        self.assertGreaterEqual(len(parts), 2)
        for part in parts:
            status, headers, _ = server.ask("GET", "/" + part, raw=True)
            self.assertEqual((status, headers["cache-control"]), (200, "public, max-age=31536000, immutable"), part)

    @unittest.skipUnless(CHROMIUM.exists() and PLAYWRIGHT.exists(), "needs Chromium and the packages of web/")
    def test_a_person_sets_up_signs_in_and_looks_after_accounts(self):
        server = self.serve(signed_in=False)
        done = subprocess.run(["node", str(ROOT / "tests/end-to-end/account-pages.mjs"), f"http://127.0.0.1:{server.port}", server.setup_code(), str(self.folder)],
                              capture_output=True, text=True, timeout=600, preexec_fn=signals_as_from_a_shell)
        self.assertEqual((done.returncode, done.stdout), (0, "all is well\n"), done.stderr)


if __name__ == "__main__":
    unittest.main()
