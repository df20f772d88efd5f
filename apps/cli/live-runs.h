// Runs that go on, found by name: their sockets, and what each says of itself.
#pragma once

#include <string>
#include <vector>

#include "engine/json/value.h"
#include "hosts/native/live-client.h"

namespace weir::cli {

struct LiveRun {
  std::string id, flow, version, file;
  std::int64_t process = 0, elapsedMicros = 0;
  std::vector<std::string> nodes, edges;
  std::vector<std::string> producers;  // of each edge, the node that it comes from
  native::LiveClient client;
};

/// Connects to the run whose id is `name` or begins with it, or to the only one there is if `name` is empty. Errors
/// `run.not_found` (with what there is), `files.denied`.
[[nodiscard]] Result<LiveRun> findRun(const std::string& name);
/// All that answer, by id.
[[nodiscard]] Result<std::vector<LiveRun>> liveRuns();

/// Ctrl-C ends a watcher in order as long as this lives; `seen` then says so.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;
  [[nodiscard]] static bool seen();
};
inline constexpr int kInterrupted = 130;

}  // namespace weir::cli
