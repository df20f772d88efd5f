// Tests of how many requests are taken of one caller.
#include "service/auth/caller-rates.h"

#include <doctest/doctest.h>

#include "service/auth/people.test.h"

namespace weir::auth {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000, kMs = 1'000'000;

TEST_CASE("After a quiet while a caller may send what ten seconds allow, and then one at a time") {
  CallerRates rates({.changesPerSecond = 5});
  for (int i = 0; i < 50; ++i) CHECK(rates.waitMs(RequestKind::change, "ada", kSecond) == 0);
  CHECK(rates.waitMs(RequestKind::change, "ada", kSecond) == 200);
  // What was refused costs nothing.
  CHECK(rates.waitMs(RequestKind::change, "ada", kSecond + 150 * kMs) == 50);
  CHECK(rates.waitMs(RequestKind::change, "ada", kSecond + 200 * kMs) == 0);
  CHECK(rates.waitMs(RequestKind::change, "ada", kSecond + 200 * kMs) == 200);
  // Another caller, and another kind, are not held by it.
  CHECK(rates.waitMs(RequestKind::change, "bob", kSecond + 200 * kMs) == 0);
  CHECK(rates.waitMs(RequestKind::read, "ada", kSecond + 200 * kMs) == 0);
  CHECK(rates.waitMs(RequestKind::change, "ada", 3 * kSecond + 200 * kMs) == 0);
  metrics::Exposition out;
  rates.write(out);
  CHECK(out.text().contains("weir_http_limited_total{kind=\"changes\"} 3\n"));
  CHECK(out.text().contains("weir_http_limited_total{kind=\"reads\"} 0\n"));
}

TEST_CASE("Where there is no limit nobody waits") {
  CallerRates rates;
  for (int i = 0; i < 100'000; ++i) CHECK(rates.waitMs(RequestKind::change, "ada", 1) == 0);
}

TEST_CASE("A flood of callers takes no more than some memory, and who sends most is remembered") {
  CallerRates rates({.signInsPerSecond = 1});
  for (int i = 0; i < 10; ++i) CHECK(rates.waitMs(RequestKind::signIn, "loud", 1) == 0);
  for (std::size_t i = 0; i < 3 * CallerRates::kMostCallers; ++i) {
    CHECK(rates.waitMs(RequestKind::signIn, "10." + std::to_string(i), 1) == 0);
  }
  CHECK(rates.waitMs(RequestKind::signIn, "loud", 1) > 0);
}

TEST_CASE("An address of IPv6 counts as its network") {
  CHECK(addressKey("10.1.2.3") == "10.1.2.3");
  CHECK(addressKey("::ffff:10.1.2.3") == "10.1.2.3");
  CHECK(addressKey("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2:");
  CHECK(addressKey("2001:db8:1:2::6") == "2001:db8:1:2:");
  CHECK(addressKey("2001:db8::7:6") == "2001:db8:0:0:");
  CHECK(addressKey("2001:db8::2:3:4:5:6") == "2001:db8:0:2:");
  CHECK(addressKey("::1") == "0:0:0:0:");
  CHECK(addressKey("::") == "0:0:0:0:");
  CHECK(addressKey("").empty());
}

TEST_CASE("A server takes so much of one person, whichever token they use, and says when to go on") {
  FakeServer server;
  CallerRates rates({.readsPerSecond = 1, .changesPerSecond = 1, .signInsPerSecond = 1});
  server.gate.paces(rates);
  server.addUser("ada");
  server.addUser("bob");
  server.addGrant("ada", Role::editor, {"team", {}});
  const auto one = withToken(server.addToken("ada", {"flow.read", "flow.edit"}));
  const auto other = withToken(server.addToken("ada", {"flow.read", "flow.edit"}));
  const auto post = [&server](const std::vector<api::Header>& who) {
    return server.ask("POST", "/api/v1/flows/validate", "{", who);
  };
  for (int i = 0; i < 10; ++i) CHECK(post(i % 2 == 0 ? one : other).status != 429);
  const auto refused = post(other);
  CHECK(refused.status == 429);
  CHECK(refused.text.contains("\"code\":\"api.rate\""));
  CHECK(refused.text.contains("--changes-per-second"));
  CHECK(refused.header("retry-after") == "1");
  // From wherever they send.
  server.remote = "10.9.9.9";
  CHECK(post(one).status == 429);
  CHECK(post(withToken(server.addToken("bob", {"flow.read"}))).status != 429);
  CHECK(server.ask("GET", "/api/v1/me", {}, one).status == 200);
}

TEST_CASE("Who is not known counts by address, also with a wrong token") {
  FakeServer server;
  CallerRates rates({.changesPerSecond = 1, .signInsPerSecond = 1});
  server.gate.paces(rates);
  server.addUser("ada");
  const auto wrong = withToken("weir_pat_nothing");
  for (int i = 0; i < 10; ++i) CHECK(server.ask("POST", "/api/v1/flows/validate", "{", wrong).status == 401);
  CHECK(server.ask("POST", "/api/v1/flows/validate", "{", wrong).status == 429);
  for (int i = 0; i < 10; ++i) CHECK(server.ask("POST", "/api/v1/session", "{").status == 400);
  const auto refused = server.ask("POST", "/api/v1/session", signInBody("ada", kPassword));
  CHECK(refused.status == 429);
  CHECK(refused.text.contains("--sign-ins-per-second"));
  // Whoever has signed in at that address goes on.
  CHECK(server.ask("POST", "/api/v1/flows/validate", "{", withToken(server.addToken("ada", {"flow.read"}))).status !=
        429);
  server.remote = "10.0.0.8";
  CHECK(server.ask("POST", "/api/v1/session", signInBody("ada", kPassword)).status == 201);
}

}  // namespace
}  // namespace weir::auth
