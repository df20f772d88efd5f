// From a plan to nodes, links and units.
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/data/hash.h"
#include "engine/runtime/caller-task.h"
#include "engine/runtime/made-again.h"
#include "engine/runtime/parallel-unit.h"
#include "engine/runtime/run-impl.h"
#include "engine/runtime/run-node-context.h"
#include "engine/runtime/task-unit.h"

namespace weir {

using runtime::Link;
using runtime::LinkBounds;
using runtime::NodeParts;
using runtime::NodeState;
using runtime::ParallelUnit;
using runtime::TaskUnit;
using runtime::WiredPlan;

namespace {

/// A bypassed node: rows go from the first input to the first output untouched.
class Bypass final : public Stateless {
 public:
  Result<Flow> process(const Batch& batch, StepIo& io) const override {
    io.emit(0, batch);
    return Flow::more;
  }
};

/// Stands for a node that a preview holds back: takes its rows and does nothing.
class HeldBack final : public Transform {
 public:
  Result<Flow> process(const Batch&, StepIo&) override { return Flow::more; }
};

/// A source that a preview holds back: nothing to give.
class Nothing final : public Task {
 public:
  Result<Progress> step(StepIo&) override { return Progress::finished(); }
};

}  // namespace

Run::Impl::Impl(Plan planned, RunOptions chosen, const Hosts& offered, Workers& workersOf,
                runtime::SchedulerOptions scheduling)
    : Scheduler(workersOf, scheduling),
      plan(std::move(planned)),
      options(std::move(chosen)),
      hosts(offered),
      pool(workersOf),
      memory(runtime::makeAccount(options.memoryLimitBytes)) {
  clock = hosts.get<Clock>();
  files = hosts.get<Files>();
  load = hosts.get<Load>();
  if (auto* known = hosts.get<TimeZones>()) zones = known->zones();
  account = memory.get();
  runId = options.runId;
  runHash = hash::ofBytes(runId, plan.documentHash);
  origins.runHash = runHash;
  sensitive = plan.sensitive;
  for (const auto& node : plan.nodes) origins.nodes.push_back(node.id);
  if (options.traceEvery > 0) traces = std::make_unique<RowTraces>(options.traceEvery, runHash, options.traceBytes);
}

LinkBounds Run::Impl::boundsOf(const PlannedEdge& edge) const {
  LinkBounds bounds;
  bounds.rows = options.edgeRows > 0 ? options.edgeRows : edge.bufferRows;
  const auto share =
      options.memoryLimitBytes / (4 * std::max<std::int64_t>(1, static_cast<std::int64_t>(plan.edges.size())));
  bounds.bytes = edge.bufferBytes > 0 ? edge.bufferBytes : std::min<std::int64_t>(16 << 20, share);
  bounds.joinRows = options.joining ? edge.batchMaxRows : 1;
  bounds.spill = edge.spill;
  return bounds;
}

runtime::EdgeRules Run::Impl::rulesOf(const PlannedEdge& edge, const LinkBounds& bounds) const {
  runtime::EdgeRules rules;
  rules.rows = bounds.rows;
  rules.bytes = bounds.bytes;
  rules.rule = edge.whenFull;
  rules.order = edge.order;
  rules.threshold = edge.threshold;
  rules.dropThreshold = edge.dropThreshold;
  rules.adaptive = edge.adaptive;
  rules.maxWaitMicros = edge.whenFullMaxWaitMs * 1000;
  rules.ageMicros = edge.ageMs * 1000;
  rules.batchRows = edge.batchMaxRows;
  // One batch at a time has nothing to be joined with, and neither has an edge that joins none.
  const bool joins = options.mode != RunMode::sync && bounds.joinRows > 1;
  rules.batchWaitMicros = joins ? edge.batchMaxWaitMs * 1000 : 0;
  return rules;
}

Result<std::unique_ptr<Link>> Run::Impl::makeLink(const Plan& version, const PlannedEdge& edge) {
  auto link = std::make_unique<Link>(edge.id, boundsOf(edge));
  cel::ExpressionOptions expressions;
  expressions.params = &version.params;
  expressions.origins = &origins;
  expressions.zones = zones;
  if (!edge.transform.empty()) {
    WEIR_ASSIGN(link->transform, cel::Expression::compile(edge.transform, expressions));
  }
  if (!edge.filter.empty()) {
    expressions.expected = Type::boolean();
    WEIR_ASSIGN(link->filter, cel::Expression::compile(edge.filter, expressions));
  }
  link->govern(rulesOf(edge, link->bounds()), *this);
  return link;
}

Result<void> Run::Impl::makeLinks() {
  for (const auto& edge : plan.edges) {
    WEIR_ASSIGN(auto link, makeLink(plan, edge));
    edgeLinks_.push_back(link.get());
    links_.push_back(std::move(link));
  }
  return {};
}

Result<NodePtr> Run::Impl::instantiate(const PlannedNode& planned, NodeState& state) {
  if (planned.bypass) return makeStateless<Bypass>();
  const bool held = options.preview && planned.type->touches == Touches::writes;
  if (held && planned.type->inputs.empty()) return weir::makeNode<Nothing>();
  if (held) return weir::makeNode<HeldBack>();
  if (planned.type->make == nullptr) {
    return weir::fail("node.no_code", "'" + planned.type->id + "' is declared, but this engine has no code for it");
  }
  return planned.type->make(planned.settings, *state.context);
}

Result<NodeParts> Run::Impl::makeNode(const WiredPlan& of, std::size_t index) {
  const auto& planned = of.plan.nodes[index];
  NodeParts parts;
  parts.state = std::make_unique<NodeState>();
  auto* state = parts.state.get();
  state->plan = &planned;
  state->run = this;
  state->index = static_cast<std::int32_t>(index);
  state->account = runtime::makeAccount(INT64_MAX, memory.get());
  state->metrics.id = planned.id;
  state->metrics.typeId = planned.type->id;
  state->metrics.outPerPort.resize(planned.outputs.size());
  const auto seed = hash::ofBytes(planned.id, options.seed);
  state->context = std::make_unique<runtime::RunNodeContext>(of.plan, *state, hosts, pool.count(), seed);
  auto made = instantiate(planned, *state);
  if (!made) {
    auto error = std::move(made.error());
    error.message = "node '" + planned.id + "': " + error.message;
    return std::unexpected(std::move(error));
  }
  state->node = std::move(*made);
  for (std::size_t i = 0; i < of.plan.edges.size(); ++i) {
    const auto& edge = of.plan.edges[i];
    const bool ofErrors =
        static_cast<std::size_t>(edge.source) == index && edge.sourcePort + 1U == planned.outputs.size();
    if (ofErrors) state->errorLinks.push_back(of.links[i]);
  }
  return parts;
}

/// The links are told when the unit becomes part of the run.
void Run::Impl::wire(runtime::Unit& unit, const WiredPlan& of, std::size_t stage, Link* before, Link* after) {
  const auto& node = *unit.node->plan;
  const auto index = static_cast<std::size_t>(&node - of.plan.nodes.data());
  unit.stage = static_cast<int>(stage);
  unit.lastStage = after == nullptr;
  unit.depth = node.depth * 16 + static_cast<int>(stage);
  unit.source = before == nullptr && node.inputs.empty();
  if (before != nullptr) {
    unit.inputs.push_back({before});
  } else {
    unit.inputs.resize(node.inputs.size());
  }
  if (after != nullptr) {
    unit.outputs.push_back({after});
  } else {
    unit.outputs.resize(node.outputs.size());
  }
  for (std::size_t i = 0; i < of.plan.edges.size(); ++i) {
    const auto& edge = of.plan.edges[i];
    if (before == nullptr && static_cast<std::size_t>(edge.target) == index) {
      unit.inputs[edge.targetPort].push_back(of.links[i]);
    }
    const bool ofErrors = edge.sourcePort + 1U == node.outputs.size();
    if (static_cast<std::size_t>(edge.source) == index && !ofErrors && after == nullptr) {
      unit.outputs[edge.sourcePort].push_back(of.links[i]);
    }
  }
}

/// After wire: the unit is one of the newest stage's.
void Run::Impl::joinStage(runtime::Unit& unit, NodeParts& parts) {
  auto& marks = *parts.stages.back();
  unit.marks = &marks;
  unit.watermarks.resize(unit.inputs.size());
  if (unit.source) unit.ceiling = kNoWatermark;
  marks.add(unit);
}

Result<void> Run::Impl::makeStage(NodeParts& parts, const WiredPlan& of, std::size_t stage, Link* before, Link* after) {
  auto& state = *parts.state;
  auto& made = state.node->stages[stage];
  const int workers = options.mode != RunMode::async ? 1 : pool.count();
  parts.stages.push_back(std::make_unique<runtime::StageMarks>(before != nullptr ? 1 : state.plan->inputs.size()));
  if (made.parallelism == Stage::Parallelism::parallel) {
    auto unit = std::make_unique<ParallelUnit>(state, made, options.mode != RunMode::async ? 1 : 2 * workers);
    wire(*unit, of, stage, before, after);
    joinStage(*unit, parts);
    parts.units.push_back(std::move(unit));
    return {};
  }
  // The engine bounds the calls of a node together, so they are one unit's.
  const bool shared = made.parallelism == Stage::Parallelism::perWorker && !made.caller;
  for (int instance = 0; instance < (shared ? workers : 1); ++instance) {
    std::unique_ptr<Task> task;
    runtime::CallerTask* caller = nullptr;
    if (made.caller) {
      auto calls = runtime::makeCallerTask(made.caller, state);
      caller = calls.get();
      task = std::move(calls);
    } else {
      WEIR_ASSIGN(task, made.makeTask());
    }
    auto unit = std::make_unique<TaskUnit>(state, std::move(task), shared);
    if (caller != nullptr) unit->callsWith(*caller);
    wire(*unit, of, stage, before, after);
    joinStage(*unit, parts);
    unit->open(wakerFor(*unit, 0), options.state != nullptr);
    parts.units.push_back(std::move(unit));
  }
  return {};
}

/// `inner`: the links between its stages, if an earlier version of the node leaves them.
Result<void> Run::Impl::makeUnits(NodeParts& parts, const WiredPlan& of, const std::vector<Link*>& inner) {
  auto& state = *parts.state;
  const auto stages = state.node->stages.size();
  Link* before = nullptr;
  for (std::size_t stage = 0; stage < stages; ++stage) {
    Link* after = nullptr;
    if (stage < inner.size()) {
      after = inner[stage];
    } else if (stage + 1 < stages) {
      LinkBounds bounds;
      // Between stages travel chunks and partial results: a few are enough, and rows do not say how heavy they are.
      bounds.rows = options.edgeRows > 0 ? std::max<std::int64_t>(64, options.edgeRows) : 65'536;
      bounds.bytes = std::min<std::int64_t>(32 << 20, options.memoryLimitBytes / 8);
      bounds.joinRows = 1;
      auto link = std::make_unique<Link>(state.plan->id + "#" + std::to_string(stage), bounds);
      link->inner = true;
      after = link.get();
      parts.links.push_back(std::move(link));
    }
    WEIR_TRY(makeStage(parts, of, stage, before, after));
    before = after;
  }
  state.forgets =
      std::ranges::any_of(parts.units, [](const auto& unit) { return runtime::DurableEdges::forgets(*unit); });
  if (!state.errorLinks.empty()) {
    for (std::size_t stage = 0; stage + 1 < stages; ++stage) {
      parts.stages[stage]->sharesErrorsWith(*parts.stages.back());
    }
  }
  return {};
}

std::string journalNote(const Plan& plan) {
  std::string note;
  for (const auto& node : plan.nodes) note += node.id + "\n";
  return note;
}

Result<void> Run::Impl::makeDurable() {
  if (std::ranges::none_of(plan.edges, &PlannedEdge::durable)) return {};
  std::vector<runtime::Unit*> units;
  for (const auto& unit : units_) units.push_back(unit.get());
  const auto journalled = runtime::madeAgain(plan, runtime::DurableEdges::forgetful(plan, units)).journal;
  if (options.journal == nullptr || options.state == nullptr)
    return weir::fail("host.missing", "the flow has durable edges, and this place keeps no journal or no state");
  auto edges = std::make_unique<runtime::DurableEdges>(*options.journal, std::move(options.journalContents),
                                                       journalNote(plan), plan);
  for (std::size_t i = 0; i < plan.edges.size(); ++i) {
    if (journalled[i]) edges->add(*edgeLinks_[i]);
  }
  addDurable(std::move(edges));
  return {};
}

runtime::NodeState& Run::Impl::adopt(NodeParts parts) {
  for (auto& unit : parts.units) {
    for (auto& port : unit->inputs) {
      for (auto* link : port) link->consumers.push_back(unit.get());
    }
    for (auto& port : unit->outputs) {
      for (auto* link : port) link->addProducer(unit.get());
    }
    for (auto* link : unit->node->errorLinks) link->addProducer(unit.get());
    addUnit(std::move(unit));
  }
  std::ranges::move(parts.links, std::back_inserter(links_));
  std::ranges::move(parts.stages, std::back_inserter(stages_));
  nodes_.push_back(std::move(parts.state));
  return *nodes_.back();
}

Result<void> Run::Impl::build() {
  startedMicros_ = clock->nowMicros();
  WEIR_TRY(makeLinks());
  const WiredPlan wired{plan, edgeLinks_};
  WEIR_ASSIGN(auto alerting, prepareAlerts(wired));
  setAlerts(std::move(alerting));
  std::vector<NodeParts> made;
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    WEIR_ASSIGN(auto parts, makeNode(wired, i));
    made.push_back(std::move(parts));
  }
  for (auto& parts : made) {
    WEIR_TRY(makeUnits(parts, wired));
    adopt(std::move(parts));
  }
  const auto linkOf = [this](std::string_view id) -> Link* {
    for (auto* link : edgeLinks_) {
      if (link->id() == id) return link;
    }
    return nullptr;
  };
  debugger = std::make_unique<Debugger>(plan, *this, lock_, pool, linkOf);
  if (options.mode == RunMode::step) debugger->holdSources();
  sortUnits();
  WEIR_TRY(makeDurable());
  if (options.state != nullptr) {
    runtime::CheckpointOptions checkpointing;
    checkpointing.flowId = plan.flowId;
    checkpointing.documentHash = plan.documentHash;
    checkpointing.everyMs = std::max<std::int64_t>(1, plan.checkpointEveryMs);
    checkpointing.everyRows = std::max<std::int64_t>(1, plan.checkpointRows);
    checkpointing.resume = options.resume;
    checkpointing.keepChanged = options.resumeChanged;
    checkpointing.mostStateBytes = std::min(checkpointing.mostStateBytes, options.memoryLimitBytes / 4);
    addCheckpoints(std::make_unique<runtime::Checkpoints>(*options.state, std::move(checkpointing), *clock));
  }
  return {};
}

}  // namespace weir
