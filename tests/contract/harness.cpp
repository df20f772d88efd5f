// Builds a plan of feeders, the node under test and collectors, and runs it.
#include "tests/contract/harness.h"

#include <algorithm>
#include <set>

#include "engine/data/batch-builder.h"
#include "engine/data/value-json.h"
#include "engine/host/memory-state-store.h"
#include "engine/node/parse-node-type.h"
#include "engine/node/settings-check.h"
#include "engine/runtime/run.h"
#include "hosts/simulation/simulated-clock.h"
#include "hosts/simulation/simulated-files.h"
#include "hosts/simulation/simulated-http.h"
#include "hosts/simulation/simulated-ingress.h"
#include "hosts/simulation/simulated-streams.h"
#include "hosts/simulation/simulated-workers.h"
#include "tests/contract/simulated-servers.h"

namespace weir::contract {
namespace {

/// What feeders and collectors share with the harness; they find it as a host.
struct CaseWorld {
  static constexpr std::string_view kName = "contract";
  std::map<std::string, std::vector<Batch>, std::less<>> feeds;  // by node id
  std::map<std::string, std::vector<Value>, std::less<>> rows;   // by node id
  std::vector<ErrorPacket> errors;
  Run* run = nullptr;
  std::int64_t fed = 0, cancelAfter = -1;
};

class QuietLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::string_view) override {}
};

class Feeder final : public Source {
 public:
  Feeder(CaseWorld* world, std::vector<Batch> batches) : world_(*world), batches_(std::move(batches)) {}
  Result<weir::Flow> pull(StepIo& io) override {
    if (draining() || next_ >= batches_.size()) return weir::Flow::done;
    if (io.room(0).rows <= 0) return weir::Flow::again;
    io.emit(0, batches_[next_++]);
    if (world_.fed++ == world_.cancelAfter) world_.run->cancel();
    return weir::Flow::more;
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    return state.write(static_cast<std::int64_t>(next_));
  }
  Result<Poll> restore(StateReader& state) override {
    std::int64_t next = 0;
    WEIR_TRY(state.read(next));
    next_ = static_cast<std::size_t>(next);
    return Poll::ready;
  }

 private:
  CaseWorld& world_;
  std::vector<Batch> batches_;
  std::size_t next_ = 0;
};

class Collector final : public Transform {
 public:
  Collector(CaseWorld* world, std::string id) : world_(*world), id_(std::move(id)) {}
  Result<weir::Flow> process(const Batch& batch, StepIo&) override {
    cut();
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      if (batch.schema() == errorSchema()) {
        world_.errors.push_back(errorPacketOf(batch, row));
      } else {
        world_.rows[id_].push_back(batch.row(row).owned());
      }
    }
    return weir::Flow::more;
  }
  Result<weir::Flow> finish(StepIo&) override {
    cut();
    return weir::Flow::done;
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    cut();
    WEIR_TRY(state.write(static_cast<std::int64_t>(world_.rows[id_].size())));
    return state.write(static_cast<std::int64_t>(world_.errors.size()));
  }
  Result<Poll> restore(StateReader& state) override {
    WEIR_TRY(state.read(rows_));
    return state.read(errors_);
  }

 private:
  /// What an interrupted run collected behind its last checkpoint comes again.
  void cut() {
    if (std::exchange(cut_, true)) return;
    auto& rows = world_.rows[id_];
    rows.resize(std::min(rows.size(), static_cast<std::size_t>(rows_)));
    if (id_ == "out:error" && static_cast<std::size_t>(errors_) < world_.errors.size()) {
      world_.errors.erase(world_.errors.begin() + static_cast<std::ptrdiff_t>(errors_), world_.errors.end());
    }
  }

  CaseWorld& world_;
  std::string id_;
  std::int64_t rows_ = 0, errors_ = 0;
  bool cut_ = false;
};

