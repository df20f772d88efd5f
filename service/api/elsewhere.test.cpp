// Large bodies: read elsewhere, while small requests are answered; with the same errors, and given up with their
// client.
#include "service/api/elsewhere.h"

#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <latch>
#include <thread>
#include <vector>

#include "service/api/fake-place.test.h"
#include "service/api/once.h"

using namespace weir;
using namespace weir::api;

namespace {

/// Work is done when the test says so.
class Later final : public Elsewhere {
 public:
  bool give(std::function<void()> work, std::size_t, const std::string&) override {
    if (waiting.size() >= most) return false;
    waiting.push_back(std::move(work));
    return true;
  }
  void doOne() {
    const auto work = std::move(waiting.front());
    waiting.pop_front();
    work();
  }
  std::deque<std::function<void()>> waiting;
  std::size_t most = 100;
};

struct Fixture {
  FakePlace place;
  Later later;
  Fixture() { place.api.services().elsewhere = &later; }
};

std::string large(const std::string& id) { return flowText(id, std::string(kLargeBytes, 'x')); }

/// A large document that is wrong: its only node has no type.
std::string largeAndWrong(const std::string& id) {
  return R"({"id": ")" + id + R"(", "version": "1.0.0", "metadata": {"description": ")" +
         std::string(kLargeBytes, 'x') + R"("}, "nodes": [{"id": "a"}], "edges": []})";
}

}  // namespace

TEST_CASE("while large documents are read, small requests are answered") {
  Fixture fixture;
  auto& [place, later] = fixture;
  std::vector<std::unique_ptr<Exchange>> sent;
  for (int i = 0; i < 8; ++i) sent.push_back(place.send("POST", "/api/v1/flows", large("large-" + std::to_string(i))));
  CHECK(later.waiting.size() == 8);
  CHECK(ask(place, "POST", "/api/v1/flows", flowText("small")).status == 201);
  for (int i = 0; i < 20; ++i) {
    CHECK(ask(place, "GET", "/api/v1/flows/small").status == 200);
    CHECK(ask(place, "GET", "/health").status == 200);
  }
  for (const auto& one : sent) {
    one->step();
    CHECK(one->answer() == nullptr);
  }
  while (!later.waiting.empty()) later.doOne();
  for (const auto& one : sent) CHECK(answerOf(*one).status == 201);
  CHECK(ask(place, "GET", "/api/v1/flows/large-7").at("/document/id") == "large-7");
}

TEST_CASE("what is wrong with a large body is said as of a small one") {
  Fixture fixture;
  auto& [place, later] = fixture;
  for (const auto& [method, path] :
       {std::pair("POST", "/api/v1/flows"), std::pair("PUT", "/api/v1/flows/f"), std::pair("POST", "/execute"),
        std::pair("POST", "/api/v1/flows/validate"), std::pair("POST", "/api/v1/flows/format"),
        std::pair("POST", "/api/v1/flows/diff"), std::pair("POST", "/api/v1/flows/merge")}) {
    for (const auto& body : {largeAndWrong("f"), "{\"nodes\": [" + std::string(kLargeBytes, ' ') + "?"}) {
      CAPTURE(path);
      const auto begun = place.send(method, path, body, {{"if-match", "*"}});
      if (later.waiting.empty()) {
        CHECK(begun->answer() != nullptr);
        continue;
      }
      CHECK(begun->answer() == nullptr);
      later.doOne();
      const auto after = answerOf(*begun);
      place.api.services().elsewhere = nullptr;
      const auto here = ask(place, method, path, body, {{"if-match", "*"}});
      place.api.services().elsewhere = &later;
      CHECK(after.status == here.status);
      CHECK(after.text == here.text);
    }
  }
}

TEST_CASE("a large document is executed, and what is wrong with it is said") {
  Fixture fixture;
  auto& [place, later] = fixture;
  const auto begun = place.send("POST", "/execute", large("f"));
  CHECK(begun->answer() == nullptr);
  CHECK(place.runner.orders.empty());
  later.doOne();
  begun->step();
  REQUIRE(begun->answer() != nullptr);
  CHECK(begun->answer()->status == 200);
  REQUIRE(place.runner.orders.size() == 1);
  CHECK(place.runner.orders[0].flow == large("f"));
}

