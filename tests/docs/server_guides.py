# The guides about servers, done as they are written. The word behind `sh` says what a block needs: `server` runs beside a server that is up,
# `stopped` on its data folder while it is not, `serve` is a server that starts, says what is shown, and ends; `outside` needs what no test
# has (systemd, a mail server, a provider of identities, PostgreSQL) and is passed over. Lines behind `$ ` are commands, and those below what they print.
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/end-to-end"))
from program import WEIR, chain, node, until  # noqa: E402
from serving import Server, ServeTest  # noqa: E402

DATA = "home/.local/share/weir"
KINDS = ("server", "stopped", "serve", "outside")


def orders(condition="row.paid", **more):
    """A run of it goes on until it is stopped."""
    nodes = [node("count", "generate/pattern", rows=0, rate=50, batchRows=10),
             node("fields", "logic/map", set={"paid": "row.id >= 0", "price": "row.value", "amount": "1001 + row.id"}),
             node("paid", "logic/filter", condition=condition), node("log", "debug/log")]
    edges = chain(*nodes)
    edges[-1]["id"] = "paid"
    return {"id": "orders", "version": "1.0.0", "parameters": [{"name": "day", "type": "string", "default": "today"}],
            "nodes": nodes, "edges": edges, **more}


def plain(name, **more):
    nodes = [node("count", "generate/pattern", rows=3), node("clean", "flow/limit", count=100), node("log", "debug/log")]
    return {"id": name, "version": "1.0.0", "nodes": nodes, "edges": chain(*nodes), **more}


def commands_of(block):
    """(command, what it prints, or None if nothing is shown)."""
    if not block.startswith("$ "):
        return [(block, None)]
    return [(part.split("\n", 1)[0], part.split("\n", 1)[1]) for part in re.split(r"^\$ ", block, flags=re.M)[1:]]


