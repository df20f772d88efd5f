// The loop that every worker runs, and how readiness travels.
#include "engine/runtime/scheduler.h"

#include <algorithm>
#include <utility>

#include "engine/data/hash.h"

namespace weir::runtime {
namespace {

class UnitWake final : public WakeTarget {
 public:
  UnitWake(std::shared_ptr<WakeHub> hub, Unit* unit, std::int64_t ticket)
      : hub_(std::move(hub)), unit_(unit), ticket_(ticket) {}
  void wake() override { hub_->wake(unit_, ticket_); }

 private:
  std::shared_ptr<WakeHub> hub_;
  Unit* unit_;
  std::int64_t ticket_;
};

bool runsBefore(const Unit* a, const Unit* b) {
  return a->depth != b->depth ? a->depth > b->depth : a->index < b->index;
}

}  // namespace

void WakeHub::close() {
  const Locked locked(lock_);
  scheduler_ = nullptr;
}

void WakeHub::wake(Unit* unit, std::int64_t ticket) {
  const Locked locked(lock_);
  if (scheduler_ != nullptr) scheduler_->wake(unit, ticket);
}

Scheduler::Scheduler(Workers& workers, SchedulerOptions options)
    : log_(options.logBytes), workers_(workers), options_(options), hub_(std::make_shared<WakeHub>(this)) {}

Scheduler::~Scheduler() { hub_->close(); }

Waker Scheduler::wakerFor(Unit& unit, std::int64_t ticket) {
  return Waker(std::make_shared<UnitWake>(hub_, &unit, ticket));
}

void Scheduler::addUnit(std::unique_ptr<Unit> unit) {
  ++unitsLeft_;
  ++unit->node->unitsLeft;
  unit->node->units.push_back(unit.get());
  units_.push_back(std::move(unit));
}

void Scheduler::addDurable(std::unique_ptr<DurableEdges> edges) {
  durable_ = std::move(edges);
  durable = durable_.get();
  std::vector<Unit*> units;
  for (const auto& unit : units_) units.push_back(unit.get());
  durable->open(wakerFor(*durable, 0), std::move(units));
}

void Scheduler::addCheckpoints(std::unique_ptr<Checkpoints> made) {
  checkpoints_ = std::move(made);
  checkpoints = checkpoints_.get();
  ++unitsLeft_;
  ++checkpoints->node->unitsLeft;
  std::vector<StageMarks*> stages;
  for (const auto& stage : stages_) stages.push_back(stage.get());
  std::vector<Unit*> units;
  for (const auto& unit : units_) units.push_back(unit.get());
  std::vector<Link*> links;
  for (const auto& link : links_) links.push_back(link.get());
  checkpoints->open(wakerFor(*checkpoints, 0), std::move(stages), std::move(units), std::move(links));
  poke(*checkpoints);
}

void Scheduler::noteProgress(std::int64_t nowNanos) {
  ++progress_;
  if (checkpoints != nullptr) checkpoints->note(nowNanos, *this);
}

void Scheduler::sortUnits() {
  for (std::size_t i = 0; i < units_.size(); ++i) units_[i]->index = static_cast<int>(i);
  for (const auto& unit : units_) poke(*unit);
}

void Scheduler::sortReady() { std::ranges::sort(ready_, runsBefore); }

void Scheduler::forget(Unit& unit) {
  std::erase(ready_, &unit);
  unit.inReady = false;
  std::erase_if(timers_, [&](const auto& timer) { return timer.second.unit == &unit; });
}

void Scheduler::endSilently(Unit& unit) {
  forget(unit);
  if (unit.done) return;
  unit.done = true;
  --unitsLeft_;
  --unit.node->unitsLeft;
}

void Scheduler::poke(Unit& unit) {
  if (unit.inReady || unit.done) return;
  unit.inReady = true;
  ready_.insert(std::ranges::upper_bound(ready_, &unit, runsBefore), &unit);
}

void Scheduler::wake(Unit* unit, std::int64_t ticket) {
  {
    const Locked locked(lock_);
    unit->wake(ticket);
    poke(*unit);
    // The tasks of those that are held are in the hands of a change.
    if (changer_ != nullptr && unit->pause == Pause::held) {
      changer_->wake(0);
      poke(*changer_);
    }
    // Tasks of units that have ended, or have not begun, are in the hands of the checkpoints.
    if (checkpoints != nullptr && (unit->done || checkpoints->holding())) {
      checkpoints->wake(0);
      poke(*checkpoints);
    }
  }
  workers_.notify();
}

void Scheduler::linkFilled(Link& link) {
  for (auto* unit : link.consumers) poke(*unit);
}

void Scheduler::linkDrained(Link& link) {
  if (link.governed()) link.review();
  // Consumers that share the link learn of its end when the last of them has settled.
  if (link.exhausted(0)) {
    for (auto* unit : link.consumers) poke(*unit);
  }
  // What one of several consumers gave back, another can take.
  if (link.consumers.size() > 1 && link.waiting()) linkFilled(link);
  if (link.durable != nullptr && link.durable->refilling()) poke(*durable);
  if (link.full()) return;
  for (auto* unit : link.producers) poke(*unit);
}

void Scheduler::setTimer(std::int64_t atMicros, Unit& unit, std::int64_t ticket) {
  timers_.emplace(atMicros, Timer{&unit, ticket});
}

void Scheduler::setLinkTimer(std::int64_t atMicros, Link& link) { timers_.emplace(atMicros, Timer{nullptr, 0, &link}); }

std::int64_t Scheduler::retryAt(const NodeState& node, std::int64_t tries, std::uint64_t what) {
  const auto& retry = node.plan->retry;
  auto delay = retry.delayMs;
  for (std::int64_t i = 1; i < tries && delay < retry.maxDelayMs; ++i) delay *= 2;
  auto micros = std::min(delay, retry.maxDelayMs) * 1000;
  const auto drawn = hash::combine(hash::combine(runHash, hash::ofBytes(node.plan->id)),
                                   hash::combine(what, static_cast<std::uint64_t>(tries)));
  const auto share = std::clamp(retry.jitter, 0.0, 1.0) * static_cast<double>(drawn >> 11U) / 9007199254740992.0;
  micros -= static_cast<std::int64_t>(static_cast<double>(micros) * share);
  return clock->nowMicros() + micros;
}

void Scheduler::fireTimers() {
  if (timers_.empty() && options_.deadlineMicros == 0) return;
  const auto now = clock->nowMicros();
  if (now < lookedMicros_) shiftTimers(now - lookedMicros_);
  lookedMicros_ = now;
  if (options_.deadlineMicros != 0 && now >= options_.deadlineMicros && !stopping_) {
    endWith(Outcome::limit,
            Error{"run.time_limit",
                  "the run took longer than maxRunMs allows, of config.limits or of the quota of its folder"},
            {});
  }
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const auto timer = timers_.begin()->second;
    timers_.erase(timers_.begin());
    if (timer.link != nullptr) {
      // Rows have become too old, or old enough to be taken; or there is room where some were.
      linkDrained(*timer.link);
      linkFilled(*timer.link);
      continue;
    }
    timer.unit->timerFired();
    timer.unit->wake(timer.ticket);
    poke(*timer.unit);
  }
}

