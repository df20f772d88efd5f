// Tests of signing in, sessions, tokens and what other sites' pages can do: S2, S3, S4, S14.
#include <doctest/doctest.h>

#include <set>

#include "service/auth/people.test.h"

namespace weir::auth {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;

}  // namespace

TEST_CASE("S14: the setup link makes the first account once, and only within an hour") {
  FakeServer server;
  CHECK(server.ask("GET", "/api/v1/setup").at("/needed") == "true");
  CHECK(server.ask("POST", "/api/v1/setup", setupBody(newSecret())).status == 403);  // there is no link
  const auto late = server.signIn.setup.make(server.clock.steadyNanos() / 1'000'000);
  server.clock.passMs(SetupLink::kLivesMs);
  CHECK(server.ask("POST", "/api/v1/setup", setupBody(late)).at("/code") == "auth.setup");
  const auto code = server.signIn.setup.make(server.clock.steadyNanos() / 1'000'000);
  CHECK(server.ask("POST", "/api/v1/setup", setupBody(newSecret())).status == 403);
  CHECK(server.ask("POST", "/api/v1/setup", R"({"code": ")" + code + R"(", "name": "root", "password": "short"})")
            .at("/code") == "auth.password");
  const auto made = server.ask("POST", "/api/v1/setup", setupBody(code));
  REQUIRE(made.status == 201);
  CHECK(made.at("/user/administersServer") == "true");
  CHECK(server.ask("GET", "/api/v1/setup").at("/needed") == "false");
  CHECK(server.ask("POST", "/api/v1/setup", setupBody(code)).status == 403);
  const auto me = server.ask("GET", "/api/v1/me", {}, withSession(secretOf(made)));
  CHECK(me.status == 200);
  CHECK(me.at("/grants/0/role") == "admin");
  CHECK(server.identities.actions() == "server.set_up");
}