TEST_CASE("a large body with a key is digested elsewhere, once, and handled as it was sent") {
  Fixture fixture;
  auto& [place, later] = fixture;
  Once once(place.clock);
  place.api.services().once = &once;
  const std::vector<Header> key = {{"idempotency-key", "k"}};
  const auto begun = place.send("POST", "/api/v1/flows", large("keyed"), key);
  CHECK(later.waiting.size() == 1);
  CHECK(ask(place, "POST", "/api/v1/flows", flowText("small"), {{"idempotency-key", "s"}}).status == 201);
  int works = 0;
  for (; !later.waiting.empty(); ++works) {
    later.doOne();
    begun->step();
  }
  CHECK(works == 2);  // its digest, and its document
  CHECK(answerOf(*begun).status == 201);
  CHECK(ask(place, "GET", "/api/v1/flows/keyed").at("/document/id") == "keyed");
  const auto again = place.send("POST", "/api/v1/flows", large("keyed"), key);
  later.doOne();
  CHECK(later.waiting.empty());
  CHECK(answerOf(*again).header("idempotency-replayed") == "true");
  const auto other = place.send("POST", "/api/v1/flows", large("other"), key);
  later.doOne();
  CHECK(answerOf(*other).at("/code") == "api.idempotency");
  later.most = 0;
  CHECK(ask(place, "POST", "/api/v1/flows", large("keyed"), key).at("/code") == "api.busy");
}

TEST_CASE("what nobody waits for any more is not read, and its document not kept") {
  Fixture fixture;
  auto& [place, later] = fixture;
  auto begun = place.send("POST", "/api/v1/flows", large("gone"));
  begun.reset();
  CHECK(later.waiting.size() == 1);
  later.doOne();
  CHECK(ask(place, "GET", "/api/v1/flows/gone").status == 404);
}

TEST_CASE("what waits to be read is gone with whoever waits for it, and not only when its turn comes") {
  Later later;
  const auto held = std::make_shared<int>(7);
  Strand strand;
  const auto ask = [&later, &strand, &held](std::size_t bytes) -> Job<int> {
    const auto given = co_await aside(&later, strand, bytes, "ann",
                                      [mine = std::shared_ptr<int>(held)] { return Expected<int>(*mine); });
    co_return given.value_or(-1);
  };
  {
    auto job = ask(kLargeBytes);
    job.start();
    CHECK(later.waiting.size() == 1);
    CHECK(held.use_count() == 2);
  }
  CHECK(held.use_count() == 1);
  auto second = ask(kLargeBytes);
  second.start();
  // The turn of the one that is gone: it does nothing, and nobody hears of it.
  later.doOne();
  CHECK(!second.done());
  later.doOne();
  // What was read is not kept beside what was made of it.
  CHECK(held.use_count() == 1);
  strand.step();
  REQUIRE(second.done());
  CHECK(second.take() == 7);
}

TEST_CASE("work that is under way is given up when its asker goes, and frees what it holds and its place") {
  Later later;
  const auto held = std::make_shared<int>(7);
  std::latch begun(1);
  Strand strand;
  const auto ask = [&]() -> Job<int> {
    // Work without an end of its own.
    const auto work = [mine = std::shared_ptr<int>(held), &begun](const Asker& asker) -> Expected<int> {
      begun.count_down();
      while (!asker.gone()) std::this_thread::yield();
      return givenUp();
    };
    const auto given = co_await aside(&later, strand, kLargeBytes, "ann", work);
    co_return given.value_or(-1);
  };
  std::thread worker;
  {
    auto job = ask();
    job.start();
    worker = std::thread([&later] { later.doOne(); });
    begun.wait();
  }
  // It never came to an end if it did not look.
  worker.join();
  CHECK(held.use_count() == 1);
}

TEST_CASE("when too much waits to be read, more is refused for now, and small requests are not") {
  Fixture fixture;
  auto& [place, later] = fixture;
  later.most = 1;
  const auto first = place.send("POST", "/api/v1/flows", large("first"));
  const auto second = ask(place, "POST", "/api/v1/flows", large("second"));
  CHECK(second.status == 503);
  CHECK(second.at("/code") == "api.busy");
  CHECK(second.header("retry-after") == "1");
  CHECK(ask(place, "POST", "/api/v1/flows", flowText("small")).status == 201);
  later.doOne();
  CHECK(answerOf(*first).status == 201);
}
