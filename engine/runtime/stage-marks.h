// StageMarks: how marks pass through one stage of a node, whatever it is made of. Guarded by the run's lock.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/node/contract.h"
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

 private:
  [[nodiscard]] Timestamp incoming(std::size_t port) const;
  [[nodiscard]] Timestamp outgoing() const;

  std::vector<Unit*> units_;
  std::vector<Timestamp> watermarks_;  // by port
  std::vector<bool> known_;            // a watermark came by this port
  Timestamp sent_ = kNoWatermark;
  bool used_ = false;
};

}  // namespace weir::runtime
