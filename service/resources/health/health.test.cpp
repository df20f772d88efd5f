// Live and ready.
#include "service/resources/health/health.h"

#include <doctest/doctest.h>

#include "service/api/fake-place.test.h"

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

}  // namespace

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
