// Changer: takes a running flow from one version to the next: brings the nodes that change to rest, moves their states,
// and has the run switch over between all steps.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/alert-setup.h"
#include "engine/runtime/checkpoints.h"
#include "engine/runtime/node-parts.h"
#include "engine/runtime/run-change.h"
#include "engine/runtime/state-bytes.h"

namespace weir::runtime {

/// A node of the new version that is not as it was, made before anything of the run is touched.
struct NodeSwap {
  std::size_t at = 0;  // in the new plan
  flow::NodeChange change = flow::NodeChange::added;
  NodeParts parts;
  NodeState* before = nullptr;  // who had the id up to now
  /// That one gets the end of its inputs and finishes what it has, and the new one begins after it. Otherwise the new
  /// one has its state.
  bool ends = false;
  std::vector<SavedInstance> saved{};  // of the units, if not
};

struct EdgeSwap {
  flow::EdgeChange change = flow::EdgeChange::added;
  Link* link = nullptr;          // as it is in the new version
  std::unique_ptr<Link> made{};  // that, if it is added; of an adjusted one what is taken over into it
};

struct PreparedChange {
  std::int64_t number = 0;
  std::unique_ptr<const Plan> plan;
  flow::PlanDiff diff;
  std::vector<NodeSwap> nodes;  // those that are not kept
  std::vector<EdgeSwap> edges;  // as in the new plan
  std::vector<Link*> links;     // of those
  AlertSetup alerts;
  std::vector<StageMarks*> rests;  // stages that have to be at rest
  std::int64_t waitMs = 0;
  bool keepState = false;
};

/// The old nodes that a switch leaves behind.
struct LeftBehind {
  struct Ending {
    NodeState* node = nullptr;
    std::vector<Unit*> waiting{};  // units of the new node, which begin after it
  };
  std::vector<Ending> ending;
  std::vector<Unit*> handedOver;  // their tasks go at once
  std::vector<Unit*> begin;       // held until those are gone
};

/// Runs as a unit of its own. The barrier that it sends goes only from stages that change to others that do, and is
/// passed on by those between them: what was made by the old version is dealt with by the old version.
class Changer final : private NoNode, public Unit, public Job {
 public:
  /// The run, under its lock and with no step under way.
  struct Site {
    /// Nothing was changed if it answers with an Error.
    virtual Result<LeftBehind> switchOver(PreparedChange& change) = 0;

   protected:
    ~Site() = default;
  };
  Changer(Site& site, Clock& clock, CheckpointOptions options);

  // Under the run's lock.
  void begin(PreparedChange change, std::vector<std::string> steps, Scheduler& scheduler);
  /// A change that concerned nothing of the run.
  void nothingToDo(std::int64_t number) { view_ = ChangeView{number, ChangeState::applied, {}, std::nullopt}; }
  /// Something may have come to rest, or ended.
  void look(Scheduler& scheduler);
  [[nodiscard]] bool busy() const { return phase_ != Phase::idle; }
  /// Nobody else runs.
  [[nodiscard]] bool holding() const { return phase_ == Phase::switching; }
  [[nodiscard]] const ChangeView& view() const { return view_; }
  /// What is still finishing, for people.
  [[nodiscard]] std::string finishing() const;
  /// The run is over: nothing comes of a change that is under way.
  void runIsOver();

  Job* claim(Scheduler& scheduler) override;
  [[nodiscard]] bool more() const override { return false; }
  void execute() override;
  void finish(Job& job, Scheduler& scheduler) override;
  void wake(std::int64_t ticket) override;
  [[nodiscard]] bool waitsForHost() const override { return waiting_; }
  [[nodiscard]] bool quiet() const override { return running == 0; }

 private:
  enum class Phase : std::uint8_t {
    idle,
    waiting,   // for a checkpoint that is under way
    stopping,  // for the stages that have to be at rest
    moving,    // states
    switching,
    leaving,  // what was left behind, or was made for nothing, goes
    ending    // old nodes finish
  };
  /// A stage that the barrier comes to.
  struct Stop {
    StageMarks* stage = nullptr;
    bool rests = false, passed = false;
    std::vector<Link*> in{}, out{};
  };
  void collectStops();
  [[nodiscard]] bool aligned(const Stop& stop) const;
  [[nodiscard]] bool advance(Stop& stop, Scheduler& scheduler);
  void pass(Stop& stop, Scheduler& scheduler);
  void letGo(Scheduler& scheduler);
  void refuse(Error error, Scheduler& scheduler);
  [[nodiscard]] Error notQuiet() const;
  void doSwitch(Scheduler& scheduler);
  void afterLeaving(Scheduler& scheduler);
  void lookAtEnding();
  // Jobs, without the lock.
  void moveStates();
  [[nodiscard]] Result<Poll> moveState(NodeSwap& swap, std::size_t at);
  [[nodiscard]] Result<void> nothingSaved(NodeSwap& swap, const Unit& from) const;

  Site& site_;
  Clock& clock_;
  CheckpointOptions options_;
  Phase phase_ = Phase::idle;
  PreparedChange change_;
  ChangeView view_;
  std::vector<Stop> stops_;
  LeftBehind left_;
  std::vector<NodeParts> wasted_;  // made for changes that were refused: wakers may still name their units
  std::vector<std::unique_ptr<Link>> wastedLinks_;
  std::vector<std::unique_ptr<const Plan>> wastedPlans_;
  bool waiting_ = false, woken_ = false;
  std::size_t node_ = 0, unit_ = 0;  // whose state is moved next
  std::optional<StateBytes> bytes_;
  Result<void> outcome_{};
  bool timedOut_ = false;
};

}  // namespace weir::runtime
