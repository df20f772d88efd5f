// Asker: whoever waits for long work, and may have gone meanwhile.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "engine/data/error.h"

namespace weir {

/// Thread-safe, copyable. One that was made of nothing never goes.
class Asker {
 public:
  Asker() = default;
  explicit Asker(std::shared_ptr<const std::atomic<bool>> gone) : gone_(std::move(gone)) {}
  /// To be looked at between the pieces of the work: nobody takes what it gives.
  [[nodiscard]] bool gone() const { return gone_ && gone_->load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<const std::atomic<bool>> gone_;
};

/// What work gives that was given up; nobody hears of it.
[[nodiscard]] inline std::unexpected<Error> askerIsGone() {
  return fail("run.cancelled", "whoever asked for this has gone");
}

}  // namespace weir
