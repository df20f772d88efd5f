// Watermarks of a stage: in by its links, past its units, out by its links.
#include "engine/runtime/stage-marks.h"

#include <algorithm>

#include "engine/runtime/unit.h"

namespace weir::runtime {

Timestamp StageMarks::incoming(std::size_t port) const {
  auto least = INT64_MAX;
  auto leastEnded = INT64_MAX;
  bool open = false;
  for (const auto* link : units_.front()->inputs[port]) {
    const bool ended = link->exhausted(0);
    auto& of = ended ? leastEnded : least;
    of = std::min(of, link->watermark());
    open |= !ended;
  }
  return std::max(watermarks_[port], open ? least : leastEnded);
}

bool StageMarks::takeWatermarks(std::size_t port) {
  bool any = false;
  for (auto* link : units_.front()->inputs[port]) {
    const auto* mark = link->markAtHead();
    if (mark == nullptr || mark->kind != Mark::Kind::watermark) continue;
    link->takeMark();
    any = true;
    // Others learn that the link has ended, or that there are rows behind the watermark.
    units_.front()->node->run->linkDrained(*link);
  }
  if (any) known_[port] = used_ = true;
  if (!any && !stale(port)) return false;
  watermarks_[port] = incoming(port);
  return true;
}

Timestamp StageMarks::outgoing() const {
  auto least = INT64_MAX;       // of the inputs that go on
  auto leastEnded = INT64_MAX;  // of those that have ended: counts when all have
  bool open = false;
  for (const auto* unit : units_) {
    if (unit->done) continue;
    least = std::min(least, unit->ceiling);
    leastEnded = std::min(leastEnded, unit->ceiling);
    open |= unit->inputs.empty();
    for (std::size_t port = 0; port < unit->inputs.size(); ++port) {
      if (unit->inputs[port].empty()) continue;
      const bool ended = Unit::exhausted(unit->inputs[port]);
      // A node that says a time of its own (a window over rows that come without one) speaks for such an input too.
      const bool silent = unit->watermarks[port].settled == kNoWatermark;
      if (silent && unit->ceiling != kNoWatermark && unit->ceiling != INT64_MAX) {
        open |= !ended;
        continue;
      }
      auto& of = ended ? leastEnded : least;
      of = std::min(of, unit->watermarks[port].settled);
      open |= !ended;
    }
  }
  return open ? least : leastEnded;
}

void StageMarks::passOn(Unit& unit, Timestamp until) {
  unit.ceiling = until;
  used_ = true;
  passOn();
}

void StageMarks::passOn() {
  if (!used_) return;
  const auto now = outgoing();
  if (now <= sent_) return;
  sent_ = now;
  send(Mark::Kind::watermark, now);
}

void StageMarks::send(Mark::Kind kind, std::int64_t value) {
  const auto& unit = *units_.front();
  const auto sendOn = [&](Link& link) {
    link.pushMark(kind, value);
    unit.node->run->linkFilled(link);
  };
  for (const auto& port : unit.outputs) {
    for (auto* link : port) sendOn(*link);
  }
  if (!unit.lastStage) return;
  for (auto* link : unit.node->errorLinks) sendOn(*link);
}

}  // namespace weir::runtime
