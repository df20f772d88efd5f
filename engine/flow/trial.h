// Trial: makes a node only to hear what it says of its settings.
#pragma once

#include <optional>
#include <string>

#include "engine/data/value.h"
#include "engine/flow/problem.h"
#include "engine/node/node-type.h"

namespace weir::flow {

/// What the node's make() has against `settings` (complete and resolved), if anything: patterns that do not compile,
/// schemas, names that must be there. Nothing is opened and nothing runs. `pointer` is that of the settings,
/// `params` a map whose types count.
[[nodiscard]] std::optional<Problem> trySettings(const NodeType& type, const json::Value& settings,
                                                 const std::string& pointer, const Value& params);

}  // namespace weir::flow
