// Plans of tests, and what came of them.
#include "apps/cli/test-run.h"

#include <algorithm>
#include <utility>

#include "apps/cli/command.h"
#include "engine/data/batch-builder.h"
#include "engine/data/value-json.h"
#include "engine/time/instant.h"

namespace weir::cli {
namespace {

Result<std::vector<Batch>> batchesOf(const std::vector<json::Value>& rows) {
  std::vector<Value> values;
  for (const auto& row : rows) values.push_back(fromJson(row));
  std::vector<Batch> batches;
  if (values.empty()) return batches;
  WEIR_ASSIGN(auto batch, batchOfRows(values, MemoryAccount::unlimited()));
  batches.push_back(std::move(batch));
  return batches;
}

bool feedsOthers(const Plan& plan, std::size_t node) {
  return std::ranges::any_of(plan.edges,
                             [&](const PlannedEdge& edge) { return static_cast<std::size_t>(edge.source) == node; });
}

}  // namespace

Result<std::int64_t> clockMicrosOf(const flow::FlowTest& test) {
  WEIR_ASSIGN(const auto instant, parseInstant(test.clock.value_or("2026-01-01T00:00:00Z")));
  return instant.seconds * 1'000'000 + instant.nanos / 1000;
}

Result<void> replaceEnds(Plan& plan, const flow::FlowTest& test, MemoryRows& rows) {
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    auto& node = plan.nodes[i];
    const auto given = test.in.find(node.id);
    if (given != test.in.end()) {
      WEIR_ASSIGN(auto batches, batchesOf(given->second));
      rows.give(node.id, std::move(batches));
      node.type = &feederType();
      node.inputs.clear();
      std::ranges::fill(node.acceptedFilter, -1);
    } else if (!node.inputs.empty() &&
               (test.out.contains(node.id) || (node.type->touches == Touches::writes && !feedsOthers(plan, i)))) {
      node.type = &collectorType();
    }
  }
  for (const auto& [id, expected] : test.in) {
    if (!std::ranges::contains(plan.nodes, id, &PlannedNode::id))
      return fail("test.unknown_node", "'in' names '" + id + "', which the flow does not have");
  }
  for (const auto& [id, expected] : test.out) {
    if (!std::ranges::contains(plan.nodes, id, &PlannedNode::id))
      return fail("test.unknown_node", "'out' names '" + id + "', which the flow does not have");
  }
  return {};
}

void TestRowsGot::takeFrom(MemoryRows& rows) {
  rows.onBatch([this](const std::string& node, const Batch& batch) { return take(node, batch); });
}

bool TestRowsGot::take(const std::string& node, const Batch& batch) {
  const std::lock_guard locked(mutex_);
  auto& rows = got_[node];
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    if (mostBytes_ > 0 && bytes_ > mostBytes_) return false;
    rows.push_back(toJson(batch.row(row)));
    bytes_ += rows.back().size();
  }
  return true;
}

std::string TestRowsGot::difference(const flow::FlowTest& test, const RunResult& result) {
  const std::lock_guard locked(mutex_);
  for (const auto& [id, rows] : test.out) {
    std::vector<std::string> expected;
    for (const auto& row : rows) expected.push_back(toJson(fromJson(row)));
    auto& found = got_[id];
    if (test.anyOrder) {
      std::ranges::sort(expected);
      std::ranges::sort(found);
    }
    for (std::size_t i = 0; i < std::max(expected.size(), found.size()); ++i) {
      const auto want = i < expected.size() ? expected[i] : std::string("no row");
      const auto have = i < found.size() ? found[i] : std::string("no row");
      if (want != have) return "'" + id + "', row " + std::to_string(i + 1) + ": expected " + want + ", got " + have;
    }
  }
  if (test.deadLetters && *test.deadLetters != result.deadLetters) {
    return "expected " + std::to_string(*test.deadLetters) + " dead letters, got " + std::to_string(result.deadLetters);
  }
  const auto wanted = test.exitCode.value_or(test.deadLetters.value_or(0) > 0 ? kDeadLetters : kDone);
  if (wanted != result.exitCode()) {
    return "expected exit code " + std::to_string(wanted) + ", got " + std::to_string(result.exitCode()) +
           (result.error ? ": " + result.error->message : std::string());
  }
  return {};
}

}  // namespace weir::cli
