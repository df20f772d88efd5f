// Parameters: the values that a run gives them, and `${name}` in settings.
#pragma once

#include <map>
#include <string>

#include "engine/data/value.h"
#include "engine/flow/document.h"
#include "engine/node/node-type.h"

namespace weir::flow {

using ParameterValues = std::map<std::string, json::Value, std::less<>>;

/// Given values and defaults, checked against what the document declares.
[[nodiscard]] ParameterValues parameterValues(const FlowDocument& document, const ParameterValues& given, bool open,
                                              const std::string& pointer, Problems& problems);

/// The settings with every `${name}` replaced. `missing` parameters were reported before.
[[nodiscard]] json::Value resolveSettings(const NodeType& type, const json::Value& settings,
                                          const FlowDocument& document, const ParameterValues& values,
                                          const std::string& pointer, Problems& problems);

/// The value as `params` has it in expressions, of the type that the parameter declares: a number is a double even if
/// it was written without a point, a duration is one.
[[nodiscard]] Value toValue(const FlowParameter& parameter, const json::Value& value);
/// Stands for a value that nobody gave yet: its type is right, it means nothing.
[[nodiscard]] Value standIn(const FlowParameter& parameter);

}  // namespace weir::flow
