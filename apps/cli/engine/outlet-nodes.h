// Rows that leave a run of an engine process: the nodes behind its outlets, and where they put their rows.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "engine/data/batch.h"
#include "engine/host/waker.h"
#include "engine/node/node-type.h"

namespace weir::cli {

/// Bounded, so that a front that does not read slows the edges before it. Thread-safe.
class EngineOutlet {
 public:
  /// `filled` is called when there is something to take.
  explicit EngineOutlet(const std::function<void()>& filled) : filled_(filled) {}
  /// False: there is no room; the waker is called when there is some.
  [[nodiscard]] bool offer(const Batch& batch, Waker waker);
  [[nodiscard]] std::optional<Batch> take();
  [[nodiscard]] bool empty() const;

 private:
  const std::function<void()>& filled_;
  mutable std::mutex mutex_;
  std::deque<Batch> waiting_;
  std::int64_t bytes_ = 0;
  Waker waker_;
};

/// A host interface: the outlets of one run, by the id of their node.
class EngineOutlets {
 public:
  static constexpr std::string_view kName = "engine-outlets";
  explicit EngineOutlets(std::function<void()> filled) : filled_(std::move(filled)) {}
  /// Before the run, for each of them.
  [[nodiscard]] EngineOutlet& of(std::string_view node);

 private:
  std::function<void()> filled_;
  std::map<std::string, std::unique_ptr<EngineOutlet>, std::less<>> outlets_;
};

/// For the catalogue of an engine process.
[[nodiscard]] BuiltinNode outletNode();

}  // namespace weir::cli
