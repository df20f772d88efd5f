// DurableEdges: the durable edges of a run and its journal: refills them after a failure, and says when what sources
// gave is on the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/runtime/checkpoints.h"
#include "engine/runtime/durable-edge.h"
#include "engine/runtime/unit.h"

namespace weir::runtime {

/// Runs as a unit that never has a job: the journal wakes it, and it wakes others. All but make under the run's lock.
class DurableEdges final : private NoNode, public Unit {
 public:
  /// `note` says what origins mean: what the journal has must have been written under the same, or under the beginning
  /// of it (nodes that a change adds come last).
  DurableEdges(Journal& journal, JournalContents contents, std::string note, const Plan& plan);
  /// Nothing of the run is in the journal's hands after that.
  ~DurableEdges() override { journal_.abandon(); }

  // Before the run.
  /// For links whose edges are journalled.
  void add(Link& link);
  void open(Waker waker, std::vector<Unit*> units);
  /// A source that cannot send again what it has given.
  [[nodiscard]] static bool forgets(Unit& unit);
  /// By node, whether it forgets.
  [[nodiscard]] static std::vector<bool> forgetful(const Plan& plan, const std::vector<Unit*>& units);

  Job* claim(Scheduler& scheduler) override;
  [[nodiscard]] bool more() const override { return false; }
  void finish(Job&, Scheduler&) override {}
  void wake(std::int64_t ticket) override;
  [[nodiscard]] bool waitsForHost() const override;
  [[nodiscard]] bool quiet() const override { return true; }
  [[nodiscard]] std::string waitsFor() const override { return waitsForHost() ? "disk" : ""; }

  // Acknowledgement.
  /// Rows of a source up to this one were pushed to all its edges; it may be told once durable() has got there.
  [[nodiscard]] Journal::Ticket reached(std::uint32_t origin, Partition partition, std::uint64_t sequence) {
    return journal_.reached(origin, partition, sequence);
  }
  [[nodiscard]] Journal::Ticket durable() const { return journal_.durable(); }

  // Changes.
  /// The run has these units as well.
  void follow(const std::vector<Unit*>& added) { units_.insert(units_.end(), added.begin(), added.end()); }
  /// Rows of an earlier run are still coming out of the journal.
  [[nodiscard]] bool refilling() const { return !refills_.empty(); }

  // Checkpoints.
  /// Nothing is written until there is room, which a checkpoint may give.
  [[nodiscard]] bool isFull() const { return !said_.empty(); }
  /// The run goes on from this one; 0: from the beginning.
  [[nodiscard]] Result<void> restored(CheckpointId checkpoint, Scheduler& scheduler);
  /// Everything up to its barriers is on the disk: it may be stored. Called when all barriers have passed.
  [[nodiscard]] bool stored(CheckpointId checkpoint);
  void completed(CheckpointId checkpoint);
  void abandoned() { barriers_.reset(); }
  /// The run is over, nothing of it is needed any more.
  void releaseAll();
  /// That is on the disk, too: the checkpoint may be forgotten.
  [[nodiscard]] bool settled() const { return !settling_ || journal_.durable() >= *settling_; }

 private:
  struct Refill {
    Link* link = nullptr;
    DurableEdge* edge = nullptr;
    Journal::Reader reader;
    Operation<std::optional<JournalRows>> rows;
  };
  void look(Scheduler& scheduler);
  [[nodiscard]] Result<void> fits() const;
  void refill(Scheduler& scheduler);
  [[nodiscard]] Result<void> give(Refill& refill, Scheduler& scheduler);

  Journal& journal_;
  JournalContents contents_;
  std::string note_;
  const Plan& plan_;
  Waker waker_;
  std::vector<std::unique_ptr<DurableEdge>> edges_;
  std::vector<Link*> links_;
  std::vector<Unit*> units_;
  std::vector<Refill> refills_;
  std::int64_t roomBytes_ = 0;
  Journal::Ticket seen_ = 0;  // what was durable when units were last told of it
  std::uint64_t refilledRows_ = 0;
  std::optional<Journal::Ticket> barriers_;  // of the checkpoint that is collected
  std::optional<Journal::Ticket> settling_;  // of the end
  std::string said_;                         // what stands in the way of writing
  bool timerSet_ = false, failed_ = false;
};

}  // namespace weir::runtime
