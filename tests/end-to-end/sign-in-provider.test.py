# Signing in through an identity provider: a real one (npm's oidc-provider), and one that lies.
import html
import http.cookiejar
import json
import os
import re
import socket
import subprocess
import unittest
import unittest.mock
import urllib.error
import urllib.parse
import urllib.request

from program import ROOT, signals_as_from_a_shell
from serving import Server, ServeTest

SECRET = "a secret: with/odd+chars & more"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Browser:
    """Keeps cookies, follows redirects and fills in forms, as a person's does."""

    def __init__(self):
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), NoRedirects())

    def send(self, url, form=None, method=None, body=None, headers=None):
        data = urllib.parse.urlencode(form).encode() if form is not None else body
        request = urllib.request.Request(url, data, {"accept": "text/html, application/json", **(headers or {})}, method=method)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read().decode()

    def follow(self, url, form=None):
        """The address at which the redirects end, with the last status, and what was there."""
        for _ in range(20):
            status, headers, text = self.send(url, form)
            if status not in (302, 303):
                return url, status, text
            url, form = urllib.parse.urljoin(url, headers["location"]), None
        raise AssertionError("too many redirects")

    def api(self, server, method, path, body=None, same=True):
        origin = f"http://127.0.0.1:{server.port}"
        headers = {"content-type": "application/json", **({"origin": origin} if same else {})}
        status, _, text = self.send(origin + "/api/v1" + path, method=method, headers=headers,
                                    body=None if body is None else json.dumps(body).encode())
        return status, json.loads(text) if text else None


class ProviderTest(ServeTest):
    KIND, SETTINGS = "real", ()

    def setUp(self):
        super().setUp()
        self.port, self.provider_port = free_port(), free_port()
        self.origin, self.issuer = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{self.provider_port}"
        self.start_provider()

    def start_provider(self, **groups):
        back = self.origin + "/api/v1/sign-in/provider/callback"
        logout = self.origin + "/api/v1/sign-in/provider/logout"
        command = ["node", str(ROOT / "tests/end-to-end/identity-provider.mjs"), self.KIND, str(self.provider_port), back, logout]
        log = (self.folder / "provider.log").open("a")
        self.addCleanup(log.close)
        self.provider = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT,
                                         env={**os.environ, "GROUPS_OF": json.dumps(groups)}, preexec_fn=signals_as_from_a_shell)
        self.addCleanup(self.stop_provider, self.provider)
        self.assertEqual(self.provider.stdout.readline(), "ready\n", (self.folder / "provider.log").read_text())

    def stop_provider(self, provider):
        if provider.poll() is None:
            provider.kill()
            provider.wait()
        provider.stdin.close()
        provider.stdout.close()

    def served(self, *more, env=None, **others):
        with unittest.mock.patch.dict(os.environ, {"WEIR_OIDC_CLIENT_SECRET": SECRET, **(env or {})}):
            return self.serve("--listen", f"127.0.0.1:{self.port}", "--oidc-issuer", self.issuer, "--oidc-client-id", "weir",
                              *self.SETTINGS, *more, **others)

    def sign_in(self, browser, name="anna", path="/sign-in/provider"):
        """Through the real provider's forms; where the browser is in the end."""
        url, status, page = browser.follow(path if path.startswith("http") else self.origin + "/api/v1" + path)
        while "<form" in page and url.startswith(self.issuer):
            target = html.unescape(re.search(r'<form[^>]*action="([^"]+)"', page)[1])
            attributes = [dict(re.findall(r'(\w+)="([^"]*)"', one)) for one in re.findall(r"<input ([^>]*)>", page)]
            form = {one["name"]: {"login": name, "password": "any"}.get(one["name"], one.get("value", "")) for one in attributes if "name" in one}
            url, status, page = browser.follow(urllib.parse.urljoin(url, target), form)
        return url, status, page

    def audit(self, server, action):
        return json.loads(server.ask("GET", f"/api/v1/audit?action={action}")[2])["entries"]


