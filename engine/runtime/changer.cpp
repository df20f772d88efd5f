// The course of a change.
#include "engine/runtime/changer.h"

#include <algorithm>
#include <climits>
#include <utility>

#include "engine/json/writer.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/state-bytes.h"

namespace weir::runtime {
namespace {

std::vector<Link*> linksOut(const StageMarks& stage) {
  const auto& unit = *stage.units().front();
  std::vector<Link*> links;
  for (const auto& port : unit.outputs) links.insert(links.end(), port.begin(), port.end());
  if (unit.lastStage) links.insert(links.end(), unit.node->errorLinks.begin(), unit.node->errorLinks.end());
  return links;
}

StageMarks* stageBehind(const Link& link) { return link.consumers.empty() ? nullptr : link.consumers.front()->marks; }

template <class T>
bool contains(const std::vector<T*>& list, const T* wanted) {
  return std::ranges::find(list, wanted) != list.end();
}

}  // namespace

Changer::Changer(Site& site, Clock& clock, CheckpointOptions options)
    : Unit(state), site_(site), clock_(clock), options_(std::move(options)) {
  unit = this;
  state.plan = &planned;
  depth = INT_MAX;
}

void Changer::begin(PreparedChange change, std::vector<std::string> steps, Scheduler& scheduler) {
  WEIR_CHECK(phase_ == Phase::idle);
  change_ = std::move(change);
  view_ = ChangeView{change_.number, ChangeState::underWay, std::move(steps), std::nullopt};
  timedOut_ = false;
  phase_ = Phase::waiting;
  if (auto* checkpoints = scheduler.checkpoints) checkpoints->hold(true);
  scheduler.setTimer(clock_.nowMicros() + change_.waitMs * 1000, *this, change_.number);
  scheduler.say(EventSeverity::debug, "change.begun", {}, "a new version of the flow is being applied");
  scheduler.poke(*this);
}

/// All stages on a way from one that rests to another.
void Changer::collectStops() {
  stops_.clear();
  std::vector<StageMarks*> behind = change_.rests;  // those, and what lies behind them
  for (std::size_t next = 0; next < behind.size(); ++next) {
    for (const auto* link : linksOut(*behind[next])) {
      auto* stage = stageBehind(*link);
      if (stage != nullptr && !contains(behind, stage)) behind.push_back(stage);
    }
  }
  std::vector<StageMarks*> scope = change_.rests;
  for (bool grown = true; grown;) {
    grown = false;
    for (auto* stage : behind) {
      if (contains(scope, stage)) continue;
      const auto leads = [&](const Link* link) {
        const auto* next = stageBehind(*link);
        return next != nullptr && contains(scope, next);
      };
      if (!std::ranges::any_of(linksOut(*stage), leads)) continue;
      scope.push_back(stage);
      grown = true;
    }
  }
  for (auto* stage : scope) stops_.push_back(Stop{stage, contains(change_.rests, stage)});
  for (auto& from : stops_) {
    for (auto* link : linksOut(*from.stage)) {
      const auto* next = stageBehind(*link);
      const auto to = std::ranges::find(stops_, next, &Stop::stage);
      if (next == nullptr || to == stops_.end()) continue;
      from.out.push_back(link);
      to->in.push_back(link);
    }
  }
}

bool Changer::aligned(const Stop& stop) const {
  return std::ranges::all_of(stop.in, [this](const Link* link) {
    if (link->exhausted(0) || link->closed()) return true;
    const auto* mark = link->markAtHead();
    return mark != nullptr && mark->kind == Mark::Kind::barrier && mark->value == -change_.number;
  });
}

void Changer::pass(Stop& stop, Scheduler& scheduler) {
  stop.passed = true;
  for (auto* link : stop.in) {
    const auto* mark = link->markAtHead();
    if (mark == nullptr || mark->kind != Mark::Kind::barrier) continue;
    link->takeMark();
    scheduler.linkDrained(*link);
    scheduler.linkFilled(*link);
  }
  // Its edges end, and who reads them has perhaps not waited for more.
  if (stop.stage->ended()) return;
  for (auto* link : stop.out) {
    link->pushMark(Mark::Kind::barrier, -change_.number);
    scheduler.linkFilled(*link);
  }
}

bool Changer::advance(Stop& stop, Scheduler& scheduler) {
  if (stop.passed) return false;
  if (!stop.stage->ended() && !aligned(stop)) return false;
  const auto& units = stop.stage->units();
  const bool quietNow = std::ranges::all_of(units, [](const Unit* each) { return each->quiet(); });
  if (stop.rests) {
    for (auto* each : units) {
      if (each->pause == Pause::held) continue;
      each->pause = quietNow ? Pause::held : Pause::asked;
      if (!quietNow) scheduler.poke(*each);
    }
  }
  if (quietNow) pass(stop, scheduler);
  return quietNow;
}

void Changer::look(Scheduler& scheduler) {
  if (phase_ == Phase::idle || running > 0) return;
  if (phase_ == Phase::ending) lookAtEnding();
  const bool early = phase_ == Phase::waiting || phase_ == Phase::stopping;
  if (early && std::exchange(timedOut_, false)) return refuse(notQuiet(), scheduler);
  if (phase_ == Phase::waiting) {
    if (scheduler.checkpoints != nullptr && !scheduler.checkpoints->resting()) return;
    // What the last run left is dealt with as it was meant then.
    if (scheduler.durable != nullptr && scheduler.durable->refilling()) return;
    collectStops();
    phase_ = Phase::stopping;
  }
  if (phase_ == Phase::stopping) {
    for (bool moved = true; moved;) {
      moved = false;
      for (auto& stop : stops_) moved |= advance(stop, scheduler);
    }
    if (!std::ranges::all_of(stops_, &Stop::passed)) return;
    phase_ = Phase::moving;
    node_ = unit_ = 0;
  }
  if (phase_ != Phase::ending) scheduler.poke(*this);
}

Error Changer::notQuiet() const {
  std::string where;
  for (const auto& stop : stops_) {
    if (stop.passed) continue;
    const auto& id = stop.stage->units().front()->node->plan->id;
    if (where.find("'" + id + "'") != std::string::npos) continue;
    where += (where.empty() ? "'" : ", '") + id + "'";
  }
  if (where.empty()) where = "a checkpoint, or what comes out of the journal,";
  return Error{"change.not_quiet",
               "the run goes on as it was: " + where + " did not come to rest within " +
                   std::to_string(change_.waitMs) +
                   " ms (rows before the change, or calls, are still under way there); try again later"};
}

/// The stages go on.
void Changer::letGo(Scheduler& scheduler) {
  for (auto& stop : stops_) {
    for (auto* link : stop.in) link->dropBarriers();
    for (auto* each : stop.stage->units()) {
      each->pause = Pause::none;
      scheduler.poke(*each);
    }
  }
  stops_.clear();
}

void Changer::refuse(Error error, Scheduler& scheduler) {
  letGo(scheduler);
  scheduler.forget(*this);
  scheduler.say(EventSeverity::warning, "change.refused", {}, error.message);
  view_.state = ChangeState::refused;
  view_.error = std::move(error);
  // Their tasks go, their units stay: wakers may name them.
  for (auto& swap : change_.nodes) {
    for (auto& made : swap.parts.units) {
      made->done = true;
      scheduler.forget(*made);
      left_.handedOver.push_back(made.get());
    }
    wasted_.push_back(std::move(swap.parts));
  }
  wastedPlans_.push_back(std::move(change_.plan));
  for (auto& swap : change_.edges) {
    if (swap.made) wastedLinks_.push_back(std::move(swap.made));
  }
  phase_ = Phase::leaving;
  waiting_ = false;
  scheduler.poke(*this);
}

Job* Changer::claim(Scheduler& scheduler) {
  if (running > 0) return nullptr;
  switch (phase_) {
    case Phase::idle:
    case Phase::waiting:
    case Phase::stopping:
    case Phase::ending:
      return nullptr;
    case Phase::switching:
      if (scheduler.anyRunning()) return nullptr;
      doSwitch(scheduler);
      break;
    case Phase::moving:
      if (waiting_ && !woken_) return nullptr;
      break;
    case Phase::leaving:
      break;
  }
  woken_ = false;
  running = 1;
  return this;
}

void Changer::execute() {
  if (phase_ == Phase::moving) return moveStates();
  for (auto* each : left_.handedOver) each->dismiss();
}

void Changer::finish(Job&, Scheduler& scheduler) {
  running = 0;
  if (phase_ == Phase::leaving) return afterLeaving(scheduler);
  if (waiting_) {
    if (woken_) scheduler.poke(*this);
    return;
  }
  if (!outcome_) {
    refuse(std::move(std::exchange(outcome_, {}).error()), scheduler);
  } else {
    phase_ = Phase::switching;
  }
  scheduler.poke(*this);
}

void Changer::wake(std::int64_t ticket) {
  if (ticket == 0) woken_ = true;
  if (ticket == change_.number && ticket != 0) timedOut_ = true;
}

// States.

void Changer::moveStates() {
  waiting_ = false;
  outcome_ = {};
  for (; node_ < change_.nodes.size(); ++node_, unit_ = 0) {
    auto& swap = change_.nodes[node_];
    if (swap.before == nullptr || swap.ends) continue;
    for (; unit_ < swap.before->units.size(); ++unit_) {
      const auto moved = moveState(swap, unit_);
      if (!moved) return void(outcome_ = std::unexpected(moved.error()));
      waiting_ = *moved == Poll::pending;
      if (waiting_) return;
      if (swap.ends) break;
    }
  }
}

Result<Poll> Changer::moveState(NodeSwap& swap, std::size_t at) {
  auto& from = *swap.before->units[at];
  auto& to = *swap.parts.units[at];
  swap.saved.resize(swap.before->units.size());
  swap.saved[at] = from.counts();
  if (from.done || from.task() == nullptr) return Poll::ready;
  const auto& id = swap.before->plan->id;
  bytes_.emplace(id, options_.mostStateBytes);
  WEIR_ASSIGN(const auto polled, from.task()->snapshot(1, *bytes_));
  if (polled == Poll::pending) return polled;
  if (bytes_->empty()) {
    WEIR_TRY(nothingSaved(swap, from));
    return Poll::ready;
  }
  if (!change_.keepState && json::write(swap.before->plan->settings) != json::write(swap.parts.state->plan->settings)) {
    return fail("state.changed", "the run goes on as it was: node '" + id +
                                     "' has a state that was made with its old settings. Set them back, have it "
                                     "keep the state to go on with it all the same, or give the node another id to "
                                     "begin it anew");
  }
  const auto text = bytes_->take();
  SavedState saved(id, text);
  auto restored = to.task()->restore(saved);
  if (!restored) {
    auto error = std::move(restored.error());
    error.message = "the run goes on as it was: node '" + id +
                    "' with its new settings cannot go on from the state "
                    "it had: " +
                    error.message + ". To begin it anew, give it another id";
    return std::unexpected(std::move(error));
  }
  WEIR_CHECK(*restored == Poll::ready);
  return Poll::ready;
}

Result<void> Changer::nothingSaved(NodeSwap& swap, const Unit& from) const {
  const auto& node = *swap.before;
  const auto& type = *node.plan->type;
  if (from.source && type.cardinality == Cardinality::source && node.metrics.rowsOut > 0) {
    // It goes on with what comes next in any case.
    if (type.unbounded && node.units.size() == 1) {
      swap.ends = true;
      return {};
    }
    return fail("change.source_restarts",
                "the run goes on as it was: source '" + node.plan->id + "' (" + type.id +
                    ") cannot say how far it has read, and with new settings would begin again. Change it when it has "
                    "ended, or give the new one another id");
  }
  const bool tookOver = from.stage > 0 && from.inputs[0][0]->begun();
  if (tookOver) {
    return fail("state.not_saved", "the run goes on as it was: node '" + node.plan->id +
                                       "' is putting its result together; change it when it has");
  }
  return {};
}

// The switch, and what comes after it.

void Changer::doSwitch(Scheduler& scheduler) {
  auto left = site_.switchOver(change_);
  if (!left) return refuse(std::move(left.error()), scheduler);
  left_ = std::move(*left);
  stops_.clear();
  scheduler.forget(*this);
  view_.state = ChangeState::applied;
  std::string text;
  for (const auto& step : view_.steps) text += (text.empty() ? "" : "; ") + step;
  scheduler.say(EventSeverity::info, "change.applied", {}, text);
  phase_ = Phase::leaving;
}

void Changer::afterLeaving(Scheduler& scheduler) {
  left_.handedOver.clear();
  for (auto* each : left_.begin) {
    each->pause = Pause::none;
    scheduler.poke(*each);
  }
  left_.begin.clear();
  change_ = {};
  if (!left_.ending.empty()) {
    phase_ = Phase::ending;
    return look(scheduler);
  }
  phase_ = Phase::idle;
  if (auto* checkpoints = scheduler.checkpoints) {
    checkpoints->hold(false);
    scheduler.poke(*checkpoints);
  }
}

void Changer::lookAtEnding() {
  for (auto& each : left_.ending) {
    if (each.node->unitsLeft > 0) continue;
    // What a sink has written may wait for the checkpoint that knows of its end.
    const bool told = each.node->run->checkpoints == nullptr || each.node->plan->inputs.empty();
    if (told) left_.handedOver.insert(left_.handedOver.end(), each.node->units.begin(), each.node->units.end());
    left_.begin.insert(left_.begin.end(), each.waiting.begin(), each.waiting.end());
    each.node = nullptr;
  }
  if (std::erase_if(left_.ending, [](const auto& each) { return each.node == nullptr; }) > 0) phase_ = Phase::leaving;
}

std::string Changer::finishing() const {
  std::string text;
  for (const auto& each : left_.ending) text += (text.empty() ? "'" : ", '") + each.node->plan->id + "'";
  return text;
}

void Changer::runIsOver() {
  if (view_.state != ChangeState::underWay) return;
  view_.state = ChangeState::refused;
  view_.error = Error{"change.run_over", "the run ended before its new version was applied"};
}

}  // namespace weir::runtime
