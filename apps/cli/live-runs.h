// Runs that go on, found by name: their sockets, and what each says of itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/json/value.h"
#include "hosts/native/run-line.h"

namespace weir::cli {

struct LiveRun {
  std::string id, flow, version, file;
  std::int64_t process = 0, elapsedMicros = 0;
  std::vector<std::string> nodes, edges;
  std::vector<std::string> producers;  // of each edge, the node that it comes from
  std::unique_ptr<native::RunLine> line;
};

/// Connects to the run whose id is `name` or begins with it, or to the only one there is if `name` is empty. Errors
/// `run.not_found` (with what there is), `files.denied`.
[[nodiscard]] Result<LiveRun> findRun(const std::string& name);
/// Which of `runs`, ids and flows, `name` means: an id, its beginning, a flow, or nothing if there is only one. Error
/// `run.not_found`, with what there is.
[[nodiscard]] Result<std::size_t> chooseRun(const std::vector<std::pair<std::string, std::string>>& runs,
                                            const std::string& name);
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
