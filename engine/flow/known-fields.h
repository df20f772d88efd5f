// What is known of the rows of each output before a run: from sources whose fields are declared or given by a schema,
// forward through the nodes behind them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/analysis.h"

namespace weir::flow {

/// A field may have the type `any`: it is there, and that is all that is known of it.
struct KnownRows {
  bool closed = false;  // there are no other fields
  std::vector<Field> fields;

  [[nodiscard]] const Field* find(std::string_view name) const;
  /// Adds the field, or gives the one of this name another type.
  void place(std::string_view name, TypeRef type);
  /// The rows of several edges into one input.
  void join(const KnownRows& other);
  /// Of these fields, for the checker; null if an expression that reads `fields` may read others.
  [[nodiscard]] SchemaRef schemaFor(const FieldSet& fields) const;
};

/// Rows of an output, given those of the inputs.
[[nodiscard]] KnownRows rowsGiven(const BoundNode& node, Port output, std::span<const KnownRows> inputs,
                                  const Value* params);
/// What a transform makes of rows.
[[nodiscard]] KnownRows rowsTransformed(const std::string& transform, const KnownRows& rows, const Value* params);

/// Says which fields that settings and expressions name are not there, and which expressions do not fit the types.
void checkFields(Analysis& flow);

}  // namespace weir::flow
