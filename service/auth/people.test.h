// A server for tests of rights: its people are kept in memory, its API is that of a server.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "service/api/fake-place.test.h"
#include "service/auth/directory-gate.h"
#include "service/auth/secret-text.h"
#include "service/auth/sign-in.h"
#include "service/resources/server-routes.h"
#include "service/resources/server.h"

namespace weir::auth {

/// Keeps all at once, or only when the test says so.
class FakeIdentities final : public store::Identities {
 public:
  Operation<std::vector<store::IdentityRecord>> load(Waker) override {
    std::vector<store::IdentityRecord> all;
    for (const auto& [key, body] : records) all.push_back({key.first, key.second, body});
    return Operation<std::vector<store::IdentityRecord>>::finished(std::move(all));
  }
  Operation<Unit> commit(std::vector<store::IdentityChange> changes, std::vector<store::AuditEntry> told,
                         Waker waker) override {
    if (broken) return Operation<Unit>::finished(fail("storage.unavailable", "the database has gone away"));
    for (auto& change : changes) {
      if (change.body) {
        records[{change.kind, change.id}] = *change.body;
      } else {
        records.erase({change.kind, change.id});
      }
    }
    for (auto& entry : told) entries.push_back(std::move(entry));
    if (!slow) return Operation<Unit>::finished(Unit{});
    held.emplace_back(std::move(waker));
    return held.back().operation();
  }
  [[nodiscard]] std::string actions() const {
    std::string text;
    for (const auto& entry : entries) text += (text.empty() ? "" : " ") + entry.action;
    return text;
  }

  std::map<std::pair<std::string, std::string>, std::string> records;
  std::vector<store::AuditEntry> entries;
  std::vector<Completion<Unit>> held;
  bool broken = false, slow = false;
};

/// Flows `team-flow`, `other-flow` and runs of them, and what is in the store.
class FakePlaces final : public Places {
 public:
  api::Job<api::Expected<std::optional<Place>>> ofFlow(api::Call& call, std::string flow) override {
    if (const auto found = folders.find(flow); found != folders.end()) co_return Place{found->second, flow};
    const auto kept = co_await call.of(call.services.store.read(flow, call.waker()));
    co_return kept ? Place{kept->head.folder, flow} : std::optional<Place>();
  }
  api::Job<api::Expected<std::optional<Place>>> ofRun(api::Call& call, std::string run) override {
    if (const auto found = runs.find(run); found != runs.end()) co_return found->second;
    co_return co_await ofFlow(call, run.starts_with("run-") ? run.substr(4) : run);
  }
  std::map<std::string, Place, std::less<>> runs;  // that lie elsewhere than their flows
  std::map<std::string, std::string, std::less<>> folders{{"team-flow", "team"}, {"other-flow", "other"}};
};

/// The password of everybody, and its hash, which is made once.
inline constexpr std::string_view kPassword = "long enough a password";
[[nodiscard]] inline const std::string& passwordHash() {
  static const std::string kHash = [] {
    PasswordWorker worker;
    auto made = worker.hash(std::string(kPassword), {});
    while (!made.ready()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return made.take().value_or("");
  }();
  return kHash;
}

/// The secret of the cookie that an answer sets.
[[nodiscard]] inline std::string secretOf(const api::Answer& answer) {
  const auto cookie = answer.header("set-cookie");
  const auto begin = cookie.find('=') + 1;
  return cookie.substr(begin, cookie.find(';') - begin);
}

[[nodiscard]] inline std::string signInBody(std::string_view name, std::string_view password) {
  return R"({"name": ")" + std::string(name) + R"(", "password": ")" + std::string(password) + R"("})";
}

[[nodiscard]] inline std::string setupBody(const std::string& code) {
  return R"({"code": ")" + code + R"(", "name": "root", "password": "long enough a password"})";
}

struct FakeServer {
  explicit FakeServer(const api::RouteTable& routes = api::serverRoutes())
      : api(api::FakePlace::placeOf(10 << 20), {}, clock, catalogue, store, runner, {},
            {.routes = &routes, .gate = &gate, .server = &server}) {
    server.signIn = &signIn;
  }

  api::SetClock clock;
  Catalogue catalogue = api::twoNodes();
  store::MemoryStore store{clock};
  api::ScriptedRunner runner;
  FakeIdentities identities;
  FakePlaces places;
  PasswordWorker passwords;
  Directory directory{identities, clock};
  SignIn signIn{directory, passwords};
  DirectoryGate gate{directory, places, ""};
  api::Server server;
  api::Api api;
  std::string remote = "10.0.0.7";  // where its requests come from

  void keep(DirectoryChange change) {
    static_cast<void>(directory.commit(std::move(change), {}, {}));
    directory.settle();
  }
  /// A user whose id is their name.
  void addUser(const std::string& name, bool administersServer = false) {
    User user;
    user.id = user.name = name;
    user.password = passwordHash();
    user.administersServer = administersServer;
    keep({.users = {user}});
  }
  void addGrant(const std::string& user, Role role, Place at) {
    keep({.grants = {{newId(), {user, false, role, std::move(at)}, "test", 0}}});
  }
  /// A session of the user, given without a password; its secret.
  std::string enter(const std::string& user) {
    const auto secret = newSecret();
    Session session;
    session.id = keptOf(secret);
    session.user = user;
    session.createdAt = session.seenAt = session.provedAt = directory.nowMs();
    keep({.sessions = {session}});
    return secret;
  }
  std::string addToken(const std::string& user, std::vector<std::string> permissions,
                       std::vector<std::string> folders = {}) {
    const auto secret = newSecret();
    Token token;
    token.id = newId();
    token.hash = keptOf(secret);
    token.user = user;
    token.permissions = std::move(permissions);
    token.folders = std::move(folders);
    token.createdAt = directory.nowMs();
    token.expiresAt = token.createdAt + 86'400'000;
    keep({.tokens = {token}});
    return write(TokenText{token.id, secret});
  }

  /// Sends a request whole and waits for its answer.
  api::Answer ask(std::string method, std::string_view target, std::string_view body = {},
                  std::vector<api::Header> headers = {}) {
    const auto mark = std::min(target.find('?'), target.size());
    api::Request request{std::move(method), std::string(target.substr(0, mark)),
                         std::string(target.substr(std::min(mark + 1, target.size()))), std::move(headers)};
    request.remote = remote;
    const auto exchange = api.begin(std::move(request));
    if (exchange->takesBody()) {
      exchange->body(body);
      exchange->endBody();
    }
    for (exchange->step(); exchange->answer() == nullptr; exchange->step()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return api::answerOf(*exchange);
  }
};

/// Headers of a request with a session, from a page of our own.
[[nodiscard]] inline std::vector<api::Header> withSession(const std::string& secret) {
  return {{"cookie", "weir-local=" + secret}, {"host", "localhost:8080"}, {"origin", "http://localhost:8080"}};
}
[[nodiscard]] inline std::vector<api::Header> withToken(const std::string& token) {
  return {{"authorization", "Bearer " + token}};
}

}  // namespace weir::auth
