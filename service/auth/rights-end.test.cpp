// Tests of rights that end, of what tokens do not reach, and of how requests are named: S1, S2, S3, S14.
#include <doctest/doctest.h>

#include <memory>

#include "service/auth/people.test.h"

namespace weir::auth {
namespace {

struct Woken final : WakeTarget {
  void wake() override { ++times; }
  int times = 0;
};

/// A stream of an execution that goes on, read to where it waits.
struct OpenStream {
  OpenStream(FakeServer& place, std::vector<api::Header> headers) : server(place), script(place.runner.next()) {
    script.endless = true;
    api::Request request{"POST", "/api/v1/execute", "", std::move(headers)};
    exchange = server.api.begin(std::move(request), Waker(woken));
    exchange->body(api::flowText("endless"));
    exchange->endBody();
    for (exchange->step(); exchange->answer() == nullptr; exchange->step()) {
    }
    REQUIRE(exchange->answer()->status == 200);
    CHECK(read().contains("execution-update"));
    woken->times = 0;
  }
  /// What has come; "(end)" behind it when it has ended.
  std::string read() const {
    std::string all, piece;
    for (;;) {
      switch (exchange->next(piece)) {
        case api::BodyStream::Next::piece:
          all += piece;
          continue;
        case api::BodyStream::Next::wait:
          return all;
        case api::BodyStream::Next::end:
          return all + "(end)";
      }
    }
  }
  /// Its run ends too: a place has room for few.
  ~OpenStream() {
    exchange.reset();
    script.endless = false;
    static_cast<void>(server.api.work(100));
  }
  OpenStream(const OpenStream&) = delete;
  OpenStream& operator=(const OpenStream&) = delete;

