// DictionaryMerge: one dictionary out of several, with a table of new codes for each.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/data/column.h"

namespace weir {

/// Collects distinct entries within the bounds of formats.md.
class DictionaryMerge {
 public:
  /// New codes of `entries`, index by old code; nothing if a bound would be passed.
  [[nodiscard]] std::optional<std::vector<std::int32_t>> add(const Column& entries);
  [[nodiscard]] std::int64_t entryCount() const noexcept { return static_cast<std::int64_t>(texts_.size()); }
  /// The merged entries as a string column.
  [[nodiscard]] Result<Column> finish(MemoryAccount& account) const;

 private:
  [[nodiscard]] std::optional<std::int32_t> codeOf(std::string_view text);
  void grow();
  std::vector<std::string_view> texts_;
  std::vector<std::int32_t> slots_;  // open addressing, code + 1
  std::int64_t textBytes_ = 0;
};

}  // namespace weir
