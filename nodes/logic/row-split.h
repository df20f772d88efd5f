// Parts the rows of a batch by a condition: matching, failed, and the rest.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/data/batch.h"
#include "engine/node/step-io.h"

namespace weir::nodes {

/// The physical rows among the logical rows of `batch` that neither matched nor failed, increasing.
[[nodiscard]] inline std::vector<std::uint32_t> restOf(const Batch& batch, const cel::Selected& selected) {
  std::vector<std::uint32_t> rest;
  if (selected.all) return rest;
  rest.reserve(static_cast<std::size_t>(batch.rows() - selected.count));
  const auto selection = batch.selection();
  const auto* match = reinterpret_cast<const std::uint32_t*>(selected.rows.data());
  const auto* const matchEnd = match + selected.count;
  auto error = selected.errors.begin();
  for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(batch.rows()); ++row) {
    const auto physical = batch.hasSelection() ? selection[row] : row;
    if (match != matchEnd && *match == physical) {
      ++match;
    } else if (error != selected.errors.end() && error->row == row) {
      while (error != selected.errors.end() && error->row == row) ++error;
    } else {
      rest.push_back(physical);
    }
  }
  return rest;
}

/// `batch` with these physical rows selected.
[[nodiscard]] inline Result<Batch> withRows(const Batch& batch, const std::vector<std::uint32_t>& physical) {
  const auto bytes = static_cast<std::int64_t>(physical.size() * sizeof(std::uint32_t));
  WEIR_ASSIGN(auto indices, Buffer::allocate(bytes, batch.account()));
  if (bytes > 0) std::memcpy(indices.mutableData(), physical.data(), static_cast<std::size_t>(bytes));
  return batch.withSelection(std::move(indices), static_cast<std::int64_t>(physical.size()));
}

}  // namespace weir::nodes
