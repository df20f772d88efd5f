// Run::Impl: the scheduler with the graph it was built for.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/runtime/alert-setup.h"
#include "engine/runtime/alerts.h"
#include "engine/runtime/debugger.h"
#include "engine/runtime/node-parts.h"
#include "engine/runtime/owned-account.h"
#include "engine/runtime/run.h"
#include "engine/runtime/scheduler.h"

namespace weir {

class Run::Impl final : public runtime::Scheduler, public runtime::Changer::Site {
 public:
  Impl(Plan planned, RunOptions chosen, const Hosts& offered, Workers& pool, runtime::SchedulerOptions scheduling);
  /// What still holds batches goes before the accounts that they are charged to.
  ~Impl() override {
    closeWakers();
    changer_.reset();
    debugger.reset();
    checkpoints = nullptr;
    checkpoints_.reset();
    durable = nullptr;
    durable_.reset();
    units_.clear();
    stages_.clear();
    links_.clear();
    nodes_.clear();
    ended_.clear();
    handedOver_.clear();
  }
  /// Makes nodes, links and units.
  Result<void> build();
  [[nodiscard]] RunMetrics metrics() const;
  [[nodiscard]] std::vector<Execution> executions() const;
  [[nodiscard]] TracedRun rowTraces(std::int64_t step, std::size_t most) const;
  void lookAtAlerts();
  Result<void> muteAlert(std::string_view name, std::int64_t forMicros);
  [[nodiscard]] std::vector<AlertView> alerts();
  [[nodiscard]] std::vector<RunEvent> eventsAfter(std::uint64_t number) const;
  void listen(std::function<void(const RunEvent&)> listener);
  [[nodiscard]] std::optional<Batch> resultSoFar(std::string_view nodeId) const;
  RunResult finish();
  [[nodiscard]] Result<std::int64_t> change(Plan next, const ChangeOptions& chosen);
  [[nodiscard]] ChangeView lastChange() const;
  /// The newest version.
  [[nodiscard]] const Plan& current() const { return *current_.load(std::memory_order_acquire); }
  [[nodiscard]] const Plan& planEver() const { return *ever_.load(std::memory_order_acquire); }

  Plan plan;  // as the run was started
  RunOptions options;
  const Hosts& hosts;
  Workers& pool;
  runtime::OwnedAccount memory;
  std::unique_ptr<Debugger> debugger;

 private:
  [[nodiscard]] bool heldForDebug() const override;
  Result<void> storeDeadLetters(std::vector<ErrorPacket>& packets) override;
  Result<runtime::NodeParts> makeNode(const runtime::WiredPlan& of, std::size_t index);
  Result<NodePtr> instantiate(const PlannedNode& planned, runtime::NodeState& state);
  Result<std::unique_ptr<runtime::Link>> makeLink(const Plan& version, const PlannedEdge& edge);
  Result<void> makeLinks();
  Result<void> makeDurable();
  [[nodiscard]] Result<runtime::AlertSetup> prepareAlerts(const runtime::WiredPlan& of) const;
  /// With no step under way.
  void setAlerts(runtime::AlertSetup setup);
  void followAlerts();
  Result<void> makeUnits(runtime::NodeParts& parts, const runtime::WiredPlan& of,
                         const std::vector<runtime::Link*>& inner = {});
  Result<void> makeStage(runtime::NodeParts& parts, const runtime::WiredPlan& of, std::size_t stage,
                         runtime::Link* before, runtime::Link* after);
  void wire(runtime::Unit& unit, const runtime::WiredPlan& of, std::size_t stage, runtime::Link* before,
            runtime::Link* after);
  void joinStage(runtime::Unit& unit, runtime::NodeParts& parts);
  /// The node becomes part of the run.
  runtime::NodeState& adopt(runtime::NodeParts parts);
  [[nodiscard]] runtime::LinkBounds boundsOf(const PlannedEdge& edge) const;
  [[nodiscard]] runtime::EdgeRules rulesOf(const PlannedEdge& edge, const runtime::LinkBounds& bounds) const;

  // Changes: what is different, and is made anew beside the run.
  [[nodiscard]] Result<runtime::PreparedChange> prepareChange(Plan next, const ChangeOptions& chosen);
  [[nodiscard]] Result<void> refuseChange(const Plan& next, const flow::PlanDiff& diff) const;
  [[nodiscard]] Result<void> refuseJournalled(const Plan& next, const flow::PlanDiff& diff) const;
  [[nodiscard]] Result<void> refuseJournal(const runtime::PreparedChange& change) const;
  void rebuildNewlyWired(const Plan& next, flow::PlanDiff& diff) const;
  [[nodiscard]] Result<runtime::NodeSwap> prepareNode(const runtime::PreparedChange& change, std::size_t index,
                                                      std::int32_t& unused);
  /// The number of a node in this run, whatever versions come: the same id has the same one.
  [[nodiscard]] std::int32_t indexFor(std::string_view id, std::int32_t& unused) const;
  void collectRests(runtime::PreparedChange& change) const;
  // The switch: under the run's lock, with no step under way.
  Result<runtime::LeftBehind> switchOver(runtime::PreparedChange& change) override;
  [[nodiscard]] Result<void> maySwitch(const runtime::PreparedChange& change) const;
  void removeEdge(const runtime::PreparedChange& change, std::int32_t gone);
  void deadLetterRows(runtime::Link& link, std::span<const runtime::Entry> entries);
  Result<void> rewireEdges(runtime::PreparedChange& change);
  void handOver(runtime::NodeSwap& swap, runtime::NodeState& made, runtime::LeftBehind& left);
  void endNode(runtime::NodeState& old, const runtime::NodeState* made, std::int64_t number, runtime::LeftBehind& left);
  void tellWatermarks(const runtime::PreparedChange& change);
  void dropDrained();
  [[nodiscard]] std::unique_ptr<const Plan> numbered(const Plan& now) const;
  void takeOverPlan(runtime::PreparedChange& change);
  void takeOverAlike(runtime::PreparedChange& change);

  struct RemovedEdge {
    runtime::Link* link;
    std::string source, target;
  };
  std::vector<runtime::Link*> edgeLinks_;  // as in the newest plan, like nodes_
  Lock changeLock_;                        // one change is prepared at a time; taken before the run's lock
  std::int64_t changes_ = 0;
  std::vector<std::unique_ptr<const Plan>> plans_;  // later ones: nodes hold on to what they were made of
  std::atomic<const Plan*> current_ = &plan, ever_ = &plan;
  // Nodes of older versions: those that end or have ended by themselves, and those whose state others have.
  std::vector<std::unique_ptr<runtime::NodeState>> ended_, handedOver_;
  std::vector<RemovedEdge> removedEdges_;
  std::int64_t startedMicros_ = 0;
  mutable Lock alertsLock_;  // of alerts_; taken before the run's lock
  std::optional<Alerts> alerts_;
  std::optional<Alerts> nextAlerts_;  // of a new version; with alertsFollow_ guarded by the run's lock
  bool alertsFollow_ = false;
  std::map<std::size_t, std::unique_ptr<runtime::RowCounter>> rowCounters_;  // by the alert's place in the plan
  std::vector<std::unique_ptr<runtime::RowCounter>> pastCounters_;
};

}  // namespace weir
