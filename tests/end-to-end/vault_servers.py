# Servers that speak as HashiCorp Vault (key-value engine of version 2, tokens, AppRole) and AWS Secrets Manager do, as
# far as their documentation says what Weir relies on. What they give can be changed while they run.
import base64
import hashlib
import hmac
import http.server
import json
import re
import threading
import time
from socketserver import ThreadingMixIn


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, dict(self.headers), body))
        if self.server.down:
            self.say(503, {"errors": ["Vault is sealed"]})
        else:
            self.answer(body)

    do_GET = do_POST = handle_any


class Fake(ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, test, handler, port=0):
        super().__init__(("127.0.0.1", port), handler)
        self.asked, self.down = [], False
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()
        test.addCleanup(self.server_close)
        test.addCleanup(self.shutdown)

    def handle_error(self, *_):
        pass


class VaultHandler(Quiet):
    def denied(self):
        self.say(403, {"errors": ["permission denied"]})

    def answer(self, body):
        vault = self.server
        if self.headers.get("X-Vault-Request") != "true" or self.headers.get("X-Vault-Namespace", "") != vault.namespace:
            return self.denied()
        if self.path == "/v1/auth/approle/login":
            given = json.loads(body)
            if (given.get("role_id"), given.get("secret_id")) != vault.role:
                return self.say(400, {"errors": ["invalid role or secret ID"]})
            token = vault.issue(vault.role_ttl)
            return self.say(200, {"auth": {"client_token": token, "renewable": True, "lease_duration": vault.role_ttl}})
        token = self.headers.get("X-Vault-Token")
        ends = vault.tokens.get(token)
        if ends is None or ends < time.monotonic():
            return self.denied()
        if self.path == "/v1/auth/token/lookup-self":
            return self.say(200, {"data": {"ttl": max(0, int(ends - time.monotonic())) if ends < 1e17 else 0, "renewable": ends < 1e17}})
        if self.path == "/v1/auth/token/renew-self":
            vault.renewed += 1
            vault.tokens[token] = time.monotonic() + vault.role_ttl
            return self.say(200, {"auth": {"client_token": token, "renewable": True, "lease_duration": vault.role_ttl}})
        found = re.fullmatch(r"/v1/([^/]+)/data/(.+)", self.path)
        if not found or f"{found[1]}/{found[2]}" in vault.forbidden:
            return self.denied()
        fields = vault.secrets.get(f"{found[1]}/{found[2]}")
        if fields is None:
            return self.say(404, {"errors": []})
        self.say(200, {"lease_duration": vault.lease, "data": {"data": fields, "metadata": {"version": 1}}})


class FakeVault(Fake):
    def __init__(self, test, port=0):
        super().__init__(test, VaultHandler, port)
        self.namespace, self.role, self.role_ttl, self.lease = "", ("role", "role-secret-canary"), 3600, 0
        self.tokens, self.secrets, self.forbidden, self.renewed, self.issued = {"token-canary-1": 1e18}, {}, set(), 0, 0

    def issue(self, ttl):
        self.issued += 1
        token = f"token-canary-{self.issued + 100}"
        self.tokens[token] = time.monotonic() + ttl
        return token


class AwsHandler(Quiet):
    def signature(self, body):
        """Computed anew from the request as it came, with what the client should have."""
        aws = self.server
        given = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/secretsmanager/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
                             self.headers.get("Authorization", ""))
        if not given or (given[1], given[3]) != (aws.key_id, aws.region):
            return False
        names = given[4].split(";")
        if "host" not in names or any(name.lower().startswith("x-amz-") and name.lower() not in names for name in self.headers):
            return False
        headers = "".join(f"{name}:{' '.join(self.headers[name].split())}\n" for name in names)
        canonical = "\n".join([self.command, self.path, "", headers, given[4], hashlib.sha256(body).hexdigest()])
        scope = f"{given[2]}/{aws.region}/secretsmanager/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", self.headers["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + aws.key).encode()
        for part in (given[2], aws.region, "secretsmanager", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), given[5])

    def answer(self, body):
        aws = self.server
        if self.headers.get("X-Amz-Target") != "secretsmanager.GetSecretValue" or not self.headers["Content-Type"].startswith("application/x-amz-json-1.1"):
            return self.say(400, {"__type": "UnknownOperationException"})
        if not self.signature(body):
            return self.say(400, {"__type": "InvalidSignatureException", "message": "The request signature does not match"})
        if aws.session and self.headers.get("X-Amz-Security-Token") != aws.session:
            return self.say(400, {"__type": "ExpiredTokenException"})
        name = json.loads(body)["SecretId"]
        if name in aws.forbidden:
            return self.say(400, {"__type": "AccessDeniedException", "Message": "not authorized"})
        if name not in aws.secrets:
            return self.say(400, {"__type": "ResourceNotFoundException"})
        value = aws.secrets[name]
        kind = {"SecretBinary": base64.b64encode(value).decode()} if isinstance(value, bytes) else {"SecretString": value}
        self.say(200, {"Name": name, "VersionId": "1", **kind})


class FakeAws(Fake):
    def __init__(self, test):
        super().__init__(test, AwsHandler)
        self.region, self.key_id, self.key, self.session = "eu-central-1", "AKIDEXAMPLE", "aws-key-canary", ""
        self.secrets, self.forbidden = {}, set()
