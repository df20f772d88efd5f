# Alerts of a server reach people: channels with secrets of the store, tests of them, silence, history; and nodes that notify.
import http.server
import json
import socket
import threading
import unittest

from program import chain, node, until
from serving import ServeTest

try:
    from aiosmtpd.controller import Controller
except ImportError:
    Controller = None


class Receiver:
    """Keeps what is posted to it: headers and body."""

    def __init__(self, test):
        self.got = got = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                got.append((dict(self.headers), json.loads(self.rfile.read(int(self.headers["content-length"])))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"


class Notices(ServeTest):
    def json(self, server, method, path, body=None, status=(200, 201, 204)):
        found, _, said = server.ask(method, f"/api/v1{path}", body)
        self.assertIn(found, status if isinstance(status, tuple) else (status,), said)
        return json.loads(said) if said else None

    def busy(self, server):
        """A run whose own alert is raised at once."""
        count, show = node("count", "generate/pattern", rows=0, rate=100, batchRows=1), node("show", "debug/log", rows=1)
        self.json(server, "POST", "/flows", {"id": "ticks", "version": "1.0.0", "nodes": [count, show], "edges": chain(count, show),
                                             "config": {"alerts": [{"name": "busy", "metric": "e1.rows", "over": 1, "severity": "critical"}]}})
        return self.json(server, "POST", "/flows/ticks/runs", {"version": "draft"})["id"]

    def test_a_channel_has_its_credential_from_the_store_and_only_for_its_host(self):
        server, receiver = self.serve(), Receiver(self)
        self.json(server, "PUT", "/secrets/HOOK", {"value": "canary-key", "hosts": [receiver.address]})
        channel = {"kind": "webhook", "url": f"http://{receiver.address}/in", "headers": {"X-Key": "${secret:HOOK}"}}
        self.json(server, "PUT", "/channels/ops", channel)
        self.assertEqual(self.json(server, "POST", "/channels/ops/test"), {"sent": True})
        headers, body = receiver.got[0]
        self.assertEqual(headers["X-Key"], "canary-key")
        self.assertEqual(body["type"], "alert.test")
        self.json(server, "PUT", "/secrets/HOOK", {"value": "canary-key", "hosts": ["elsewhere.example"]})
        refused = self.json(server, "POST", "/channels/ops/test")
        self.assertEqual((refused["sent"], refused["code"]), (False, "secret.host"))
        self.json(server, "DELETE", "/secrets/HOOK")
        missing = self.json(server, "POST", "/channels/ops/test")
        self.assertEqual((missing["code"], "PUT /api/v1/secrets" in missing["message"]), ("secret.missing", True), missing)
        self.assertNotIn("canary-key", server.said() + server.ask("GET", "/api/v1/channels")[2])

    def test_an_alert_of_a_run_is_told_silenced_and_kept_over_a_restart(self):
        server, receiver = self.serve(), Receiver(self)
        self.json(server, "PUT", "/channels/chat", {"kind": "slack", "url": f"http://{receiver.address}/in", "severity": "critical"})
        run = self.busy(server)
        until(lambda: receiver.got)
        self.assertIn("ticks: busy", receiver.got[0][1]["text"])
        alert = next(one for one in self.json(server, "GET", "/alerts")["alerts"] if one["name"] == "busy")
        self.assertEqual((alert["flow"], alert["state"]), ("ticks", "raised"))
        self.assertGreater(alert["value"], 0)
        self.json(server, "POST", f"/alerts/{alert['number']}/acknowledge")
        self.json(server, "POST", f"/alerts/{alert['number']}/silence", {"forMs": 3_600_000})
        told = len(receiver.got)
        self.json(server, "POST", f"/runs/{run}/stop", status=202)
        until(lambda: self.json(server, "GET", f"/runs/{run}")["state"] == "stopped")
        server.stop()
        again = self.serve()
        kept = next(one for one in self.json(again, "GET", "/alerts")["alerts"] if one["name"] == "busy")
        self.assertEqual(kept["number"], alert["number"])
        self.assertEqual(len(receiver.got), told)

    @unittest.skipUnless(Controller, "aiosmtpd is not installed")
    def test_a_mail_channel_sends(self):
        server, mails = self.serve(), []

        class Inbox:
            async def handle_DATA(self, _server, _session, envelope):
                mails.append(envelope)
                return "250 OK"

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        controller = Controller(Inbox(), hostname="127.0.0.1", port=port)
        controller.start()
        self.addCleanup(controller.stop)
        channel = {"kind": "mail", "server": f"127.0.0.1:{port}", "security": "none", "from": "weir@example.com", "to": ["ops@example.com"]}
        self.json(server, "PUT", "/channels/mail", channel)
        self.assertEqual(self.json(server, "POST", "/channels/mail/test"), {"sent": True})
        self.assertEqual(mails[0].rcpt_tos, ["ops@example.com"])
        self.assertIn(b"A test of this channel", mails[0].content)

    def test_a_channel_that_cannot_be_is_refused(self):
        server = self.serve()
        for channel in ({"kind": "pigeon"}, {"kind": "webhook", "url": "tcp://a:1"}, {"kind": "webhook", "url": "http://a", "path": "plain"},
                        {"kind": "mail", "server": "a:25", "from": "x", "to": ["y@z"]}, {"kind": "slack", "url": "http://a", "colour": "red"}):
            self.assertEqual(self.json(server, "PUT", "/channels/bad", channel, 422)["code"], "alert.channel")
        self.json(server, "POST", "/channels/none/test", status=404)


if __name__ == "__main__":
    unittest.main()
