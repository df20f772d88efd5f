// NodeState: what all units of one node share: its plan, its account, its counters, its error port.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/data/lock.h"
#include "engine/data/packet.h"
#include "engine/flow/plan.h"
#include "engine/host/clock.h"
#include "engine/host/files.h"
#include "engine/host/load.h"
#include "engine/host/time-zones.h"
#include "engine/runtime/link.h"
#include "engine/runtime/metrics.h"
#include "engine/runtime/owned-account.h"
#include "engine/runtime/recovery.h"
#include "engine/runtime/row-traces.h"
#include "engine/runtime/run-events.h"

namespace weir::runtime {

class Checkpoints;
class DurableEdges;
class Unit;
struct NodeState;

/// What every session asks of the run it belongs to.
struct RunShared {
  Clock* clock = nullptr;
  Files* files = nullptr;  // null: nothing can spill
  Load* load = nullptr;    // null: adaptive edges follow their consumers alone
  Zones* zones = nullptr;  // for expressions; null: UTC and fixed offsets only
  MemoryAccount* account = nullptr;
  std::string runId;
  std::uint64_t runHash = 0;               // for derived trace ids
  cel::RowOrigins origins;                 // for expressions
  SensitiveNames sensitive;                // messages of errors do not quote them
  RunEvents events;                        // guarded by the run's lock
  Checkpoints* checkpoints = nullptr;      // null: the run keeps no state
  DurableEdges* durable = nullptr;         // null: it has no journal
  std::int64_t sourceRows = 0, moves = 0;  // rows that sources gave; steps that took or gave some
  std::unique_ptr<RowTraces> traces;       // null: no rows are traced
  bool intakeHeld = false;                 // sources begin no step; guarded by the run's lock
  /// An event of now; under the run's lock.
  void say(EventSeverity severity, std::string kind, std::string subject, std::string message) {
    events.add(RunEvent{0, clock->nowMicros(), severity, std::move(kind), std::move(subject), std::move(message)});
  }
  /// Called under the run's lock, in commit order.
  virtual void deadLetter(std::vector<ErrorPacket>& packets) = 0;
  virtual void linkFilled(Link& link) = 0;
  virtual void linkDrained(Link& link) = 0;
  /// Link::review is called then.
  virtual void setLinkTimer(std::int64_t atMicros, Link& link) = 0;
  [[nodiscard]] virtual std::int64_t retryAt(const NodeState& node, std::int64_t tries, std::uint64_t what) = 0;

 protected:
  ~RunShared() = default;
};

/// A failure of a perWorker stage, or of the first stage of a source, until all rows before it have been dealt with.
struct HeldFailure {
  std::int64_t ordinal = 0;  // of the row, among those that enter the stage (of a source: its second stage)
  bool behind = false;       // comes after the failures of that row
  ErrorPacket packet;
};

struct NodeState {
  std::int32_t index = 0;  // in the plan
  const PlannedNode* plan = nullptr;
  RunShared* run = nullptr;
  OwnedAccount account;
  std::unique_ptr<NodeContext> context;
  NodePtr node;                   // the stages: kept alive while units run
  bool forgets = false;           // a source that cannot send again what it has given
  NodeMetrics metrics;            // guarded by the run's lock
  Recovery recovery;              // the same
  std::vector<Link*> errorLinks;  // edges of the error port
  std::vector<HeldFailure> heldFailures;
  std::vector<Unit*> units;
  int unitsLeft = 0;
  mutable Lock toldLock;
  std::vector<std::string> toldFields;  // of a source: guarded by toldLock
};

}  // namespace weir::runtime
