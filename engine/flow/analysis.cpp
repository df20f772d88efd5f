// Puts subflows in place, finds types, resolves settings, binds edges.
#include "engine/flow/analysis.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "engine/cel/column/shared-expressions.h"
#include "engine/flow/known-fields.h"
#include "engine/flow/trial.h"
#include "engine/node/parse-node-type.h"
#include "engine/node/settings-check.h"
#include "engine/text/printable.h"
#include "engine/text/suggest.h"

namespace weir::flow {
namespace {

constexpr std::string_view kSubflow = "subflow/";
constexpr std::size_t kMostNodes = 10'000;

std::string suggestionOf(std::string_view wanted, const std::vector<std::string>& names) {
  const auto nearest = nearestName(wanted, std::span<const std::string>(names));
  if (!nearest.empty()) return "Did you mean '" + std::string(nearest) + "'?";
  if (names.empty() || names.size() > 12) return {};
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return "There are: " + list + ".";
}

class Analyser {
 public:
  Analyser(Analysis& flow, const Catalogue& catalogue, const ValidateOptions& options)
      : flow_(flow), catalogue_(catalogue), options_(options) {}

  void run(const FlowDocument& document) {
    Scope scope;
    scope.document = &document;
    scope.values = parameterValues(document, options_.parameters, options_.parametersOpen, "", flow_.problems);
    flow_.scopes.push_back(std::move(scope));
    uniqueIds(document, "");
    place(0, {document.id});
    params();
    for (auto& node : flow_.nodes) bindNode(node);
    bindEdges();
    expose(document);
    required();
  }

 private:
  struct Waiting {
    FlowEdge edge;
    std::string pointer;
  };

  std::string at(const Scope& scope, std::string pointer) {
    return scope.pointer.empty() ? std::move(pointer) : scope.pointer;
  }

  void uniqueIds(const FlowDocument& document, const std::string& outer) {
    std::map<std::string, std::string, std::less<>> seen;
    const auto once = [&](const std::string& kind, const std::string& id, std::size_t index) {
      const auto pointer = outer.empty() ? below(below("/" + kind, index), "id") : outer;
      if (id.empty() || id.find('/') != std::string::npos) {
        flow_.problems.error("flow.bad_id", pointer, "'" + id + "' is no id.", "An id is a text without '/'.");
      } else if (hasControls(id)) {
        flow_.problems.error("flow.bad_id", pointer, "'" + id + "' is no id: it holds control characters.",
                             "Write it with letters, digits and signs.");
      }
      const auto [first, fresh] = seen.emplace(id, kind + "[" + std::to_string(index) + "]");
      if (!fresh) {
        flow_.problems.error("flow.duplicate_id", pointer, "the id '" + id + "' is taken by " + first->second + ".",
                             "Give each its own id.");
      }
    };
    std::size_t index = 0;
    for (const auto& node : document.nodes) once("nodes", node.id, index++);
    seen.clear();
    index = 0;
    for (const auto& edge : document.edges) once("edges", edge.id, index++);
    seen.clear();
    index = 0;
    for (const auto& group : document.groups) once("groups", group.id, index++);
    if (!outer.empty()) return;
    index = 0;
    for (const auto& node : document.nodes) {
      const auto pointer = below(below("/nodes", index++), "parent");
      if (node.parent.empty() || seen.contains(node.parent)) continue;
      flow_.problems.error("flow.unknown_group", pointer, "there is no group '" + node.parent + "'.", "");
    }
  }

  // Nodes and edges of a scope, and of the subflows in it.
  void place(std::size_t scopeIndex, const std::vector<std::string>& path) {
    const FlowDocument& document = *flow_.scopes[scopeIndex].document;
    const auto prefix = flow_.scopes[scopeIndex].prefix;
    for (std::size_t i = 0; i < document.nodes.size(); ++i) {
      const auto pointer = at(flow_.scopes[scopeIndex], below("/nodes", i));
      if (flow_.nodes.size() >= kMostNodes) {
        flow_.problems.error("flow.too_many_nodes", pointer, "a flow has at most 10,000 nodes.", "Split it.");
        return;
      }
      if (document.nodes[i].typeId.starts_with(kSubflow)) {
        placeSubflow(scopeIndex, document.nodes[i], pointer, path);
        continue;
      }
      BoundNode node;
      node.node = document.nodes[i];
      node.node.id = prefix + node.node.id;
      node.pointer = pointer;
      node.scope = scopeIndex;
      indexOf_.emplace(node.node.id, static_cast<std::int32_t>(flow_.nodes.size()));
      flow_.nodes.push_back(std::move(node));
    }
    for (std::size_t i = 0; i < document.edges.size(); ++i) {
      Waiting waiting{document.edges[i], at(flow_.scopes[scopeIndex], below("/edges", i))};
      waiting.edge.id = prefix + waiting.edge.id;
      waiting.edge.source.node = prefix + waiting.edge.source.node;
      waiting.edge.target.node = prefix + waiting.edge.target.node;
      waiting_.push_back(std::move(waiting));
    }
  }

