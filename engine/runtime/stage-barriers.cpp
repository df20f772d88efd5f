// Barriers of a stage: waited for on every input, saved at, passed on.
#include <algorithm>
#include <utility>

#include "engine/runtime/stage-marks.h"
#include "engine/runtime/unit.h"

namespace weir::runtime {
namespace {

bool atBarrier(const Link& link, CheckpointId id) {
  const auto* mark = link.markAtHead();
  return mark != nullptr && mark->kind == Mark::Kind::barrier && mark->value == static_cast<std::int64_t>(id);
}

}  // namespace

bool StageMarks::aligned(CheckpointId id) const {
  for (const auto& port : units_.front()->inputs) {
    for (const auto* link : port) {
      if (!link->exhausted(0) && !atBarrier(*link, id)) return false;
    }
  }
  return true;
}

bool StageMarks::stuck(CheckpointId id, Ports wanted) const {
  bool held = false;
  bool unwanted = false;
  const auto& inputs = units_.front()->inputs;
  for (std::size_t port = 0; port < inputs.size(); ++port) {
    const bool asks = (wanted & portSet(static_cast<Port>(port))) != 0;
    for (const auto* link : inputs[port]) {
      if (link->exhausted(0)) continue;
      const bool waits = atBarrier(*link, id);
      if (asks && !waits) return false;
      held |= asks && waits;
      unwanted |= !asks && !waits && link->waiting();
    }
  }
  return held && unwanted;
}

bool StageMarks::ended() const {
  return std::ranges::all_of(units_, [](const Unit* unit) { return unit->done; });
}

bool StageMarks::allSaved(CheckpointId id) const {
  return std::ranges::all_of(units_, [id](const Unit* unit) { return unit->done || unit->savedFor >= id; });
}

bool StageMarks::frozen(const Unit& unit) const {
  return unit.savedFor > passed_ || (last_ != nullptr && last_->passed_ < passed_ && !last_->ended());
}

SavedStage StageMarks::describe() const {
  const auto& unit = *units_.front();
  SavedStage saved;
  saved.nodeId = retired() ? retiredAs_ : unit.node->plan->id;
  saved.typeId = unit.node->plan->type->id;
  saved.version = unit.node->plan->type->version;
  saved.stage = unit.stage;
  saved.knowsSettings = true;
  if (!settings_) settings_ = settingsOf(unit.node->plan->settings);
  saved.settings = *settings_;
  saved.done = ended();
  saved.sent = sent_;
  saved.ceiling = INT64_MAX;
  for (const auto* each : units_) {
    if (!each->done) saved.ceiling = std::min(saved.ceiling, each->ceiling);
  }
  for (std::size_t port = 0; port < unit.inputs.size(); ++port) {
    SavedPort known;
    known.watermark = known.settled = watermarks_[port];
    for (const auto* each : units_) {
      if (!each->done) known.settled = std::min(known.settled, each->watermarks[port].settled);
    }
    for (const auto* link : unit.inputs[port]) {
      const auto* mark = link->markAtHead();
      const bool atMark = mark != nullptr && mark->kind == Mark::Kind::barrier;
      known.links.push_back(
          SavedLink{link->id(), atMark ? mark->at : link->offeredRows(), link->begun(), link->watermark()});
    }
    saved.ports.push_back(std::move(known));
  }
  for (auto* each : units_) {
    each->saved.done = each->done;
    saved.instances.push_back(each->saved);
  }
  return saved;
}

void StageMarks::pass(CheckpointId id) {
  saved_ = describe();
  passed_ = id;
  for (const auto& port : units_.front()->inputs) {
    for (auto* link : port) {
      if (!atBarrier(*link, id)) continue;
      link->takeMark();
      units_.front()->node->run->linkDrained(*link);
      units_.front()->node->run->linkFilled(*link);
    }
  }
  send(Mark::Kind::barrier, static_cast<std::int64_t>(id));
}

SavedStage StageMarks::takeSaved() {
  // Since the barrier it may have ended; at the barrier it had not.
  if (passed_ > 0 && !saved_.nodeId.empty()) return std::exchange(saved_, SavedStage{});
  return describe();
}

void StageMarks::takeOver(const StageMarks& from, bool sameRows) {
  passed_ = from.passed_;
  if (from.watermarks_.size() == watermarks_.size()) {
    watermarks_ = from.watermarks_;
    known_ = from.known_;
    used_ = from.used_;
  }
  if (sameRows) sent_ = from.sent_;
}

void StageMarks::restore(const SavedStage& saved) {
  sent_ = saved.sent;
  auto& first = *units_.front();
  for (auto* unit : units_) {
    if (!saved.done) unit->ceiling = saved.ceiling;
  }
  used_ = saved.sent != kNoWatermark || (!first.inputs.empty() && saved.ceiling != INT64_MAX);
  for (std::size_t port = 0; port < std::min(saved.ports.size(), watermarks_.size()); ++port) {
    const auto& known = saved.ports[port];
    watermarks_[port] = known.watermark;
    if (known.watermark != kNoWatermark) known_[port] = used_ = true;
    for (auto* unit : units_) unit->watermarks[port] = PortWatermark{known.settled, known.settled};
    for (auto* link : first.inputs[port]) {
      const auto of =
          std::ranges::find_if(known.links, [link](const SavedLink& each) { return each.id == link->id(); });
      if (of == known.links.end()) continue;
      link->restore(of->offeredRows, of->begun, of->watermark);
      if (of->watermark != kNoWatermark) known_[port] = used_ = true;
    }
  }
}

}  // namespace weir::runtime
