// Nodes whose rows come from, or go to, this program's memory: for inspect, convert and test.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "engine/node/node-type.h"

namespace weir::cli {

/// A host interface by which the two nodes below reach their rows; keyed by node id. Thread-safe.
class MemoryRows {
 public:
  static constexpr std::string_view kName = "memory-rows";
  void give(const std::string& node, std::vector<Batch> batches);
  /// Asked for each batch that reaches a collector; false: enough.
  void onBatch(std::function<bool(const std::string& node, const Batch& batch)> take) { take_ = std::move(take); }
  [[nodiscard]] std::vector<Batch> givenTo(const std::string& node);
  [[nodiscard]] bool take(const std::string& node, const Batch& batch);

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<Batch>> given_;
  std::function<bool(const std::string&, const Batch&)> take_;
};

/// Emits what MemoryRows holds for it; output `rows`.
[[nodiscard]] const NodeType& feederType();
/// Hands every batch of its input `rows` to MemoryRows.
[[nodiscard]] const NodeType& collectorType();

}  // namespace weir::cli
