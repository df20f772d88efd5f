// Requests that are sent again under one Idempotency-Key.
#include "service/api/once.h"

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <utility>

#include "service/api/auditor.h"
#include "service/api/fake-place.test.h"

using namespace weir;
using namespace weir::api;

namespace {

/// Counts what was done; each waits until the test lets it go on.
struct Work {
  int done = 0;
  std::deque<Completion<Unit>> held;
  bool hold = false;
  int status = 201;
};
Work work;

Job<Response> doWork(api::Call& call) {
  if (work.hold) {
    Completion<Unit> completion(call.waker());
    auto operation = completion.operation();
    work.held.push_back(std::move(completion));
    static_cast<void>(co_await call.of(std::move(operation)));
  }
  ++work.done;
  co_return Response{.status = work.status, .headers = {}, .body = std::to_string(work.done)};
}

constexpr std::array kWorkRoutes = {Route{.method = "POST",
                                          .pattern = "/work",
                                          .operation = "work",
                                          .permission = "",
                                          .summary = "",
                                          .takes = "Work",
                                          .gives = "",
                                          .handler = doWork}};

/// Everybody is anna.
struct AnnasGate final : Gate {
  Job<Expected<Unit>> admit(api::Call& call) override {
    call.principal.user = "anna";
    return Job<Expected<Unit>>(Expected<Unit>(Unit{}));
  }
  auth::PermissionSet permissionsAt(const auth::Principal&, const auth::Place&) override {
    return auth::PermissionSet::all();
  }
  Expected<void> mustHave(const auth::Principal&, auth::Permission, const auth::Place&, std::string_view) override {
    return {};
  }
  auth::Reach reachOf(const auth::Principal&, auth::Permission) override { return {.folders = {std::string()}}; }
  bool holdsSomewhere(const api::Call&) override { return true; }
  [[nodiscard]] std::uint64_t epoch() const override { return 0; }
};

/// What a store would have of changes and their keys.
struct FakeKeys final : store::RequestKeys {
  struct Row {
    std::string request;
    std::optional<store::KeptAnswer> answer;
  };
  std::map<std::string, Row> rows;
  std::optional<std::pair<store::RequestKey, store::MakeAnswer>> told;
  int changes = 0;

  /// A change, as the store makes it.
  void change() {
    ++changes;
    if (!told) return;
    const auto number = changes;
    rows[told->first.name] = {told->first.request, told->second ? told->second(store::Given(number)) : std::nullopt};
    told.reset();
  }
  /// One that is undone, with what it took along.
  void fail() { told.reset(); }
  [[nodiscard]] std::string digestOf(std::string_view text) const override { return "digest of " + std::string(text); }
  Operation<std::optional<store::KeptRequest>> find(std::string name, Waker) override {
    using Found = std::optional<store::KeptRequest>;
    const auto found = rows.find(name);
    if (found == rows.end()) return Operation<Found>::finished(Found());
    return Operation<Found>::finished(Found(store::KeptRequest{found->second.request, found->second.answer}));
  }
  void takeAlong(store::RequestKey key, store::MakeAnswer make) override {
    told.emplace(std::move(key), std::move(make));
  }
  void forget() override { told.reset(); }
  Operation<Unit> answer(std::string name, store::KeptAnswer answer, Waker) override {
    if (const auto found = rows.find(name); found != rows.end() && !found->second.answer) found->second.answer = answer;
    return Operation<Unit>::finished(Unit{});
  }
};
FakeKeys* changed = nullptr;

Response numbered(int number) {
  Response response{.status = 201, .headers = {}, .body = "change " + std::to_string(number)};
  response.with("etag", '"' + std::to_string(number) + '"');
  return response;
}

/// By the query: how it says what it answers, and whether the server is there long enough to answer.
Job<Response> doChange(api::Call& call) {
  const auto how = call.query.text("how");
  if (how == "refused") co_return toResponse({404, "storage.not_found", "there is nothing"});
  if (how == "secret") answerIsSecret(call);
  if (how == "made" || how == "raced") answering<int>(call, numbered);
  noteChange(call);
  if (how == "raced") {
    changed->fail();
    call.services.once->unclaim(call);
    noteChange(call);
  }
  changed->change();
  auto response = numbered(changed->changes);
  if (how == "cookie") response.with("set-cookie", "session");
  co_return response;
}

constexpr std::array kHow = {QueryRule{.name = "how", .help = ""}};
constexpr std::array kChangeRoutes = {Route{.method = "POST",
                                            .pattern = "/change",
                                            .operation = "change",
                                            .permission = "",
                                            .summary = "",
                                            .takes = "Change",
                                            .gives = "",
                                            .handler = doChange,
                                            .query = kHow}};

/// A server over keys that outlive it.
struct KeyedPlace {
  FakePlace place;
  AnnasGate gate;
  Once once{place.clock};
  RouteTable routes{kChangeRoutes};
  Api api{FakePlace::placeOf(1 << 20),
          {},
          place.clock,
          place.catalogue,
          place.store,
          place.runner,
          {},
          {.routes = &routes, .gate = &gate, .once = &once}};

  explicit KeyedPlace(FakeKeys& keys) {
    changed = &keys;
    once.keepIn(keys);
  }
  Answer send(std::string key, std::string how, std::string_view body = "{}") {
    auto exchange = api.begin({"POST", "/api/v1/change", "how=" + how, {{"idempotency-key", std::move(key)}}});
    exchange->body(body);
    exchange->endBody();
    return answerOf(*exchange);
  }
};

struct OncePlace {
  FakePlace place;
  Once once{place.clock};
  RouteTable routes{kWorkRoutes};
  Api api{FakePlace::placeOf(1 << 20),       {}, place.clock, place.catalogue, place.store, place.runner, {},
          {.routes = &routes, .once = &once}};

