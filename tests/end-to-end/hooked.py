# A flow that listens for requests, for the tests of webhooks: started, asked, stopped, its rows read.
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from program import ProgramTest, node  # noqa: E402

JSON = {"Content-Type": "application/json"}


class Hooked(ProgramTest):
    def listen(self, *nodes, edges=None, env=None, options=()):
        """Runs the flow until the test ends; `self.port` is where it listens."""
        flow = self.flow("hook", *nodes, edges=edges)
        self.run_ = self.start("run", flow, "--listen", "127.0.0.1:0", *options, env=os.environ | (env or {}))
        self.addCleanup(self.stop)
        self.told = ""
        for line in self.run_.stderr:
            self.told += line
            if found := re.search(r"listens at https?://127.0.0.1:(\d+)", line):
                self.port = int(found[1])
                return
        self.fail(self.told)

    def hook(self, path="/hook", env=None, options=(), **settings):
        self.listen(node("hook", "http/webhook", path=path, **settings), node("out", "files/json-write", path="out.ndjson"), env=env, options=options)

    def stop(self):
        """Ends the run; gives its rows."""
        if self.run_.poll() is None:
            self.run_.send_signal(signal.SIGTERM)
        try:
            _, err = self.run_.communicate(timeout=120)
        except ValueError:
            err = ""
        self.told += err or ""
        path = self.folder / "out.ndjson"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def send(self, body=b"{}", path="/hook", method="POST", headers=JSON):
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        client.request(method, path, body if isinstance(body, bytes) else json.dumps(body), headers)
        answer = client.getresponse()
        text = answer.read().decode()
        client.close()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        self.text = text
        return answer.status

    def raw(self, data, wait=60.0):
        """Sends bytes, ends its side, gives all that comes back; the rest may be refused once the answer is there."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as client:
            with contextlib.suppress(OSError):
                client.sendall(data)
                client.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while chunk := client.recv(65536):
                    answer += chunk
            except OSError:
                pass
            return answer
