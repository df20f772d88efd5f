// NodeTrial: runs one node by itself in simulation: batches in, rows out; for tests of nodes that keep state.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/check.h"
#include "engine/data/packet.h"
#include "engine/data/value-json.h"
#include "engine/json/document.h"
#include "engine/runtime/run.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "hosts/simulation/simulated-workers.h"

namespace weir::testing {

struct Trial {
  RunResult result;
  std::vector<std::vector<Value>> outputs;  // rows of each output; the last is `error`
  std::vector<std::int64_t> batchRows;      // sizes of the batches of output 0
  NodeMetrics metrics;                      // of the node

  /// The rows of an output as JSON, one a line.
  [[nodiscard]] std::string text(std::size_t output = 0) const {
    std::string all;
    for (const auto& row : outputs[output]) all += toJson(row) + "\n";
    return all;
  }
};

struct TrialOptions {
  int workers = 1;
  std::uint64_t seed = 0;
  std::int64_t edgeRows = 0;
  std::int64_t memoryBytes = std::int64_t{4} << 30;
  bool files = true;
  std::function<void(Run&, std::int64_t step)> watch{};  // before each step
};

using MakeNode = Result<NodePtr> (*)(const json::Value&, NodeContext&);

namespace trial {

struct Feed final : Source {
  explicit Feed(std::vector<Batch> given) : batches(std::move(given)) {}
  Result<Flow> pull(StepIo& io) override {
    if (next == batches.size()) return Flow::done;
    if (io.room(0).rows <= 0) return Flow::again;
    io.emit(0, batches[next++]);
    return Flow::more;
  }
  std::vector<Batch> batches;
  std::size_t next = 0;
};

struct Keep final : Transform {
  Keep(std::vector<Value>* rows, std::vector<std::int64_t>* counts) : rows(rows), counts(counts) {}
  Result<Flow> process(const Batch& batch, StepIo&) override {
    for (std::int64_t row = 0; row < batch.rows(); ++row) rows->push_back(batch.row(row).owned());
    counts->push_back(batch.rows());
    return Flow::more;
  }
  std::vector<Value>* rows;
  std::vector<std::int64_t>* counts;
};

// What the make functions of the trial's own nodes find; one trial at a time.
inline std::vector<std::vector<Batch>>* feeds = nullptr;
inline Trial* kept = nullptr;

inline NodeType typeOf(std::string id, std::size_t inputs, std::size_t outputs, MakeNode make) {
  NodeType type;
  type.id = std::move(id);
  type.touches = Touches::nothing;
  type.cardinality = inputs == 0 ? Cardinality::source : outputs == 0 ? Cardinality::sink : Cardinality::fold;
  PortSpec port;
  for (std::size_t i = 0; i < inputs; ++i) {
    port.name = "in" + std::to_string(i);
    type.inputs.push_back(port);
  }
  for (std::size_t i = 0; i < outputs; ++i) {
    port.name = "out" + std::to_string(i);
    type.outputs.push_back(port);
  }
  port.name = "error";
  type.outputs.push_back(port);
  type.make = make;
  return type;
}

}  // namespace trial

/// Runs the node over `inputs` (batches of each input port; port 1, if any, is blocking) to its end. `outputs` does not
/// count `error`.
inline Trial tryNode(MakeNode make, std::string_view settings, std::vector<std::vector<Batch>> inputs,
                     std::size_t outputs = 1, TrialOptions given = {}) {
  using namespace trial;
  Trial done;
  done.outputs.resize(outputs + 1);
  feeds = &inputs;
  kept = &done;
  auto node = typeOf("test/node", inputs.size(), outputs, make);
  if (inputs.size() > 1) node.inputs[1].blocking = true;
  const auto feed = typeOf("test/feed", 0, 1, [](const json::Value& value, NodeContext&) -> Result<NodePtr> {
    return makeNode<Feed>((*feeds)[static_cast<std::size_t>(*value.asInt64())]);
  });
  const auto keep = typeOf("test/keep", 1, 0, [](const json::Value& value, NodeContext&) -> Result<NodePtr> {
    const auto port = static_cast<std::size_t>(*value.asInt64());
    static std::vector<std::int64_t> unused;
    return makeNode<Keep>(&kept->outputs[port], port == 0 ? &kept->batchRows : &unused);
  });
  Plan plan;
  const auto add = [&](std::string id, const NodeType& type, std::string_view text) {
    PlannedNode planned;
    planned.id = std::move(id);
    planned.type = &type;
    auto document = json::parse(text);
    WEIR_CHECK(document.has_value());
    planned.settings = document->root();
    planned.inputs = type.inputs;
    planned.outputs = type.outputs;
    plan.nodes.push_back(std::move(planned));
    return static_cast<std::int32_t>(plan.nodes.size() - 1);
  };
  const auto connect = [&](std::int32_t from, Port out, std::int32_t to, Port in) {
    PlannedEdge edge;
    edge.id = "e" + std::to_string(plan.edges.size());
    edge.source = from;
    edge.sourcePort = out;
    edge.target = to;
    edge.targetPort = in;
    plan.edges.push_back(std::move(edge));
  };
  const auto subject = add("node", node, settings);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    connect(add("feed" + std::to_string(i), feed, std::to_string(i)), 0, subject, static_cast<Port>(i));
  for (std::size_t i = 0; i < done.outputs.size(); ++i)
    connect(subject, static_cast<Port>(i), add("keep" + std::to_string(i), keep, std::to_string(i)), 0);
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  simulation::SimulatedWorkers pool(given.workers, given.seed, clock, &files);
  Hosts hosts;
  hosts.add<Clock>(clock);
  if (given.files) hosts.add<Files>(files);
  RunOptions options;
  options.edgeRows = given.edgeRows;
  options.memoryLimitBytes = given.memoryBytes;
  auto run = Run::make(plan, std::move(options), hosts, pool);
  if (!run) {
    done.result.outcome = Outcome::failed;
    done.result.error = run.error();
    return done;
  }
  if (given.watch) pool.watch([&](std::int64_t step) { given.watch(**run, step); });
  done.result = (*run)->drive();
  const auto metrics = (*run)->metrics();
  const auto own = std::ranges::find(metrics.nodes, "node", &NodeMetrics::id);
  WEIR_CHECK(own != metrics.nodes.end());
  done.metrics = *own;
  return done;
}

/// Batches of rows given as JSON objects, `rowsEach` in each.
inline std::vector<Batch> batchesOf(const std::vector<Value>& rows, std::size_t rowsEach) {
  std::vector<Batch> batches;
  for (std::size_t from = 0; from < rows.size(); from += rowsEach) {
    const auto count = std::min(rowsEach, rows.size() - from);
    auto batch = batchOfRows(std::span(rows).subspan(from, count), MemoryAccount::unlimited());
    WEIR_CHECK(batch.has_value());
    batches.push_back(std::move(*batch));
  }
  return batches;
}

inline Value json(std::string_view text) {
  auto value = parseJsonValue(text);
  WEIR_CHECK(value.has_value());
  return *value;
}

}  // namespace weir::testing
