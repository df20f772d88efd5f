// Makes the plan of a flow: settings complete, ports fixed, and what each part of the flow asks of the one before it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include "engine/flow/plan.h"
#include "engine/flow/validate.h"

namespace weir::flow {

struct PlanOptions : ValidateOptions {
  std::optional<std::int64_t> memoryBytes, maxErrors;  // each overrides the document
  std::optional<int> threads;
  /// Sources read every field and apply nobody's filter, for who looks at the rows on the way.
  bool allFields = false;
};

/// Fails with every problem that validate() finds.
[[nodiscard]] std::expected<Plan, Problems> makePlan(const FlowDocument& document, const Catalogue& catalogue,
                                                     const PlanOptions& options = {});

}  // namespace weir::flow
