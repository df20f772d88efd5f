// Frames with large documents: read elsewhere, in the order of their connection.
#include "service/live/live-place.test.h"

using namespace weir;
using namespace weir::api;

namespace {

/// Frames are read when the test says so.
class Later final : public Elsewhere {
 public:
  bool give(std::function<void()> work, std::size_t, const std::string&) override {
    if (full) return false;
    waiting.push_back(std::move(work));
    return true;
  }
  /// More may come to wait meanwhile.
  void doOne(std::size_t which) {
    const auto work = waiting.at(which);
    work();
  }
  std::vector<std::function<void()>> waiting;
  bool full = false;
};

std::string deployment(const std::string& id, std::size_t bytes) {
  return R"({"v":1,"type":"deploy-graph","id":")" + id + R"(","data":{"ifMatch":"none","document":)" +
         flowText("large", std::string(bytes, 'x')) + "}}";
}

}  // namespace

TEST_CASE("a large frame is read elsewhere, and those behind it wait for their turn") {
  LivePlace place;
  Later later;
  place.api.services().elsewhere = &later;
  Client client(place, "ada"), other(place, "bob");
  client.send(deployment("d", kLargeBytes));
  CHECK(!client.session->takesMessages());
  client.send(R"({"v":1,"type":"ping","id":"p"})");
  CHECK(client.take().empty());
  CHECK(other.ask("ping").type == "ok");
  REQUIRE(later.waiting.size() == 1);
  later.doOne(0);
  client.session->work();
  CHECK(client.session->takesMessages());
  // Its body is large, too.
  auto got = client.take();
  REQUIRE(got.size() == 1);
  CHECK(got[0].control.id == "p");
  REQUIRE(later.waiting.size() == 2);
  later.doOne(1);
  client.session->work();
  got = client.take();
  REQUIRE(got.size() == 1);
  CHECK(got[0].control.id == "d");
  CHECK(got[0].control.type == "ok");
}

TEST_CASE("a large frame that finds no room is read later; a wrong one is refused as a small one is") {
  LivePlace place;
  Later later;
  place.api.services().elsewhere = &later;
  Client client(place, "ada");
  later.full = true;
  client.send(R"({"v":1,"type":"request","id":"r","data":{"path":"/flows","x":")" + std::string(kLargeBytes, 'x') +
              R"("}})");
  CHECK(later.waiting.empty());
  later.full = false;
  place.passMs(100);
  REQUIRE(later.waiting.size() == 1);
  later.doOne(0);
  client.session->work();
  const auto got = client.take();
  REQUIRE(got.size() == 1);
  CHECK(got[0].control.id == "r");
  CHECK(codeOf(got[0].control) == "live.too_large");
}
