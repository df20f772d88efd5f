// RowTimes: when the rows of a batch happened.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/node/row-expression.h"

namespace weir {

/// An expression that gives a time, or, without one, when rows came in.
class RowTimes {
 public:
  RowTimes() = default;
  [[nodiscard]] static Result<RowTimes> compile(const std::optional<std::string>& source, std::string_view pointer,
                                                NodeContext& context);

  /// Microseconds since 1970 of each row of a dense batch. Rows whose time is null or none are added to `errors`
  /// (`time.missing`). Error `settings.type` if the column holds no times at all.
  Result<void> evaluate(const Batch& batch, std::vector<cel::RowError>& errors, std::vector<Timestamp>& to) const;
  [[nodiscard]] bool ofRows() const { return expression_.has_value(); }

 private:
  std::optional<RowExpression> expression_;
};

}  // namespace weir
