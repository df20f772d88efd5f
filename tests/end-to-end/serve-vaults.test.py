# Secrets that are kept elsewhere: references into HashiCorp Vault and AWS Secrets Manager, of flows and of the server's
# own settings; leased, rotated, revoked, unreachable.
import base64
import json
import os
import time
import unittest
from unittest.mock import patch

from network_servers import serve
from program import edge, node, until
from servers import POSTGRES, PostgreSql, needs
from serving import ServeTest
from vault_servers import FakeAws, FakeVault

VALUE, NEXT = "vaulted-canary-1", "vaulted-canary-2"


def asking(name, url, **more):
    source = node("count", "generate/pattern", rows=more.pop("rows", 1), rate=more.pop("rate", 0), batchRows=1)
    ask = node("ask", "http/request", url=url, headers={"X-Key": "${secret:KEY}"}) | {"retry": {"attempts": 1}}
    out = node("write", "files/json-write", path=f"{name}.ndjson")
    return {"id": name, "version": "1.0.0", "nodes": [source, ask, out], "edges": [edge("e1", "count.rows", "ask.rows"), edge("e2", "ask.response", "write.rows")]}


class Vaults(ServeTest):
    def setUp(self):
        super().setUp()
        self.target = serve(self, {"/ok": lambda h: h.answer(200, "{}", Content_Type="application/json")})

    def with_environment(self, **variables):
        changed = patch.dict(os.environ, variables)
        changed.start()
        self.addCleanup(changed.stop)

    def begin(self, *arguments, **more):
        self.server = self.serve("--network-allow", "127.0.0.0/8", "--vault-refresh", "1s", *arguments, **more)
        return self.server

    def json(self, method, path, body=None, status=200):
        found, _, said = self.server.ask(method, f"/api/v1{path}", body)
        self.assertEqual(found, status, said)
        return json.loads(said) if said else None

    def reference(self, text, status=201, name="KEY"):
        return self.json("PUT", f"/secrets/{name}", {"reference": text, "hosts": ["127.0.0.1"]}, status)

    def start_flow(self, name, **more):
        self.json("POST", "/flows", asking(name, f"{self.target.url}/ok", **more), 201)
        self.json("POST", f"/flows/{name}/versions", {"publish": True}, 201)
        return self.json("POST", f"/flows/{name}/runs", {}, 201)["id"]

    def outcome(self, name):
        """What was sent, or the code and message of what went wrong."""
        self.target.asked.clear()
        run = self.start_flow(name)
        ended = until(lambda: (found := self.json("GET", f"/runs/{run}"))["state"] in ("done", "failed") and found)
        if self.target.asked:
            return self.target.asked[0][2].get("X-Key")
        letters = self.json("GET", f"/runs/{run}/dead-letters")["letters"]
        return (letters[0]["code"], letters[0]["message"]) if letters else (ended["error"]["code"], ended["error"]["message"])

    def sent(self):
        return {headers.get("X-Key") for _, _, headers, _ in self.target.asked}

    def assertNowhere(self, *texts):
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name != "reserve":
                for text in texts:
                    self.assertNotIn(text.encode(), path.read_bytes(), path)

    def test_a_secret_is_read_from_vault_at_use_and_again_when_it_may_have_changed(self):
        vault = FakeVault(self)
        vault.secrets["secret/team/api"] = {"key": VALUE, "other": 7}
        self.with_environment(VAULT_ADDR=vault.url, VAULT_TOKEN="token-canary-1")
        self.begin()
        said = self.reference("vault:secret/team/api#key")
        self.assertEqual((said["reference"], said.get("value")), ("vault:secret/team/api#key", None))
        self.assertEqual(self.outcome("first"), VALUE)
        run = self.start_flow("long", rows=0, rate=20)
        until(lambda: VALUE in self.sent())
        vault.secrets["secret/team/api"] = {"key": NEXT}
        until(lambda: NEXT in self.sent())
        # While it cannot be asked, what it said last goes on for a while.
        vault.down = True
        count = len(self.target.asked)
        time.sleep(2)
        until(lambda: len(self.target.asked) > count + 5)
        vault.down = False
        self.json("POST", f"/runs/{run}/stop", status=202)
        until(lambda: self.json("GET", f"/runs/{run}")["state"] != "stopping")
        self.assertNowhere(VALUE, NEXT, "token-canary-1")

    def test_what_vault_does_not_give_is_refused_with_the_reason(self):
        vault = FakeVault(self)
        vault.secrets["secret/api"] = {"key": VALUE, "short": "abc"}
        vault.forbidden.add("secret/closed")
        self.with_environment(VAULT_ADDR=vault.url, VAULT_TOKEN="token-canary-1")
        self.begin()
        for number, (text, code, says) in enumerate((("vault:secret/closed#key", "secret.reference", "permission denied"), ("vault:secret/none#key", "secret.reference", "no secret at"),
                                                     ("vault:secret/api#none", "secret.reference", "no field 'none'"), ("vault:secret/api#short", "secret.short", "4 bytes"))):
            with self.subTest(text):
                self.reference(text, 201 if number == 0 else 200)
                found = self.outcome(f"refused-{number}")
                self.assertEqual(found[0], code, found)
                self.assertIn(says, found[1])
        vault.down = True
        self.reference("vault:secret/api#key", 200)
        self.assertEqual(self.outcome("down")[0], "secret.unavailable")
        vault.down = False
        vault.tokens.clear()
        self.assertEqual(self.outcome("expired")[0], "secret.reference")
        for bad in ("vault:", "vault:secret#key", "vault:secret/api", "vault:secret/data/api#key", "vault:secret/../sys#x", "aws-sm:", "aws:x", "file:/etc/passwd", "vault:a b/c#d"):
            with self.subTest(bad):
                self.json("PUT", "/secrets/BAD", {"reference": bad, "hosts": ["127.0.0.1"]}, 422)

    def test_an_approle_signs_in_renews_and_signs_in_again(self):
        vault = FakeVault(self)
        vault.namespace, vault.role_ttl = "teams/one", 3
        vault.secrets["kv/api"] = {"key": VALUE}
        self.with_environment(VAULT_ADDR=vault.url, VAULT_ROLE_ID="role", VAULT_SECRET_ID="role-secret-canary", VAULT_NAMESPACE="teams/one")
        self.begin()
        self.reference("vault:kv/api#key")
        run = self.start_flow("long", rows=0, rate=20)
        until(lambda: VALUE in self.sent())
        until(lambda: vault.renewed > 0)
        self.assertEqual(vault.issued, 1)
        # Revoked before its time.
        vault.tokens.clear()
        vault.secrets["kv/api"] = {"key": NEXT}
        until(lambda: NEXT in self.sent())
        self.assertGreater(vault.issued, 1)
        self.json("POST", f"/runs/{run}/stop", status=202)
        until(lambda: self.json("GET", f"/runs/{run}")["state"] != "stopping")
        self.assertNowhere("role-secret-canary", "token-canary-", VALUE)

    def test_a_secret_is_read_from_aws_secrets_manager(self):
        aws = FakeAws(self)
        aws.session = "session-canary"
        aws.secrets = {"prod/api": json.dumps({"key": VALUE}), "plain": NEXT, "bytes": b"bytes-canary"}
        aws.forbidden.add("closed")
        self.with_environment(AWS_REGION=aws.region, AWS_ACCESS_KEY_ID=aws.key_id, AWS_SECRET_ACCESS_KEY=aws.key, AWS_SESSION_TOKEN=aws.session, AWS_ENDPOINT_URL_SECRETS_MANAGER=aws.url)
        self.begin()
        for number, (text, expected) in enumerate((("aws-sm:prod/api#key", VALUE), ("aws-sm:plain", NEXT), ("aws-sm:bytes", "bytes-canary"))):
            self.reference(text, 201 if number == 0 else 200)
            self.assertEqual(self.outcome(f"aws-{number}"), expected)
        for number, (text, says) in enumerate((("aws-sm:closed", "AccessDeniedException"), ("aws-sm:none", "ResourceNotFoundException"), ("aws-sm:prod/api#none", "no field 'none'"))):
            self.reference(text, 200)
            code, message = self.outcome(f"aws-bad-{number}")
            self.assertEqual(code, "secret.reference")
            self.assertIn(says, message)
        aws.session = "another session"
        self.reference("aws-sm:prod/api", 200)
        self.assertIn("ExpiredTokenException", self.outcome("aws-expired")[1])
        self.assertNowhere(VALUE, "aws-key-canary", "session-canary")

    def test_credentials_of_channels_are_read_from_a_vault(self):
        vault = FakeVault(self)
        vault.secrets["secret/ops"] = {"hook": VALUE}
        self.with_environment(VAULT_ADDR=vault.url, VAULT_TOKEN="token-canary-1")
        self.begin()
        receiver = serve(self, {"/in": lambda h: h.answer(200, "{}", Content_Type="application/json")})
        self.json("PUT", "/secrets/HOOK", {"reference": "vault:secret/ops#hook", "hosts": ["127.0.0.1"]}, 201)
        channel = {"kind": "webhook", "url": f"{receiver.url}/in", "headers": {"X-Key": "${secret:HOOK}"}}
        self.assertIn(self.server.ask("PUT", "/api/v1/channels/ops", channel)[0], (200, 201))
        sent = lambda: receiver.asked[-1][2].get("X-Key")
        self.assertEqual(self.json("POST", "/channels/ops/test"), {"sent": True})
        self.assertEqual(sent(), VALUE)
        # Changed there, it is changed here.
        vault.secrets["secret/ops"] = {"hook": NEXT}
        until(lambda: self.json("POST", "/channels/ops/test") == {"sent": True} and sent() == NEXT)
        # One that was taken away is sent no longer, and the reason is said.
        vault.secrets.pop("secret/ops")
        refused = until(lambda: not (said := self.json("POST", "/channels/ops/test"))["sent"] and said)
        self.assertTrue(refused["code"].startswith("secret."), refused)
        vault.secrets["secret/ops"] = {"hook": VALUE}
        until(lambda: self.json("POST", "/channels/ops/test") == {"sent": True})
        self.assertNotIn(VALUE, self.server.said() + self.server.ask("GET", "/api/v1/channels")[2])

    @needs(POSTGRES / "postgres")
    def test_a_database_password_that_changes_needs_no_restart(self):
        vault = FakeVault(self)
        database = PostgreSql(self, self.folder / "postgres", "the first password")
        until(database.answers)
        for statement in ("CREATE ROLE weir LOGIN PASSWORD 'first-canary'", "CREATE DATABASE weir OWNER weir"):
            database.sql(statement, "the first password")
        address = lambda password: f"postgresql://weir:{password}@127.0.0.1:{database.port}/weir"
        vault.secrets["secret/weir"] = {"database": address("first-canary")}
        self.with_environment(VAULT_ADDR=vault.url, VAULT_TOKEN="token-canary-1", DATABASE_URL="vault:secret/weir#database")
        self.begin()
        make = lambda name: self.server.ask("POST", "/api/v1/flows", {"id": name, "version": "1.0.0", "nodes": [], "edges": []})[0]
        self.assertEqual(make("before"), 201)
        vault.secrets["secret/weir"] = {"database": address("second-canary")}
        database.sql("ALTER ROLE weir PASSWORD 'second-canary'", "the first password")
        database.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'weir'", "the first password")
        until(lambda: make("after") in (201, 409))
        until(lambda: self.server.ask("GET", "/api/v1/flows/before")[0] == 200)
        self.assertNotIn("canary", self.server.said())

    def test_a_server_without_a_vault_says_so(self):
        self.begin()
        self.reference("vault:secret/api#key")
        code, message = self.outcome("nowhere")
        self.assertEqual(code, "secret.reference")
        self.assertIn("vault-addr", message)

    def test_the_master_key_may_be_in_a_vault(self):
        vault = FakeVault(self)
        master = base64.b64encode(os.urandom(32)).decode()
        vault.secrets["secret/weir"] = {"master": master, "wrong": base64.b64encode(os.urandom(32)).decode(), "broken": "no key"}
        self.with_environment(VAULT_ADDR=vault.url, VAULT_TOKEN="token-canary-1", WEIR_MASTER_KEY="vault:secret/weir#master")
        server = self.begin()
        self.assertEqual(self.server.ask("POST", "/api/v1/flows", {"id": "one", "version": "1.0.0", "nodes": [], "edges": []})[0], 201)
        self.assertFalse((self.folder / "config/weir/master.key").exists())
        self.weir("backup", "data", "kept.backup")
        self.assertEqual(server.stop(), 0)
        self.weir("rotate-keys", "data")
        self.assertEqual(self.begin().ask("GET", "/api/v1/flows/one")[0], 200)
        self.assertEqual(self.server.stop(), 0)
        self.weir("restore", "kept.backup", "again")
        self.assertNowhere(master, "token-canary-1")
        before = (self.folder / "data/keys.json").read_bytes()
        for field, code in (("wrong", "key.wrong"), ("broken", "key.file"), ("none", "secret.reference")):
            os.environ["WEIR_MASTER_KEY"] = f"vault:secret/weir#{field}"
            _, err = self.fails("serve", "--data", "data", "--listen", "127.0.0.1:0", code=2, says=[f"[{code}]"])
            self.assertNotIn("no key", err.replace("no key stands", ""))
        os.environ["WEIR_MASTER_KEY"] = "vault:secret/weir#master"
        vault.down = True
        self.fails("serve", "--data", "data", "--listen", "127.0.0.1:0", code=2, says=["[secret.unavailable]", "master-key"])
        self.assertEqual((self.folder / "data/keys.json").read_bytes(), before)

    def test_credentials_are_not_sent_in_the_clear(self):
        for arguments, says in ((("--vault-addr", "http://vault.example:8200"), "vault-addr"), (("--aws-secrets-endpoint", "http://aws.example"), "aws-secrets-endpoint"),
                                (("--loki-url", "http://loki.example:3100"), "loki-url"), (("--otlp-url", "http://otlp.example:4318"), "otlp-url")):
            with self.subTest(says):
                self.fails("serve", "--data", "data", "--listen", "127.0.0.1:0", *arguments, code=2, says=[says, "[server.insecure]", "--insecure-transport"])
        self.fails("serve", "--data", "data", "--listen", "127.0.0.1:0", "--vault-addr", "ftp://vault", code=2, says=["[url.invalid]"])
        self.with_environment(DATABASE_URL="postgresql://weir:pass-canary@db.example/weir?sslmode=require")
        _, err = self.fails("serve", "--data", "another", "--listen", "127.0.0.1:0", code=2, says=["--insecure-transport"])
        self.assertNotIn("pass-canary", err)
        os.environ["DATABASE_URL"] = "vault:secret/db#url"
        self.with_environment(VAULT_TOKEN="vault:x/y#z", VAULT_ADDR="http://127.0.0.1:1")
        self.fails("serve", "--data", "data", "--listen", "127.0.0.1:0", code=2, says=["[secret.reference]", "vault-token"])


if __name__ == "__main__":
    unittest.main()
