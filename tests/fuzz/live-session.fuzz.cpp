// Connections of the live protocol: whatever a client sends is answered, refused or ends the connection, and what is
// held for it stays bounded.
#include "service/live/live-session.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "engine/host/clock.h"
#include "service/api/api.h"
#include "service/resources/server-routes.h"
#include "service/resources/server.h"
#include "service/store/memory/memory-store.h"

namespace {

using namespace weir;
using namespace weir::api;

struct StillClock final : Clock {
  std::int64_t nowMicros() override { return 1'700'000'000'000'000 + nanos / 1000; }
  std::int64_t steadyNanos() override { return nanos; }
  std::int64_t nanos = 0;
};

struct NoRuns final : Runner {
  std::expected<std::unique_ptr<FlowRun>, flow::Problems> start(RunOrder) override {
    flow::Problems problems;
    problems.error("run.busy", "", "nothing runs here");
    return std::unexpected(std::move(problems));
  }
};

/// Everything is there, and nothing ever comes.
struct Silence final : stream::Source {
  void open(stream::Stream& stream) override { stream.add("metrics", "{}"); }
  void close(stream::Stream&) override {}
};

struct Network final : WebSocketSender {
  void send(WebSocketFrame frame) override {
    bytes += frame->size();
    if (bytes > std::size_t{64} << 20) std::abort();
  }
  std::size_t queuedBytes() const override { return 0; }
  void close(std::uint16_t, std::string_view) override { closed = true; }
  std::size_t bytes = 0;
  bool closed = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  StillClock clock;
  static const Catalogue catalogue;
  store::MemoryStore store(clock);
  NoRuns runner;
  Silence source;
  stream::Hub hub(source);
  stream::RunFeeds feeds;
  LiveSessions all(hub, feeds);
  Server server;
  server.live = &all;
  Api api(Place{}, {}, clock, catalogue, store, runner, {},
          ApiExtras{.routes = &serverRoutes(), .gate = nullptr, .server = &server});
  auto opening = api.begin({"GET", "/api/v1/live", "", {}});
  opening->step();
  auto session = std::move(opening->answer()->socket);
  Network network;
  session->opened(network);
  // One line, one frame.
  std::string_view text(reinterpret_cast<const char*>(data), size);
  while (!text.empty() && !network.closed) {
    const auto end = std::min(text.find('\n'), text.size());
    session->text(text.substr(0, end));
    session->work();
    session->drained();
    clock.nanos += 10'000'000;
    all.tick(clock.nanos);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}
