// rowNodeType: the type of a node that a test or a measurement makes up: rows in, rows out, errors.
#pragma once

#include <string>
#include <utility>

#include "engine/node/node-type.h"

namespace weir::testing {

/// Ports `rows` on the sides that are asked for, and the output `error`; it touches nothing.
inline NodeType rowNodeType(std::string id, bool in, bool out, Cardinality between,
                            Result<NodePtr> (*make)(const json::Value&, NodeContext&)) {
  NodeType type;
  type.id = std::move(id);
  type.touches = Touches::nothing;
  type.cardinality = !in ? Cardinality::source : !out ? Cardinality::sink : between;
  PortSpec port;
  port.name = "rows";
  if (in) type.inputs.push_back(port);
  if (out) type.outputs.push_back(port);
  port.name = "error";
  type.outputs.push_back(port);
  type.make = make;
  return type;
}

}  // namespace weir::testing
