// ContextSearch: grep with rows before and after each match, across batches, file by file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/node/task.h"
#include "engine/regex/regex.h"
#include "nodes/text/grep/grep.gen.h"

namespace weir::nodes::grep {

class ContextSearch final : public Transform {
 public:
  ContextSearch(const Settings& settings, regex::Regex pattern, MemoryAccount& account)
      : settings_(settings), pattern_(std::move(pattern)), account_(account) {}

  Result<Flow> process(const Batch& batch, StepIo& io) override;
  Result<Flow> finish(StepIo& io) override;

 private:
  /// Marks which rows of `whole` are kept; `first` rows at its begin are known not to match.
  [[nodiscard]] std::vector<std::uint8_t> mark(const Batch& whole, const Column& column, std::int64_t first);
  Result<void> emitMatches(const Batch& whole, const std::vector<std::uint8_t>& kept, std::int64_t rows, StepIo& io);
  Result<void> emitRest(const Batch& whole, const std::vector<std::uint8_t>& kept, std::int64_t rows, StepIo& io) const;
  Result<void> releaseHeld(StepIo& io);

  Settings settings_;
  regex::Regex pattern_;
  MemoryAccount& account_;
  regex::Regex::Scratch scratch_;
  Batch held_;  // the last rows, not kept so far
  std::string file_;
  std::int64_t afterLeft_ = 0, group_ = 0;
  bool lastKept_ = false;
};

}  // namespace weir::nodes::grep
