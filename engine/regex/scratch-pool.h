// ScratchPool: what regular expressions change while they match, lent to one worker at a time.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "engine/data/lock.h"
#include "engine/regex/regex.h"

namespace weir::regex {

/// Thread-safe. For one Regex: a Scratch forgets when it is used with another one.
class ScratchPool {
 public:
  /// Gives its Scratch back at the end.
  class Lent {
   public:
    explicit Lent(ScratchPool& pool) : pool_(pool), scratch_(pool.take()) {}
    ~Lent() { pool_.give(std::move(scratch_)); }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    [[nodiscard]] Regex::Scratch& operator*() const { return *scratch_; }

   private:
    ScratchPool& pool_;
    std::unique_ptr<Regex::Scratch> scratch_;
  };

 private:
  [[nodiscard]] std::unique_ptr<Regex::Scratch> take() {
    const Locked locked(lock_);
    if (spare_.empty()) return std::make_unique<Regex::Scratch>();
    auto scratch = std::move(spare_.back());
    spare_.pop_back();
    return scratch;
  }
  void give(std::unique_ptr<Regex::Scratch> scratch) {
    const Locked locked(lock_);
    spare_.push_back(std::move(scratch));
  }
  Lock lock_;
  std::vector<std::unique_ptr<Regex::Scratch>> spare_;
};

}  // namespace weir::regex