class ServerGuides(ServeTest):
    """One test a page, so that each begins with a server and a folder of its own."""

    def page(self, name):
        text = (ROOT / "docs/guide" / f"{name}.md").read_text(encoding="utf-8")
        found = [(kind, block) for kind, block in re.findall(r"^```sh (\w+)\n(.*?)^```", text, re.S | re.M)]
        self.assertTrue(found, "no block of this page is run")
        self.assertEqual({kind for kind, _ in found} - set(KINDS), set())
        return found

    def setUp(self):
        super().setUp()
        for name in ("home", "bin", "srv/lake", "run/keys"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "bin/weir").symlink_to(WEIR)
        # What a server refuses, or does not answer in time, is a failure.
        (self.folder / "home/.curlrc").write_text("fail-with-body\nsilent\nshow-error\nmax-time = 20\n")
        self.server, self.more, self.exported = None, {}, {}

    def up(self):
        if self.server is None:
            (self.folder / DATA).parent.mkdir(parents=True, exist_ok=True)
            self.server = Server(self, data=DATA, env=self.environment())
        return self.server

    def down(self):
        if self.server is not None:
            self.assertEqual(self.server.stop(), 0)
            self.server = None

    def ask(self, method, path, body=None):
        status, _, said = self.up().ask(method, f"/api/v1{path}", body)
        self.assertLess(status, 300, said)
        return json.loads(said) if said else None

    def publish(self, flow, folder="team"):
        self.ask("POST", f"/flows?folder={folder}", flow)
        self.ask("POST", f"/flows/{flow['id']}/versions", {"publish": True})

    def begin(self, flow):
        run = self.ask("POST", f"/flows/{flow}/runs", {})["id"]
        until(lambda: self.ask("GET", f"/runs/{run}")["state"] == "running")
        return run

    def put(self, text):
        """What the text names, as it is here."""
        if self.server is not None:
            here = f"127.0.0.1:{self.server.port}"
            text = re.sub(r"\b(127\.0\.0\.1|localhost):8080\b", here, text).replace("https://weir.example.com", f"http://{here}")
        text = re.sub(r"(?<![\w.])/(srv|run/keys)/", rf"{self.folder}/\1/", text).replace("/home/you/", f"{self.folder}/home/")
        for word, meaning in {"DIR": str(self.folder / DATA), **self.more}.items():
            text = re.sub(rf"(?<![\w$]){word}\b", meaning, text)
        return text

    def environment(self):
        found = {**os.environ, "HOME": str(self.folder / "home"), "CURL_HOME": str(self.folder / "home"),
                 "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        if self.server is not None:
            address = f"http://127.0.0.1:{self.server.port}"
            found |= {"WEIR_TOKEN": self.server.token, "WEIR": address, "SERVER": address, "RUN": self.more.get("RUN", "")}
        return found | self.exported

    def run_command(self, command, shown):
        done = subprocess.run(["sh", "-eu", "-c", self.put(command)], cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300)
        # A stream goes on for as long as somebody reads it, and a plan says with 1 that there is something to do.
        streams = done.returncode == 28 and "curl -N" in command and done.stdout
        plans = done.returncode == 1 and command.startswith("weir plan")
        self.assertTrue(done.returncode == 0 or streams or plans, f"{command}\n{done.returncode}\n{done.stdout}{done.stderr}")
        if shown is not None:
            self.assertEqual(done.stdout + done.stderr, self.put(shown), command)
        # It holds for what comes behind it, too.
        self.exported |= dict(re.findall(r"^export (\w+)=(\S+)", self.put(command), re.M))

    def run_server(self, command, shown):
        """It begins, says what is shown, and ends with 0 when it is told to."""
        log = self.folder / "shown.log"
        with log.open("w") as out:
            going = subprocess.Popen(["sh", "-c", self.put(command.strip()).replace("weir serve", "exec weir serve", 1) + " --listen 127.0.0.1:0"],
                                     cwd=self.folder, env=self.environment(), stdout=out, stderr=subprocess.STDOUT)
        try:
            said = until(lambda: re.search(r"listening at http://127\.0\.0\.1:(\d+)", log.read_text()) or going.poll() is not None)
            self.assertIsNone(going.poll(), log.read_text())
            for line in (shown or "").splitlines():
                expected = self.put(line.replace(":8080", f":{said[1]}"))
                until(lambda: expected in log.read_text().splitlines(), 30)
            going.send_signal(signal.SIGTERM)
            self.assertEqual(going.wait(60), 0, log.read_text())
        finally:
            going.kill()
            going.wait()

    def do(self, name, blocks=None):
        for kind, block in blocks or self.page(name):
            if kind == "outside":
                continue
            with self.subTest(page=name, block=block):
                if kind in ("stopped", "serve"):
                    self.down()
                else:
                    self.up()
                commands = [(line, None) for line in block.splitlines()] if kind == "serve" and not block.startswith("$ ") else commands_of(block)
                for command, shown in commands:
                    (self.run_server if kind == "serve" else self.run_command)(command, shown)

    def test_running_a_server(self):
        self.assertEqual({kind for kind, _ in self.page("running-a-server")}, {"outside"})

    def test_serving(self):
        self.do("serving")

    def test_accounts(self):
        # The page makes the first account itself.
        (self.folder / DATA).parent.mkdir(parents=True)
        self.server = Server(self, data=DATA, signed_in=False)
        self.server.token = "none"
        self.do("accounts")
        status, _, said = self.server.ask("POST", "/api/v1/session", {"name": "root", "password": "twelve characters or more"}, {"cookie": ""})
        self.assertEqual(status, 201, said)

    def test_keys_and_backups(self):
        blocks = self.page("keys-and-backups")
        self.assertEqual([kind for kind, _ in blocks[:3]], ["stopped", "serve", "stopped"])
        self.do("keys-and-backups", blocks[:2])
        # All else is about a server with the key that it made itself.
        shutil.rmtree(self.folder / DATA)
        self.up()
        self.down()
        self.do("keys-and-backups", blocks[2:])
        self.assertEqual(self.ask("GET", "/secrets/OTHER_KEY?folder=team")["reference"], "aws-sm:weir/team/api#key")

    def test_runs_on_a_server(self):
        failing = orders()
        failing["nodes"][2] = node("paid", "logic/filter", condition="row.id / (row.id % 10) >= 0")
        self.publish(failing)
        self.more["RUN"] = self.begin("orders")
        letter, *_ = until(lambda: self.ask("GET", f"/runs/{self.more['RUN']}/dead-letters").get("letters"))
        mended = {"traceId": letter["traceId"], "row": {**letter["row"], "id": 5}}
        self.ask("PUT", f"/runs/{self.more['RUN']}/dead-letters/{letter['number']}", mended)
        self.do("runs-on-a-server")

    def test_folders(self):
        self.publish(plain("import", parameters=[{"name": "table", "type": "string", "default": "none"}, {"name": "limit", "type": "integer", "default": 1}]))
        self.ask("PUT", "/environments/test?folder=team", {"parameters": {"table": "tests"}})
        self.do("folders")

    def test_flows_as_code(self):
        for name in ("a", "b", "c"):
            self.publish(plain(name))
        self.publish(orders())
        self.publish(plain("old"))
        flows = self.folder / "flows"
        flows.mkdir()
        for flow in (*map(plain, ("a", "b", "c", "customers")), orders("row.paid && row.price > 0.0")):
            (flows / f"{flow['id']}.flow.json").write_text(json.dumps(flow))
        for command in (("init", "-q"), ("config", "user.name", "t"), ("config", "user.email", "t@example.org")):
            subprocess.run(["git", *command], cwd=flows, check=True)
        self.exported["GIT_COMMIT"] = "1a2b3c"
        self.do("flows-as-code")
        self.assertIn("row.price", json.dumps(self.ask("GET", "/flows/orders")["document"]))
        self.assertTrue((flows / "old.flow.json").exists())

    def test_watching_a_server(self):
        self.publish(orders())
        self.begin("orders")
        self.ask("PUT", "/secrets/SMTP?folder=", {"value": "a password", "hosts": ["smtp.example.com:587"]})
        self.do("watching-a-server")

    def test_watch_live(self):
        self.publish(orders())
        self.more |= {"RUN": self.begin("orders"), "EDGE": "paid"}
        self.do("watch-live")

    def test_every_request_of_a_guide_is_in_a_block_that_is_run_or_says_why_not(self):
        done = {name.removeprefix("test_").replace("_", "-") for name in dir(self) if name.startswith("test_")}
        for page in sorted((ROOT / "docs/guide").glob("*.md")):
            text = page.read_text(encoding="utf-8")
            for kind, block in re.findall(r"^```(\S*(?: \w+)?)\n(.*?)^```", text, re.S | re.M):
                asks = re.search(r"^(\$ )?(curl .*/api/v1/|weir (serve|plan|apply|pull|backup|restore|rotate-keys)\b)", block, re.M)
                if asks:
                    self.assertIn(kind, [f"sh {one}" for one in KINDS], f"{page.name}: {block}")
                if kind.startswith("sh "):
                    self.assertIn(page.stem, done, block)