void Scheduler::shiftTimers(std::int64_t micros) {
  std::multimap<std::int64_t, Timer> shifted;
  for (const auto& [at, timer] : timers_) shifted.emplace(at + micros, timer);
  timers_.swap(shifted);
  if (options_.deadlineMicros != 0) options_.deadlineMicros += micros;
}

Unit* Scheduler::nextReady(bool sourcesToo) {
  if (changer_ != nullptr && changer_->holding()) return changer_->inReady ? changer_.get() : nullptr;
  if (checkpoints != nullptr && checkpoints->holding()) return checkpoints->inReady ? checkpoints : nullptr;
  const auto wanted = [sourcesToo](const Unit* unit) { return sourcesToo || !unit->source; };
  const auto count = sourcesToo ? ready_.size() : static_cast<std::size_t>(std::ranges::count_if(ready_, wanted));
  if (count == 0) return nullptr;
  // One batch at a time goes the same way whoever runs it.
  auto left = options_.syncMode ? 0 : workers_.choose(count);
  for (auto* unit : ready_) {
    if (wanted(unit) && left-- == 0) return unit;
  }
  return nullptr;
}

Job* Scheduler::pick() {
  if (options_.syncMode && running_ > 0) return nullptr;
  // Sources wait while memory is short, as long as anybody else can do something.
  bool sourcesToo = !account->underPressure();
  while (!stopping_) {
    auto* unit = nextReady(sourcesToo);
    if (unit == nullptr) {
      if (sourcesToo || running_ > 0) return nullptr;
      sourcesToo = true;
      continue;
    }
    auto* job = unit->claim(*this);
    if (job == nullptr || !unit->more()) {
      if (const auto where = std::ranges::find(ready_, unit); where != ready_.end()) ready_.erase(where);
      unit->inReady = false;
    }
    if (job != nullptr) return job;
  }
  return nullptr;
}

