// Reads a schema.json into a NodeType, enforcing the rules of nodes/node.schema.json.
#pragma once

#include <string_view>

#include "engine/node/node-type.h"
#include "engine/node/problem.h"

namespace weir {

struct ParsedNodeType {
  NodeType type;      // only if there are no problems
  Problems problems;  // all of them
};

/// Never fails in another way than by problems (`node.schema`, `json.*`). The output `error` is appended (or moved to
/// the end if it is declared). `make` is left null.
[[nodiscard]] ParsedNodeType parseNodeType(std::string_view schemaJson);

/// The type of a setting as schema.json writes it: "string", "enum", ...
[[nodiscard]] std::string_view nameOf(SettingType type);
/// As schema.json writes it: "rows", "error_packet", ...
[[nodiscard]] std::string_view nameOf(PortType type);

/// The ports of one instance: a port that follows a list setting becomes one port for each element (named by the
/// element, or by its `name`); `error` stays the last output. A list that is not there, or has elements without a name,
/// gives no ports for those.
[[nodiscard]] std::vector<PortSpec> instancePorts(const std::vector<PortSpec>& ports, const json::Value& settings);

}  // namespace weir