class RealProvider(ProviderTest):
    SETTINGS = ("--oidc-claim", "groups", "--oidc-role", "it=editor:team", "--oidc-role", "boss=server.admin")

    def test_a_first_sign_in_makes_an_account_without_any_role(self):
        server, browser = self.served(), Browser()
        ways = browser.api(server, "GET", "/sign-in")[1]
        self.assertEqual(ways, {"passwords": True, "provider": "the identity provider"})
        url, _, _ = self.sign_in(browser, path="/sign-in/provider?return=/docs")
        self.assertEqual(url, self.origin + "/docs")
        me = browser.api(server, "GET", "/me")[1]
        self.assertEqual((me["user"]["name"], me["user"]["fullName"]), ("anna", "anna of the provider"))
        self.assertEqual((me["grants"], me["permissions"], me["user"]["hasPassword"]), ([], [], False))
        self.assertEqual(browser.api(server, "GET", "/flows")[1]["flows"], [])
        self.assertEqual(self.audit(server, "session.started")[0]["detail"], {"provider": self.issuer})
        # The same person again is the same account; another browser has a session of its own.
        other = Browser()
        self.sign_in(other)
        self.assertEqual(other.api(server, "GET", "/me")[1]["user"]["id"], me["user"]["id"])
        self.assertEqual(len(other.api(server, "GET", "/me/sessions")[1]["sessions"]), 2)
        # They gave their password there just now, so it counts as given.
        self.assertEqual(browser.api(server, "POST", "/tokens", {"name": "t", "permissions": ["flow.read"]})[0], 201)

    def test_a_name_that_somebody_has_here_gives_nothing_of_theirs(self):
        server, browser = self.served(), Browser()
        self.sign_in(browser, "root")
        me = browser.api(server, "GET", "/me")[1]
        self.assertEqual((me["user"]["name"], me["user"]["administersServer"], me["grants"]), ("root-2", False, []))

    def test_roles_and_groups_of_the_claim_come_and_go_with_each_sign_in(self):
        server, browser = self.served(), Browser()
        server.ask("POST", "/api/v1/groups", {"name": "sales", "claim": "sales-people"})
        group = json.loads(server.ask("GET", "/api/v1/groups")[2])["groups"][0]["id"]
        server.ask("POST", "/api/v1/grants", {"group": group, "role": "viewer", "folder": "sales"})
        self.stop_provider(self.provider)
        self.start_provider(anna=["it", "sales-people", "boss"])
        self.sign_in(browser)
        me = browser.api(server, "GET", "/me")[1]
        self.assertEqual({(grant["role"], grant["folder"]) for grant in me["grants"]}, {("editor", "team"), ("viewer", "sales")})
        self.assertTrue(me["user"]["administersServer"])
        self.assertEqual([one["name"] for one in me["groups"]], ["sales"])
        # The provider's key is another after its restart, and what was given by the claim goes with it.
        self.stop_provider(self.provider)
        self.start_provider(anna=[])
        other = Browser()
        self.sign_in(other)
        me = browser.api(server, "GET", "/me")[1]
        self.assertEqual((me["grants"], me["groups"], me["user"]["administersServer"]), ([], [], False))
        self.assertTrue(self.audit(server, "grant.removed"))

    def test_an_account_is_linked_only_from_a_session_that_has_given_its_password(self):
        server, browser = self.served(), Browser()
        self.assertEqual(browser.api(server, "POST", "/me/provider", {})[0], 401)
        signed_in = browser.api(server, "POST", "/session", {"name": Server.NAME, "password": Server.PASSWORD})
        self.assertEqual(signed_in[0], 201)
        location = browser.api(server, "POST", "/me/provider", {"return": "/account"})[1]["location"]
        self.sign_in(browser, "somebody", path=location)
        me = browser.api(server, "GET", "/me")[1]["user"]
        self.assertEqual((me["name"], me["providers"]), (Server.NAME, [self.issuer]))
        other = Browser()
        self.sign_in(other, "somebody")
        self.assertEqual(other.api(server, "GET", "/me")[1]["user"]["name"], Server.NAME)
        self.assertEqual(browser.api(server, "DELETE", "/me/provider", same=True)[0], 204)
        self.assertEqual(browser.api(server, "GET", "/me")[1]["user"]["providers"], [])
        self.assertTrue(self.audit(server, "user.linked") and self.audit(server, "user.unlinked"))

    def test_the_password_again_is_given_at_the_provider(self):
        server, browser = self.served(), Browser()
        self.sign_in(browser)
        location = browser.api(server, "POST", "/session/confirm/provider", {"return": "/docs"})[1]["location"]
        self.assertIn("prompt=login", location)
        before = {cookie.name: cookie.value for cookie in browser.cookies}["weir-local"]
        url, _, _ = self.sign_in(browser, path=location)
        self.assertEqual(url, self.origin + "/docs")
        self.assertNotEqual({cookie.name: cookie.value for cookie in browser.cookies}["weir-local"], before)
        # Somebody else's password there confirms nothing here.
        location = browser.api(server, "POST", "/session/confirm/provider", {})[1]["location"]
        url, _, _ = self.sign_in(browser, "eve", path=location)
        self.assertIn("somebody%20else", url)

    def test_local_passwords_can_be_switched_off_but_for_one_administrator(self):
        settings = ("--local-passwords", "off", "--break-glass-user", Server.NAME)
        server = self.served(*settings)
        status, _, said = server.ask("POST", "/api/v1/users", {"name": "bob", "password": "a password for bob"})
        self.assertEqual((status, json.loads(said)["code"]), (403, "auth.passwords_off"))
        browser = Browser()
        self.assertFalse(browser.api(server, "GET", "/sign-in")[1]["passwords"])
        status, said = browser.api(server, "POST", "/session", {"name": "bob", "password": "a password for bob"})
        self.assertEqual((status, said["code"]), (403, "auth.passwords_off"))
        self.assertEqual(browser.api(server, "POST", "/session", {"name": Server.NAME, "password": Server.PASSWORD})[0], 201)
        self.sign_in(Browser())

    def test_settings_that_do_not_go_together_are_refused(self):
        for arguments, says in (
            (("--local-passwords", "off"), "break-glass"),
            (("--oidc-issuer", "http://id.example"), "https://"),
            (("--oidc-issuer", "https://id.example"), "oidc-client-id"),
            (("--oidc-issuer", "https://id.example", "--oidc-client-id", "weir"), "public-url"),
            (("--oidc-client-id", "weir"), "oidc-issuer"),
            (("--oidc-issuer", self.issuer, "--oidc-client-id", "w", "--public-url", "https://w.example", "--oidc-role", "x=king"), "operator"),
        ):
            with self.subTest(arguments):
                self.fails("serve", "--data", "none", "--listen", "127.0.0.1:0", *arguments, code=2, says=(says,))


