// What a look at the document can know of its run: code that is not there, files that two nodes write, rules that are
// not applied.
#include <map>
#include <string>
#include <string_view>

#include "engine/flow/analysis.h"

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

void warnOfRule(Analysis& flow, const BoundEdge& edge) {
  const auto& given = edge.edge;
  if (!given.whenFull.empty() && given.whenFull != "block") {
    flow.problems.warning("flow.not_applied", below(below(edge.pointer, "whenFull"), "rule"),
                          "'" + given.whenFull + "' is not applied yet: when the edge is full, rows wait.",
                          "Write 'block', or leave it out, to say so.");
  }
  if (given.ageMs && given.guarantee != "durable") {
    flow.problems.warning("flow.not_applied", below(below(edge.pointer, "buffer"), "ageMs"),
                          "it is not applied yet: rows stay until they are taken, however old.", "Leave it out.");
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

}  // namespace

void checkUse(Analysis& flow, const ValidateOptions& options) {
  std::map<std::string, std::string> targets;
  for (const auto& node : flow.nodes) {
    if (node.type == nullptr || node.node.bypass) continue;
    if (options.needsCode) checkCode(flow, node);
    checkTargets(flow, node, targets);
  }
  for (const auto& edge : flow.edges) {
    warnOfRule(flow, edge);
    warnOfGuarantee(flow, edge);
  }
}

}  // namespace weir::flow
