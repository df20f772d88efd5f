// StageMarks: how marks pass through one stage of a node, whatever it is made of. Guarded by the run's lock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/node/contract.h"
#include "engine/runtime/checkpoint-record.h"
#include "engine/runtime/link.h"

namespace weir::runtime {

class Unit;

/// What a unit knows of its inputs' watermarks.
struct PortWatermark {
  Timestamp shown = kNoWatermark;    // what its steps see
  Timestamp settled = kNoWatermark;  // everything up to it has been said: it may go on to the outputs
  [[nodiscard]] bool underWay() const { return shown != settled; }
};

/// The units of one stage share their inputs and outputs, and this. A watermark of an input is shown to every unit of
/// the stage as soon as no row is left before it; what came of it goes out before the watermark does.
class StageMarks {
 public:
  explicit StageMarks(std::size_t ports) : watermarks_(ports, kNoWatermark), known_(ports, false) {}
  void add(Unit& unit) { units_.push_back(&unit); }

  /// Takes the watermarks that no row waits before. True if there were any: the port's watermark may have moved.
  bool takeWatermarks(std::size_t port);
  /// The least of the port's links; those that have ended do not count.
  [[nodiscard]] Timestamp watermark(std::size_t port) const { return watermarks_[port]; }
  /// It would move, were it looked at again: one of several links has ended.
  [[nodiscard]] bool stale(std::size_t port) const { return known_[port] && incoming(port) > watermarks_[port]; }
  /// Sends on what all units are through with, behind what they have published. It never goes back.
  void passOn();
  /// The same when `unit` holds it at `until` from here on.
  void passOn(Unit& unit, Timestamp until);
  [[nodiscard]] const std::vector<Unit*>& units() const { return units_; }

  // Barriers.
  /// This stage and `last`, the last one of the node, both put rows on the edges of the error port: rows behind the
  /// barrier wait until the other has passed it too.
  void sharesErrorsWith(const StageMarks& last) { last_ = &last; }
  /// Every link has brought the barrier, or has ended.
  [[nodiscard]] bool aligned(CheckpointId id) const;
  /// An input that is not among `wanted` has rows before the barrier, and all that are wait for the others: nobody will
  /// ever get on.
  [[nodiscard]] bool stuck(CheckpointId id, Ports wanted) const;
  [[nodiscard]] CheckpointId passed() const { return passed_; }
  [[nodiscard]] bool ended() const;
  /// All units have saved their state for it.
  [[nodiscard]] bool allSaved(CheckpointId id) const;
  /// The unit has saved its state, and what it does now comes behind the barrier: it waits until that is on its way.
  [[nodiscard]] bool frozen(const Unit& unit) const;
  /// The barrier goes on.
  void pass(CheckpointId id);
  /// The same of a checkpoint that comes to nothing.
  void forget(CheckpointId id) {
    passed_ = id;
    saved_ = {};
  }
  /// As it was when the barrier was passed, with the states of its units; or as it ended.
  [[nodiscard]] SavedStage takeSaved();
  /// The stage takes the place of another one: it has seen and passed on what that one has. `sameRows`: what goes out
  /// is what would have gone out there.
  void takeOver(const StageMarks& from, bool sameRows);
  /// What has been passed on last; for a link that begins here.
  [[nodiscard]] Timestamp sent() const { return sent_; }
  /// Of a node that a change has ended: saved under a name of its own, so that it is not taken for the new one.
  void retire(std::string name) { retiredAs_ = std::move(name); }
  [[nodiscard]] bool retired() const { return !retiredAs_.empty(); }
  /// A link that has fewer than the checkpoint's is not an error: the flow's edges may have changed.
  void restore(const SavedStage& saved);

 private:
  [[nodiscard]] Timestamp incoming(std::size_t port) const;
  [[nodiscard]] Timestamp outgoing() const;
  void send(Mark::Kind kind, std::int64_t value);
  [[nodiscard]] SavedStage describe() const;

  std::vector<Unit*> units_;
  std::vector<Timestamp> watermarks_;  // by port
  std::vector<bool> known_;            // a watermark came by this port
  Timestamp sent_ = kNoWatermark;
  const StageMarks* last_ = nullptr;
  CheckpointId passed_ = 0;
  SavedStage saved_;
  mutable std::optional<std::vector<SavedSetting>> settings_;  // of the node; they stay as they are
  bool used_ = false;
  std::string retiredAs_;
};

}  // namespace weir::runtime
