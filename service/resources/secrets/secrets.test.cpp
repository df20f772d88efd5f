// Secrets over HTTP: who may write and list them, what is refused, and that no answer and no file holds a value.
#include "service/resources/secrets/secrets.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "service/api/fake-place.test.h"
#include "service/resources/server-routes.h"
#include "service/resources/server.h"
#include "service/store/sql/secret-table.h"

namespace {

using namespace weir;
using namespace weir::api;
using sodium::Key;
using store::sql::waitFor;

constexpr std::string_view kCanary = "canary-secret-51ab";

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-secrets-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] bool holds(std::string_view text) const {
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      std::ifstream file(entry.path(), std::ios::binary);
      std::stringstream bytes;
      bytes << file.rdbuf();
      if (bytes.str().contains(text)) return true;
    }
    return false;
  }
  std::string path;
};

/// Lets callers do what the test granted them.
class GrantGate final : public Gate {
 public:
  std::vector<auth::Grant> grants;
  auth::Principal who;

  Job<Expected<Unit>> admit(api::Call& call) override {
    call.principal = who;
    return Job<Expected<Unit>>(Expected<Unit>(Unit{}));
  }
  auth::PermissionSet permissionsAt(const auth::Principal& principal, const auth::Place& at) override {
    return auth::permissionsAt(principal, grants, at);
  }
  Expected<void> mustHave(const auth::Principal& principal, auth::Permission permission, const auth::Place& at,
                          std::string_view what) override {
    const auto has = permissionsAt(principal, at);
    if (has.has(permission)) return {};
    if (!has.has(auth::Permission::flowRead))
      return refuse(404, "storage.not_found", "there is no " + std::string(what));
    return refuse(403, "auth.denied", "you may not do that in " + std::string(what));
  }
  auth::Reach reachOf(const auth::Principal& principal, auth::Permission permission) override {
    return auth::reachOf(principal, grants, permission);
  }
  [[nodiscard]] bool holdsSomewhere(const api::Call&) override { return true; }
  [[nodiscard]] std::uint64_t epoch() const override { return 0; }
};

struct SecretPlace {
  Folder folder;
  FakePlace place;
  Key key = Key::random();
  std::unique_ptr<store::sql::Database> database;
  std::unique_ptr<store::Secrets> secrets;
  GrantGate gate;
  Server server;
  std::unique_ptr<Api> api;

  explicit SecretPlace(bool sealed = true) {
    auto opened = store::sql::openSqlite(folder.path + "/weir.db", {});
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    database = std::move(*opened);
    secrets = store::sql::secretsIn(*database, place.clock, sealed ? &key : nullptr);
    server.secrets = secrets.get();
    api = std::make_unique<Api>(FakePlace::placeOf(1 << 20), ExecutionLimits{}, place.clock, place.catalogue,
                                place.store, place.runner, Waker{},
                                ApiExtras{.routes = &serverRoutes(), .gate = &gate, .server = &server});
  }

  void become(std::string user, auth::Role role, std::string at) {
    gate.who = {.user = user};
    gate.grants.push_back({.subject = std::move(user), .role = role, .at = {std::move(at), {}}});
  }

  Answer ask(std::string method, std::string_view target, std::string_view body = {}) const {
    const auto mark = std::min(target.find('?'), target.size());
    Request request{std::move(method),
                    std::string(target.substr(0, mark)),
                    std::string(target.substr(std::min(mark + 1, target.size()))),
                    {{"content-type", "application/json"}}};
    const auto exchange = api->begin(std::move(request));
    if (exchange->takesBody()) {
      exchange->body(body);
      exchange->endBody();
    }
    while (exchange->answer() == nullptr) {
      exchange->step();
      std::this_thread::yield();
    }
    return answerOf(*exchange);
  }
};

const std::string kBody = R"({"value": "canary-secret-51ab", "hosts": ["api.example.com"]})";