  void placeSubflow(std::size_t scopeIndex, const FlowNode& node, const std::string& pointer,
                    std::vector<std::string> path) {
    const auto id = node.typeId.substr(kSubflow.size());
    const auto fullId = flow_.scopes[scopeIndex].prefix + node.id;
    subflowOf_.emplace(fullId, nullptr);
    if (std::ranges::find(path, id) != path.end() || path.size() > 16) {
      std::string way;
      for (const auto& each : path) way += each + " > ";
      return flow_.problems.error("flow.recursion", pointer, "the flow contains itself: " + way + id + ".",
                                  "Take the node out of the inner flow.");
    }
    if (!options_.loadFlow) {
      return flow_.problems.error("flow.unknown_subflow", pointer,
                                  "flows cannot be used as nodes here ('" + id + "').");
    }
    auto text = options_.loadFlow(id);
    if (!text)
      return flow_.problems.error("flow.unknown_subflow", pointer,
                                  "the flow '" + id + "' cannot be read: " + text.error().message);
    auto parsed = parseFlow(*text);
    if (!parsed) {
      for (const auto& problem : parsed.error()) {
        flow_.problems.error(problem.code, pointer,
                             "in the flow '" + id + "', " + problem.pointer + ": " + problem.message,
                             problem.suggestion);
      }
      return;
    }
    if (parsed->flowVersion != node.version) {
      flow_.problems.error(
          "flow.unknown_version", below(pointer, "version"),
          "the flow '" + id + "' has version '" + parsed->flowVersion + "', the node asks for '" + node.version + "'.",
          "Look at what changed, then set the version.");
    }
    flow_.subflows.push_back(std::make_unique<FlowDocument>(std::move(*parsed)));
    const auto* document = flow_.subflows.back().get();
    subflowOf_[fullId] = document;
    Scope scope;
    scope.document = document;
    scope.prefix = fullId + "/";
    scope.pointer = pointer;
    ParameterValues given;
    for (const auto& member : *node.settings.asObject()) {
      const auto* text_ = member.value.asString();
      const auto& outer = flow_.scopes[scopeIndex].values;
      const bool whole = text_ != nullptr && text_->starts_with("${") && text_->ends_with("}");
      const auto found = whole ? outer.find(std::string_view(*text_).substr(2, text_->size() - 3)) : outer.end();
      given[member.key] = found != outer.end() ? found->second : member.value;
    }
    scope.values = parameterValues(*document, given, options_.parametersOpen, pointer, flow_.problems);
    uniqueIds(*document, pointer);
    flow_.scopes.push_back(std::move(scope));
    path.push_back(id);
    place(flow_.scopes.size() - 1, path);
  }

  void params() {
    std::map<std::string_view, const json::Value*> all;
    std::set<std::string_view> named;
    std::vector<MapEntry> entries;
    for (const auto& scope : flow_.scopes) {
      for (const auto& parameter : scope.document->parameters) {
        const auto& name = parameter.name;
        const auto given = scope.values.find(name);
        if (given == scope.values.end() && !options_.parametersOpen) continue;  // was said
        const bool known = given != scope.values.end();
        const auto before = all.find(name);
        if (known && before != all.end() && !(*before->second == given->second)) {
          flow_.problems.error("flow.parameter_conflict", scope.pointer,
                               "the parameter '" + name + "' has another value in the flow around it.",
                               "Rename it in one of the flows.");
        }
        if (known) all.insert_or_assign(name, &given->second);
        if (!named.insert(name).second) continue;
        entries.push_back({Value::string(name), known ? toValue(parameter, given->second) : standIn(parameter)});
      }
    }
    flow_.params = Value::map(std::move(entries));
  }

