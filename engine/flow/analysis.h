// Analysis: a flow with subflows put in place, types found, settings resolved and edges bound; behind validate and
// plan.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/flow/parameters.h"
#include "engine/flow/validate.h"

namespace weir::flow {

/// The document itself, or one use of a subflow.
struct Scope {
  const FlowDocument* document = nullptr;
  ParameterValues values;
  std::string prefix;   // of ids: "sub/"
  std::string pointer;  // of the node that stands for it; empty for the document itself
};

struct BoundNode {
  FlowNode node;  // its id with the prefix
  std::string pointer;
  std::size_t scope = 0;
  const NodeType* type = nullptr;  // null if it is not known
  json::Value settings;            // complete
  std::vector<PortSpec> inputs, outputs;
  bool exposed = false;   // a port of it is a port of the flow
  bool lostEdge = false;  // an edge of it could not be bound, which was said: what is missing here follows from that
  int depth = 0;
};

struct BoundEdge {
  FlowEdge edge;
  std::string pointer;
  std::int32_t source = -1, target = -1;
  Port sourcePort = 0, targetPort = 0;
  bool readsClock = false;
  FieldSet filterReads = FieldSet::none(), transformReads = FieldSet::none();
};

struct Analysis {
  std::vector<std::unique_ptr<FlowDocument>> subflows;
  std::vector<Scope> scopes;
  std::vector<BoundNode> nodes;
  std::vector<BoundEdge> edges;     // those that are bound at both ends
  std::vector<std::int32_t> order;  // from sources to sinks
  Value params;
  std::vector<std::string> whyNotDeterministic;
  Problems problems;

  [[nodiscard]] std::vector<std::int32_t> edgesInto(std::int32_t node) const;
  [[nodiscard]] std::vector<std::int32_t> edgesOutOf(std::int32_t node) const;
};

[[nodiscard]] Analysis analyse(const FlowDocument& document, const Catalogue& catalogue,
                               const ValidateOptions& options);

/// Puts the nodes in order, gives them depths, names a cycle if there is one, and warns of what does nothing.
void checkTopology(Analysis& flow);
/// What would only be found out by running: nodes without code, two that write one file.
void checkUse(Analysis& flow, const ValidateOptions& options);
/// Settings that are given where schema.json's visibleWhen says that they are not used.
void warnOfUnusedSettings(Analysis& flow);
/// Fills in whyNotDeterministic.
void checkDeterminism(Analysis& flow, bool frozenClock);

}  // namespace weir::flow
