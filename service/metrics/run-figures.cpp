// Reads the figures of a run.
#include "service/metrics/run-figures.h"

#include <algorithm>
#include <span>

#include "engine/json/document.h"

namespace weir::metrics {
namespace {

constexpr std::size_t kMostNodes = 10'000, kMostEdges = 20'000, kLongestId = 200;

std::int64_t count(const json::Value& object, std::string_view key) {
  const auto* found = object.find(key);
  if (found == nullptr) return 0;
  const auto* number = found->asInt64();
  return number == nullptr ? 0 : std::max<std::int64_t>(0, *number);
}

std::string text(const json::Value& object, std::string_view key) {
  const auto* found = object.find(key);
  if (found == nullptr || !found->isString()) return {};
  auto cut = found->asString()->substr(0, kLongestId);
  // No half of a character.
  while (cut.size() == kLongestId && (static_cast<unsigned char>(cut.back()) & 0xC0U) == 0x80U) cut.pop_back();
  if (cut.size() >= kLongestId - 3 && !cut.empty() && static_cast<unsigned char>(cut.back()) >= 0xC0U) cut.pop_back();
  return cut;
}

template <class Figures>
Figures named(const json::Value& object, std::span<const CounterNames> names) {
  Figures figures;
  figures.id = text(object, "id");
  for (std::size_t i = 0; i < names.size(); ++i) figures.counters[i] = count(object, names[i].member);
  return figures;
}

}  // namespace

Result<RunFigures> runFiguresOf(std::string_view json) {
  WEIR_ASSIGN(const auto document, json::parse(json, {.duplicateKeys = json::DuplicateKeys::keepLast}));
  const auto& root = document.root();
  if (!root.isObject()) return fail("live.frame", "the figures of a run are no object");
  RunFigures run;
  run.deadLetters = count(root, "deadLetters");
  run.errors = count(root, "errors");
  run.usedBytes = count(root, "usedBytes");
  run.journalBytes = count(root, "journalBytes");
  run.connections = count(root, "connections");
  run.egressBytes = count(root, "egressBytes");
  run.syncs = count(root, "syncs");
  run.syncNanos = count(root, "syncNanos");
  if (const auto* nodes = root.find("nodes"); nodes != nullptr && nodes->isArray()) {
    for (const auto& one : *nodes->asArray()) {
      if (!one.isObject() || run.nodes.size() == kMostNodes) continue;
      run.nodes.push_back(named<NodeFigures>(one, kNodeCounters));
      run.nodes.back().breakerOpen = text(one, "breaker") == "open";
    }
  }
  if (const auto* edges = root.find("edges"); edges != nullptr && edges->isArray()) {
    for (const auto& one : *edges->asArray()) {
      if (!one.isObject() || run.edges.size() == kMostEdges) continue;
      run.edges.push_back(named<EdgeFigures>(one, kEdgeCounters));
      auto& edge = run.edges.back();
      edge.queueRows = count(one, "held");
      edge.queueBytes = count(one, "heldBytes");
      edge.capacityRows = count(one, "capacityRows");
    }
  }
  return run;
}

}  // namespace weir::metrics
