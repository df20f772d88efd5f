// Expression: a CEL expression over rows, evaluated a batch at a time; what nodes and edges use.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/checker.h"
#include "engine/data/batch.h"
#include "engine/data/error.h"
#include "engine/data/field-set.h"

namespace weir::cel {

/// What a run knows of the places that rows come from, for `packet.traceId` and `packet.originNode`.
struct RowOrigins {
  std::uint64_t runHash = 0;
  std::vector<std::string> nodes;  // ids, by index in the plan
};

struct ExpressionOptions {
  Profile profile = Profile::flow;
  /// Type of `row`, if known when compiling (unknown fields are then errors with suggestions); else dynamic.
  SchemaRef rowSchema{};
  /// Names and types of `params`; a map value.
  const Value* params = nullptr;
  /// The type the result must have (`settings.type`: expected bool, found int); empty: any.
  TypeRef expected{};
  /// Where named time zones are found; may be null. Outlives the expression.
  Zones* zones = nullptr;
  /// Of the run; null before there is one. Outlives the expression.
  const RowOrigins* origins = nullptr;
};

/// One row that could not be computed: logical row of the batch, and why.
struct RowError {
  std::uint32_t row;
  Error error;
};

struct Evaluated {
  Column column;                 // one value per logical row; null where `errors` names the row
  std::vector<RowError> errors;  // by increasing row
};

struct Selected {
  Buffer rows;  // uint32 physical rows for which the condition is true, increasing
  std::int64_t count = 0;
  std::int64_t nulls = 0;  // conditions that were null: no match
  std::vector<RowError> errors;
  bool all = false;  // every row matches; `rows` is empty then
};

/// Cheap to copy, immutable, thread-safe. Specialised once per schema (the latest few are kept). Per-row errors never
/// fail a call; `memory.limit` and `cel.cost_limit` of the batch do.
class Expression {
 public:
  Expression() = default;
  [[nodiscard]] static Result<Expression> compile(std::string_view source, const ExpressionOptions& options = {});

  [[nodiscard]] Result<Evaluated> evaluate(const Batch& batch) const;
  /// The result must be bool.
  [[nodiscard]] Result<Selected> select(const Batch& batch) const;
  /// The type of the result for rows of this schema (`any` where it is dynamic), or the checker's problem
  /// (`cel.unknown_field` with a suggestion …).
  [[nodiscard]] Result<TypeRef> typeFor(const SchemaRef& schema) const;

  /// Top-level fields of `row` that are read; `all` if that cannot be known (`row` used as a whole).
  [[nodiscard]] const FieldSet& fieldsRead() const;
  /// Reads `now` or packet.timestamp or packet.traceId.
  [[nodiscard]] bool readsClock() const;
  [[nodiscard]] const std::string& source() const;
  [[nodiscard]] explicit operator bool() const { return impl_ != nullptr; }

  struct Impl;

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace weir::cel