Result<NodePtr> makeFeeder(const json::Value&, NodeContext& context) {
  WEIR_ASSIGN(auto* const world, context.host<CaseWorld>());
  return makeNode<Feeder>(world, world->feeds[std::string(context.nodeId())]);
}

Result<NodePtr> makeCollector(const json::Value&, NodeContext& context) {
  WEIR_ASSIGN(auto* const world, context.host<CaseWorld>());
  return makeNode<Collector>(world, std::string(context.nodeId()));
}

NodeType plainType(std::string id, bool in, Result<NodePtr> (*make)(const json::Value&, NodeContext&)) {
  NodeType type;
  type.id = std::move(id);
  type.version = "1.0.0";
  type.touches = Touches::nothing;
  type.cardinality = in ? Cardinality::sink : Cardinality::source;
  PortSpec port;
  port.name = "rows";
  port.type = PortType::any;
  (in ? type.inputs : type.outputs).push_back(port);
  port.name = "error";
  type.outputs.push_back(port);
  type.make = make;
  return type;
}

std::vector<Batch> cutRows(const json::Value& rows, std::int64_t cut) {
  std::vector<Value> values;
  for (const auto& row : *rows.asArray()) values.push_back(fromJson(row));
  std::vector<Batch> batches;
  if (values.empty()) return batches;
  auto whole = batchOfRows(values, MemoryAccount::unlimited());
  if (!whole) return batches;
  const auto count = whole->rows();
  for (std::int64_t from = 0; from < count;) {
    const auto to = cut < 0 ? from + 1 : cut > from && cut < count ? cut : count;
    batches.push_back(whole->slice(from, to - from));
    from = to;
  }
  return batches;
}

void addEdge(Plan& plan, std::int32_t source, Port from, std::int32_t target, Port to) {
  PlannedEdge edge;
  edge.id = "e" + std::to_string(plan.edges.size());
  edge.source = source;
  edge.sourcePort = from;
  edge.target = target;
  edge.targetPort = to;
  plan.edges.push_back(std::move(edge));
}

std::int32_t addNode(Plan& plan, std::string id, const NodeType& type, int depth) {
  PlannedNode node;
  node.id = std::move(id);
  node.type = &type;
  node.settings = json::Value::object();
  node.inputs = type.inputs;
  node.outputs = type.outputs;
  node.needed.resize(node.outputs.size());
  node.acceptedFilter.assign(node.outputs.size(), -1);
  node.depth = depth;
  plan.nodes.push_back(std::move(node));
  return static_cast<std::int32_t>(plan.nodes.size()) - 1;
}

std::optional<Port> portNamed(const std::vector<PortSpec>& ports, std::string_view name) {
  const auto at = std::ranges::find_if(ports, [&](const PortSpec& port) {
    return port.name == name || std::ranges::find(port.aliases, name) != port.aliases.end();
  });
  if (at == ports.end()) return std::nullopt;
  return static_cast<Port>(at - ports.begin());
}

struct Stand {
  NodeType feeder = plainType("contract/feeder", false, makeFeeder);
  NodeType collector = plainType("contract/collector", true, makeCollector);
};

