// Columns of times as microseconds.
#include "engine/node/row-times.h"

#include <utility>

#include "engine/time/instant.h"

namespace weir {
namespace {

Timestamp floorMicros(std::int64_t nanos) { return nanos / 1000 - (nanos % 1000 < 0 ? 1 : 0); }

Error missing(const std::string& text, std::string_view found) {
  return Error{"time.missing", "'" + text + "' is " + std::string(found) + " in this row; it must be a time"};
}

}  // namespace

Result<RowTimes> RowTimes::compile(const std::optional<std::string>& source, std::string_view pointer,
                                   NodeContext& context) {
  RowTimes times;
  if (!source) return times;
  WEIR_ASSIGN(auto compiled, RowExpression::compile(*source, pointer, context));
  times.expression_ = std::move(compiled);
  return times;
}

Result<void> RowTimes::evaluate(const Batch& batch, std::vector<cel::RowError>& errors,
                                std::vector<Timestamp>& to) const {
  to.resize(static_cast<std::size_t>(batch.rows()));
  if (!expression_) {
    const auto& envelope = batch.envelope();
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      to[static_cast<std::size_t>(row)] =
          envelope.detail == nullptr ? envelope.timestampMicros : envelope.at(row).timestampMicros;
    }
    return {};
  }
  const auto before = errors.size();
  WEIR_ASSIGN(const auto column, expression_->evaluate(batch, errors));
  const auto kind = column.type->kind;
  if (kind != Kind::timestamp && kind != Kind::any && kind != Kind::null) {
    return fail("settings.type", "'" + expression_->text() + "' is " + typeName(*column.type) +
                                     ", but it must be a time. Convert it: timestamp(" + expression_->text() + ").");
  }
  const bool plain = kind == Kind::timestamp && !column.mayHaveNulls();
  if (plain && column.type->unit == TimeUnit::micros) {
    const auto ticks = column.ints();
    to.assign(ticks.begin(), ticks.end());
    return {};
  }
  std::size_t known = before;  // rows that failed in the expression have been told
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    auto& at = to[static_cast<std::size_t>(row)];
    at = 0;
    if (kind == Kind::timestamp && !column.isNull(row)) {
      const auto ticks = column.ints()[static_cast<std::size_t>(row)];
      at = column.type->unit == TimeUnit::micros ? ticks : floorMicros(ticks);
      continue;
    }
    const auto value = column.value(row);
    if (value.kind() == ValueKind::timestamp) {
      at = value.seconds() * kMicrosPerSecond + value.nanos() / 1000;
      continue;
    }
    while (known < errors.size() && errors[known].row < row) ++known;
    if (known < errors.size() && errors[known].row == row) continue;
    errors.insert(errors.begin() + static_cast<std::ptrdiff_t>(known),
                  cel::RowError{static_cast<std::uint32_t>(row),
                                missing(expression_->text(), value.isNull() ? "null" : value.typeText())});
  }
  return {};
}

}  // namespace weir