  bool findType(BoundNode& node) {
    const auto& id = node.node.typeId;
    node.type = catalogue_.find(id, node.node.version);
    if (node.type != nullptr) return true;
    for (const auto& refusal : catalogue_.refusals()) {
      if (refusal.id != id || refusal.version != node.node.version) continue;
      flow_.problems.error("flow.refused_type", below(node.pointer, "typeId"),
                           "the package of '" + id + "' was refused: " + refusal.describe(), "Repair or replace it.");
      return false;
    }
    const auto versions = catalogue_.versionsOf(id);
    if (versions.empty()) {
      const auto nearest = catalogue_.nearest(id);
      flow_.problems.error("flow.unknown_type", below(node.pointer, "typeId"), "there is no node type '" + id + "'.",
                           nearest.empty() ? "See `weir nodes`." : "Did you mean '" + std::string(nearest) + "'?");
      return false;
    }
    std::string list;
    for (const auto* version : versions) list += (list.empty() ? "" : ", ") + version->version;
    flow_.problems.error("flow.unknown_version", below(node.pointer, "version"),
                         "'" + id + "' has no version '" + node.node.version + "'; there are: " + list + ".",
                         "Set one of these, and compare the settings with what `weir nodes " + id + "` says.");
    return false;
  }

  void bindNode(BoundNode& node) {
    if (!findType(node)) return;
    const auto& type = *node.type;
    const auto& scope = flow_.scopes[node.scope];
    if (options_.hosts) {
      for (const auto& need : type.needs) {
        if (std::ranges::find(*options_.hosts, need) != options_.hosts->end()) continue;
        flow_.problems.error("host.missing", node.pointer,
                             "'" + type.id + "' needs '" + need + "', which this place does not have.",
                             "Run the flow elsewhere.");
      }
    }
    const auto pointer = below(node.pointer, "settings");
    const auto before = flow_.problems.size();
    auto resolved = resolveSettings(type, node.node.settings, *scope.document, scope.values, pointer, flow_.problems);
    SettingsCheckOptions check;
    check.params = &flow_.params;
    check.parametersOpen = options_.parametersOpen;
    for (auto& problem : checkSettings(type.settings, resolved, pointer, check)) {
      auto suggestion = std::move(problem.suggestion);
      if (!suggestion.empty() && !suggestion.contains(' ')) suggestion = "Did you mean '" + suggestion + "'?";
      flow_.problems.error(problem.code, std::move(problem.pointer), std::move(problem.message), std::move(suggestion));
    }
    node.settings = completed(type.settings, resolved);
    if (const bool good = flow_.problems.size() == before; good) tryNode(type, node.settings, pointer);
    node.inputs = instancePorts(type.inputs, node.settings);
    node.outputs = instancePorts(type.outputs, node.settings);
    for (const auto& spec : type.settings) {
      const auto* value = node.settings.find(spec.name);
      if (value == nullptr) continue;
      if (spec.type == SettingType::path && value->isString()) mount(*value->asString(), below(pointer, spec.name));
      const bool paths =
          spec.type == SettingType::list && spec.items.size() == 1 && spec.items[0].type == SettingType::path;
      if (!paths || !value->isArray()) continue;
      for (std::size_t i = 0; i < value->asArray()->size(); ++i) {
        const auto* path = (*value->asArray())[i].asString();
        if (path != nullptr) mount(*path, below(below(pointer, spec.name), std::to_string(i)));
      }
    }
    if (node.node.bypass && (node.inputs.empty() || node.outputs.size() < 2)) {
      flow_.problems.error("flow.cannot_bypass", node.pointer,
                           "'" + type.id + "' has no input and output to be bypassed.", "Remove `bypass`.");
    }
  }

  /// What only the node itself can say of its settings.
  void tryNode(const NodeType& type, const json::Value& settings, const std::string& pointer) {
    if (auto problem = trySettings(type, settings, pointer, flow_.params)) flow_.problems.add(std::move(*problem));
  }

  void mount(const std::string& path, const std::string& pointer) {
    const auto colon = path.find(':');
    if (!options_.mounts || colon == std::string::npos || colon < 2 || path.find('/') < colon) return;
    const auto name = path.substr(0, colon);
    if (name == "project" || std::ranges::find(*options_.mounts, name) != options_.mounts->end()) return;
    flow_.problems.error("flow.mount_missing", pointer, "there is no mount '" + name + "'.",
                         "Give it with --mount " + name + "=DIR.");
  }

  // Through the ports of subflows to the node that is meant.
  void follow(FlowEnd& end, bool source) {
    for (auto found = subflowOf_.find(end.node); found != subflowOf_.end() && found->second != nullptr;
         found = subflowOf_.find(end.node)) {
      const auto& ports = source ? found->second->outputs : found->second->inputs;
      const auto port = std::ranges::find(ports, end.port, &FlowPort::name);
      if (port == ports.end()) return;
      end = {end.node + "/" + port->node, port->port};
    }
  }