  FakeServer& server;
  api::Script& script;
  std::shared_ptr<Woken> woken = std::make_shared<Woken>();
  std::unique_ptr<api::Exchange> exchange;
};

void checkEnds(const OpenStream& stream) {
  CHECK(stream.woken->times > 0);
  const auto last = stream.read();
  CHECK(last.contains("auth.revoked"));
  CHECK(last.ends_with("(end)"));
}

std::string grantTo(const std::string& user, const std::string& where) {
  return R"({"user": ")" + user + R"(", "role": "operator", )" + where + "}";
}

}  // namespace

TEST_CASE("S3: the stream of an execution ends at once with the grant, the session, the token or the user") {
  FakeServer server;
  server.addUser("root", true);
  server.addGrant("root", Role::administrator, {});
  const auto root = withSession(server.enter("root"));
  server.addUser("anna");
  const auto given = server.ask("POST", "/api/v1/grants", grantTo("anna", R"("folder": "team")"), root);
  REQUIRE(given.status == 201);
  {
    const OpenStream stream(server, withSession(server.enter("anna")));
    const OpenStream other(server, root);
    REQUIRE(server.ask("DELETE", "/api/v1/grants/" + given.at("/id"), {}, root).status == 204);
    checkEnds(stream);
    CHECK(other.read().empty());
  }
  server.addGrant("anna", Role::runner, {"team", {}});
  {
    const OpenStream stream(server, withToken(server.addToken("anna", {"run.start"})));
    const OpenStream byCookie(server, withSession(server.enter("anna")));
    REQUIRE(server.ask("PATCH", "/api/v1/users/anna", R"({"disabled": true})", root).status == 200);
    checkEnds(stream);
    checkEnds(byCookie);
  }
  REQUIRE(server.ask("PATCH", "/api/v1/users/anna", R"({"disabled": false})", root).status == 200);
  {
    const auto token = server.addToken("anna", {"run.start"});
    const OpenStream stream(server, withToken(token));
    const auto id = readToken(token)->id;
    REQUIRE(server.ask("DELETE", "/api/v1/tokens/" + std::string(id), {}, withSession(server.enter("anna"))).status ==
            204);
    checkEnds(stream);
  }
  const auto token = server.addToken("anna", {"run.start"});
  const OpenStream stream(server, withToken(token));
  server.clock.passMs(2 * 86'400'000);
  CHECK(stream.read().contains("auth.revoked"));  // it has expired
}

TEST_CASE("S1: what a run logs is watched by who may read data") {
  FakeServer server;
  server.addUser("vera");
  server.addGrant("vera", Role::viewer, {"team", {}});
  const auto vera = withSession(server.enter("vera"));
  const auto answer = server.ask("GET", "/api/v1/runs/run-team-flow/live/logs", {}, vera);
  CHECK(answer.status == 403);
  CHECK(answer.at("/detail").contains("data.read"));
}

TEST_CASE("S1: a grant of a flow ends with it, and is nothing to a flow of the same id that is made later") {
  FakeServer server;
  for (const auto* name : {"root", "bob"}) server.addUser(name);
  server.addGrant("root", Role::administrator, {});
  const auto root = withSession(server.enter("root"));
  const auto make = [&](const char* folder) {
    return server.ask("POST", std::string("/api/v1/flows?folder=") + folder, api::flowText("plans"), root);
  };
  const auto grants = [&] { return server.ask("GET", "/api/v1/grants", {}, root).text; };
  REQUIRE(make("hr").status == 201);
  REQUIRE(server.ask("POST", "/api/v1/grants", grantTo("bob", R"("flow": "plans")"), root).status == 201);
  const auto any = [&] {
    auto headers = root;
    headers.push_back({"if-match", "*"});
    return headers;
  }();
  REQUIRE(server.ask("DELETE", "/api/v1/flows/plans", {}, any).status == 200);
  CHECK(grants().contains("plans"));  // it may come back
  // Purged by the server itself: nobody has told the gate.
  REQUIRE(server.store.purge("plans", {}, {}).take().has_value());
  REQUIRE(make("secret").status == 201);
  CHECK(!grants().contains("plans"));
  CHECK(server.identities.actions().ends_with("grant.removed"));

  REQUIRE(server.ask("POST", "/api/v1/grants", grantTo("bob", R"("flow": "plans")"), root).status == 201);
  REQUIRE(server.ask("DELETE", "/api/v1/flows/plans", {}, any).status == 200);
  REQUIRE(server.ask("DELETE", "/api/v1/flows/plans?purge=true", {}, any).status == 204);
  CHECK(server.directory.grants().size() == 1);
}

TEST_CASE("S2: a token does not reach sessions, passwords and tokens, whatever its scope") {
  FakeServer server;
  server.addUser("anna", true);
  server.addGrant("anna", Role::administrator, {});
  const auto cookie = withSession(server.enter("anna"));
  const auto token = withToken(server.addToken("anna", {"flow.read", "folder.grant", "server.admin"}));
  const auto own = server.ask("GET", "/api/v1/me/sessions", {}, cookie);
  REQUIRE(own.status == 200);
  const auto refused = [&](const char* method, const std::string& path, const char* body = "") {
    const auto answer = server.ask(method, path, body, token);
    CHECK(answer.status == 403);
    CHECK(answer.at("/detail").contains("sign in with your password"));
  };
  refused("GET", "/api/v1/me/sessions");
  refused("DELETE", "/api/v1/me/sessions/" + own.at("/sessions/0/id"));
  refused("GET", "/api/v1/tokens");
  refused("POST", "/api/v1/tokens", R"({"name": "x", "permissions": ["flow.read"]})");
  refused("PUT", "/api/v1/me/password", R"({"current": "long enough a password", "password": "another long one"})");
  refused("POST", "/api/v1/session/confirm", R"({"password": "long enough a password"})");
  CHECK(server.ask("GET", "/api/v1/me", {}, token).status == 200);
  CHECK(server.ask("GET", "/api/v1/roles", {}, token).status == 200);
}

TEST_CASE("S2: a token that is cut to folders sees the executions that were begun with it") {
  FakeServer server;
  server.addUser("anna");
  server.addGrant("anna", Role::developer, {});
  const auto list = [&](const std::vector<api::Header>& who) {
    return server.ask("GET", "/api/v1/executions", {}, who).at("/executions");
  };
  const OpenStream byCookie(server, withSession(server.enter("anna")));
  const auto cut = withToken(server.addToken("anna", {"flow.read", "run.start"}, {"team"}));
  CHECK(list(cut) == "[]");
  CHECK(server.ask("GET", "/api/v1/executions/run-1", {}, cut).status == 404);
  const OpenStream own(server, cut);
  CHECK(list(cut).contains("run-2"));
  CHECK(!list(cut).contains("run-1"));
  CHECK(list(withToken(server.addToken("anna", {"flow.read"}))).contains("run-1"));
}

TEST_CASE("every request has an id, in its answer and in the audit log, and nobody forges more than a name") {
  FakeServer server;
  server.addUser("anna");
  const auto wrong = R"({"name": "anna", "password": "something else"})";
  const auto ask = [&](std::vector<api::Header> headers) {
    server.identities.entries.clear();
    const auto answer = server.ask("POST", "/api/v1/session", wrong, std::move(headers));
    REQUIRE(server.identities.entries.size() == 1);
    CHECK(server.identities.entries.front().request == answer.header("x-request-id"));
    return answer.header("x-request-id");
  };
  const auto first = ask({});
  CHECK(first.size() > 8);
  CHECK(ask({}) != first);
  CHECK(ask({{"x-request-id", "trace-1:a/b+c=.D_e"}}) == "trace-1:a/b+c=.D_e");
  for (const std::string& bad : {std::string("\xff"), std::string("a b"), std::string("é"), std::string("\"x\""),
                                 std::string(65, 'a'), std::string()}) {
    FakeServer fresh;
    fresh.addUser("anna");
    const auto answer = fresh.ask("POST", "/api/v1/session", wrong, {{"x-request-id", bad}});
    CHECK(answer.status == 401);
    CHECK(answer.header("x-request-id") != bad);
    REQUIRE(fresh.identities.entries.size() == 1);
    CHECK(fresh.identities.entries.front().request == answer.header("x-request-id"));
  }
  CHECK(!server.ask("GET", "/api/v1/nowhere").header("x-request-id").empty());
}

TEST_CASE("an id that is taken is said to be so to who wants to make a flow, and to nobody else") {
  FakeServer server;
  server.addUser("edda");
  server.addGrant("edda", Role::editor, {"team", {}});
  server.addUser("vera");
  server.addGrant("vera", Role::viewer, {"team", {}});
  const auto put = [&](const char* who, std::vector<api::Header> more) {
    auto headers = withSession(server.enter(who));
    for (auto& header : more) headers.push_back(std::move(header));
    return server.ask("PUT", "/api/v1/flows/other-flow?folder=team", api::flowText("other-flow"), headers);
  };
  const auto taken = put("edda", {{"if-none-match", "*"}});
  CHECK(taken.status == 412);
  CHECK(taken.at("/code") == "storage.exists");
  CHECK(taken.at("/detail").contains("is taken"));
  CHECK(put("edda", {{"if-match", "*"}}).status == 404);
  CHECK(put("vera", {{"if-none-match", "*"}}).status == 403);
}

TEST_CASE("S14: the file of the setup link can be removed when the link was used") {
  FakeServer server;
  int used = 0;
  server.signIn.isSetUp = [&used] { ++used; };
  const auto code = server.signIn.setup.make(server.clock.steadyNanos() / 1'000'000);
  const auto body = [](const std::string& with) {
    return R"({"code": ")" + with + R"(", "name": "root", "password": "long enough a password"})";
  };
  CHECK(server.ask("POST", "/api/v1/setup", body(newSecret())).status == 403);
  CHECK(used == 0);
  CHECK(server.ask("POST", "/api/v1/setup", body(code)).status == 201);
  CHECK(used == 1);
}

TEST_CASE("S14: failures from an address wear off, also while others sign in from it") {
  SlowDown slow;
  std::int64_t now = 1'000'000;
  for (int i = 0; i < 90; ++i) {
    slow.failed("victim" + std::to_string(i), "10.0.0.7", now);
    now += 1000;
  }
  CHECK(slow.waitMs("anna", "10.0.0.7", now) > 50'000);
  int waits = 0;
  for (int minute = 0; minute < 30; ++minute) {
    now += 60'000;
    for (int i = 0; i < 10; ++i) {
      if (slow.waitMs("anna", "10.0.0.7", now) > 0) ++waits;
      slow.failed("anna", "10.0.0.7", now);
      slow.succeeded("anna", "10.0.0.7");
      now += 100;
    }
  }
  CHECK(waits == 0);  // the longest pause of an address is a minute, and no success makes it longer
  // Failures that go on count as before.
  for (int i = 0; i < 21; ++i) slow.failed("victim" + std::to_string(i), "10.0.0.7", now);
  CHECK(slow.waitMs("anna", "10.0.0.7", now) > 0);
  // Half of them are forgotten after five quiet minutes.
  SlowDown pair;
  for (int i = 0; i < 8; ++i) pair.failed("anna", "10.0.0.7", 0);
  CHECK(pair.waitMs("anna", "10.0.0.7", 0) == 8'000);
  CHECK(pair.waitMs("anna", "10.0.0.7", 8'000) == 0);
  pair.failed("anna", "10.0.0.7", 300'000);
  CHECK(pair.waitMs("anna", "10.0.0.7", 300'000) == 1'000);
}

}  // namespace weir::auth
