# What the tests of the service share: a server of their own on a free port, and requests to it.
import http.client
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
from unittest.mock import patch

from program import ProgramTest, until


class Server:
    """`weir serve` in a test's folder; ends with the test."""

    def __init__(self, test, *arguments, data="data", signed_in=True, **more):
        self.log = test.folder / f"serve-{len(list(test.folder.glob('serve-*')))}.log"
        with self.log.open("w") as out:
            folder = ("--data", data) if data else ()
            self.process = test.start("serve", *folder, "--listen", "127.0.0.1:0", *arguments,
                                      stdout=out, stderr=subprocess.STDOUT, **more)
        test.addCleanup(self.kill)
        found = until(lambda: re.search(r"listening at (https?)://([\d.]+):(\d+)", self.said()) or self.ended())
        assert not isinstance(found, str), found
        self.scheme, self.host, self.port = found[1], found[2], int(found[3])
        self.data = test.folder / data if data else None
        self.token = None
        if signed_in:
            # The account outlives its server, and so does the token: one a data folder.
            tokens = test.__dict__.setdefault("tokens", {})
            if data not in tokens:
                tokens[data] = self.make_administrator()
            self.token = tokens[data]

    NAME, PASSWORD = "root", "a password for tests"

    def setup_code(self):
        return (self.data / "setup-link").read_text().strip().split("#code=")[1]

    def make_administrator(self):
        """Makes the first account by the setup link, and gives a token that may do all that it may."""
        account = {"code": self.setup_code(), "name": self.NAME, "password": self.PASSWORD}
        status, headers, text = self.ask("POST", "/api/v1/setup", account)
        assert status == 201, text
        session = {"cookie": headers["set-cookie"].split(";")[0], "x-weir-csrf": json.loads(text)["csrf"]}
        roles = json.loads(self.ask("GET", "/api/v1/roles", headers=session)[2])["roles"]
        permissions = [name for role in roles if role["name"] == "admin" for name in role["permissions"]]
        wanted = {"name": "test", "permissions": [*permissions, "server.admin"]}
        status, _, text = self.ask("POST", "/api/v1/tokens", wanted, session)
        assert status == 201, text
        return json.loads(text)["token"]

    def said(self):
        return self.log.read_text()

    def ended(self):
        return None if self.process.poll() is None else f"ended with {self.process.returncode}: {self.said()}"

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(60)

    def ask(self, method, path, body=None, headers=None, raw=False):
        """Status, headers in lower case, body as text or, if it is to be raw, as bytes. Asks as the administrator, unless
        headers say who asks."""
        if self.scheme == "https":
            # Whether it is the right certificate is what other tests look at.
            connection = http.client.HTTPSConnection(self.host, self.port, timeout=60, context=ssl._create_unverified_context())
        else:
            connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        headers = dict(headers or {})
        if self.token and not {"authorization", "cookie"} & headers.keys():
            headers["authorization"] = f"Bearer {self.token}"
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            headers.setdefault("content-type", "application/json")
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        got = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, got if raw else got.decode()


class ServeTest(ProgramTest):
    def setUp(self):
        super().setUp()
        # The master key of a test goes with its folder.
        config = patch.dict(os.environ, XDG_CONFIG_HOME=str(self.folder / "config"))
        config.start()
        self.addCleanup(config.stop)

    def serve(self, *arguments, **more):
        return Server(self, *arguments, **more)

    def preloaded(self, code):
        """The environment of a program that is loaded with this library of C before all others; the variable SHIM names a
        file by which the test tells it what to do."""
        compiler = shutil.which("clang-22") or shutil.which("cc")
        if not compiler:
            self.skipTest("no compiler for C")
        self.write("shim.c", code)
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", "shim.so", "shim.c", "-ldl"], cwd=self.folder, check=True)
        return {**os.environ, "LD_PRELOAD": str(self.folder / "shim.so"), "SHIM": str(self.folder / "shim-on")}
