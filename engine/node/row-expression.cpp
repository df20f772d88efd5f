// Fields and expressions of rows.
#include "engine/node/row-expression.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "engine/host/time-zones.h"
#include "engine/text/suggest.h"

namespace weir {
namespace {

bool isIdentifier(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

std::unexpected<Error> unknownField(std::string_view name, const Schema& schema) {
  std::vector<std::string> names;
  for (const auto& field : schema.fields()) names.push_back(field.name);
  return fail("rows.unknown_field", "the rows have no field '" + std::string(name) + "'; they are " +
                                        schema.describe() + ". Correct the name in the node's settings." +
                                        didYouMean(name, std::span<const std::string>(names)));
}

cel::ExpressionOptions expressionOptions(NodeContext& context) {
  cel::ExpressionOptions options;
  options.params = &context.params();
  options.origins = context.origins();
  if (auto zones = context.host<TimeZones>()) options.zones = (*zones)->zones();
  return options;
}

RowExpression RowExpression::field(std::string name) {
  RowExpression result;
  result.text_ = name;
  result.field_ = std::move(name);
  return result;
}

Result<RowExpression> RowExpression::compile(std::string_view source, std::string_view pointer, NodeContext& context) {
  RowExpression result;
  auto compiled = cel::Expression::compile(source, expressionOptions(context));
  if (!compiled) {
    auto error = std::move(compiled).error();
    error.message = std::string(pointer) + ": " + error.message;
    return std::unexpected(std::move(error));
  }
  result.expression_ = std::move(*compiled);
  result.text_ = source;
  if (source.starts_with("row.") && isIdentifier(source.substr(4))) result.field_ = source.substr(4);
  return result;
}

Result<std::optional<RowExpression>> RowExpression::compileIfSet(const std::optional<std::string>& source,
                                                                 std::string_view pointer, NodeContext& context) {
  if (!source) return std::nullopt;
  return compile(std::string_view(*source), pointer, context);
}

Result<Column> RowExpression::evaluate(const Batch& batch, std::vector<cel::RowError>& errors) const {
  if (!field_.empty()) {
    if (const auto* column = batch.column(field_)) return *column;
    if (!expression_) {
      return unknownField(field_, *batch.schema());
    }
  }
  WEIR_ASSIGN(auto evaluated, expression_.evaluate(batch));
  for (auto& error : evaluated.errors) errors.push_back(std::move(error));
  return std::move(evaluated.column);
}

std::vector<std::uint32_t> failRows(std::vector<cel::RowError>& errors, std::int64_t rows, StepIo& io) {
  if (errors.empty()) return {};
  std::ranges::stable_sort(errors, {}, &cel::RowError::row);
  std::vector<std::uint32_t> good;
  std::size_t next = 0;
  for (std::uint32_t row = 0; row < static_cast<std::uint32_t>(rows); ++row) {
    if (next == errors.size() || errors[next].row != row) {
      good.push_back(row);
      continue;
    }
    io.fail(std::array<std::uint32_t, 1>{row}, errors[next].error);
    while (next < errors.size() && errors[next].row == row) ++next;
  }
  return good;
}

}  // namespace weir
