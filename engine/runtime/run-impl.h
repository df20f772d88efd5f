// Run::Impl: the scheduler with the graph it was built for.
#pragma once

#include <map>

#include "engine/runtime/alerts.h"
#include "engine/runtime/debugger.h"
#include "engine/runtime/run.h"
#include "engine/runtime/scheduler.h"

namespace weir {

class Run::Impl final : public runtime::Scheduler {
 public:
  Impl(Plan planned, RunOptions chosen, const Hosts& offered, Workers& pool, runtime::SchedulerOptions scheduling);
  /// What still holds batches goes before the accounts that they are charged to.
  ~Impl() override {
    closeWakers();
    debugger.reset();
    checkpoints = nullptr;
    checkpoints_.reset();
    durable = nullptr;
    durable_.reset();
    units_.clear();
    stages_.clear();
    links_.clear();
    nodes_.clear();
  }
  /// Makes nodes, links and units.
  Result<void> build();
  [[nodiscard]] RunMetrics metrics() const;
  [[nodiscard]] std::vector<Execution> executions() const;
  [[nodiscard]] TracedRun rowTraces(std::int64_t step, std::size_t most) const;
  void lookAtAlerts();
  Result<void> muteAlert(std::string_view name, std::int64_t forMicros);
  [[nodiscard]] std::vector<AlertView> alerts() const;
  [[nodiscard]] std::vector<RunEvent> eventsAfter(std::uint64_t number) const;
  void listen(std::function<void(const RunEvent&)> listener);
  [[nodiscard]] std::optional<Batch> resultSoFar(std::string_view nodeId) const;
  RunResult finish();

  Plan plan;
  RunOptions options;
  const Hosts& hosts;
  Workers& pool;
  MemoryAccount memory;
  std::unique_ptr<Debugger> debugger;

 private:
  [[nodiscard]] bool heldForDebug() const override;
  Result<void> storeDeadLetters(std::vector<ErrorPacket>& packets) override;
  Result<void> makeNode(std::size_t index);
  Result<NodePtr> instantiate(const PlannedNode& planned, runtime::NodeState& state);
  Result<void> makeLinks();
  /// Before the links carry rows.
  Result<void> makeAlerts();
  Result<void> makeDurable();
  Result<void> makeUnits(std::size_t index);
  Result<void> makeStage(runtime::NodeState& state, std::size_t stage, runtime::Link* before, runtime::Link* after);
  void wire(runtime::Unit& unit, runtime::NodeState& state, std::size_t stage, runtime::Link* before,
            runtime::Link* after);
  /// After wire: the unit is one of the newest stage's.
  void joinStage(runtime::Unit& unit);
  [[nodiscard]] runtime::LinkBounds boundsOf(const PlannedEdge& edge) const;
  [[nodiscard]] runtime::EdgeRules rulesOf(const PlannedEdge& edge, const runtime::LinkBounds& bounds) const;

  std::vector<runtime::Link*> edgeLinks_;  // as in the plan
  std::int64_t startedMicros_ = 0;
  mutable Lock alertsLock_;  // of alerts_; taken before the run's lock
  std::optional<Alerts> alerts_;
  std::map<std::size_t, std::unique_ptr<runtime::RowCounter>> rowCounters_;  // by the alert's place in the plan
};

}  // namespace weir
