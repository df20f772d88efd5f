// Walks the settings of a node together with what its schema.json says of them.
#pragma once

#include <functional>
#include <string>

#include "engine/flow/analysis.h"

namespace weir::flow {

/// One value of the settings, at its JSON pointer. Elements of a list of objects come with the list's spec, their
/// members with their own.
using VisitSetting = std::function<void(const SettingSpec& spec, const json::Value& value, const std::string& pointer)>;

/// Calls `visit` for every value that has a spec, containers before what is in them. `pointer` is that of the settings.
void eachSetting(const NodeType& type, const json::Value& settings, const std::string& pointer,
                 const VisitSetting& visit);

/// Calls `visit(expression)` for every CEL expression in the settings of a node.
void eachExpression(const BoundNode& node, const std::function<void(const std::string&)>& visit);

}  // namespace weir::flow
