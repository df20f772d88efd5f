// Tests of who counts as an administrator who can sign in, and of the way back when nobody can: S14.
#include <doctest/doctest.h>

#include "service/auth/people.test.h"

namespace weir::auth {

TEST_CASE("an account that nobody can come in with is no administrator who stays") {
  FakeServer server;
  server.directory.whoComesIn([&server](const User& user) { return server.signIn.letsIn(user); });
  server.addUser("root", true);
  const auto root = withSession(server.enter("root"));
  const auto change = [&](std::string_view body) { return server.ask("PATCH", "/api/v1/users/root", body, root); };
  const auto none = server.ask("POST", "/api/v1/users", R"({"name": "none", "administersServer": true})", root);
  REQUIRE(none.status == 201);
  REQUIRE(server.ask("POST", "/api/v1/users", R"({"name": "ci", "administersServer": true, "service": true})", root)
              .status == 201);
  User elsewhere;
  elsewhere.id = elsewhere.name = "elsewhere";
  elsewhere.administersServer = true;
  elsewhere.identities = {{"https://id.example", "7"}};  // of a provider that is not asked here
  server.keep({.users = {elsewhere}});
  for (const auto* body : {R"({"administersServer": false})", R"({"disabled": true})"}) {
    CHECK(change(body).at("/code") == "auth.last_administrator");
  }
  CHECK(server.ask("DELETE", "/api/v1/users/root", {}, root).at("/code") == "auth.last_administrator");
  // Who cannot come in is nobody's last way.
  CHECK(server.ask("DELETE", "/api/v1/users/elsewhere", {}, root).status == 204);
  const auto path = "/api/v1/users/" + none.at("/id");
  CHECK(server.ask("PATCH", path, R"({"password": "long enough a password"})", root).status == 200);
  server.signIn.localPasswords = false;
  server.signIn.breakGlass = "root";
  CHECK(change(R"({"administersServer": false})").at("/code") == "auth.last_administrator");
  server.signIn.localPasswords = true;
  CHECK(change(R"({"administersServer": false})").status == 200);
}

TEST_CASE("S14: a link that the owner of the machine has asked for is good although somebody administers the server") {
  FakeServer server;
  server.addUser("root", true);
  server.addUser("anna");
  const auto held = server.enter("root");
  const auto now = [&server] { return server.clock.steadyNanos() / 1'000'000; };
  const auto plain = server.signIn.setup.make(now());
  CHECK(server.ask("GET", "/api/v1/setup").at("/needed") == "false");
  CHECK(server.ask("POST", "/api/v1/setup", setupBody(plain)).at("/code") == "auth.setup");
  const auto late = server.signIn.setup.make(now(), true);
  CHECK(server.ask("GET", "/api/v1/setup").at("/needed") == "true");
  server.clock.passMs(SetupLink::kLivesMs);
  CHECK(server.ask("GET", "/api/v1/setup").at("/needed") == "false");
  CHECK(server.ask("POST", "/api/v1/setup", setupBody(late)).at("/code") == "auth.setup");
  const auto code = server.signIn.setup.make(now(), true);
  CHECK(server.ask("POST", "/api/v1/setup", setupBody(newSecret())).status == 403);
  const auto back = server.ask("POST", "/api/v1/setup",
                               R"({"code": ")" + code + R"(", "name": "Root", "password": "another long password"})");
  REQUIRE(back.status == 201);
  CHECK(back.at("/user/id") == "root");
  CHECK(back.at("/user/administersServer") == "true");
  CHECK(server.ask("GET", "/api/v1/me", {}, withSession(held)).status == 401);
  CHECK(server.ask("GET", "/api/v1/users", {}, withSession(secretOf(back))).status == 200);
  CHECK(server.ask("POST", "/api/v1/session", signInBody("root", "another long password")).status == 201);
  CHECK(server.ask("POST", "/api/v1/session", signInBody("root", kPassword)).status == 401);
  CHECK(server.ask("POST", "/api/v1/setup", setupBody(code)).status == 403);
  CHECK(server.identities.actions().contains("user.taken_back"));
  // It gives somebody else the same.
  const auto other = server.signIn.setup.make(now(), true);
  const auto anna = server.ask("POST", "/api/v1/setup",
                               R"({"code": ")" + other + R"(", "name": "anna", "password": "another long password"})");
  REQUIRE(anna.status == 201);
  CHECK(server.ask("GET", "/api/v1/users", {}, withSession(secretOf(anna))).status == 200);
}

}  // namespace weir::auth
