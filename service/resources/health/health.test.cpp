// Live and ready.
#include "service/resources/health/health.h"

#include <doctest/doctest.h>

#include <deque>
#include <optional>
#include <utility>

#include "service/api/fake-place.test.h"
#include "service/resources/health/store-watch.h"
#include "service/resources/server.h"

using namespace weir;
using namespace weir::api;

namespace {

/// A store that has lost its database.
class LostStore final : public store::MemoryStore {
 public:
  using MemoryStore::MemoryStore;
  Operation<store::FlowPage> list(store::FlowQuery, Waker) override {
    return Operation<store::FlowPage>::finished(fail("storage.unavailable", "host db.internal refused the connection"));
  }
};

/// A store whose database hangs: nobody hears from it.
class SilentStore final : public store::MemoryStore {
 public:
  using MemoryStore::MemoryStore;
  Operation<store::FlowPage> list(store::FlowQuery, Waker waker) override {
    ++asked;
    return (silent_.emplace_back(std::move(waker))).operation();
  }
  int asked = 0;

 private:
  std::deque<Completion<store::FlowPage>> silent_;
};

struct KnownWatch final : StoreWatch {
  std::optional<bool> known{};
  bool late = false, cannotWrite = false;
  [[nodiscard]] bool slow() const override { return late; }
  [[nodiscard]] std::optional<bool> answers() const override { return known; }
  [[nodiscard]] bool readOnly() const override { return cannotWrite; }
};

}  // namespace

TEST_CASE("Whether a server is ready is answered with what is known of its store, without waiting for it") {
  FakePlace place;
  SilentStore silent(place.clock);
  KnownWatch watch;
  Server server;
  server.storeWatch = &watch;
  const RouteTable routes{healthRoutes()};
  Api api(FakePlace::placeOf(1 << 20), {}, place.clock, place.catalogue, silent, place.runner, {},
          {.routes = &routes, .server = &server});
  const auto status = [&] { return answerOf(*api.begin({"GET", "/health/ready", "", {}})).status; };
  watch.known = false;
  CHECK(status() == 503);
  watch.known = true;
  CHECK(status() == 200);
  watch.late = true;
  CHECK(status() == 503);
  watch.known.reset();
  CHECK(status() == 503);
  CHECK(silent.asked == 0);
  watch.late = false;
  watch.known = true;
  watch.cannotWrite = true;
  const auto asked = api.begin({"GET", "/health/ready", "", {}});
  const auto answer = answerOf(*asked);
  CHECK(answer.status == 503);
  CHECK(answer.at("/code") == "storage.read_only");
  CHECK(answer.header("retry-after") == "5");
  watch.cannotWrite = false;
  CHECK(status() == 200);
  watch.known.reset();
  const auto waiting = api.begin({"GET", "/health/ready", "", {}});
  waiting->step();
  CHECK(silent.asked == 1);
  CHECK(waiting->answer() == nullptr);
}

TEST_CASE("A server whose disk is full is not ready, and says why") {
  class FullDisk final : public StoreWatch {
   public:
    bool slow() const override { return false; }
    bool full() const override { return isFull; }
    bool isFull = true;
  };
  FakePlace place;
  FullDisk disk;
  Server server{.storeWatch = &disk};
  const RouteTable routes{healthRoutes()};
  Api api(FakePlace::placeOf(1 << 20), {}, place.clock, place.catalogue, place.store, place.runner, {},
          {.routes = &routes, .server = &server});
  const auto exchange = api.begin({"GET", "/health/ready", "", {}});
  const auto answer = answerOf(*exchange);
  CHECK(answer.status == 503);
  CHECK(answer.at("/code") == "storage.full");
  CHECK(answer.header("retry-after") == "5");
  disk.isFull = false;
  const auto again = api.begin({"GET", "/health/ready", "", {}});
  CHECK(answerOf(*again).status == 200);
}

TEST_CASE("A server whose store is lost lives, is not ready, and tells strangers no more than that") {
  FakePlace place;
  LostStore lost(place.clock);
  const RouteTable routes{healthRoutes()};
  Api api(FakePlace::placeOf(1 << 20), {}, place.clock, place.catalogue, lost, place.runner, {}, {.routes = &routes});
  Api well(FakePlace::placeOf(1 << 20), {}, place.clock, place.catalogue, place.store, place.runner, {},
           {.routes = &routes});
  const auto get = [](Api& of, std::string path) {
    const auto exchange = of.begin({"GET", std::move(path), "", {}});
    return answerOf(*exchange);
  };
  CHECK(get(well, "/health/live").at("/status") == "live");
  CHECK(get(well, "/health/ready").at("/status") == "ready");
  CHECK(get(api, "/api/v1/health/live").status == 200);
  const auto answer = get(api, "/health/ready");
  CHECK(answer.status == 503);
  CHECK(answer.header("retry-after") == "5");
  CHECK_FALSE(answer.text.contains("db.internal"));
}
