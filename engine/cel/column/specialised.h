// Specialised: an expression compiled for the rows of one schema.
#pragma once

#include <memory>
#include <optional>

#include "engine/cel/column/expression.h"
#include "engine/cel/column/vector-program.h"
#include "engine/cel/program.h"

namespace weir::cel {

/// The variables of a flow's expressions, in the order they are declared in.
enum class FlowVariable : std::uint32_t { row, packet, params, now };

struct Specialised {
  SchemaRef schema;
  Program program;
  TypeRef resultType;                           // of the column that comes out; `any` where it is dynamic
  std::shared_ptr<const VectorProgram> vector;  // null: only row by row
  const RowOrigins* origins = nullptr;          // null: no run
};

/// The variables that an expression sees; `row` has the schema's fields (null: any).
[[nodiscard]] Environment flowEnvironment(const ExpressionOptions& options, const SchemaRef& schema);

/// Compiles for rows of `schema` (null: dynamic rows). Problems come as one Error with the caret's line.
[[nodiscard]] Result<Specialised> specialise(std::string_view source, const ExpressionOptions& options,
                                             const SchemaRef& schema);

/// The values that one row gives to a program.
class RowActivation final : public Activation {
 public:
  RowActivation(const Batch& batch, const Value& params, const RowOrigins* origins)
      : batch_(batch), params_(params), origins_(origins) {}
  /// Physical row (for columns and the envelope) and logical row (for the row as a whole).
  void at(std::int64_t physical, std::int64_t logical) {
    physical_ = physical;
    logical_ = logical;
  }
  [[nodiscard]] bool variable(std::uint32_t variable, Value& out) const override;
  [[nodiscard]] bool field(std::uint32_t variable, std::int32_t field, std::string_view name,
                           Value& out) const override;

 private:
  const Batch& batch_;
  const Value& params_;
  const RowOrigins* origins_;
  std::int64_t physical_ = 0, logical_ = 0;
};

/// Evaluates row by row: what cannot be done by column, and the reference for what can.
[[nodiscard]] Result<Evaluated> evaluateRows(const Specialised& specialised, const Batch& batch, const Value& params);

/// The rows where the column of an evaluation is true.
[[nodiscard]] Result<Selected> selectedOf(Evaluated evaluated, const Batch& batch);

}  // namespace weir::cel
