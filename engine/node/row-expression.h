// RowExpression: what a setting says of a row: a field, or an expression over it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/node/node-context.h"
#include "engine/node/step-io.h"

namespace weir {

/// `rows.unknown_field`: a setting names a field that the rows do not have.
[[nodiscard]] std::unexpected<Error> unknownField(std::string_view name, const Schema& schema);

/// What an expression of a node may ask of its run: parameters, where rows come from, the place's time zones.
[[nodiscard]] cel::ExpressionOptions expressionOptions(NodeContext& context);

/// A plain field (or `row.field`) costs nothing but finding its column.
class RowExpression {
 public:
  [[nodiscard]] static RowExpression field(std::string name);
  /// `pointer` names the setting in errors. Errors of the compiler.
  [[nodiscard]] static Result<RowExpression> compile(std::string_view source, std::string_view pointer,
                                                     NodeContext& context);

  /// Of a setting that may be left out.
  [[nodiscard]] static Result<std::optional<RowExpression>> compileIfSet(const std::optional<std::string>& source,
                                                                         std::string_view pointer,
                                                                         NodeContext& context);

  /// One value for each row of a dense batch. Rows that fail are null and added to `errors`. Errors: those of
  /// Expression, `rows.unknown_field`.
  [[nodiscard]] Result<Column> evaluate(const Batch& batch, std::vector<cel::RowError>& errors) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string field_;  // empty: an expression
  cel::Expression expression_;
};

/// `errors` of several expressions: fails their rows with the first error of each, and gives the rows without any.
/// Empty result and no errors: all rows are good.
[[nodiscard]] std::vector<std::uint32_t> failRows(std::vector<cel::RowError>& errors, std::int64_t rows, StepIo& io);

}  // namespace weir