TEST_CASE("a secret is set, listed without its value, changed and deleted") {
  SecretPlace place;
  place.become("ada", auth::Role::administrator, "team");
  const auto made = place.ask("PUT", "/api/v1/secrets/API_KEY?folder=team/a", kBody);
  CHECK(made.status == 201);
  CHECK(made.at("/name") == "API_KEY");
  CHECK(made.at("/folder") == "team/a");
  CHECK(made.at("/hosts") == R"(["api.example.com"])");
  CHECK(made.at("/changedBy") == "ada");
  CHECK(made.at("/value") == "(nothing)");
  // New hosts, the same value; then a new value, the same hosts.
  CHECK(
      place.ask("PUT", "/api/v1/secrets/API_KEY?folder=team/a", R"({"hosts": ["db:5432"], "nodeTypes": ["test/sink"]})")
          .status == 200);
  CHECK(waitFor(place.secrets->find("team/a", "API_KEY", {}))->value == kCanary);
  CHECK(place.ask("PUT", "/api/v1/secrets/API_KEY?folder=team/a", R"({"value": "another one"})").status == 200);
  const auto got = place.ask("GET", "/api/v1/secrets/API_KEY?folder=team/a");
  CHECK(got.at("/hosts") == R"(["db:5432"])");
  CHECK(got.at("/nodeTypes") == R"(["test/sink"])");
  CHECK(waitFor(place.secrets->find("team/a", "API_KEY", {}))->value == "another one");
  CHECK(place.ask("GET", "/api/v1/secrets").at("/secrets/0/name") == "API_KEY");
  CHECK(place.ask("DELETE", "/api/v1/secrets/API_KEY?folder=team/a").status == 204);
  CHECK(place.ask("DELETE", "/api/v1/secrets/API_KEY?folder=team/a").status == 404);
  CHECK(place.ask("GET", "/api/v1/secrets/API_KEY?folder=team/a").status == 404);
}

