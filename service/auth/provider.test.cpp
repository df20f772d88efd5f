// Tests of what is said to a provider, and of what its operator may set.
#include "service/auth/provider.h"

#include <doctest/doctest.h>

#include "service/auth/people.test.h"
#include "service/auth/provider-account.h"

namespace weir::auth {
namespace {

ProviderSettings settings() {
  ProviderSettings made;
  made.issuer = "https://id.example";
  made.clientId = "weir";
  made.clientSecret = "a secret: with/odd+chars";
  made.returnUrl = "https://weir.example";
  return made;
}

constexpr std::string_view kDescription = R"({"issuer": "https://id.example", "authorization_endpoint":
  "https://id.example/auth?tenant=1", "token_endpoint": "https://id.example/token", "jwks_uri": "https://id.example/keys"})";

}  // namespace

TEST_CASE("a provider, and the way back from it, are reached over TLS or on this machine alone") {
  CHECK(check(settings()));
  for (const char* url : {"http://id.example", "id.example", "https://user:word@id.example", "ftp://id.example", ""}) {
    CAPTURE(url);
    auto other = settings();
    other.issuer = url;
    CHECK(check(other).error().code == "settings.invalid");
    other = settings();
    other.returnUrl = url;
    CHECK(check(other).error().code == "settings.invalid");
  }
  CHECK(isSafeAddress("http://127.0.0.1:8080/x"));
  CHECK(isSafeAddress("http://localhost/x"));
  CHECK(!isSafeAddress("http://localhost.evil.example/x"));
}

TEST_CASE("roles of a claim are read, and what is none is said") {
  const auto it = readClaimRole("it=editor:team/reports");
  REQUIRE(it);
  CHECK(*it == ClaimRole{"it", false, Role::editor, "team/reports"});
  CHECK(readClaimRole("cn=a,dc=b=viewer")->value == "cn=a,dc=b");
  CHECK(readClaimRole("boss=server.admin")->administersServer);
  for (const char* bad : {"it", "=editor", "it=", "it=king", "it=editor:/team", "it=editor:team/"}) {
    CAPTURE(bad);
    CHECK(readClaimRole(bad).error().code == "settings.invalid");
  }
  auto without = settings();
  without.roles.push_back(*it);
  CHECK(!check(without));
}

TEST_CASE("people are sent with PKCE, and the code is asked for with the client's secret, encoded first") {
  const auto provider = readDescription(kDescription, settings());
  REQUIRE(provider);
  const auto url =
      authorizationUrl(settings(), *provider, {.state = "S", .nonce = "N", .verifier = "V", .again = true});
  CHECK(url.starts_with(
      "https://id.example/auth?tenant=1&response_type=code&client_id=weir&redirect_uri=https%3A%2F%2F"));
  CHECK(url.contains("&code_challenge_method=S256"));
  CHECK(url.contains("&prompt=login&max_age=600"));
  CHECK(!url.contains("code_challenge=V"));
  const auto request = tokenRequest(settings(), *provider, "C&x", "V");
  CHECK(request.maxRedirects == 0);
  CHECK(request.user == "weir");
  CHECK(request.password == "a%20secret%3A%20with%2Fodd%2Bchars");
  CHECK(request.body.contains("code=C%26x"));
  CHECK(!request.body.contains("secret"));
}

TEST_CASE("S2: a description of another issuer, or with endpoints in the open, is not taken") {
  for (const auto& [from, to] :
       {std::pair{"\"https://id.example\"", "\"https://id.example/\""},
        std::pair{"https://id.example/token", "http://id.example/token"}, std::pair{"https://id.example/keys", ""}}) {
    std::string text(kDescription);
    text.replace(text.find(from), std::string_view(from).size(), to);
    CAPTURE(text);
    CHECK(readDescription(text, settings()).error().code == "auth.provider");
  }
  CHECK(!readDescription("[]", settings()));
}

TEST_CASE("only paths of ours are gone on at") {
  CHECK(ownPath("/account?x=1") == "/account?x=1");
  for (const char* other : {"", "account", "//evil", "/\\evil", "https://evil", "/a b", "/a\r\nb"})
    CHECK(ownPath(other) == "/");
}

TEST_CASE("forms give a value that is there once") {
  CHECK(formValue("a=1&logout_token=x%2By+z", "logout_token") == "x+y z");
  CHECK(!formValue("logout_token=1&logout_token=2", "logout_token"));
  CHECK(!formValue("logout_token=%zz", "logout_token"));
  CHECK(!formValue("", "logout_token"));
}

TEST_CASE("a claim gives and takes what it gave, and nothing else; the last administrator stays one") {
  FakeServer server;
  auto with = settings();
  with.claim = "groups";
  with.roles = {*readClaimRole("it=editor:team"), *readClaimRole("boss=server.admin")};
  server.keep({.groups = {{.id = "g", .name = "sales", .members = {}, .claim = "people"}}});
  const auto come = [&](std::vector<std::string> groups) {
    const IdToken token{
        .subject = "7", .name = "Anna B.", .fullName = "Anna", .groups = std::move(groups), .session = {}};
    auto account = accountOf(server.directory, with, token, 1);
    server.keep(std::move(account.change));
    return account.user;
  };
  const auto first = come({"it", "boss", "people"});
  CHECK(first.name == "AnnaB.");
  CHECK(server.directory.grants().size() == 1);
  CHECK(server.directory.group("g")->members == std::vector{first.id});
  CHECK(server.directory.user(first.id)->administersServer);
  server.addGrant(first.id, Role::viewer, {"by-hand", {}});
  // Nobody else administers the server.
  CHECK(come({}).id == first.id);
  CHECK(server.directory.user(first.id)->administersServer);
  CHECK(server.directory.grants().size() == 1);
  CHECK(server.directory.group("g")->members.empty());
  server.addUser("root", true);
  static_cast<void>(come({}));
  CHECK(!server.directory.user(first.id)->administersServer);
}

}  // namespace weir::auth