  std::int32_t bindEnd(FlowEnd& end, bool source, const std::string& pointer, Port& port) {
    const auto given = end;
    follow(end, source);
    const auto found = indexOf_.find(end.node);
    if (found == indexOf_.end()) {
      const auto sub = subflowOf_.find(end.node);
      if (sub != subflowOf_.end()) {
        std::vector<std::string> names;
        if (sub->second == nullptr) return -1;  // said before
        for (const auto& each : source ? sub->second->outputs : sub->second->inputs) names.push_back(each.name);
        flow_.problems.error("flow.unknown_port", below(pointer, "port"),
                             "the flow '" + end.node + "' has no such port: '" + end.port + "'.",
                             suggestionOf(end.port, names));
        return -1;
      }
      std::vector<std::string> names;
      for (const auto& [name, index] : indexOf_) names.push_back(name);
      flow_.problems.error("flow.unknown_node", below(pointer, "node"), "there is no node '" + given.node + "'.",
                           suggestionOf(given.node, names));
      return -1;
    }
    const auto& node = flow_.nodes[static_cast<std::size_t>(found->second)];
    if (node.type == nullptr) return -1;
    const auto& ports = source ? node.outputs : node.inputs;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < ports.size(); ++i) {
      names.push_back(ports[i].name);
      if (ports[i].name == end.port || std::ranges::find(ports[i].aliases, end.port) != ports[i].aliases.end()) {
        port = static_cast<Port>(i);
        return found->second;
      }
    }
    flow_.problems.error(
        "flow.unknown_port", below(pointer, "port"),
        std::string("'") + end.node + "' has no " + (source ? "output" : "input") + " '" + end.port + "'.",
        names.empty() ? "It has none." : suggestionOf(end.port, names));
    return -1;
  }

  void bindEdges() {
    for (auto& waiting : waiting_) {
      BoundEdge edge;
      edge.edge = std::move(waiting.edge);
      edge.pointer = std::move(waiting.pointer);
      edge.source = bindEnd(edge.edge.source, true, below(edge.pointer, "source"), edge.sourcePort);
      edge.target = bindEnd(edge.edge.target, false, below(edge.pointer, "target"), edge.targetPort);
      bounds(edge);
      if (!edge.edge.filter.empty()) expression(edge, edge.edge.filter, "filter", edge.filterReads);
      if (!edge.edge.transform.empty()) expression(edge, edge.edge.transform, "transform", edge.transformReads);
      if (edge.source < 0 || edge.target < 0) {
        for (const auto end : {edge.source, edge.target}) {
          if (end >= 0) flow_.nodes[static_cast<std::size_t>(end)].lostEdge = true;
        }
        continue;
      }
      types(edge);
      flow_.edges.push_back(std::move(edge));
    }
  }

  void bounds(const BoundEdge& edge) {
    const auto& given = edge.edge;
    if (given.rows == 0 || given.bytes == 0 || given.batchMaxRows == 0) {
      flow_.problems.error("flow.range", edge.pointer, "the buffer and the batch of an edge hold at least one row.",
                           "Leave it out for the default.");
    }
    if (given.threshold && given.dropThreshold && *given.threshold > *given.dropThreshold) {
      flow_.problems.error("flow.range", below(edge.pointer, "buffer"), "threshold is above dropThreshold.",
                           "The producer is slowed first, then rows are dropped.");
    }
    if ((given.threshold && *given.threshold <= 0) || (given.dropThreshold && *given.dropThreshold <= 0)) {
      flow_.problems.error("flow.range", below(edge.pointer, "buffer"), "a threshold is a share of the buffer above 0.",
                           "Give a number up to 1, such as 0.8.");
    }
  }

  void expression(BoundEdge& edge, const std::string& source, std::string_view key, FieldSet& reads) {
    cel::ExpressionOptions options;
    options.params = &flow_.params;
    if (key == "filter") options.expected = Type::boolean();
    auto compiled = cel::Expression::compile(source, options);
    if (!compiled) {
      return flow_.problems.error(compiled.error().code, below(edge.pointer, key), compiled.error().message);
    }
    reads = compiled->fieldsRead();
    edge.readsClock = edge.readsClock || compiled->readsClock();
    if (key == "filter") return;
    if (auto type = compiled->typeFor(nullptr); type && (*type)) {
      const auto kind = (*type)->kind;
      if (kind == Kind::map || kind == Kind::any) return;
      flow_.problems.error("settings.type", below(edge.pointer, key),
                           "a transform gives a map, this one gives " + typeName(**type) + ".",
                           "Write {'name': value, …}.");
    }
  }