Plan planOf(const NodeType& type, const json::Value& one, json::Value settings, const Shape& shape, const Stand& stand,
            CaseWorld& world) {
  Plan plan;
  plan.flowId = "contract";
  const auto under = addNode(plan, "node", type, 1);
  plan.nodes[0].inputs = instancePorts(type.inputs, settings);
  plan.nodes[0].outputs = instancePorts(type.outputs, settings);
  plan.nodes[0].needed.assign(plan.nodes[0].outputs.size(), FieldSet::everything());
  plan.nodes[0].acceptedFilter.assign(plan.nodes[0].outputs.size(), -1);
  plan.nodes[0].settings = std::move(settings);
  plan.nodes[0].retry.attempts = type.attempts;
  const auto inputs = plan.nodes[0].inputs;
  const auto outputs = plan.nodes[0].outputs;
  const auto* fed = one.find("in");
  for (Port port = 0; port < inputs.size(); ++port) {
    const auto* rows = fed == nullptr ? nullptr : fed->find(inputs[port].name);
    if (rows == nullptr && !inputs[port].required && fed != nullptr) continue;
    const auto id = "in:" + inputs[port].name;
    if (rows != nullptr && rows->isArray()) world.feeds[id] = cutRows(*rows, shape.cut);
    addEdge(plan, addNode(plan, id, stand.feeder, 0), 0, under, port);
  }
  if (const auto* wanted = one.find("out"); wanted != nullptr && wanted->isObject()) {
    for (const auto& member : *wanted->asObject()) {
      if (const auto port = portNamed(outputs, member.key)) {
        addEdge(plan, under, *port, addNode(plan, "out:" + member.key, stand.collector, 2), 0);
      }
    }
  }
  const auto* params = one.find("params");
  plan.params = params == nullptr ? Value::map({}) : fromJson(*params);
  return plan;
}

void putFiles(const json::Value& one, simulation::SimulatedFiles& files) {
  const auto* before = one.find("files");
  if (before == nullptr || !before->isObject()) return;
  for (const auto& member : *before->asObject()) {
    if (const auto* text = member.value.asString(); text != nullptr) files.put(member.key, *text);
  }
}

void putHttp(const json::Value& one, simulation::SimulatedHttp& http) {
  const auto* before = one.find("http");
  if (before == nullptr || !before->isObject()) return;
  for (const auto& member : *before->asObject()) {
    const auto put = [&](const json::Value& answer) {
      HttpResponse response;
      if (const auto* status = answer.find("status"); status != nullptr && status->asInt64() != nullptr) {
        response.status = static_cast<int>(*status->asInt64());
      }
      if (const auto* body = answer.find("body"); body != nullptr && body->isString())
        response.body = *body->asString();
      if (const auto* headers = answer.find("headers"); headers != nullptr && headers->isObject()) {
        for (const auto& header : *headers->asObject()) {
          if (header.value.isString()) response.headers.push_back({header.key, *header.value.asString()});
        }
      }
      http.put(member.key, std::move(response));
    };
    if (const auto* several = member.value.asArray()) {
      for (const auto& answer : *several) put(answer);
    } else {
      put(member.value);
    }
  }
}

std::string textOf(const json::Value& value, std::string_view key, std::string otherwise = {}) {
  const auto* found = value.find(key);
  return found != nullptr && found->isString() ? *found->asString() : otherwise;
}

std::string linesOf(const json::Value& value, std::string_view key) {
  std::string lines;
  const auto* map = value.find(key);
  if (map == nullptr || !map->isObject()) return lines;
  for (const auto& member : *map->asObject()) lines += member.key + ": " + textOf(*map, member.key) + "\n";
  return lines;
}

void putRequests(const json::Value& one, simulation::SimulatedIngress& ingress) {
  const auto* list = one.find("requests");
  for (std::int64_t i = 0; list != nullptr && i < list->count(); ++i) {
    const auto& given = *list->at(i);
    simulation::SimulatedRequest request;
    request.method = textOf(given, "method", "POST");
    request.path = textOf(given, "path", "/");
    request.query = textOf(given, "query");
    request.body = textOf(given, "body");
    request.headers = linesOf(given, "headers");
    request.parameters = linesOf(given, "parameters");
    if (const auto* headers = given.find("headers")) request.contentType = textOf(*headers, "content-type");
    ingress.put(std::move(request));
  }
}

void putStreams(const json::Value& one, simulation::SimulatedStreams& streams) {
  const auto* map = one.find("streams");
  if (map == nullptr || !map->isObject()) return;
  for (const auto& member : *map->asObject()) {
    std::vector<std::string> pieces;
    for (std::int64_t i = 0; i < member.value.count(); ++i) {
      if (const auto* text = member.value.at(i)->asString(); text != nullptr) pieces.push_back(*text);
    }
    streams.put(member.key, std::move(pieces));
  }
}

