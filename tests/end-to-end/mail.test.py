# notify/mail against a mail server that nobody here wrote: TLS from the first byte and by STARTTLS, sign-in, what is refused.
import email
import json
import os
import socket
import unittest
from email import policy

from network_servers import certificate
from program import ProgramTest, node

try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult
except ImportError:
    Controller = None


class Inbox:
    """Keeps mails; refuses those for `gone@…`."""

    def __init__(self):
        self.mails = []
        self.sessions = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        self.sessions.append(session)
        return "250 taken"


@unittest.skipUnless(Controller, "aiosmtpd is not installed")
class Mail(ProgramTest):
    def server(self, **options):
        """A server on a free port of this machine; gives the inbox and its address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        inbox = Inbox()
        controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
        controller.start()
        self.addCleanup(controller.stop)
        return inbox, f"127.0.0.1:{port}"

    def mails(self, server, rows, code=0, env=None, **settings):
        self.write("rows.ndjson", "".join(json.dumps(row) + "\n" for row in rows))
        settings = {"to": ["ops@example.com"], "subject": "'Order ' + row.id", "text": "'Größe: ' + row.id + '\\n.\\nend'", **settings}
        flow = self.flow("mail", node("in", "files/json-read", path="rows.ndjson"),
                         node("mail", "notify/mail", server=server, **{"from": "Weir <weir@example.com>"}, **settings))
        return self.weir("run", "-q", flow, code=code, env={**os.environ, "SSL_CERT_FILE": str(self.folder / "ca.pem"), **(env or {})})

    def test_rows_become_mails_over_starttls_with_a_sign_in(self):
        certificate(self.folder, "ca", ["ca"])
        context, _ = certificate(self.folder, "server", ["127.0.0.1"], ca="ca")
        asked = []

        def sign_in(server, session, envelope, mechanism, data):
            asked.append((mechanism, data.login, data.password))
            return AuthResult(success=data.password == b"canary-secret", handled=False)

        inbox, server = self.server(tls_context=context, require_starttls=True, authenticator=sign_in, auth_required=True)
        self.mails(server, [{"id": "a"}, {"id": "b"}], user="weir", password="${secret:SMTP}", env={"WEIR_SECRET_SMTP": "canary-secret"})
        self.assertEqual(sorted(mail["subject"] for mail in inbox.mails), ["Order a", "Order b"])
        mail = next(mail for mail in inbox.mails if mail["subject"] == "Order a")
        self.assertEqual(mail.get_content().splitlines(), ["Größe: a", ".", "end"])
        self.assertEqual(str(mail["from"]), "Weir <weir@example.com>")
        self.assertTrue(mail["message-id"] and mail["date"])
        self.assertEqual(asked[0], ("PLAIN", b"weir", b"canary-secret"))
        self.assertTrue(all(session.ssl for session in inbox.sessions))
        # S11: the wrong password is named nowhere.
        out, err = self.mails(server, [{"id": "a"}], code=3, user="weir", password="${secret:SMTP}", env={"WEIR_SECRET_SMTP": "canary-wrong"})
        self.assertNotIn("canary-wrong", out + err)
        self.assertEqual(len(inbox.mails), 2)

    def test_a_certificate_of_an_unknown_authority_gets_no_mail(self):
        certificate(self.folder, "ca", ["ca"])
        context, _ = certificate(self.folder, "server", ["127.0.0.1"])
        inbox, server = self.server(tls_context=context, require_starttls=True)
        self.mails(server, [{"id": "a"}], code=3)
        self.assertEqual(inbox.mails, [])

    def test_a_server_without_starttls_gets_nothing_unless_that_is_said(self):
        certificate(self.folder, "ca", ["ca"])
        inbox, server = self.server()
        self.mails(server, [{"id": "a"}], code=3)
        self.assertEqual(inbox.mails, [])
        self.mails(server, [{"id": "a"}], security="none")
        self.assertEqual(len(inbox.mails), 1)

    def test_a_refused_mail_is_a_dead_letter_and_the_others_go(self):
        certificate(self.folder, "ca", ["ca"])
        inbox, server = self.server()
        self.mails(server, [{"id": "gone@example.com"}, {"id": "a@example.com"}], code=3, to=[], toFrom="row.id", security="none")
        self.assertEqual([str(mail["to"]) for mail in inbox.mails], ["a@example.com"])


if __name__ == "__main__":
    unittest.main()