  void types(const BoundEdge& edge) {
    const auto& out = flow_.nodes[static_cast<std::size_t>(edge.source)].outputs[edge.sourcePort];
    const auto& in = flow_.nodes[static_cast<std::size_t>(edge.target)].inputs[edge.targetPort];
    const bool loose = out.type == PortType::any || in.type == PortType::any || in.type == PortType::signal ||
                       in.type == PortType::rows;
    const auto likeRows = [](PortType type) {
      return type == PortType::rows || type == PortType::object || type == PortType::errorPacket;
    };
    const bool fit = loose || out.type == in.type || (in.type == PortType::object && likeRows(out.type));
    if (!fit) {
      flow_.problems.error("flow.port_type", edge.pointer,
                           "the output '" + out.name + "' gives " + std::string(nameOf(out.type)) + ", the input '" +
                               in.name + "' takes " + std::string(nameOf(in.type)) + ".",
                           "Put a node between them that converts.");
      return;
    }
    if (!edge.edge.transform.empty() || out.fields.empty()) return;
    for (const auto& field : in.fields) {
      const auto found = std::ranges::find(out.fields, field.name, &Field::name);
      if (found == out.fields.end() || !field.type || !found->type || field.type == found->type ||
          found->type->kind == Kind::any || field.type->kind == Kind::any)
        continue;
      flow_.problems.error("flow.port_type", edge.pointer,
                           "the field '" + field.name + "' is " + typeName(*found->type) + ", '" + in.name +
                               "' takes " + typeName(*field.type) + ".",
                           "Convert it in a map before.");
    }
  }

  void expose(const FlowDocument& document) {
    const auto side = [&](const std::vector<FlowPort>& ports, const char* name, bool source) {
      for (std::size_t i = 0; i < ports.size(); ++i) {
        FlowEnd end{ports[i].node, ports[i].port};
        Port port = 0;
        const auto node = bindEnd(end, source, below(std::string("/ports/") + name, i), port);
        if (node >= 0) flow_.nodes[static_cast<std::size_t>(node)].exposed = true;
      }
    };
    side(document.inputs, "inputs", false);
    side(document.outputs, "outputs", true);
  }

  void required() {
    std::vector<Ports> connected(flow_.nodes.size(), 0);
    for (const auto& edge : flow_.edges) connected[static_cast<std::size_t>(edge.target)] |= portSet(edge.targetPort);
    for (std::size_t i = 0; i < flow_.nodes.size(); ++i) {
      const auto& node = flow_.nodes[i];
      for (std::size_t p = 0; p < node.inputs.size() && !node.exposed && !node.lostEdge; ++p) {
        if (!node.inputs[p].required || (connected[i] & portSet(static_cast<Port>(p))) != 0) continue;
        flow_.problems.error("flow.unconnected", node.pointer,
                             "the input '" + node.inputs[p].name + "' of '" + node.node.id + "' needs an edge.",
                             "Connect it, or remove the node.");
      }
    }
  }

  Analysis& flow_;
  const Catalogue& catalogue_;
  const ValidateOptions& options_;
  std::map<std::string, std::int32_t, std::less<>> indexOf_;
  std::map<std::string, const FlowDocument*, std::less<>> subflowOf_;
  std::vector<Waiting> waiting_;
};

}  // namespace

std::vector<std::int32_t> Analysis::edgesInto(std::int32_t node) const {
  std::vector<std::int32_t> out;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (edges[i].target == node) out.push_back(static_cast<std::int32_t>(i));
  }
  return out;
}

std::vector<std::int32_t> Analysis::edgesOutOf(std::int32_t node) const {
  std::vector<std::int32_t> out;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    if (edges[i].source == node) out.push_back(static_cast<std::int32_t>(i));
  }
  return out;
}

Analysis analyse(const FlowDocument& document, const Catalogue& catalogue, const ValidateOptions& options) {
  const cel::SharedExpressions shared;
  Analysis flow;
  Analyser(flow, catalogue, options).run(document);
  checkTopology(flow);
  checkFields(flow);
  checkUse(flow, options);
  warnOfUnusedSettings(flow);
  checkDeterminism(flow, options.frozenClock);
  flow.problems.locate(document.source);
  return flow;
}

}  // namespace weir::flow
