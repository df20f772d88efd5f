// The course of a checkpoint.
#include "engine/runtime/checkpoints.h"

#include <algorithm>
#include <climits>
#include <utility>

#include "engine/runtime/scheduler.h"
#include "engine/runtime/state-bytes.h"

namespace weir::runtime {
namespace {

constexpr std::string_view kEpochKey = "run/epoch";
/// How often a run that has nothing left to do tries to store its last checkpoint.
constexpr int kLastTries = 10;

}  // namespace

Checkpoints::Checkpoints(StateStore& store, CheckpointOptions options, Clock& clock)
    : Unit(state), store_(store), options_(std::move(options)), clock_(clock) {
  unit = this;
  state.plan = &planned;
  depth = INT_MAX;
}

void Checkpoints::open(Waker waker, std::vector<StageMarks*> stages, std::vector<Unit*> units,
                       std::vector<Link*> links) {
  waker_ = std::move(waker);
  stages_ = std::move(stages);
  units_ = std::move(units);
  links_ = std::move(links);
}

bool Checkpoints::allEnded() const {
  return std::ranges::all_of(units_, [](const Unit* unit) { return unit->done; });
}

bool Checkpoints::complete() const {
  return std::ranges::all_of(stages_,
                             [this](const StageMarks* stage) { return stage->passed() >= id_ || stage->ended(); });
}

Job* Checkpoints::claim(Scheduler& scheduler) {
  if (done || running > 0) return nullptr;
  if (stopsNow_) {
    scheduler.endCancelled();
    return nullptr;
  }
  if (phase_ == Phase::idle && !held_ && allEnded()) {
    ++id_;
    assemble();
  } else if (phase_ == Phase::idle && due_ && !held_) {
    begin(scheduler);
  }
  const auto stored = [&] { return scheduler.durable == nullptr || scheduler.durable->stored(id_); };
  if (phase_ == Phase::collecting && complete() && stored()) assemble();
  if (phase_ == Phase::idle || phase_ == Phase::collecting || phase_ == Phase::over) return nullptr;
  std::ranges::move(arriving_, std::back_inserter(toTell_));
  arriving_.clear();
  if (phase_ == Phase::telling && toTell_.empty()) return nullptr;
  // Without a checkpoint all that the journal still has would come out of it again.
  if (phase_ == Phase::clearing && scheduler.durable != nullptr && !scheduler.durable->settled()) return nullptr;
  if (waiting_ && !woken_) return nullptr;
  woken_ = false;
  running = 1;
  return this;
}

void Checkpoints::execute() {
  outcome_ = {};
  waiting_ = false;
  switch (phase_) {
    case Phase::reading:
      return read();
    case Phase::dropping:
    case Phase::clearing:
      return drop(keys_);
    case Phase::restoring:
      return restoreTasks();
    case Phase::confirming:
    case Phase::telling:
      return tellEnded();
    case Phase::storing:
      return store();
    case Phase::idle:
    case Phase::collecting:
    case Phase::over:
      return;
  }
}

void Checkpoints::finish(Job&, Scheduler& scheduler) {
  running = 0;
  if (waiting_) {
    if (woken_) scheduler.poke(*this);
    return;
  }
  switch (phase_) {
    case Phase::reading:
      afterReading(scheduler);
      break;
    case Phase::dropping:
      if (!outcome_) return scheduler.fail(*node, std::move(outcome_.error()));
      keys_.clear();
      letGo(scheduler);
      break;
    case Phase::restoring:
      if (!outcome_) return scheduler.fail(*node, std::move(outcome_.error()));
      for (auto* unit : units_) {
        if (unit->task() != nullptr) toTell_.push_back(unit);
      }
      toPhase(Phase::confirming);
      break;
    case Phase::confirming:
      if (!outcome_) return scheduler.fail(*node, std::move(outcome_.error()));
      letGo(scheduler);
      break;
    case Phase::storing:
      afterStoring(scheduler);
      break;
    case Phase::telling:
      if (!outcome_) return scheduler.fail(*node, std::move(outcome_.error()));
      afterTelling(scheduler);
      break;
    case Phase::clearing:
      // A checkpoint that stays behind says that everything has ended: nothing would be done twice.
      toPhase(Phase::over);
      return scheduler.unitDone(*this);
    case Phase::idle:
    case Phase::collecting:
    case Phase::over:
      break;
  }
  scheduler.poke(*this);
}

bool Checkpoints::waitsForHost() const { return !done && waiting_; }

// Restoring.

void Checkpoints::read() {
  if (!epochKnown_) {
    if (!getting_.active()) getting_ = store_.get(kEpochKey, waker_);
    waiting_ = !getting_.ready();
    if (waiting_) return;
    auto text = getting_.take();
    if (!text) return void(outcome_ = std::unexpected(std::move(text.error())));
    if (*text) {
      SavedState saved("(run)", **text);
      std::int64_t epoch = 0;
      if (auto got = saved.read(epoch); !got) return void(outcome_ = std::unexpected(std::move(got.error())));
      epoch_ = static_cast<std::uint64_t>(epoch);
    }
    ++epoch_;
    epochKnown_ = true;
  }
  // Before anything is read: from here on an older run that was only paused can store nothing, so that what is read is
  // the last that it has stored.
  if (!claimed_) {
    if (!committing_.active()) {
      std::string epoch;
      appendStateValue(epoch, Value::int64(static_cast<std::int64_t>(epoch_)));
      committing_ = store_.commit({StateChange{std::string(kEpochKey), std::move(epoch)}}, epoch_, waker_);
    }
    waiting_ = !committing_.ready();
    if (waiting_) return;
    if (auto claimed = committing_.take(); !claimed) {
      return void(outcome_ = std::unexpected(std::move(claimed.error())));
    }
    claimed_ = true;
  }
  constexpr std::int64_t kAtOnce = 64;
  for (;;) {
    if (!listing_.active()) {
      listing_ = store_.list(CheckpointRecord::kPrefix, found_.empty() ? std::string_view() : found_.back().key,
                             kAtOnce, waker_);
    }
    waiting_ = !listing_.ready();
    if (waiting_) return;
    auto page = listing_.take();
    if (!page) return void(outcome_ = std::unexpected(std::move(page.error())));
    const bool over = static_cast<std::int64_t>(page->size()) < kAtOnce;
    std::ranges::move(*page, std::back_inserter(found_));
    if (over) return;
  }
}

void Checkpoints::afterReading(Scheduler& scheduler) {
  if (!outcome_) return scheduler.fail(*node, std::move(outcome_.error()));
  for (const auto& entry : found_) keys_.push_back(entry.key);
  if (found_.empty() || !options_.resume) {
    found_.clear();
    // The new epoch is written at once: from here on an older run is fenced.
    return toPhase(Phase::dropping);
  }
  auto record = CheckpointRecord::read(found_);
  found_.clear();
  if (!record) return scheduler.fail(*node, std::move(record.error()));
  record_ = std::move(*record);
  if (auto matched = match(); !matched) return scheduler.fail(*node, std::move(matched.error()));
  if (auto same = matchSettings(); !same) return scheduler.fail(*node, std::move(same.error()));
  id_ = record_.id;
  toPhase(Phase::restoring);
}

Result<void> Checkpoints::restoreStage(const SavedStage& saved, const StageMarks& stage) {
  std::size_t next = 0;
  for (const auto& instance : saved.instances) {
    auto* task = stage.units()[next++ % stage.units().size()]->task();
    // An instance that has ended has given everything on, but for a stage that ended as a whole: a sink may still have
    // something to publish.
    if (task == nullptr || instance.state.empty() || (instance.done && !saved.done)) continue;
    SavedState state(saved.nodeId, instance.state);
    auto restored = task->restore(state);
    if (!restored) {
      auto error = std::move(restored.error());
      error.message = "node '" + saved.nodeId + "': " + error.message;
      return std::unexpected(std::move(error));
    }
    if (*restored == Poll::ready) continue;
    return fail("state.mismatch", "node '" + saved.nodeId + "' cannot be restored at once");
  }
  return {};
}

void Checkpoints::restoreTasks() {
  for (const auto& saved : record_.stages) {
    for (const auto* stage : stages_) {
      const auto& first = *stage->units().front();
      if (first.node->plan->id != saved.nodeId || first.stage != saved.stage) continue;
      outcome_ = restoreStage(saved, *stage);
      if (!outcome_) return;
    }
  }
}

void Checkpoints::letGo(Scheduler& scheduler) {
  // That a run has begun is worth a checkpoint too: a source that waits for a time would else begin anew behind it.
  if (id_ == 0) moved_ = true;
  rest(scheduler);
  std::vector<Unit*> over;
  for (const auto& saved : record_.stages) {
    for (auto* stage : stages_) {
      const auto& first = *stage->units().front();
      if (first.node->plan->id != saved.nodeId || first.stage != saved.stage) continue;
      stage->restore(saved);
      stage->forget(id_);
      if (stage->units().size() == 1 && saved.instances.size() == 1)
        stage->units().front()->restoreCounts(saved.instances[0]);
      if (saved.done) over.insert(over.end(), stage->units().begin(), stage->units().end());
      for (std::size_t i = 0; saved.done && i < stage->units().size() && i < saved.instances.size(); ++i) {
        stage->units()[i]->saved = saved.instances[i];
      }
    }
  }
  for (auto* unit : units_) unit->savedFor = id_;
  if (id_ > 0) {
    scheduler.say(EventSeverity::info, "checkpoint.restored", {},
                  "the run goes on from checkpoint " + std::to_string(id_));
    if (!changed_.empty()) scheduler.say(EventSeverity::warning, "checkpoint.changed", {}, changed_);
  }
  record_ = {};
  for (auto* unit : over) scheduler.unitDone(*unit);
  if (scheduler.durable != nullptr) {
    if (auto refills = scheduler.durable->restored(id_, scheduler); !refills)
      return scheduler.fail(*node, std::move(refills.error()));
  }
  for (auto* unit : units_) scheduler.poke(*unit);
}

// Collecting.

void Checkpoints::rest(Scheduler& scheduler) {
  toPhase(Phase::idle);
  nextNanos_ = clock_.steadyNanos() + options_.everyMs * 1'000'000;
  if (std::exchange(askedFor_, false)) {
    due_ = moved_ = true;
    scheduler.poke(*this);
  }
  if (!moved_) return;
  setTimer(clock_.steadyNanos(), scheduler);
  if (scheduler.durable != nullptr && scheduler.durable->isFull()) hurry(scheduler);
}

void Checkpoints::begin(Scheduler& scheduler) {
  due_ = moved_ = false;
  rowsAtLast_ = scheduler.sourceRows;
  ++id_;
  toPhase(Phase::collecting);
  // The sources, and those whose inputs have ended, begin; all others wait for the barrier.
  for (auto* unit : units_) scheduler.poke(*unit);
}

void Checkpoints::saved(Unit& unit, Scheduler& scheduler) {
  if (phase_ != Phase::collecting) return;
  unit.savedFor = id_;
  auto& stage = *unit.marks;
  if (stage.passed() >= id_ || !stage.allSaved(id_)) return;
  stage.pass(id_);
  for (auto* each : unit.node->units) scheduler.poke(*each);
  if (complete()) scheduler.poke(*this);
}

void Checkpoints::ended(Unit& unit, Scheduler& scheduler) {
  if (&unit == this) return;
  if (unit.tells()) {
    // A job may be at work on the others.
    arriving_.push_back(&unit);
    --telling_;
  }
  // Others of its stage may have waited for it alone.
  if (phase_ == Phase::collecting) {
    auto& stage = *unit.marks;
    if (!stage.ended() && stage.passed() < id_ && stage.allSaved(id_)) {
      stage.pass(id_);
    }
    for (auto* each : unit.node->units) scheduler.poke(*each);
  }
  scheduler.poke(*this);
}

void Checkpoints::abandon(std::string_view node, const Error& why, Scheduler& scheduler) {
  if (phase_ != Phase::collecting) return;
  for (auto* link : links_) link->dropBarriers();
  if (scheduler.durable != nullptr) scheduler.durable->abandoned();
  for (auto* stage : stages_) stage->forget(id_);
  rest(scheduler);
  if (said_ != why.code) {
    scheduler.say(EventSeverity::warning, "checkpoint.failed", std::string(node),
                  "checkpoint " + std::to_string(id_) + " came to nothing, the run goes on: " + why.message);
  }
  if (stopping_) stopsNow_ = true;
  said_ = why.code;
  if (stopping_) scheduler.poke(*this);
  for (auto* unit : units_) scheduler.poke(*unit);
}

void Checkpoints::assemble() {
  record_ = {};
  record_.id = id_;
  record_.flowId = options_.flowId;
  record_.documentHash = options_.documentHash;
  endedRetired_.clear();
  for (auto* stage : stages_) {
    record_.stages.push_back(stage->takeSaved());
    if (stage->retired() && record_.stages.back().done) endedRetired_.push_back(stage);
  }
  last_ = std::ranges::all_of(record_.stages, [](const SavedStage& stage) { return stage.done; });
  toPhase(Phase::storing);
}

// Storing.

void Checkpoints::store() {
  if (!committing_.active()) {
    std::vector<StateChange> changes;
    keysWritten_.clear();
    for (auto& entry : record_.entries()) {
      keysWritten_.push_back(entry.key);
      changes.push_back(StateChange{std::move(entry.key), std::move(entry.value)});
    }
    for (const auto& key : keys_) changes.push_back(StateChange{key});
    std::string epoch;
    appendStateValue(epoch, Value::int64(static_cast<std::int64_t>(epoch_)));
    changes.push_back(StateChange{std::string(kEpochKey), std::move(epoch)});
    committing_ = store_.commit(std::move(changes), epoch_, waker_);
  }
  waiting_ = !committing_.ready();
  if (waiting_) return;
  if (auto stored = committing_.take(); !stored) outcome_ = std::unexpected(std::move(stored.error()));
}

void Checkpoints::drop(std::vector<std::string> keys) {
  if (!committing_.active()) {
    std::vector<StateChange> changes;
    for (auto& key : keys) changes.push_back(StateChange{std::move(key)});
    std::string epoch;
    appendStateValue(epoch, Value::int64(static_cast<std::int64_t>(epoch_)));
    changes.push_back(StateChange{std::string(kEpochKey), std::move(epoch)});
    committing_ = store_.commit(std::move(changes), epoch_, waker_);
  }
  waiting_ = !committing_.ready();
  if (waiting_) return;
  if (auto dropped = committing_.take(); !dropped) outcome_ = std::unexpected(std::move(dropped.error()));
}

void Checkpoints::storeFailed(const Error& error, Scheduler& scheduler) {
  // Another run has taken the flow over: nothing more may be done under its name.
  if (error.code == "state.fenced") return scheduler.fail(*node, error);
  ++failures_;
  if (said_ != error.code) {
    scheduler.say(
        EventSeverity::error, "checkpoint.failed", {},
        "checkpoint " + std::to_string(id_) + " cannot be stored, the run goes on and tries again: " + error.message);
  }
  said_ = error.code;
  if (last_ && failures_ >= kLastTries) return scheduler.fail(*node, error);
  if (!last_) return rest(scheduler);
  // Nothing else is left to do: the same record again, after a while.
  toPhase(Phase::storing);
  waiting_ = true;
  scheduler.setTimer(clock_.nowMicros() + options_.everyMs * 1000, *this, 0);
}

void Checkpoints::afterStoring(Scheduler& scheduler) {
  if (!outcome_) return storeFailed(outcome_.error(), scheduler);
  failures_ = 0;
  said_.clear();
  keys_ = std::move(keysWritten_);
  record_ = {};
  if (scheduler.durable != nullptr) {
    scheduler.durable->completed(id_);
    if (last_) scheduler.durable->releaseAll();
  }
  scheduler.say(EventSeverity::debug, "checkpoint.done", {}, "checkpoint " + std::to_string(id_) + " is stored");
  tellUnits(scheduler, false);
}

void Checkpoints::tellUnits(Scheduler& scheduler, bool sources) {
  toPhase(Phase::telling);
  toTell_.clear();
  telling_ = 0;
  sourcesTold_ = sources;
  for (auto* unit : units_) {
    if (unit->task() == nullptr || unit->inputs.empty() != sources) continue;
    if (unit->done) {
      toTell_.push_back(unit);
    } else {
      ++telling_;
      unit->tellCommitted(id_);
      scheduler.poke(*unit);
    }
  }
  if (toTell_.empty()) afterTelling(scheduler);
}

void Checkpoints::tellEnded() {
  while (!toTell_.empty()) {
    auto told = toTell_.back()->task()->committed(id_);
    if (!told) return void(outcome_ = std::unexpected(std::move(told.error())));
    if (*told == Poll::pending) return void(waiting_ = true);
    toTell_.pop_back();
  }
}

void Checkpoints::told(Scheduler& scheduler) {
  --telling_;
  if (phase_ == Phase::telling && running == 0) afterTelling(scheduler);
}

void Checkpoints::afterTelling(Scheduler& scheduler) {
  if (telling_ > 0 || !toTell_.empty() || !arriving_.empty()) return;
  if (!sourcesTold_) {
    tellUnits(scheduler, true);
    return scheduler.poke(*this);
  }
  const bool fewer = dropRetired();
  if (last_) {
    toPhase(Phase::clearing);
  } else {
    rest(scheduler);
    // A run that goes on from the next one does not know them.
    if (fewer) due_ = moved_ = true;
    if (stopping_ && !fewer) stopsNow_ = true;
  }
  scheduler.poke(*this);
}

}  // namespace weir::runtime
