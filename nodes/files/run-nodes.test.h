// Runs one or two nodes over simulated files, for the tests of the file nodes.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/packet.h"
#include "engine/data/value-json.h"
#include "engine/json/value.h"
#include "engine/node/node-type.h"
#include "engine/runtime/run.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "hosts/simulation/simulated-workers.h"

namespace weir::nodes::testing {

using Make = Result<NodePtr> (*)(const json::Value& settings, NodeContext& context);

/// Emits the batches it was given.
class Given final : public Source {
 public:
  explicit Given(std::vector<Batch> batches) : batches_(std::move(batches)) {}
  Result<Flow> pull(StepIo& io) override {
    if (next_ == batches_.size()) return Flow::done;
    io.emit(0, batches_[next_++]);
    return Flow::more;
  }

 private:
  std::vector<Batch> batches_;
  std::size_t next_ = 0;
};

struct Gathered {
  std::vector<std::string> rows;    // as JSON
  std::vector<std::string> errors;  // "code: message"
  std::vector<std::string> failed;  // the rows of the errors, as JSON
  std::string schema;
  RunResult result;
  std::int64_t batches = 0;
};

struct Bench final : DeadLetters, Log {
  explicit Bench(bool later = false, int workerCount = 2, std::uint64_t seed = 1)
      : files(later), workers(workerCount, seed, clock, &files) {
    hosts.add<Clock>(clock);
    hosts.add<Files>(files);
    hosts.add<Log>(*this);
  }
  Result<void> add(std::span<const ErrorPacket> packets) override {
    for (const auto& packet : packets) {
      gathered.errors.push_back(std::string(packet.code) + ": " + packet.message);
      gathered.failed.push_back(toJson(packet.row));
    }
    return {};
  }
  void write(LogLevel, std::string_view, std::string_view message) override { logged.emplace_back(message); }

  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files;
  simulation::SimulatedWorkers workers;
  Hosts hosts;
  Gathered gathered;
  std::vector<std::string> logged;
  std::vector<Batch> given;
  FieldSet needed = FieldSet::everything();
};

inline Bench* current = nullptr;

class Gather final : public Transform {
 public:
  Result<Flow> process(const Batch& batch, StepIo&) override {
    auto& gathered = current->gathered;
    gathered.schema = batch.schema()->describe();
    ++gathered.batches;
    for (std::int64_t row = 0; row < batch.rows(); ++row) gathered.rows.push_back(toJson(batch.row(row)));
    return Flow::more;
  }
};

inline Result<NodePtr> makeGather(const json::Value&, NodeContext&) { return makeNode<Gather>(); }
inline Result<NodePtr> makeGiven(const json::Value&, NodeContext&) { return makeNode<Given>(current->given); }

inline NodeType typeOf(std::string id, Make make, bool source) {
  NodeType type;
  type.id = std::move(id);
  type.make = make;
  PortSpec rows;
  rows.name = "rows";
  PortSpec error;
  error.name = "error";
  error.type = PortType::errorPacket;
  if (source) {
    type.outputs.push_back(rows);
    type.kind = NodeKind::source;
  } else {
    type.inputs.push_back(rows);
  }
  type.outputs.push_back(error);
  return type;
}

inline Gathered run(Bench& bench, const NodeType& source, const NodeType& target, json::Value sourceSettings,
                    json::Value targetSettings) {
  current = &bench;
  bench.gathered = {};
  Plan plan;
  for (const auto* type : {&source, &target}) {
    PlannedNode node;
    node.id = type->id;
    node.type = type;
    node.inputs = type->inputs;
    node.outputs = type->outputs;
    node.settings = type == &source ? sourceSettings : targetSettings;
    node.needed.assign(type->outputs.size(), type == &source ? bench.needed : FieldSet::everything());
    node.depth = type == &source ? 0 : 1;
    plan.nodes.push_back(std::move(node));
  }
  PlannedEdge edge;
  edge.id = "rows";
  edge.source = 0;
  edge.target = 1;
  plan.edges.push_back(std::move(edge));
  RunOptions options;
  options.deadLetters = &bench;
  auto made = Run::make(std::move(plan), options, bench.hosts, bench.workers);
  if (!made) {
    bench.gathered.result.outcome = Outcome::failed;
    bench.gathered.result.error = made.error();
    return bench.gathered;
  }
  bench.gathered.result = (*made)->drive();
  return bench.gathered;
}

/// Runs a source and gathers what comes.
inline Gathered read(Bench& bench, Make make, json::Value settings) {
  return run(bench, typeOf("source", make, true), typeOf("gather", makeGather, false), std::move(settings),
             json::Value::object());
}

/// Feeds rows to a sink.
inline Gathered write(Bench& bench, Make make, json::Value settings, std::vector<Batch> batches) {
  bench.given = std::move(batches);
  return run(bench, typeOf("given", makeGiven, true), typeOf("sink", make, false), json::Value::object(),
             std::move(settings));
}

inline json::Value settings(std::initializer_list<std::pair<const char*, json::Value>> members) {
  auto value = json::Value::object();
  for (const auto& [name, member] : members) value.set(name, member);
  return value;
}

}  // namespace weir::nodes::testing