class LyingProvider(ProviderTest):
    KIND = "false"

    def lie(self, **lies):
        Browser().send(self.issuer + "/lie", body=json.dumps(lies).encode())

    def refused(self, server, says, browser=None):
        """Signing in ends at our page with that reason; nobody is signed in."""
        browser = browser or Browser()
        url, _, _ = browser.follow(self.origin + "/api/v1/sign-in/provider")
        problem = urllib.parse.unquote(url.partition("#problem=")[2])
        self.assertIn(says, problem)
        self.assertEqual(browser.api(server, "GET", "/me")[0], 401)

    def test_s2_what_a_provider_must_not_say_signs_nobody_in(self):
        server = self.served()
        for lies, says in (
            ({"alg": "none"}, "signed by 'none'"),
            ({"alg": "HS256"}, "signed by 'HS256'"),
            ({"hiddenKey": True, "kid": "first"}, "none of the provider's keys"),
            ({"head": {"jwk": {}, "jku": self.issuer}, "hiddenKey": True, "kid": "first"}, "none of the provider's keys"),
            ({"claims": {"aud": "somebody-else"}}, "somebody else ('aud')"),
            ({"claims": {"aud": ["weir", "other"]}}, "for several"),
            ({"claims": {"azp": "other"}}, "'azp'"),
            ({"claims": {"iss": "http://127.0.0.1:1"}}, "its issuer is"),
            ({"claims": {"nonce": "of another"}}, "nonce"),
            ({"claims": {"exp": 1}}, "expired"),
            ({"claims": {"sub": ""}}, "'sub'"),
            ({"token": "no.token"}, "three parts"),
            ({"answer": {"iss": "http://127.0.0.1:1"}}, "'iss'"),
            ({"answer": {"iss": None}}, "'iss'"),
            ({"answer": {"code": None, "error": "access_denied"}}, "access_denied"),
            ({"answer": {"state": "another"}}, "within the last ten minutes"),
            ({"answer": {"code": "stolen"}}, "does not take the code"),
        ):
            with self.subTest(says):
                self.lie(**lies)
                self.refused(server, says)
        self.assertGreaterEqual(len(self.audit(server, "session.refused")), 15)
        self.lie()
        browser = Browser()
        browser.follow(self.origin + "/api/v1/sign-in/provider")
        self.assertEqual(browser.api(server, "GET", "/me")[0], 200)

    def test_an_answer_is_for_one_use_and_for_the_browser_that_began(self):
        server, browser = self.served(), Browser()
        _, headers, _ = browser.send(self.origin + "/api/v1/sign-in/provider")
        self.assertIn("HttpOnly; SameSite=Lax; Max-Age=600", headers["set-cookie"])
        asked = urllib.parse.parse_qs(urllib.parse.urlparse(headers["location"]).query)
        self.assertEqual((asked["code_challenge_method"], asked["response_type"]), (["S256"], ["code"]))
        _, headers, _ = browser.send(headers["location"])
        back = headers["location"]
        # Somebody who is given the address of another's sign-in does not come in by it.
        status, _, said = Browser().send(back, headers={"accept": "application/json"})
        self.assertEqual((status, json.loads(said)["code"]), (400, "auth.state"))
        self.assertEqual(browser.send(back)[0], 303)
        self.assertEqual(browser.api(server, "GET", "/me")[0], 200)
        status, _, said = browser.send(back, headers={"accept": "application/json"})
        self.assertEqual((status, json.loads(said)["code"]), (400, "auth.state"))

    def test_it_leads_to_no_other_site_afterwards(self):
        self.served()
        for path in ("//evil.example", "https://evil.example", "/\\evil.example", "evil"):
            browser = Browser()
            url, _, _ = browser.follow(self.origin + "/api/v1/sign-in/provider?return=" + urllib.parse.quote(path, safe=""))
            self.assertEqual(url, self.origin + "/")

    def test_a_provider_that_is_away_or_says_nonsense_is_said_to_be(self):
        server = self.served()
        self.lie(status=500)
        self.refused(server, "status 500")
        self.lie(description={"issuer": "http://127.0.0.1:1"})
        self.refused(server, "same to the letter")
        self.lie(description={"token_endpoint": "http://elsewhere.example/token"})
        self.refused(server, "no https:// URL")
        self.stop_provider(self.provider)
        self.refused(server, "does not answer")
        status, _, said = Browser().send(self.origin + "/api/v1/sign-in/provider", headers={"accept": "application/json"})
        self.assertEqual((status, json.loads(said)["code"]), (503, "auth.provider_away"))
        # Passwords still do.
        self.assertEqual(Browser().api(server, "POST", "/session", {"name": Server.NAME, "password": Server.PASSWORD})[0], 201)

    def test_keys_that_are_not_known_are_fetched_again_once_a_minute_at_most(self):
        server = self.served()
        browser = Browser()
        browser.follow(self.origin + "/api/v1/sign-in/provider")
        Browser().send(self.issuer + "/rotate", body=b"")
        browser = Browser()
        browser.follow(self.origin + "/api/v1/sign-in/provider")
        self.assertEqual(browser.api(server, "GET", "/me")[0], 200)
        asked = json.loads(Browser().send(self.issuer + "/asked")[2])
        self.assertEqual(asked, 2)
        for kid in ("one", "two", "three"):
            self.lie(kid=kid)
            self.refused(server, "none of the provider's keys")
        self.assertEqual(json.loads(Browser().send(self.issuer + "/asked")[2]), asked)

    def test_who_signs_out_at_the_provider_is_signed_out_here(self):
        server, browser = self.served(), Browser()
        browser.follow(self.origin + "/api/v1/sign-in/provider")

        def logout(**claims):
            token = json.loads(Browser().send(self.issuer + "/logout-token", body=json.dumps(claims).encode())[2])
            return Browser().send(self.origin + "/api/v1/sign-in/provider/logout", {"logout_token": token}), token
        for claims, says in (({"sid": "s1", "nonce": "n"}, "nonce"), ({"sid": "s1", "events": {}}, "events"), ({}, "who has signed out"),
                             ({"sid": "s1", "aud": "x"}, "aud"), ({"sid": "s1", "iat": 1}, "five minutes"), ({"sid": "s1", "jti": ""}, "jti")):
            with self.subTest(says):
                (status, _, said), _ = logout(**claims)
                self.assertEqual((status, json.loads(said)["code"]), (400, "auth.provider"))
                self.assertIn(says, said)
        self.assertEqual(browser.api(server, "GET", "/me")[0], 200)
        self.assertEqual(logout(sid="another")[0][0], 204)
        self.assertEqual(browser.api(server, "GET", "/me")[0], 200)
        (status, _, _), token = logout(sid="s1", sub="42")
        self.assertEqual(status, 204)
        self.assertEqual(browser.api(server, "GET", "/me")[0], 401)
        self.assertEqual(Browser().send(self.origin + "/api/v1/sign-in/provider/logout", {"logout_token": token})[0], 400)
        status, _, _ = Browser().send(self.origin + "/api/v1/sign-in/provider/logout", body=b"{}", headers={"content-type": "application/json"})
        self.assertEqual(status, 415)


if __name__ == "__main__":
    unittest.main()
