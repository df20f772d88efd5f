# S16: the checklist of docs/reference/asvs.md names tests that are there; and what it asks that no other test shows.
import json
import re
import shlex
import socket
import subprocess
import unittest

from program import ROOT, WEIR
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


COMMANDS = ROOT / "build/release/compile_commands.json"


class Built(unittest.TestCase):
    """What the compiler refuses, and what the program is made of."""

    def commands(self):
        if not COMMANDS.exists():
            self.skipTest("build/release is not configured")
        return json.loads(COMMANDS.read_text())

    def compiled(self, text):
        """Whether the compiler takes it with the options of a source of the service."""
        command = next(one for one in self.commands() if one["file"].endswith("/service/auth/secret-text.cpp"))
        flags = [flag for flag in shlex.split(command["command"]) if not flag.endswith((".o", ".cpp", ".pch", ".hxx")) and flag not in ("-c", "-o")]
        flags = flags[next(i for i, flag in enumerate(flags) if "clang" in flag):]
        # A header that was compiled before is not needed for a few lines.
        flags = [flag for i, flag in enumerate(flags) if flag not in ("-Xclang", "-include-pch", "-include") and "pch" not in flag]
        done = subprocess.run([*flags, "-fsyntax-only", "-x", "c++", "-"], input=text, cwd=COMMANDS.parent, capture_output=True, text=True, timeout=120)
        return done.returncode == 0, done.stderr

    def test_s16_formats_that_are_no_constants_and_conversions_that_lose_something_do_not_compile(self):
        good, said = self.compiled('#include <cstdio>\nvoid say(const char* text) { std::printf("%s", text); }\n')
        self.assertTrue(good, said)
        for text, warning in (('#include <cstdio>\nvoid say(const char* text) { std::printf(text); }\n', "-Wformat-security"),
                              ('#include <cstdio>\nvoid say(long n) { std::printf("%s", n); }\n', "-Wformat"),
                              ("int cut(long n) { return n; }\n", "-Wshorten-64-to-32"), ("unsigned cut(int n) { return n; }\n", "-Wsign-conversion"),
                              ("int cut(double n) { return n; }\n", "-Wfloat-conversion")):
            good, said = self.compiled(text)
            self.assertFalse(good, text)
            self.assertIn(f"[-Werror,{warning}", said)
        # The same holds for every source of ours.
        own = [one for one in self.commands() if re.search(r"/(engine|service|nodes|hosts|apps|adapters)/[^ ]*\.cpp$", one["file"]) and "/build/" not in one["file"]]
        self.assertGreater(len(own), 300)
        for one in own:
            for flag in ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"):
                self.assertIn(f" {flag} ", one["command"], one["file"])

    def test_s16_no_source_copies_texts_without_knowing_their_room_or_owns_what_nobody_lets_go(self):
        unsafe = re.compile(r"\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|scanf|sscanf|alloca)\(")
        owning = re.compile(r"(?<![\w.\"'])(new\s+(\(std::nothrow\)\s*)?[A-Za-z_:]+(<[^;]*>)?\s*[({\[;]|delete\s+[a-z_]+;|delete\[\])")
        # The allocators themselves: of blocks of rows, which the sanitizers know, and of the module in a page.
        allowed = {"engine/data/block-cache.cpp", "hosts/browser/standalone.cpp"}
        seen = 0
        for folder in ("engine", "service", "nodes", "hosts", "apps", "adapters"):
            for path in [*(ROOT / folder).rglob("*.cpp"), *(ROOT / folder).rglob("*.h")]:
                name = str(path.relative_to(ROOT))
                if name.endswith((".test.cpp", ".test.h")) or name in allowed:
                    continue
                code = re.sub(r"//[^\n]*|\"(\\\\.|[^\"\\\\\n])*\"", " ", re.sub(r'R"\((.|\n)*?\)"', " ", path.read_text(encoding="utf-8")))
                seen += 1
                self.assertEqual(unsafe.findall(code), [], name)
                self.assertEqual([one[0] for one in owning.findall(code)], [], name)
        self.assertGreater(seen, 500)

    def test_s16_every_library_of_the_program_is_listed_and_no_test_is_in_it(self):
        listed = (ROOT / "THIRD_PARTY.md").read_text().split("\n## ")[1].lower()
        needed = re.findall(r"\(NEEDED\).*\[lib([a-z]+)", subprocess.run(["readelf", "-d", WEIR], capture_output=True, text=True, check=True).stdout)
        self.assertGreater(len(needed), 8)
        names = {"pq": "libpq", "z": "zlib", "zstd": "zstandard", "ssl": "openssl", "crypto": "openssl", "m": "gnu c library", "c": "gnu c library", "gcc": "libgcc",
                 "sodium": "libsodium", "hiredis": "hiredis", "rdkafka": "librdkafka"}
        for library in needed:
            self.assertIn(names[library], listed, library)
        lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
        self.assertTrue(all("integrity" in one for name, one in lock.items() if name.startswith("node_modules/") and not one.get("link")))
        program = WEIR.read_bytes()
        for word in (b"doctest", b".test.cpp", b"libFuzzer", b"AddressSanitizer"):
            self.assertNotIn(word, program)

    def test_s16_the_documents_name_every_kind_of_key_and_file(self):
        told = " ".join(((ROOT / "docs/reference/sealed-files.md").read_text() + (ROOT / "docs/guide/keys-and-backups.md").read_text()).lower().split())
        source = (ROOT / "hosts/native/sealing/key-ring.cpp").read_text()
        kinds = re.findall(r'"([a-z-]+)"', re.search(r"nameOf\(FileClass.*?\n\}", source, re.S)[0])
        self.assertGreater(len(kinds), 4)
        words = {"journal": "journals", "state": "checkpoints", "object": "large documents", "dead-letters": "dead letters", "recording": "recordings"}
        for kind in kinds:
            self.assertIn(words[kind], told)
        for key in ("master key", "the database", "values of secrets", "xchacha20-poly1305", "aegis"):
            self.assertIn(key, told)


