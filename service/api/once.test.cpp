// Requests that are sent again under one Idempotency-Key.
#include "service/api/once.h"

#include <doctest/doctest.h>

#include <deque>

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
