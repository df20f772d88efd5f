# L3: one parser reads JSON wherever it comes from, so that no two parts of the program understand a text differently.
import json
import re
import subprocess
import unittest

from program import ROOT, WEIR
from serving import ServeTest

REFUSED = {b'{"id": "a", "id": "b"}': "json.duplicate_key", b'{"id": "a",}': "json.syntax", b"{'id': 1}": "json.syntax", b'{"id": 01}': "json.bad_number",
           b'{"id": NaN}': "json.bad_literal", b'{"id": 1e999}': "json.number_range", b'{"id": "\\ud800"}': "json.lone_surrogate", b'{"id": "\xff"}': "json.invalid_utf8",
           b'{"id": "a"} x': "json.trailing", b'{"id": "a\x01"}': "json.control_character", b'{"id": "\\x"}': "json.bad_escape", b'{"id": "a': "json.unterminated_string",
           b"[" * 1000 + b"]" * 1000: "json.too_deep"}


class Boundaries(ServeTest):
    def test_L3_no_other_parser_is_in_the_program(self):
        for path in ROOT.glob("*/**/*"):
            if path.suffix not in (".cpp", ".h") or path.parts[len(ROOT.parts)] not in ("engine", "service", "hosts", "adapters", "nodes", "apps") or ".test." in path.name or ".fuzz." in path.name:
                continue
            self.assertIsNone(re.search(r"#include [<\"](nlohmann|rapidjson|simdjson|boost/json|json/json|cJSON)", path.read_text()), path)

    def says(self, code, *arguments):
        done = subprocess.run([WEIR, *arguments], cwd=self.folder, capture_output=True, timeout=60)
        self.assertIn(done.returncode, (1, 2, 3))
        self.assertIn(code, (done.stdout + done.stderr).decode(errors="replace"))

    def test_L3_files_bodies_and_rows_are_refused_for_the_same_reasons(self):
        server = self.serve()
        kind = {"content-type": "application/json", "authorization": f"Bearer {server.token}"}
        for text, code in REFUSED.items():
            with self.subTest(text[:30]):
                for method, path in (("POST", "/flows"), ("PUT", "/flows/a"), ("POST", "/flows/validate"), ("POST", "/execute"), ("POST", "/users"), ("POST", "/grants"), ("PUT", "/alert-rules/a"), ("POST", "/apply")):
                    status, _, said = server.ask(method, f"/api/v1{path}", text, {**kind, "if-none-match": "*"} if method == "PUT" else kind)
                    # Whoever asks for the problems of a document gets them as the answer.
                    self.assertTrue(400 <= status < 500 or path == "/flows/validate", (path, said))
                    self.assertIn(code, (json.loads(said).get("code"), *(one.get("code") for one in json.loads(said).get("problems", []))), (path, said))
                (self.folder / "bad.flow.json").write_bytes(text)
                self.says(code, "validate", "bad.flow.json")
                (self.folder / "rows.ndjson").write_bytes(text + b"\n")
                self.says(code, "eval", "row", "--input", "rows.ndjson")


if __name__ == "__main__":
    unittest.main()
