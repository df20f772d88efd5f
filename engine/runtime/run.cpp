// The face of a run: driving, watching, stopping.
#include "engine/runtime/run.h"

#include <algorithm>
#include <utility>

#include "engine/runtime/run-impl.h"

namespace weir {

Run::Run(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Run::~Run() = default;

Result<std::unique_ptr<Run>> Run::make(Plan plan, RunOptions options, const Hosts& hosts, Workers& workers) {
  auto* clock = hosts.get<Clock>();
  if (clock == nullptr) return fail("host.missing", "a run needs a clock, and this place offers none");
  runtime::SchedulerOptions scheduling;
  scheduling.syncMode = options.mode != RunMode::async;
  scheduling.maxErrors = options.maxErrors ? options.maxErrors : plan.maxErrors;
  scheduling.unbounded = plan.unbounded;
  scheduling.logBytes = options.executionLogBytes;
  if (plan.limits.maxRunMs > 0) scheduling.deadlineMicros = clock->nowMicros() + plan.limits.maxRunMs * 1000;
  if (plan.limits.memoryBytes > 0)
    options.memoryLimitBytes = std::min(options.memoryLimitBytes, plan.limits.memoryBytes);
  auto impl = std::make_unique<Impl>(std::move(plan), std::move(options), hosts, workers, scheduling);
  WEIR_TRY(impl->build());
  return std::make_unique<Run>(std::move(impl));
}

RunResult Run::drive() {
  impl_->pool.drive(*impl_);
  return finish();
}

WorkSource& Run::work() { return *impl_; }
RunResult Run::finish() { return impl_->finish(); }
void Run::drain() {
  // Nobody is left who would let rows go.
  impl_->debugger->releaseAll();
  impl_->drain();
}
void Run::stopAtCheckpoint() {
  impl_->debugger->releaseAll();
  impl_->stopAtCheckpoint();
}
void Run::checkpointNow() { impl_->checkpointNow(); }
void Run::holdIntake(bool held) { impl_->holdIntake(held); }
void Run::cancel() { impl_->cancel(); }
RunMetrics Run::metrics() const { return impl_->metrics(); }
std::vector<Execution> Run::executions() const { return impl_->executions(); }
void Run::lookAtAlerts() { impl_->lookAtAlerts(); }
Result<void> Run::muteAlert(std::string_view name, std::int64_t forMicros) { return impl_->muteAlert(name, forMicros); }
std::vector<AlertView> Run::alerts() const { return impl_->alerts(); }
TracedRun Run::traces() const { return impl_->rowTraces(0, SIZE_MAX); }
TracedRun Run::tracesFrom(std::int64_t step, std::size_t most) const { return impl_->rowTraces(step, most); }
std::vector<RunEvent> Run::events(std::uint64_t number) const { return impl_->eventsAfter(number); }
void Run::onEvent(std::function<void(const RunEvent&)> listener) { impl_->listen(std::move(listener)); }
std::optional<Batch> Run::resultSoFar(std::string_view nodeId) const { return impl_->resultSoFar(nodeId); }
Debugger& Run::debugger() { return *impl_->debugger; }
const Plan& Run::plan() const { return impl_->current(); }
Result<std::int64_t> Run::change(Plan plan, ChangeOptions options) { return impl_->change(std::move(plan), options); }
ChangeView Run::lastChange() const { return impl_->lastChange(); }
const Plan& Run::planEver() const { return impl_->planEver(); }

Result<void> Run::Impl::storeDeadLetters(std::vector<ErrorPacket>& packets) {
  if (options.deadLetters == nullptr) return {};
  return options.deadLetters->add(packets);
}

RunResult Run::Impl::finish() {
  const Locked locked(lock_);
  if (changer_ != nullptr) changer_->runIsOver();
  // A run that was stopped still says which rows had failed.
  for (const auto* nodes : {&nodes_, &ended_}) {
    for (const auto& node : *nodes) {
      std::vector<ErrorPacket> left;
      for (auto& held : node->heldFailures) left.push_back(std::move(held.packet));
      node->heldFailures.clear();
      if (!left.empty()) deadLetter(left);
    }
  }
  if (options.deadLetters != nullptr) {
    if (auto closed = options.deadLetters->close(); !closed && !result_.error) {
      result_.outcome = Outcome::failed;
      result_.error = std::move(closed.error());
    }
  }
  result_.errorsByCode.assign(deadLettersByCode_.begin(), deadLettersByCode_.end());
  result_.elapsedMicros = clock->nowMicros() - startedMicros_;
  return result_;
}

namespace {

NodeMetrics metricsOf(const runtime::NodeState& node) {
  auto metrics = node.metrics;
  metrics.allocatedBytes = node.account->usedBytes();
  for (const auto* unit : node.units) {
    if (const auto waits = unit->waitsFor(); !waits.empty()) metrics.waitsFor = waits;
  }
  return metrics;
}

}  // namespace

RunMetrics Run::Impl::metrics() const {
  const Locked locked(lock_);
  RunMetrics out;
  for (const auto& node : nodes_) out.nodes.push_back(metricsOf(*node));
  for (const auto& node : ended_) {
    auto* list = &out.nodes;
    auto known = std::ranges::find(*list, node->metrics.id, &NodeMetrics::id);
    if (known == list->end()) {
      list = &out.removedNodes;
      known = std::ranges::find(*list, node->metrics.id, &NodeMetrics::id);
    }
    if (known == list->end()) {
      list->push_back(metricsOf(*node));
    } else {
      known->add(metricsOf(*node));
    }
  }
  const auto& now = current();
  for (std::size_t i = 0; i < edgeLinks_.size(); ++i) {
    auto edge = edgeLinks_[i]->snapshot();
    edge.source = now.nodes[static_cast<std::size_t>(now.edges[i].source)].id;
    edge.target = now.nodes[static_cast<std::size_t>(now.edges[i].target)].id;
    out.edges.push_back(std::move(edge));
  }
  for (const auto& removed : removedEdges_) {
    auto edge = removed.link->snapshot();
    edge.source = removed.source;
    edge.target = removed.target;
    out.removedEdges.push_back(std::move(edge));
  }
  out.elapsedMicros = clock->nowMicros() - startedMicros_;
  out.usedBytes = memory->usedBytes();
  out.peakBytes = memory->peakBytes();
  out.deadLetters = result_.deadLetters;
  out.errors = errors_;
  return out;
}

bool Run::Impl::heldForDebug() const {
  return std::ranges::any_of(edgeLinks_, [](const runtime::Link* link) { return link->watch && link->watch->held; });
}

std::vector<Execution> Run::Impl::executions() const {
  const Locked locked(lock_);
  return log_.all();
}

TracedRun Run::Impl::rowTraces(std::int64_t step, std::size_t most) const {
  const Locked locked(lock_);
  TracedRun out;
  if (traces) out = traces->from(step, most);
  out.epochNanos = clock->nowMicros() * 1000 - clock->steadyNanos();
  return out;
}

std::vector<RunEvent> Run::Impl::eventsAfter(std::uint64_t number) const {
  const Locked locked(lock_);
  return events.after(number);
}

void Run::Impl::listen(std::function<void(const RunEvent&)> listener) {
  const Locked locked(lock_);
  events.listen(std::move(listener));
}

std::optional<Batch> Run::Impl::resultSoFar(std::string_view nodeId) const {
  const Locked locked(lock_);
  for (const auto& node : nodes_) {
    if (node->plan->id != nodeId) continue;
    for (auto it = node->units.rbegin(); it != node->units.rend(); ++it) {
      if ((*it)->running > 0 || (*it)->task() == nullptr) continue;
      if (auto result = (*it)->task()->resultSoFar()) return result;
    }
  }
  return std::nullopt;
}

}  // namespace weir
