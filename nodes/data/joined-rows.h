// Rows of two inputs side by side: what joins have in common.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/batch.h"

namespace weir::nodes::join {

/// What of the lookup is added to rows.
struct Added {
  std::vector<std::string> select;  // empty: all but the keys
  std::vector<std::string> keys;    // of the lookup
  std::string prefix;
  /// The chosen columns of a lookup batch, renamed and nullable. Error `rows.unknown_field`.
  [[nodiscard]] Result<Batch> of(const Batch& lookup) const;
};

/// Columns of `batch` with these names. Error `rows.unknown_field`.
[[nodiscard]] Result<std::vector<Column>> columnsNamed(const Batch& batch, const std::vector<std::string>& names,
                                                       std::string_view what);

/// Pairs of rows: the left one, and the one of the lookup, or kNoMatch.
struct Pairs {
  static constexpr std::uint32_t kNoMatch = UINT32_MAX;
  std::vector<std::uint32_t> left, right;
};

/// left[i] beside right[i] of an Added batch. `right` may be empty (no lookup at all): then fields are left as they
/// are. Error `settings.duplicate` if names clash.
[[nodiscard]] Result<Batch> beside(const Batch& left, const Batch& right, const Pairs& pairs, MemoryAccount& account);

/// Error `schema.mismatch` if lookup rows differ in their fields.
Result<void> sameSchema(const Batch& first, const Batch& other);

}  // namespace weir::nodes::join
