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

/// A JSON value as rows and expressions know it.
[[nodiscard]] Value toValue(const json::Value& value);

}  // namespace weir::flow