TEST_CASE("S11: no answer, refusal or file of the database holds the value of a secret") {
  SecretPlace place;
  place.become("ada", auth::Role::administrator, "");
  std::string said;
  const auto ask = [&](std::string method, std::string_view target, std::string_view body = {}) {
    said += place.ask(std::move(method), target, body).text;
  };
  ask("PUT", "/api/v1/secrets/A", kBody);
  ask("PUT", "/api/v1/secrets/A", kBody);
  ask("PUT", "/api/v1/secrets/A", kBody + "}");
  ask("PUT", "/api/v1/secrets/A", R"("canary-secret-51ab")");
  ask("PUT", "/api/v1/secrets/A", R"({"value": "canary-secret-51ab", "reference": "vault:a/b#c"})");
  ask("PUT", "/api/v1/secrets/A", R"({"value": ["canary-secret-51ab"]})");
  ask("PUT", "/api/v1/secrets/1A", kBody);
  ask("GET", "/api/v1/secrets/A");
  ask("GET", "/api/v1/secrets");
  ask("DELETE", "/api/v1/secrets/B");
  CHECK_FALSE(said.contains("canary"));
  CHECK_FALSE(place.folder.holds("canary"));
  CHECK(waitFor(place.secrets->find("", "A", {}))->value == kCanary);
  // That the search would find it: who changes it has a name.
  CHECK(place.folder.holds("ada"));
}

TEST_CASE(
    "S11: without a key a value is refused and no reference is; what was in the clear is sealed when there is one") {
  SecretPlace place(false);
  place.become("ada", auth::Role::administrator, "");
  const auto refused = place.ask("PUT", "/api/v1/secrets/A", kBody);
  CHECK(refused.status == 503);
  CHECK(refused.at("/code") == "key.missing");
  CHECK(place.ask("PUT", "/api/v1/secrets/B", R"({"reference": "vault:a/weir/b#c", "hosts": ["x"]})").status == 201);
  CHECK_FALSE(place.folder.holds("canary"));
  // As an earlier program wrote them.
  const auto write = [&](const std::string& name, const std::string& value, bool sealed) {
    REQUIRE(waitFor(place.database->write<Unit>({}, [&](store::sql::Session& session) -> Result<Unit> {
      WEIR_TRY(
          session.exec("INSERT INTO secrets (folder, name, value, sealed, reference, hosts, node_types, created_at, "
                       "changed_at, changed_by) VALUES ('', ?, ?, ?, '', '[]', '[]', 1, 1, 'x')",
                       {name, store::sql::Value::Bytes{value}, sealed ? 1 : 0}));
      return Unit{};
    })));
  };
  write("PLAIN", std::string(kCanary), false);
  CHECK(place.folder.holds("canary"));
  CHECK(waitFor(place.secrets->find("", "PLAIN", {})).error().code == "key.missing");
  const auto before = Key::random();
  std::string sealed;
  sodium::seal(before, "weir secret\n\nOLD", "an old value", sealed);
  write("OLD", sealed, true);
  write("STRANGE", "what nobody opens", true);
  CHECK(*waitFor(store::sql::sealSecrets(*place.database, place.key, before, {})) == 2);
  CHECK(*waitFor(store::sql::sealSecrets(*place.database, place.key, before, {})) == 0);
  const auto secrets = store::sql::secretsIn(*place.database, place.place.clock, &place.key);
  CHECK(waitFor(secrets->find("", "PLAIN", {}))->value == kCanary);
  CHECK(waitFor(secrets->find("", "OLD", {}))->value == "an old value");
  CHECK(waitFor(secrets->find("", "STRANGE", {})).error().code == "storage.corrupt");
  CHECK(waitFor(secrets->find("", "B", {}))->head.reference == "vault:a/weir/b#c");
  place.database.reset();
  CHECK_FALSE(place.folder.holds("canary"));
}

TEST_CASE("S11: servers of one database seal with the first one's key, which only their master key opens") {
  SecretPlace place;
  const auto master = Key::random(), others = Key::random();
  const auto first = Key::random(), second = Key::random();
  const auto share = [&](const Key& own, const Key& with) {
    auto shared = waitFor(store::sql::shareSecretKey(*place.database, own, with, {}));
    REQUIRE_MESSAGE(shared.has_value(), shared.error().message);
    return *shared;
  };
  const auto put = [&](const Key& key, const char* name, const char* value) {
    const auto secrets = store::sql::secretsIn(*place.database, place.place.clock, &key);
    REQUIRE(waitFor(secrets->put("team", name, {.value = std::string(value), .by = "x"}, {})));
  };
  const auto reads = [&](const Key& key, const char* name) {
    const auto secrets = store::sql::secretsIn(*place.database, place.place.clock, &key);
    const auto found = waitFor(secrets->find("team", name, {}));
    return found ? found->value : std::string(found.error().code);
  };
  // What the second has sealed before it heard of the first is everybody's from then on.
  put(second, "OLD", "of the second");
  const auto began = share(first, master);
  CHECK((began.key == first && began.master == master.name()));
  CHECK(began.foreign == std::vector<std::string>{"team/OLD"});
  CHECK(reads(first, "OLD") == "storage.corrupt");
  const auto joined = share(second, master);
  CHECK((joined.key == first && joined.foreign.empty()));
  CHECK(reads(first, "OLD") == "of the second");
  CHECK(share(first, master).foreign.empty());

  // Who has another master key is told which one it lacks, and changes nothing.
  const auto stranger = share(Key::random(), others);
  CHECK_FALSE(stranger.key.has_value());
  CHECK(stranger.master == master.name());
  CHECK(share(second, master).key == first);

  // Who has the key already, and was given another master key, wraps it with that.
  const auto renewed = share(first, others);
  CHECK((renewed.key == first && renewed.master == others.name()));
  CHECK(share(second, others).key == first);
  CHECK_FALSE(share(second, master).key.has_value());
  place.database.reset();
  for (const auto& key : {first, second, master, others}) CHECK_FALSE(place.folder.holds(key.bytes()));
}

TEST_CASE("S1: secrets of a folder are seen by who may use them there, and written by who may write them there") {
  SecretPlace place;
  for (const auto* folder : {"team/a", "team/ab", "other"})
    REQUIRE(waitFor(place.secrets->put(folder, "SAME", {.value = std::string("value of ") + folder, .by = "x"}, {})));
  place.become("viewer", auth::Role::viewer, "team/a");
  CHECK(place.ask("GET", "/api/v1/secrets").at("/secrets") == "[]");
  CHECK(place.ask("GET", "/api/v1/secrets/SAME?folder=team/a").status == 403);
  CHECK(place.ask("PUT", "/api/v1/secrets/SAME?folder=team/a", kBody).status == 403);
  CHECK(place.ask("PUT", "/api/v1/secrets/SAME?folder=other", kBody).status == 404);

  place.become("editor", auth::Role::editor, "team/a");
  const auto seen = place.ask("GET", "/api/v1/secrets");
  CHECK(seen.at("/secrets/0/folder") == "team/a");
  CHECK(seen.at("/secrets/1") == "(nothing)");
  CHECK(place.ask("GET", "/api/v1/secrets?folder=team").at("/secrets/1") == "(nothing)");
  CHECK(place.ask("GET", "/api/v1/secrets?folder=other").at("/secrets") == "[]");
  CHECK(place.ask("GET", "/api/v1/secrets/SAME?folder=team/a").status == 200);
  CHECK(place.ask("GET", "/api/v1/secrets/SAME?folder=team/ab").status == 404);
  CHECK(place.ask("PUT", "/api/v1/secrets/SAME?folder=team/a", kBody).status == 403);
  CHECK(place.ask("DELETE", "/api/v1/secrets/SAME?folder=team/a").status == 403);

  place.become("chief", auth::Role::administrator, "team");
  CHECK(place.ask("GET", "/api/v1/secrets").at("/secrets/1/folder") == "team/ab");
  CHECK(place.ask("PUT", "/api/v1/secrets/SAME?folder=team/ab", kBody).status == 200);
  CHECK(place.ask("DELETE", "/api/v1/secrets/SAME?folder=other").status == 404);
  CHECK(waitFor(place.secrets->find("other", "SAME", {}))->value == "value of other");
}

TEST_CASE("two folders with equal names share nothing; a flow has its own folder's secret, else that of one above") {
  SecretPlace place;
  const auto put = [&](const char* folder, const char* value) {
    REQUIRE(waitFor(place.secrets->put(folder, "KEY", {.value = value, .by = "x"}, {})));
  };
  put("team", "of the team");
  put("team/a", "of a");
  put("other", "of the other");
  put("", "of the root");
  const auto found = [&](const char* folder) {
    const auto secret = waitFor(place.secrets->find(folder, "KEY", {}));
    return secret ? secret->value : std::string(secret.error().code);
  };
  CHECK(found("team/a") == "of a");
  CHECK(found("team/a/deep") == "of a");
  CHECK(found("team/b") == "of the team");
  CHECK(found("other") == "of the other");
  CHECK(found("third") == "storage.not_found");
  CHECK(found("") == "of the root");
  // A sealed value that somebody moves to another folder in the database does not open there.
  REQUIRE(waitFor(place.database->write<Unit>({}, [](store::sql::Session& session) -> Result<Unit> {
    WEIR_TRY(session.exec(
        "UPDATE secrets SET value = (SELECT value FROM secrets WHERE folder = 'team') WHERE folder = 'other'"));
    return Unit{};
  })));
  CHECK(found("other") == "storage.corrupt");
}

TEST_CASE("a secret goes to its hosts and node types alone") {
  store::SecretHead secret;
  secret.name = "KEY";
  CHECK(store::mayUse(secret, "http/request", "api.example.com").error().code == "secret.host");
  secret.hosts = {"api.example.com", "*.trusted.net", "db:5432", "[::1]"};
  for (const auto* host :
       {"api.example.com", "API.example.COM:443", "a.trusted.net", "a.b.trusted.net:80", "db:5432", "[::1]"})
    CHECK_MESSAGE(store::mayUse(secret, "http/request", host), host);
  for (const auto* host : {"example.com", "api.example.com.evil.net", "trusted.net", "eviltrusted.net", "db", "db:5433",
                           "", ".trusted.net"})
    CHECK_MESSAGE(!store::mayUse(secret, "http/request", host), host);
  secret.nodeTypes = {"sql/query"};
  CHECK(store::mayUse(secret, "sql/query", "db:5432"));
  CHECK(store::mayUse(secret, "http/request", "db:5432").error().code == "secret.node");
}

TEST_CASE("what is no secret is refused with what is wrong, and changes nothing") {
  SecretPlace place;
  place.become("ada", auth::Role::administrator, "");
  const auto code = [&](std::string_view target, std::string_view body) {
    const auto answer = place.ask("PUT", target, body);
    return std::to_string(answer.status) + " " + answer.at("/code");
  };
  CHECK(code("/api/v1/secrets/A", "") == "400 api.body");
  CHECK(code("/api/v1/secrets/A", "[]") == "400 api.body");
  CHECK(code("/api/v1/secrets/A", R"({"value": "abc"})") == "422 secret.short");
  CHECK(code("/api/v1/secrets/A", "{\"value\": \"" + std::string(70'000, 'x') + "\"}") == "422 storage.too_large");
  CHECK(code("/api/v1/secrets/A", R"({"value": 12345})") == "422 api.body");
  CHECK(code("/api/v1/secrets/A", R"({"values": "abcdef"})") == "400 api.body");
  CHECK(code("/api/v1/secrets/A", R"({"hosts": ["a"]})") == "400 storage.invalid");
  CHECK(code("/api/v1/secrets/A", R"({"value": "abcdef", "hosts": "a"})") == "422 api.body");
  CHECK(code("/api/v1/secrets/A", R"({"value": "abcdef", "hosts": [""]})") == "422 api.body");
  CHECK(code("/api/v1/secrets/A", R"({"reference": "http://x"})") == "422 secret.reference");
  CHECK(code("/api/v1/secrets/a b", R"({"value": "abcdef"})") == "422 storage.invalid");
  for (const auto* folder : {"/team", "team/", "a//b", "a/../b"}) {
    CHECK(code("/api/v1/secrets/A?folder=" + std::string(folder), R"({"value": "abcdef"})") == "400 api.folder");
  }
  for (const auto* host : {"http://a.example", "a.example/path", "*", "*.", "a b", "a.example:99999", "a.example:0",
                           "*.com:80", "::1", "a..b", "a*.example", "user@a.example", "\u00fc.example"}) {
    CAPTURE(host);
    const auto answer =
        place.ask("PUT", "/api/v1/secrets/A", R"({"value": "abcdef", "hosts": [")" + std::string(host) + "\"]}");
    CHECK(answer.status == 422);
    CHECK(answer.at("/detail").contains("'hosts'"));
  }
  CHECK(code("/api/v1/secrets/A", R"({"value": "abcdef", "nodeTypes": ["nope/none"]})") == "422 api.body");
  CHECK(place.ask("PUT", "/api/v1/secrets/A", R"({"value": "abcdef", "nodeTypes": ["test/sinc"]})")
            .at("/detail")
            .contains("'test/sink'"));
  CHECK(
      code("/api/v1/secrets/B", R"({"value": "abcdef", "hosts": ["a.example", "db_1:5432", "*.example.com", "10.0.0.1",
                                      "[::1]", "[fe80::1]:80", "A.Example"]})") == "201 (nothing)");
  CHECK(place.ask("DELETE", "/api/v1/secrets/B").status == 204);
  CHECK(place.ask("GET", "/api/v1/secrets").at("/secrets") == "[]");
  CHECK(code("/api/v1/secrets/A", R"({"reference": "vault:secret/weir/app#password"})") == "201 (nothing)");
  CHECK(place.ask("GET", "/api/v1/secrets/A").at("/reference") == "vault:secret/weir/app#password");
}

TEST_CASE("references lead into the folder's own part of a vault, the others are for who looks after the server") {
  SecretPlace place;
  place.become("eve", auth::Role::administrator, "team");
  const auto put = [&](std::string_view name, std::string_view body) {
    const auto answer = place.ask("PUT", "/api/v1/secrets/" + std::string(name) + "?folder=team", body);
    return std::to_string(answer.status) + " " + answer.at("/code");
  };
  for (const auto* elsewhere :
       {"vault:secret/weir#master", "vault:secret/team/db#password", "vault:secret/weir/other/db#password",
        "vault:secret/weir/team#password", "vault:secret/weir/teams/db#password", "aws-sm:prod/db#password",
        "aws-sm:weir/other/db", "aws-sm:arn:aws:secretsmanager:eu:1:secret:weir/team/db"}) {
    CAPTURE(elsewhere);
    const auto body = R"({"hosts": ["x"], "reference": ")" + std::string(elsewhere) + "\"}";
    CHECK(put("A", body) == "403 auth.denied");
  }
  CHECK(put("A", R"({"reference": "vault:secret/weir/team/../db#x"})") == "422 secret.reference");
  CHECK(place.ask("GET", "/api/v1/secrets/A?folder=team").status == 404);
  CHECK(put("A", R"({"reference": "vault:secret/weir/team/db#password"})") == "201 (nothing)");
  CHECK(put("A", R"({"hosts": ["y"]})") == "200 (nothing)");
  CHECK(put("B", R"({"reference": "aws-sm:weir/team/db"})") == "201 (nothing)");

  // What was set by who may set it: its hosts are not for others, who may still put something else in its place.
  REQUIRE(waitFor(place.secrets->put("team", "C", {.reference = "vault:secret/weir#master", .hosts = {{"db"}}}, {})));
  CHECK(put("C", R"({"hosts": ["evil.example"]})") == "403 auth.denied");
  CHECK(put("C", R"({"nodeTypes": []})") == "403 auth.denied");
  CHECK(place.ask("GET", "/api/v1/secrets/C?folder=team").at("/hosts") == R"(["db"])");
  CHECK(put("C", R"({"value": "abcdef", "hosts": ["evil.example"]})") == "200 (nothing)");
  place.gate.who.administersServer = true;
  CHECK(put("D", R"({"reference": "vault:secret/weir#master", "hosts": ["x"]})") == "201 (nothing)");
}

TEST_CASE("lists come page by page") {
  SecretPlace place;
  place.become("ada", auth::Role::administrator, "");
  for (int i = 0; i < 7; ++i)
    REQUIRE(
        waitFor(place.secrets->put(i < 3 ? "a" : "b", "S" + std::to_string(i), {.value = "abcdef", .by = "x"}, {})));
  std::string names, cursor;
  for (int page = 0; page < 10; ++page) {
    const auto answer = place.ask("GET", "/api/v1/secrets?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& secret : *answer.json.root().find("secrets")->asArray()) names += *secret.find("name")->asString();
    if (answer.at("/next") == "(nothing)") break;
    cursor = answer.at("/next");
  }
  CHECK(names == "S0S1S2S3S4S5S6");
  CHECK(place.ask("GET", "/api/v1/secrets?cursor=x").status == 400);
}

}  // namespace