  OncePlace() { work = {}; }
  std::unique_ptr<Exchange> send(std::string key, std::string_view body = "{}") {
    auto exchange = api.begin({"POST", "/api/v1/work", "", {{"idempotency-key", std::move(key)}}});
    exchange->body(body);
    exchange->endBody();
    return exchange;
  }
};

}  // namespace

TEST_CASE("R14: the same idempotency key a hundred times at once has one effect, and one answer") {
  OncePlace place;
  work.hold = true;
  std::vector<std::unique_ptr<Exchange>> all;
  for (int i = 0; i < 100; ++i) all.push_back(place.send("key"));
  REQUIRE(work.held.size() == 1);
  work.held.front().complete(Unit{});
  for (const auto& exchange : all) {
    const auto answer = answerOf(*exchange);
    CHECK(answer.status == 201);
    CHECK(answer.text == "1");
  }
  CHECK(work.done == 1);
  CHECK(answerOf(*place.send("key")).header("idempotency-replayed") == "true");
  work.hold = false;
  CHECK(answerOf(*place.send("other key")).text == "2");
}

TEST_CASE("If the first goes away before it is done, the next one does it") {
  OncePlace place;
  work.hold = true;
  auto first = place.send("key");
  const auto second = place.send("key");
  first.reset();
  second->step();
  REQUIRE(work.held.size() == 2);
  work.held.back().complete(Unit{});
  CHECK(answerOf(*second).text == "1");
}

TEST_CASE("A key stands for one request; trouble is not kept; a day later nothing is") {
  OncePlace place;
  CHECK(answerOf(*place.send("key")).status == 201);
  CHECK(answerOf(*place.send("key", R"({"more": 1})")).status == 422);
  CHECK(answerOf(*place.send("")).status == 400);
  CHECK(answerOf(*place.send(std::string(256, 'k'))).status == 400);
  work.status = 503;
  CHECK(answerOf(*place.send("trouble")).status == 503);
  work.status = 201;
  CHECK(answerOf(*place.send("trouble")).status == 201);
  place.place.clock.passMs(std::int64_t{25} * 3'600'000);
  CHECK(answerOf(*place.send("next")).status == 201);
  const auto before = work.done;
  CHECK(answerOf(*place.send("key")).status == 201);
  CHECK(work.done == before + 1);
}

TEST_CASE(
    "R14: a request that was carried out before the server ended gets the first answer, and has no second effect") {
  FakeKeys keys;
  for (const std::string how : {"made", "plain"}) {
    CAPTURE(how);
    Answer first;
    {
      KeyedPlace server(keys);
      first = server.send("key " + how, how);
    }
    const auto before = keys.changes;
    CHECK(first.status == 201);
    KeyedPlace server(keys);
    for (int i = 0; i < 2; ++i) {
      const auto again = server.send("key " + how, how);
      CHECK(again.status == 201);
      CHECK(again.text == first.text);
      CHECK(again.header("etag") == first.header("etag"));
      CHECK(again.header("idempotency-replayed") == "true");
      CHECK(std::ranges::count(again.headers, "idempotency-replayed", &Header::name) == 1);
    }
    const auto other = server.send("key " + how, how, R"({"more": 1})");
    CHECK(other.status == 422);
    CHECK(other.at("/code") == "api.idempotency");
    CHECK(keys.changes == before);
  }
}

TEST_CASE("R14: the answer that was made in the transaction counts, also if nobody got it") {
  FakeKeys keys;
  {
    KeyedPlace server(keys);
    CHECK(server.send("key", "made").status == 201);
  }
  // Killed between the change and its answer: what the transaction has written is all there is.
  CHECK(keys.rows.size() == 1);
  CHECK(keys.rows.begin()->second.answer->body == "change 1");
  {
    KeyedPlace server(keys);
    CHECK(server.send("late", "plain").status == 201);
  }
  keys.rows["digest of anna\nchange\nlate"].answer.reset();
  KeyedPlace server(keys);
  const auto late = server.send("late", "plain");
  CHECK(late.status == 409);
  CHECK(late.at("/code") == "api.idempotency");
  CHECK(keys.changes == 2);
}

TEST_CASE("A change that failed and is tried again takes the key along, and the next server knows it") {
  FakeKeys keys;
  {
    KeyedPlace server(keys);
    CHECK(server.send("key", "raced").text == "change 1");
  }
  CHECK(keys.rows.size() == 1);
  KeyedPlace server(keys);
  const auto again = server.send("key", "raced");
  CHECK(again.text == "change 1");
  CHECK(again.header("idempotency-replayed") == "true");
  CHECK(keys.changes == 1);
}

TEST_CASE("What is secret is not stored, and what was refused or has no key is no row") {
  FakeKeys keys;
  {
    KeyedPlace server(keys);
    CHECK(server.send("token", "secret").text == "change 1");
    CHECK(server.send("token", "secret").text == "change 1");
    CHECK(server.send("cookie", "cookie").status == 201);
    CHECK(server.send("refused", "refused").status == 404);
  }
  CHECK(keys.rows.size() == 2);
  for (const auto& [name, row] : keys.rows) CHECK_FALSE(row.answer);
  KeyedPlace server(keys);
  CHECK(server.send("token", "secret").status == 409);
  CHECK(server.send("refused", "refused").status == 404);
  auto exchange = server.api.begin({"POST", "/api/v1/change", "how=made", {}});
  exchange->body("{}");
  exchange->endBody();
  CHECK(answerOf(*exchange).status == 201);
  CHECK(keys.rows.size() == 2);
}
