// Which fields of an input a node reads, given what is read of its outputs.
#pragma once

#include <span>

#include "engine/data/field-set.h"
#include "engine/flow/analysis.h"

namespace weir::flow {

/// A superset, never too little: everything, for nodes whose way of reading is not known here.
[[nodiscard]] FieldSet fieldsTaken(const BoundNode& node, Port input, std::span<const FieldSet> neededOfOutputs);

}  // namespace weir::flow
