// What a look at the document can know of its run: code that is not there, files that two nodes write, promises
// of edges.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/flow/alert-metrics.h"
#include "engine/flow/analysis.h"
#include "engine/text/suggest.h"
#include "engine/time/instant.h"

namespace weir::flow {
namespace {

void checkCode(Analysis& flow, const BoundNode& node) {
  if (node.type->make != nullptr) return;
  flow.problems.error("node.no_code", below(node.pointer, "typeId"),
                      "'" + node.type->id + "' is declared, but this engine has no code for it.",
                      "Install its package, or use another node.");
}

/// Where several may write at once.
bool isDevice(const std::string& path) { return path.starts_with("/dev/"); }

/// One spelling of a path: `./a` and `project:a` are `a`.
std::string plainPath(std::string_view path) {
  if (path.starts_with("project:")) path.remove_prefix(8);
  while (path.starts_with("./")) path.remove_prefix(2);
  return std::string(path);
}

/// `targets`: the place in the document that named a file first, by path.
void checkTargets(Analysis& flow, const BoundNode& node, std::map<std::string, std::string>& targets) {
  if (node.type->touches != Touches::writes) return;
  for (const auto& spec : node.type->settings) {
    if (spec.name != "path" || spec.type != SettingType::path) continue;
    const auto* value = node.settings.find(spec.name);
    const auto* path = value != nullptr ? value->asString() : nullptr;
    if (path == nullptr || path->empty() || path->contains("${") || isDevice(*path)) continue;
    const auto pointer = below(below(node.pointer, "settings"), spec.name);
    const auto [first, fresh] = targets.emplace(plainPath(*path), pointer);
    if (fresh) continue;
    flow.problems.error("files.same_target", pointer,
                        "'" + *path + "' is written by " + first->second + " too; only one node can write a file.",
                        "Let each write its own file, or merge the rows before one of them.");
  }
}

/// What a durable edge promises leaves no room for some rules.
void checkDurable(Analysis& flow, const BoundEdge& edge) {
  const auto& given = edge.edge;
  if (given.guarantee != "durable") return;
  if (given.ageMs)
    flow.problems.error("flow.durable_age", below(edge.pointer, "buffer"), "a durable edge sheds no old rows.",
                        "Remove ageMs.");
  if (!given.whenFull.empty() && given.whenFull != "block") {
    flow.problems.error("flow.durable_sheds", below(below(edge.pointer, "whenFull"), "rule"),
                        "a durable edge keeps every row, and '" + given.whenFull + "' sheds rows when it is full.",
                        "Use 'block', or the guarantee 'memory'.");
  }
  if (!given.order.empty() && given.order != "fifo") {
    flow.problems.error("flow.durable_order", below(below(edge.pointer, "buffer"), "order"),
                        "a durable edge gives rows in the order in which they came, not by '" + given.order + "'.",
                        "Use 'fifo', or the guarantee 'memory'.");
  }
  if (flow.scopes.front().document->config.stateStorage == "memory") {
    flow.problems.error("state.not_durable", below(edge.pointer, "guarantee"),
                        "a durable edge needs a state that lasts, and config.stateStorage is 'memory'.",
                        "Set stateStorage to 'file'.");
  }
}

/// What a durable edge keeps was promised to nobody if it came over an edge that keeps nothing.
void warnOfGuarantee(Analysis& flow, const BoundEdge& edge) {
  if (edge.edge.guarantee != "durable") return;
  for (const auto& before : flow.edges) {
    if (before.target != edge.source || before.edge.guarantee == "durable") continue;
    flow.problems.warning("flow.durable_behind_memory", below(edge.pointer, "guarantee"),
                          "rows come to this durable edge over '" + before.edge.id +
                              "', which keeps nothing: their source is answered before they are safe here.",
                          "Make that edge durable, too.");
    return;
  }
}

/// Rules about rows: of an edge, by expressions that can be computed.
void checkAlertRows(Analysis& flow, const FlowAlert& alert, const AlertMetric& metric) {
  for (const auto key : {std::string_view("where"), std::string_view("key")}) {
    const auto& source = key == "where" ? alert.where : alert.key;
    if (source.empty()) continue;
    const auto pointer = below(alert.pointer, key);
    if (!countsRows(metric.measure.measure)) {
      flow.problems.error("alert.rows", pointer,
                          "'" + std::string(key) + "' tells rows of an edge apart, and '" +
                              std::string(metric.measure.name) + "' does not count rows.",
                          "Use EDGE.rows, EDGE.rowsPerSecond or EDGE.idleMs.");
      continue;
    }
    cel::ExpressionOptions options;
    options.params = &flow.params;
    if (key == "where") options.expected = Type::boolean();
    if (const auto compiled = cel::Expression::compile(source, options); !compiled) {
      flow.problems.error(compiled.error().code, pointer, compiled.error().message);
    }
  }
}

void checkAlert(Analysis& flow, const FlowAlert& alert) {
  const auto& pointer = alert.pointer;
  const auto metric = parseAlertMetric(alert.metric);
  if (metric) checkAlertRows(flow, alert, *metric);
  if (!alert.muteUntil.empty() && !parseInstant(alert.muteUntil)) {
    flow.problems.error("alert.mute", below(pointer, "muteUntil"), "'" + alert.muteUntil + "' is no time.",
                        "Write it as 2026-01-31T10:00:00Z.");
  }
  if (!alert.over && !alert.under)
    flow.problems.error("alert.bound", pointer, "an alert needs a bound.", "Set over, under, or both.");
  if (!metric) {
    std::vector<std::string_view> names;
    for (const auto& measure : kMeasures) names.push_back(measure.name);
    const auto dot = alert.metric.rfind('.');
    const auto word = std::string_view(alert.metric).substr(dot == std::string::npos ? 0 : dot + 1);
    std::string list;
    for (const auto name : names) list += (list.empty() ? "" : ", ") + std::string(name);
    flow.problems.error("alert.metric", below(pointer, "metric"),
                        "'" + alert.metric + "' is no metric: write NODE, EDGE or run, a dot, and one of " + list +
                            "." + didYouMean(word, names));
    return;
  }
  std::vector<std::string> ids;
  const auto of = metric->measure.of;
  for (const auto& node : flow.nodes) {
    if (of == MeasuredThing::node) ids.push_back(node.node.id);
  }
  for (const auto& edge : flow.edges) {
    if (of == MeasuredThing::edge) ids.push_back(edge.edge.id);
  }
  if (of == MeasuredThing::run) ids.emplace_back("run");
  const std::string subject(metric->subject);
  if (std::ranges::contains(ids, subject)) return;
  const std::string kind = of == MeasuredThing::node ? "a node" : of == MeasuredThing::edge ? "an edge" : "the run";
  flow.problems.error("alert.metric", below(pointer, "metric"),
                      "'" + std::string(metric->measure.name) + "' is measured of " + kind + ", and '" + subject +
                          "' is none." + didYouMean(subject, ids));
}

}  // namespace

void checkUse(Analysis& flow, const ValidateOptions& options) {
  std::map<std::string, std::string> targets;
  for (const auto& node : flow.nodes) {
    if (node.type == nullptr || node.node.bypass) continue;
    if (options.needsCode) checkCode(flow, node);
    checkTargets(flow, node, targets);
  }
  const auto& alerts = flow.scopes.front().document->config.alerts;
  std::map<std::string_view, std::string_view> alertAt;
  for (const auto& alert : alerts) {
    checkAlert(flow, alert);
    const auto [first, fresh] = alertAt.emplace(alert.name, alert.pointer);
    if (fresh) continue;
    flow.problems.error("alert.duplicate", below(alert.pointer, "name"),
                        "the alert " + std::string(first->second) + " has the name '" + alert.name + "', too.",
                        "Give each alert a name of its own: mute and history go by it.");
  }
  for (const auto& edge : flow.edges) {
    warnOfGuarantee(flow, edge);
    checkDurable(flow, edge);
  }
}

}  // namespace weir::flow
