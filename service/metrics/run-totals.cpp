// Adds up what the nodes of a run tell.
#include "service/metrics/run-totals.h"

#include <algorithm>
#include <set>
#include <string>

#include "engine/json/document.h"

namespace weir::metrics {
namespace {

std::int64_t numberIn(const json::Value& object, std::string_view key) {
  const auto* found = object.find(key);
  const auto* number = found == nullptr ? nullptr : found->asInt64();
  return number == nullptr ? 0 : std::max<std::int64_t>(0, *number);
}

/// The texts of that member of all objects in a list.
std::set<std::string, std::less<>> textsIn(const json::Value& root, std::string_view list, std::string_view key) {
  std::set<std::string, std::less<>> texts;
  const auto* all = root.find(list);
  if (all == nullptr || !all->isArray()) return texts;
  for (const auto& one : *all->asArray()) {
    const auto* found = one.isObject() ? one.find(key) : nullptr;
    if (found != nullptr && found->isString()) texts.insert(*found->asString());
  }
  return texts;
}

void addNodes(RunTotals& totals, const json::Value& root) {
  const auto* nodes = root.find("nodes");
  if (nodes == nullptr || !nodes->isArray()) return;
  const auto fed = textsIn(root, "edges", "target"), feeding = textsIn(root, "edges", "source");
  for (const auto& node : *nodes->asArray()) {
    const auto* id = node.isObject() ? node.find("id") : nullptr;
    if (id == nullptr || !id->isString()) continue;
    if (!fed.contains(*id->asString())) totals.rowsIn += numberIn(node, "rowsOut");
    if (!feeding.contains(*id->asString())) totals.rowsOut += numberIn(node, "rowsIn");
    const auto total = numberIn(node, "progressTotal");
    if (total == 0) continue;
    totals.progressTotal += total;
    totals.progressDone += std::min(total, numberIn(node, "progressDone"));
  }
}

}  // namespace

std::optional<RunTotals> runTotalsOf(std::string_view metrics, std::string_view result) {
  RunTotals totals;
  bool known = false;
  // It comes from an engine process, which is not trusted to be right.
  for (const auto text : {metrics, result}) {
    if (text.empty()) continue;
    const auto document = json::parse(text, {.duplicateKeys = json::DuplicateKeys::keepLast});
    if (!document || !document->root().isObject()) continue;
    const auto& root = document->root();
    known = true;
    addNodes(totals, root);
    totals.errors = std::max(totals.errors, numberIn(root, "errors"));
    totals.setAside = std::max(totals.setAside, numberIn(root, "deadLetters"));
    totals.elapsedMicros = std::max(totals.elapsedMicros, numberIn(root, "elapsedMicros"));
  }
  return known ? std::optional(totals) : std::nullopt;
}

}  // namespace weir::metrics
