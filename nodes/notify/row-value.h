// What an expression gives for one row.
#pragma once

#include <string>
#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/data/value.h"
#include "engine/node/row-expression.h"

namespace weir::nodes::notify {

/// For a batch of one row.
[[nodiscard]] inline Result<Value> valueOf(const RowExpression& expression, const Batch& row) {
  std::vector<cel::RowError> errors;
  WEIR_ASSIGN(const auto column, expression.evaluate(row, errors));
  if (!errors.empty()) return std::unexpected(std::move(errors.front().error));
  return column.value(0).owned();
}

/// Of one that gives texts; a null is an empty one.
[[nodiscard]] inline Result<std::string> textOf(const RowExpression& expression, const Batch& row) {
  WEIR_ASSIGN(const auto value, valueOf(expression, row));
  return value.isNull() ? std::string() : std::string(value.text());
}

}  // namespace weir::nodes::notify