/// The run is stopped before the step, and another one made by `again` goes on.
template <class Again>
RunResult driveStopped(std::unique_ptr<Run>& run, std::int64_t stopAt, simulation::SimulatedWorkers& workers,
                       Again&& again) {
  workers.watch([&](std::int64_t step) {
    if (step == stopAt) run->cancel();
  });
  auto result = run->drive();
  workers.watch({});
  if (result.outcome != weir::Outcome::cancelled) return result;
  run.reset();
  auto made = again();
  if (!made) {
    result.outcome = weir::Outcome::failed;
    result.error = std::move(made.error());
    return result;
  }
  run = std::move(*made);
  return run->drive();
}

}  // namespace

std::string Shape::describe() const {
  std::string text = cut == 0 ? "whole" : cut < 0 ? "one row a batch" : "cut behind row " + std::to_string(cut);
  text += ", " + std::to_string(workers) + " workers, seed " + std::to_string(seed);
  if (!joining) text += ", no joining";
  if (stopAt >= 0) text += ", stopped before step " + std::to_string(stopAt) + " and resumed";
  return text;
}

std::int64_t rowsOf(const json::Value& one) {
  std::int64_t most = 0;
  const auto* fed = one.find("in");
  if (fed == nullptr || !fed->isObject()) return 0;
  for (const auto& member : *fed->asObject()) most = std::max(most, member.value.count());
  return most;
}

Outcome runCase(const NodeType& type, const json::Value& one, const Shape& shape) {
  Outcome outcome;
  const auto* given = one.find("settings");
  const json::Value settings = given == nullptr ? json::Value::object() : *given;
  outcome.problems = checkSettings(type.settings, settings);
  if (!outcome.problems.empty()) return outcome;

  const Stand stand;
  CaseWorld world;
  world.cancelAfter = shape.cancelAfter;
  simulation::SimulatedClock clock;
  simulation::SimulatedFiles files(shape.seed != 0);
  putFiles(one, files);
  simulation::SimulatedHttp http;
  putHttp(one, http);
  simulation::SimulatedIngress ingress;
  putRequests(one, ingress);
  simulation::SimulatedStreams streams;
  putStreams(one, streams);
  QuietLog log;
  Hosts hosts;
  hosts.add<Clock>(clock);
  hosts.add<Files>(files);
  hosts.add<Log>(log);
  hosts.add<Http>(http);
  hosts.add<Ingress>(ingress);
  hosts.add<Streams>(streams);
  hosts.add(world);
  SimulatedServers servers;
  servers.prepare(one);
  servers.offer(hosts);
  simulation::SimulatedWorkers workers(shape.workers, shape.seed, clock, &files);
  RunOptions options;
  options.seed = 1;
  options.runId = "contract";
  options.joining = shape.joining;
  MemoryStateStore state(clock);
  if (shape.stopAt >= 0) options.state = &state;
  options.resume = true;
  auto plan = planOf(type, one, completed(type.settings, settings), shape, stand, world);
  if (shape.stopAt >= 0) plan.checkpointRows = 1;
  auto run = Run::make(plan, options, hosts, workers);
  if (!run) {
    outcome.refused = std::move(run).error();
    return outcome;
  }
  world.run = run->get();
  if (shape.stopAt >= 0) {
    outcome.result =
        driveStopped(*run, shape.stopAt, workers, [&] { return Run::make(plan, options, hosts, workers); });
  } else {
    outcome.result = (*run)->drive();
  }
  run->reset();
  for (auto& [id, rows] : world.rows) outcome.rows[id.substr(4)] = std::move(rows);
  outcome.errors = std::move(world.errors);
  for (const auto& [path, content] : files.contents()) outcome.files[path] = *content;
  outcome.asked = http.asked();
  outcome.written = servers.written();
  outcome.replies = ingress.statuses();
  outcome.sent = streams.sent();
  return outcome;
}

}  // namespace weir::contract
