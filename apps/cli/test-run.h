// What a test of a flow does to its plan, and whether it gave what it should: for `weir test` and for servers.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "apps/cli/memory-nodes.h"
#include "engine/flow/flow-test.h"
#include "engine/flow/plan.h"
#include "engine/runtime/run.h"

namespace weir::cli {

/// When the clock of a test stands still. Error: `clock` is no time.
[[nodiscard]] Result<std::int64_t> clockMicrosOf(const flow::FlowTest& test);

/// Sources that the test gives rows for, and every sink, are replaced by nodes in memory, which reach `rows` as a host.
/// `test.unknown_node`: the flow has no such node.
Result<void> replaceEnds(Plan& plan, const flow::FlowTest& test, MemoryRows& rows);

/// What sinks of a test were given. Thread-safe.
class TestRowsGot {
 public:
  /// Above so many bytes no more rows are taken; 0: all are.
  explicit TestRowsGot(std::size_t mostBytes = 0) : mostBytes_(mostBytes) {}
  /// Takes what reaches the collectors; it outlives the run.
  void takeFrom(MemoryRows& rows);
  /// The first difference as a sentence, or empty. After the run.
  [[nodiscard]] std::string difference(const flow::FlowTest& test, const RunResult& result);

 private:
  bool take(const std::string& node, const Batch& batch);

  std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> got_;
  std::size_t mostBytes_, bytes_ = 0;
};

}  // namespace weir::cli