Job* Scheduler::claimNext() {
  if (unitsLeft_ == 0 || stopping_) return nullptr;
  fireTimers();
  if (changer_ != nullptr) changer_->look(*this);
  auto* job = pick();
  if (job == nullptr && changer_ != nullptr && changer_->busy()) {
    // Units end while they are asked for jobs, too.
    changer_->look(*this);
    job = pick();
  }
  const auto stands = [this] { return running_ == 0 && !stopping_ && unitsLeft_ > 0 && !intakeHeld && idleForGood(); };
  if (job == nullptr && stands() && giveUpCheckpoint()) job = pick();
  if (job != nullptr) {
    ++running_;
    return job;
  }
  if (stands()) {
    endWith(Outcome::deadlock, deadlockError(), {});
  }
  return nullptr;
}

WorkSource::Idle Scheduler::idleNow() const {
  Idle idle;
  idle.finished = running_ == 0 && (unitsLeft_ == 0 || stopping_);
  if (!timers_.empty()) idle.wakeAtMicros = timers_.begin()->first;
  if (options_.deadlineMicros != 0) {
    idle.wakeAtMicros = std::min(idle.wakeAtMicros.value_or(options_.deadlineMicros), options_.deadlineMicros);
  }
  return idle;
}

WorkSource::Idle Scheduler::runReady(int /*worker*/) {
  lock_.lock();
  while (auto* job = claimNext()) {
    const bool helpWanted = !ready_.empty() && !options_.syncMode;
    lock_.unlock();
    if (helpWanted) workers_.notify();
    // Charges are settled before the lock is given up, so that nobody decides about memory on what a worker holds
    // ahead.
    const MemoryAccount::Cushion cushion;
    job->execute();
    lock_.lock();
    --running_;
    job->unit->finish(*job, *this);
  }
  const auto idle = idleNow();
  lock_.unlock();
  // The last one out tells those who sleep.
  if (idle.finished) workers_.notify();
  return idle;
}

WorkStep* Scheduler::begin(Idle& idle) {
  const Locked locked(lock_);
  auto* job = claimNext();
  if (job == nullptr) idle = idleNow();
  return job;
}

void Scheduler::end(WorkStep& step) {
  const Locked locked(lock_);
  auto& job = static_cast<Job&>(step);
  const MemoryAccount::Cushion cushion;
  --running_;
  job.unit->finish(job, *this);
}

void Scheduler::endCancelled() {
  if (unitsLeft_ > 0) endWith(Outcome::cancelled, Error{"run.cancelled", "the run was stopped"}, {});
}

void Scheduler::cancel() {
  {
    const Locked locked(lock_);
    endCancelled();
  }
  workers_.notify();
}

void Scheduler::stopAtCheckpoint() {
  {
    const Locked locked(lock_);
    if (checkpoints == nullptr) {
      endCancelled();
    } else {
      checkpoints->stopBehindNext(*this);
    }
  }
  workers_.notify();
}

void Scheduler::checkpointNow() {
  {
    const Locked locked(lock_);
    if (checkpoints != nullptr) checkpoints->askFor(*this);
  }
  workers_.notify();
}

void Scheduler::holdIntake(bool held) {
  {
    const Locked locked(lock_);
    intakeHeld = held;
    for (const auto& unit : units_) {
      if (unit->source && !unit->done && !held) poke(*unit);
    }
  }
  workers_.notify();
}

void Scheduler::drain() {
  {
    const Locked locked(lock_);
    draining_ = true;
    for (const auto& unit : units_) {
      if (!unit->source || unit->done) continue;
      unit->drain();
      poke(*unit);
    }
  }
  workers_.notify();
}

}  // namespace weir::runtime
