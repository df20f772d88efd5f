// ExecutionLog: the latest node executions of a run, within a byte bound.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace weir {

struct Execution {
  std::int32_t node = 0;  // index into the plan
  std::int32_t tries = 1;
  std::int64_t startNanos = 0, endNanos = 0;
  std::int64_t rowsIn = 0, bytesOut = 0;
  bool failed = false;
};

/// A ring; the oldest executions give way. Guarded by the run's lock.
class ExecutionLog {
 public:
  explicit ExecutionLog(std::int64_t boundBytes)
      : most_(std::max<std::size_t>(1, static_cast<std::size_t>(boundBytes) / sizeof(Execution))) {}
  void add(const Execution& execution) {
    if (ring_.size() < most_) {
      ring_.push_back(execution);
    } else {
      ring_[next_] = execution;
      next_ = (next_ + 1) % most_;
    }
    ++total_;
  }
  /// Oldest first.
  [[nodiscard]] std::vector<Execution> all() const {
    std::vector<Execution> out(ring_.begin() + static_cast<std::ptrdiff_t>(next_), ring_.end());
    out.insert(out.end(), ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(next_));
    return out;
  }
  [[nodiscard]] std::int64_t total() const { return total_; }

 private:
  std::size_t most_;
  std::size_t next_ = 0;
  std::int64_t total_ = 0;
  std::vector<Execution> ring_;
};

}  // namespace weir
