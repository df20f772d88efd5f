// encodeRows: the value of an expression for each row, as text or bytes to send.
#pragma once

#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/node/message-rows.h"
#include "engine/node/row-expression.h"

namespace weir::streams {

/// Calls `each(row, message, isText)` for the rows whose expression can be computed; the others fail.
template <class Each>
[[nodiscard]] Result<Unit> encodeRows(const RowExpression& expression, const Batch& batch, StepIo& io, Each&& each) {
  WEIR_ASSIGN(const auto dense, batch.dense());
  std::vector<cel::RowError> errors;
  WEIR_ASSIGN(const auto column, expression.evaluate(dense, errors));
  std::vector<bool> failed(errors.empty() ? 0 : static_cast<std::size_t>(dense.rows()));
  for (const auto& error : errors) failed[error.row] = true;
  if (!errors.empty()) static_cast<void>(failRows(errors, dense.rows(), io));
  for (std::int64_t row = 0; row < dense.rows(); ++row) {
    if (!failed.empty() && failed[static_cast<std::size_t>(row)]) continue;
    bool text = false;
    auto message = messageOf(column.value(row), text);
    each(static_cast<std::uint32_t>(row), std::move(message), text);
  }
  return Unit{};
}

}  // namespace weir::streams