TEST_CASE("S14: a wrong password and a wrong name are refused with the same words, and too many slow down") {
  FakeServer server;
  server.addUser("anna");
  const auto wrong = server.ask("POST", "/api/v1/session", signInBody("anna", "something else"));
  const auto nobody = server.ask("POST", "/api/v1/session", signInBody("nobody", "something else"));
  CHECK(wrong.status == 401);
  CHECK(wrong.text == nobody.text);
  for (int i = 0; i < 4; ++i) {
    CHECK(server.ask("POST", "/api/v1/session", signInBody("anna", "something else")).status == 401);
  }
  // Even the right one has to wait now.
  const auto slow = server.ask("POST", "/api/v1/session", signInBody("anna", kPassword));
  CHECK(slow.status == 429);
  CHECK(slow.header("retry-after") == "1");
  server.clock.passMs(1'000);
  CHECK(server.ask("POST", "/api/v1/session", signInBody("ANNA", kPassword)).status == 201);
  CHECK(server.identities.actions().starts_with("session.refused session.refused"));
}

TEST_CASE("S3: a session ends with sign-out, by itself, and when its user is disabled or gets another password") {
  FakeServer server;
  server.addUser("anna");
  server.addUser("root", true);
  const auto signedIn = server.ask("POST", "/api/v1/session", signInBody("anna", kPassword));
  REQUIRE(signedIn.status == 201);
  const auto cookie = signedIn.header("set-cookie");
  CHECK(cookie.starts_with("weir-local="));
  CHECK(cookie.contains("; HttpOnly"));
  CHECK(cookie.contains("; SameSite=Lax"));
  const auto anna = secretOf(signedIn);
  const auto status = [&](const std::string& secret) {
    return server.ask("GET", "/api/v1/me", {}, withSession(secret)).status;
  };
  CHECK(status(anna) == 200);
  CHECK(status(newSecret()) == 401);
  CHECK(server.ask("DELETE", "/api/v1/session", {}, withSession(anna)).status == 204);
  CHECK(status(anna) == 401);

  const auto idle = server.enter("anna");
  server.clock.passMs(kIdleMs - kMinuteMs);
  CHECK(status(idle) == 200);  // and counts as used
  server.clock.passMs(kIdleMs - kMinuteMs);
  CHECK(status(idle) == 200);
  server.clock.passMs(kIdleMs);
  CHECK(status(idle) == 401);

  const auto old = server.enter("anna");
  for (std::int64_t passed = 0; passed < kSessionMs; passed += kIdleMs / 2) {
    CHECK(status(old) == 200);
    server.clock.passMs(kIdleMs / 2);
  }
  CHECK(status(old) == 401);

  const auto root = server.enter("root");
  const auto first = server.enter("anna");
  CHECK(server.ask("PATCH", "/api/v1/users/anna", R"({"disabled": true})", withSession(root)).status == 200);
  CHECK(status(first) == 401);
  CHECK(server.ask("POST", "/api/v1/session", signInBody("anna", kPassword)).status == 401);
  CHECK(server.ask("PATCH", "/api/v1/users/anna", R"({"disabled": false})", withSession(root)).status == 200);
  const auto second = server.enter("anna");
  const auto third = server.enter("anna");
  const auto changed =
      server.ask("PUT", "/api/v1/me/password",
                 R"({"current": "long enough a password", "password": "another long password"})", withSession(second));
  CHECK(changed.status == 200);
  CHECK(status(second) == 401);
  CHECK(status(third) == 401);
  CHECK(status(secretOf(changed)) == 200);
  CHECK(server.ask("POST", "/api/v1/session", signInBody("anna", "another long password")).status == 201);
}

TEST_CASE("S3: a clock that is put back gives no session its time again") {
  FakeServer server;
  server.addUser("anna");
  const auto status = [&](const std::string& secret) {
    return server.ask("GET", "/api/v1/me", {}, withSession(secret)).status;
  };
  const auto sessionsKept = [&] {
    return std::ranges::count_if(server.identities.records,
                                 [](const auto& one) { return one.first.first == "session"; });
  };
  // One that was refused as too old stays refused.
  const auto idle = server.enter("anna");
  server.clock.passMs(kIdleMs);
  CHECK(status(idle) == 401);
  server.clock.passMs(-kIdleMs);
  CHECK(status(idle) == 401);
  CHECK(sessionsKept() == 0);

  // A little ahead is brought back to the clock: it ends as if it had begun, and the password was given, now.
  const auto ahead = server.enter("anna");
  server.clock.passMs(-5 * kMinuteMs);
  CHECK(status(ahead) == 200);
  server.clock.passMs(kProvedMs + 1);
  CHECK(server.ask("POST", "/api/v1/tokens", R"({"name": "ci", "permissions": ["flow.read"]})", withSession(ahead))
            .at("/code") == "auth.confirm");
  server.clock.passMs(kIdleMs - kProvedMs - 2);
  CHECK(status(ahead) == 200);

  // One that was made under a clock that was a year ahead would live for a year.
  constexpr auto kYearMs = std::int64_t{365} * 86'400'000;
  server.clock.passMs(kYearMs);
  const auto future = server.enter("anna");
  CHECK(status(future) == 200);
  server.clock.passMs(-kYearMs);
  CHECK(status(future) == 401);
  server.clock.passMs(kYearMs);
  CHECK(status(future) == 401);
}

TEST_CASE("S3: a session that was there before signing in is of no use afterwards") {
  FakeServer server;
  server.addUser("anna");
  const auto before = server.enter("anna");
  const auto signedIn = server.ask("POST", "/api/v1/session", signInBody("anna", kPassword), withSession(before));
  REQUIRE(signedIn.status == 201);
  CHECK(secretOf(signedIn) != before);
  CHECK(server.ask("GET", "/api/v1/me", {}, withSession(before)).status == 401);
}

TEST_CASE("S3: what was taken away is gone at once, also when its caller did not wait for the answer") {
  FakeServer server;
  server.addUser("anna");
  const auto secret = server.enter("anna");
  const auto principal = server.directory.principalOf(*server.directory.enter(secret));
  server.addGrant("anna", Role::viewer, {"team", {}});
  CHECK(server.gate.permissionsAt(principal, {"team", {}}).has(Permission::flowRead));
  const auto before = server.gate.epoch();
  server.identities.slow = true;
  {
    api::Request request{"DELETE", "/api/v1/session", {}, withSession(secret)};
    const auto given = server.api.begin(std::move(request));
    CHECK(given->answer() == nullptr);
  }
  server.identities.held.front().complete(Unit{});
  CHECK(server.gate.epoch() > before);
  CHECK(server.gate.permissionsAt(principal, {"team", {}}).empty());
  CHECK(server.gate.reachOf(principal, Permission::flowRead) == Reach{});
  CHECK(server.ask("GET", "/api/v1/me", {}, withSession(secret)).status == 401);
}

TEST_CASE("what could not be stored has not happened") {
  FakeServer server;
  server.addUser("anna");
  const auto secret = server.enter("anna");
  server.identities.broken = true;
  CHECK(server.ask("DELETE", "/api/v1/session", {}, withSession(secret)).status == 503);
  CHECK(server.ask("POST", "/api/v1/session", signInBody("anna", kPassword)).status == 503);
  server.identities.broken = false;
  CHECK(server.ask("GET", "/api/v1/me", {}, withSession(secret)).status == 200);
}

TEST_CASE("S4: pages of other sites change nothing with somebody's cookie") {
  FakeServer server;
  server.addUser("anna");
  const auto secret = server.enter("anna");
  const auto status = [&](std::vector<api::Header> headers) {
    headers.push_back({"cookie", "other=1; weir-local=" + secret});
    headers.push_back({"host", "weir.example:8080"});
    return server.ask("DELETE", "/api/v1/me/sessions/none", {}, headers).status;
  };
  constexpr int kLetIn = 404;  // there is no such session
  CHECK(status({{"origin", "http://weir.example:8080"}}) == kLetIn);
  CHECK(status({{"origin", "http://evil.example"}}) == 403);
  CHECK(status({{"origin", "http://weir.example"}}) == 403);
  CHECK(status({{"origin", "https://weir.example:8080"}}) == 403);
  CHECK(status({{"origin", "null"}}) == 403);
  CHECK(status({}) == 403);
  CHECK(status({{"x-weir-csrf", "guessed"}}) == 403);
  CHECK(status({{"x-weir-csrf", csrfToken(secret)}}) == kLetIn);
  CHECK(status({{"x-weir-csrf", csrfToken(secret)}, {"sec-fetch-site", "cross-site"}}) == 403);
  CHECK(status({{"x-weir-csrf", csrfToken(secret)}, {"origin", "http://evil.example"}}) == 403);
  const auto answer = server.ask("GET", "/api/v1/session", {}, {{"cookie", "weir-local=" + secret}});
  CHECK(answer.at("/csrf") == csrfToken(secret));
  // Nobody is signed in to another's account from elsewhere either.
  CHECK(server
            .ask("POST", "/api/v1/session", signInBody("anna", kPassword),
                 {{"origin", "http://evil.example"}, {"host", "localhost"}})
            .at("/code") == "auth.cross_site");
  // Bodies that a form of another site could send are none.
  CHECK(server.ask("POST", "/api/v1/session", signInBody("anna", kPassword), {{"content-type", "text/plain"}}).status ==
        415);
}

TEST_CASE("S4: no answer allows another origin to read it") {
  FakeServer server;
  for (const auto* path : {"/api/v1/health", "/api/v1/me", "/api/v1/setup"}) {
    const auto answer = server.ask("GET", path, {}, {{"origin", "http://evil.example"}});
    CHECK(answer.header("access-control-allow-origin").empty());
    CHECK(answer.header("access-control-allow-credentials").empty());
  }
}

TEST_CASE("over TLS the cookie is one that no other site, path or plain connection can set") {
  api::Request request;
  request.secure = true;
  request.headers = {{"cookie", "weir-local=plain; __Host-weir=tls"}};
  CHECK(sessionSecret(request) == "tls");
  request.secure = false;
  CHECK(sessionSecret(request) == "plain");
  request.headers = {{"cookie", "xweir-local=no"}};
  CHECK(sessionSecret(request).empty());
}

TEST_CASE("S2: a token works until it expires or is revoked, and nothing that only looks like one does") {
  FakeServer server;
  server.addUser("anna");
  server.addGrant("anna", Role::editor, {});
  const auto secret = server.enter("anna");
  const auto made = server.ask("POST", "/api/v1/tokens", R"({"name": "ci", "permissions": ["flow.read"], "days": 1})",
                               withSession(secret));
  REQUIRE(made.status == 201);
  const auto token = made.at("/token");
  CHECK(token.starts_with("weir_pat_"));
  const auto code = [&](const std::string& given) {
    const auto answer = server.ask("GET", "/api/v1/flows", {}, {{"authorization", given}});
    return answer.status == 200 ? std::string("200") : answer.at("/code");
  };
  CHECK(code("Bearer " + token) == "200");
  CHECK(code("bearer " + token) == "200");
  auto other = token;
  other.back() = other.back() == 'A' ? 'B' : 'A';
  CHECK(code("Bearer " + other) == "auth.token");
  CHECK(code("Bearer " + token + "=") == "auth.token");
  CHECK(code("Basic YTpi") == "auth.token");
  CHECK(code("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm5hIn0.") == "auth.token");  // a JWT of alg none
  // A token makes no tokens, and its text is nowhere.
  CHECK(
      server.ask("POST", "/api/v1/tokens", R"({"name": "x", "permissions": ["flow.read"]})", withToken(token)).status ==
      403);
  CHECK(!server.ask("GET", "/api/v1/tokens", {}, withSession(secret)).text.contains(token.substr(26)));
  for (const auto& [key, body] : server.identities.records) CHECK(!body.contains(token.substr(26)));
  server.clock.passMs(86'400'000 - kIdleMs);
  CHECK(code("Bearer " + token) == "200");
  server.clock.passMs(kIdleMs);
  CHECK(code("Bearer " + token) == "auth.expired");

  const auto again = server.enter("anna");
  const auto second =
      server.ask("POST", "/api/v1/tokens", R"({"name": "ci", "permissions": ["flow.read"]})", withSession(again));
  CHECK(code("Bearer " + second.at("/token")) == "200");
  CHECK(server.ask("DELETE", "/api/v1/tokens/" + second.at("/about/id"), {}, withSession(again)).status == 204);
  CHECK(code("Bearer " + second.at("/token")) == "auth.token");
}

TEST_CASE("tokens, grants and users ask for the password when it was given more than ten minutes ago") {
  FakeServer server;
  server.addUser("anna");
  const auto secret = server.enter("anna");
  const std::string wanted = R"({"name": "ci", "permissions": ["flow.read"]})";
  server.clock.passMs(kProvedMs + 1);
  CHECK(server.ask("POST", "/api/v1/tokens", wanted, withSession(secret)).at("/code") == "auth.confirm");
  CHECK(server.ask("POST", "/api/v1/session/confirm", R"({"password": "no"})", withSession(secret)).status == 401);
  const auto confirmed =
      server.ask("POST", "/api/v1/session/confirm", R"({"password": "long enough a password"})", withSession(secret));
  REQUIRE(confirmed.status == 200);
  CHECK(server.ask("GET", "/api/v1/me", {}, withSession(secret)).status == 401);  // the secret is another one now
  CHECK(server.ask("POST", "/api/v1/tokens", wanted, withSession(secretOf(confirmed))).status == 201);
}

TEST_CASE("nobody grants more than they hold, and the last administrators stay") {
  FakeServer server;
  server.addUser("root", true);
  server.addUser("anna");
  server.addUser("bob");
  server.addGrant("root", Role::administrator, {});
  server.addGrant("anna", Role::administrator, {"team", {}});
  const auto root = server.enter("root");
  const auto anna = server.enter("anna");
  const auto bob = server.enter("bob");
  const auto grant = [&](const std::string& secret, const std::string& body) {
    const auto answer = server.ask("POST", "/api/v1/grants", body, withSession(secret));
    return answer.status == 201 ? answer.at("/id") : answer.at("/code");
  };
  CHECK(grant(bob, R"({"user": "bob", "role": "viewer", "folder": "team"})") == "auth.denied");
  CHECK(grant(anna, R"({"user": "bob", "role": "viewer"})") == "api.body");
  CHECK(grant(root, R"({"user": "bob", "role": "viewer"})") == "api.body");
  CHECK(grant(anna, R"({"user": "bob", "role": "viewer", "folder": ""})") == "storage.not_found");
  CHECK(grant(anna, R"({"user": "bob", "role": "viewer", "folder": "teams"})") == "storage.not_found");
  CHECK(grant(anna, R"({"user": "nobody", "role": "viewer", "folder": "team"})") == "api.body");
  CHECK(grant(anna, R"({"user": "bob", "role": "king", "folder": "team"})") == "api.body");
  CHECK(grant(anna, R"({"user": "bob", "role": "viewer", "folder": "/team"})") == "api.folder");
  const auto given = grant(anna, R"({"user": "bob", "role": "viewer", "folder": "team/a"})");
  CHECK(given.size() == 16);
  CHECK(server.ask("GET", "/api/v1/flows/team-flow", {}, withSession(bob)).status == 404);
  CHECK(server.ask("GET", "/api/v1/grants", {}, withSession(bob)).at("/grants") == "[]");
  CHECK(!server.ask("GET", "/api/v1/grants", {}, withSession(anna)).text.contains("root"));
  CHECK(server.ask("DELETE", "/api/v1/grants/" + given, {}, withSession(bob)).status == 403);
  CHECK(server.ask("DELETE", "/api/v1/grants/" + given, {}, withSession(anna)).status == 204);

  CHECK(server.ask("DELETE", "/api/v1/users/root", {}, withSession(root)).at("/code") == "auth.last_administrator");
  CHECK(server.ask("PATCH", "/api/v1/users/root", R"({"administersServer": false})", withSession(root)).at("/code") ==
        "auth.last_administrator");
  CHECK(server.ask("PATCH", "/api/v1/users/root", R"({"disabled": true})", withSession(root)).status == 409);
  std::string last;
  for (const auto& [id, kept] : server.directory.grants()) {
    if (kept.grant.subject == "root") last = id;
  }
  CHECK(server.ask("DELETE", "/api/v1/grants/" + last, {}, withSession(root)).at("/code") == "auth.last_administrator");
}

TEST_CASE("S1: a flow is granted by who may grant where it lies, whatever folder is said with it") {
  FakeServer server;
  for (const auto* name : {"root", "anna", "bob"}) server.addUser(name);
  server.addGrant("root", Role::administrator, {});
  server.addGrant("anna", Role::administrator, {"team", {}});
  const auto root = server.enter("root");
  const auto anna = server.enter("anna");
  const auto bob = server.enter("bob");
  const auto in = [](const char* folder) {
    store::FlowChange change;
    change.folder = folder;
    change.document = "{}";
    return change;
  };
  const auto make = [&](const char* id, const char* folder) {
    REQUIRE(server.store.create(id, in(folder), {}).take().has_value());
  };
  make("payroll", "hr");
  make("report", "team");
  const auto grant = [&](const std::vector<api::Header>& who, const std::string& where) {
    return server.ask("POST", "/api/v1/grants", R"({"user": "bob", "role": "viewer", )" + where + "}", who);
  };
  const auto said = grant(withSession(anna), R"("folder": "team", "flow": "payroll")");
  CHECK(said.status == 404);
  CHECK(said.text == grant(withSession(anna), R"("flow": "payroll")").text);
  CHECK(grant(withSession(anna), R"("flow": "none")").status == 404);
  CHECK(grant(withSession(root), R"("flow": "none")").status == 404);
  const auto token = server.addToken("root", {"flow.read", "folder.grant"}, {"team"});
  CHECK(grant(withToken(token), R"("folder": "team", "flow": "payroll")").status == 404);
  const auto other = grant(withSession(root), R"("folder": "team", "flow": "payroll")");
  CHECK(other.status == 422);
  CHECK(other.at("/detail").contains("lies in the folder 'hr'"));
  CHECK(grant(withSession(root), R"("folder": "", "flow": "payroll")").status == 422);

  const auto made = grant(withSession(anna), R"("flow": "report")");
  REQUIRE(made.status == 201);
  CHECK(made.at("/folder") == "team");
  const auto again = grant(withSession(root), R"("folder": "team", "flow": "report")");
  CHECK(again.status == 200);
  CHECK(again.text == made.text);

  // A grant of a flow goes along with it.
  const auto revision = server.store.read("report", {}).take()->head.revision;
  REQUIRE(server.store.replace("report", revision, in("hr"), {}).take().has_value());
  CHECK(!server.ask("GET", "/api/v1/grants", {}, withSession(anna)).text.contains("report"));
  const auto path = "/api/v1/grants/" + made.at("/id");
  CHECK(server.ask("DELETE", path, {}, withSession(anna)).status == 404);
  CHECK(server.ask("DELETE", path, {}, withSession(bob)).status == 403);
  CHECK(server.ask("GET", "/api/v1/grants?folder=hr", {}, withSession(root)).at("/grants/0/folder") == "hr");
  CHECK(server.ask("DELETE", path, {}, withSession(root)).status == 204);
}

TEST_CASE("a group gives its rights to its members, and to nobody whom its filler could not have given them") {
  FakeServer server;
  server.addUser("root", true);
  server.addUser("bob");
  server.addUser("other", true);
  server.addGrant("root", Role::administrator, {});
  const auto root = server.enter("root");
  const auto other = server.enter("other");
  const auto bob = server.enter("bob");
  const auto made = server.ask("POST", "/api/v1/groups", R"({"name": "sales"})", withSession(root));
  REQUIRE(made.status == 201);
  const auto path = "/api/v1/groups/" + made.at("/id");
  CHECK(server
            .ask("POST", "/api/v1/grants",
                 R"({"group": ")" + made.at("/id") + R"(", "role": "viewer", "folder": "team"})", withSession(root))
            .status == 201);
  const std::string withBob = R"({"name": "sales", "members": ["bob"]})";
  CHECK(server.ask("PUT", path, withBob, withSession(other)).at("/code") == "auth.grant");
  const auto place = Place{"team", {}};
  const auto principal = server.directory.principalOf(*server.directory.enter(bob));
  CHECK(server.gate.permissionsAt(principal, place).empty());
  CHECK(server.ask("PUT", path, withBob, withSession(root)).status == 200);
  CHECK(server.gate.permissionsAt(principal, place) == permissionsOf(Role::viewer));
  CHECK(server.ask("DELETE", path, {}, withSession(root)).status == 204);
  CHECK(server.gate.permissionsAt(principal, place).empty());
}

TEST_CASE("a user who goes takes sessions, tokens, grants and memberships along, and names are free again") {
  FakeServer server;
  server.addUser("root", true);
  server.addUser("bob");
  server.addGrant("bob", Role::viewer, {"team", {}});
  server.keep({.groups = {{"g", "sales", {"bob"}, {}}}});
  const auto root = server.enter("root");
  const auto bob = server.enter("bob");
  const auto token = server.addToken("bob", {"flow.read"});
  CHECK(server.ask("POST", "/api/v1/users", R"({"name": "BOB"})", withSession(root)).status == 409);
  CHECK(server.ask("DELETE", "/api/v1/users/bob", {}, withSession(root)).status == 204);
  CHECK(server.ask("GET", "/api/v1/me", {}, withSession(bob)).status == 401);
  CHECK(server.ask("GET", "/api/v1/flows", {}, withToken(token)).status == 401);
  CHECK(server.directory.group("g")->members.empty());
  CHECK(server.directory.grants().empty());
  CHECK(server.ask("POST", "/api/v1/users", R"({"name": "BOB"})", withSession(root)).status == 201);
}

TEST_CASE("a service account has tokens that administrators of the server make, and no password") {
  FakeServer server;
  server.addUser("root", true);
  const auto root = server.enter("root");
  CHECK(server
            .ask("POST", "/api/v1/users", R"({"name": "ci", "service": true, "password": "long enough a password"})",
                 withSession(root))
            .at("/code") == "auth.password");
  const auto made = server.ask("POST", "/api/v1/users", R"({"name": "ci", "service": true})", withSession(root));
  REQUIRE(made.status == 201);
  const auto path = "/api/v1/users/" + made.at("/id") + "/tokens";
  const auto token = server.ask("POST", path, R"({"name": "apply", "permissions": ["flow.read"]})", withSession(root));
  CHECK(token.status == 201);
  CHECK(server.ask("GET", "/api/v1/me", {}, withToken(token.at("/token"))).at("/user/name") == "ci");
  CHECK(
      server
          .ask("POST", "/api/v1/users/root/tokens", R"({"name": "x", "permissions": ["flow.read"]})", withSession(root))
          .status == 403);
}

}  // namespace weir::auth
