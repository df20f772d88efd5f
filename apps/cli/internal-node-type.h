// internalNodeType: the type of a node that a command puts into a plan; it stands in no catalogue.
#pragma once

#include <string>
#include <utility>

#include "engine/node/node-type.h"

namespace weir::cli {

/// A source of `rows`, or a sink of them, with an output `error`. It touches nothing: what a command feeds or keeps is
/// not the world, so that a preview has it too.
inline NodeType internalNodeType(std::string id, bool source,
                                 Result<NodePtr> (*make)(const json::Value&, NodeContext&)) {
  NodeType type;
  type.id = std::move(id);
  type.version = "1.0.0";
  type.touches = Touches::nothing;
  type.kind = source ? NodeKind::source : NodeKind::stateful;
  type.cardinality = source ? Cardinality::source : Cardinality::sink;
  PortSpec rows;
  rows.name = "rows";
  (source ? type.outputs : type.inputs).push_back(rows);
  PortSpec error;
  error.name = "error";
  error.type = PortType::errorPacket;
  type.outputs.push_back(std::move(error));
  type.make = make;
  return type;
}

}  // namespace weir::cli