class Asked(ServeTest):
    def test_s16_a_listener_with_tls_leads_nobody_on_who_asks_in_the_clear(self):
        self.weir_certificate()
        server = self.serve("--tls-cert", "cert.pem", "--tls-key", "key.pem", signed_in=False)
        self.assertEqual(server.scheme, "https")
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as plain:
            plain.sendall(b"GET /api/v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n")
            said = b""
            try:
                while part := plain.recv(4096):
                    said += part
            except ConnectionResetError:
                pass
        # Who asks in the clear hears that, is led nowhere, and gets nothing else.
        self.assertTrue(said.startswith(b"HTTP/1.1 400 "), said)
        self.assertNotIn(b"\nlocation:", said.lower())
        self.assertEqual(json.loads(said.partition(b"\r\n\r\n")[2])["code"], "server.malformed")

    def weir_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-keyout", "key.pem", "-out", "cert.pem"], cwd=self.folder, check=True, capture_output=True)
        (self.folder / "key.pem").chmod(0o600)

    def test_s16_no_mode_tells_more_than_it_should(self):
        listed = subprocess.run([WEIR, "serve", "--help"], capture_output=True, text=True, check=True).stdout
        self.assertNotRegex(listed, r"--(debug|dev|development|trace|profil)")
        server = self.serve("--log-level", "debug")
        for method, path, body in (("POST", "/api/v1/flows", "{"), ("GET", "/api/v1/flows/%00", None), ("POST", "/api/v1/execute", "[]"), ("GET", "/none", None),
                                   ("PUT", "/api/v1/flows/x", '{"id": 7}'), ("GET", "/api/v1/flows?cursor=%ff", None), ("POST", "/api/v1/session", '{"name": 1}')):
            status, headers, said = server.ask(method, path, body, {"content-type": "application/json", **({"authorization": f"Bearer {server.token}"})})
            self.assertGreaterEqual(status, 400, path)
            self.assertLess(status, 500, path)
            self.assertNotRegex(said + json.dumps(headers), rf"\.(cpp|h):\d+|0x[0-9a-f]{{6}}|std::|terminate|{re.escape(str(self.folder))}")
            self.assertNotIn("x-powered-by", headers)

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
