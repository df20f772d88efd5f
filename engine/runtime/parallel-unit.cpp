// Tickets of a parallel stage.
#include "engine/runtime/parallel-unit.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/runtime/checkpoints.h"
#include "engine/runtime/scheduler.h"

namespace weir::runtime {

struct ParallelUnit::Ticket final : Job {
  enum class State : std::uint8_t { ready, running, waitingWake, waitingTime, waitingRoom, done };
  Ticket(ParallelUnit& owner, const NodeState& node, Waker waker)
      : session(owner, std::move(waker)),
        stateless(owner.stateless_.get()),
        parallel(owner.work_.get()),
        clock(node.run->clock) {
    unit = &owner;
    session.countOnly(owner.stage == 0, owner.lastStage);
    if (owner.stage == 1 && node.plan->inputs.empty()) session.releaseFailures();
    if (stateless != nullptr) session.givesWhatItTakes();
  }
  void execute() override;
  [[nodiscard]] RowsAt rowsAt() const override { return session.rowsAt(); }
  Result<Flow> run();

  Session session;
  const Stateless* stateless;
  const ParallelWork* parallel;
  Clock* clock;
  std::unique_ptr<Work> work;
  std::int64_t number = 0;
  State state = State::ready;
  std::optional<Timestamp> watermark;  // it is no more than that
  bool woken = false, published = false, timedOut = false;
  int tries = 0, stalls = 0;
  std::int64_t failingSince = 0;  // microseconds, of the first of these tries
  std::int64_t progressSeen = 0;  // of the run, when memory was short
  std::int64_t wait = 0;          // of waits_
  Result<Flow> outcome = Flow::more;
};

Result<Flow> ParallelUnit::Ticket::run() {
  if (stateless != nullptr) {
    for (;;) {
      const auto* batch = session.nextBatch();
      if (batch == nullptr) return Flow::more;
      auto* own = session.ownedBatch();
      WEIR_ASSIGN(const auto flow,
                  own != nullptr ? stateless->processOwned(*own, session) : stateless->process(*batch, session));
      WEIR_CHECK(flow == Flow::more);
    }
  }
  if (!work) {
    const auto* batch = session.nextBatch();
    if (batch == nullptr) return Flow::more;
    work = parallel->begin(*batch);
  }
  for (;;) {
    WEIR_ASSIGN(const auto flow, work->run(session));
    // `again` with room left only means that the work gave the others a turn.
    if (flow != Flow::again || session.budgetSpent()) return flow;
  }
}

void ParallelUnit::Ticket::execute() {
  startedNanos = clock->steadyNanos();
  session.begin(startedNanos, tries + 1);
  outcome = run();
  if (outcome) {
    if (auto sealed = session.seal(); !sealed) outcome = std::unexpected(std::move(sealed.error()));
  }
  endedNanos = clock->steadyNanos();
}

ParallelUnit::ParallelUnit(NodeState& state, const Stage& stageOf, int tickets)
    : Unit(state), stateless_(stageOf.stateless), work_(stageOf.work), most_(static_cast<std::size_t>(tickets)) {}

ParallelUnit::~ParallelUnit() = default;

ParallelUnit::Ticket* ParallelUnit::resumable() const {
  for (const auto& ticket : tickets_) {
    if (ticket->state == Ticket::State::ready) return ticket.get();
  }
  return nullptr;
}

bool ParallelUnit::canStart() const {
  return !done && !abandoned && pause == Pause::none && tickets_.size() < most_ && !marks->frozen(*this) &&
         !outputsFull() && inputWaiting();
}

bool ParallelUnit::more() const { return !done && (resumable() != nullptr || canStart()); }

Room ParallelUnit::ticketRoom() const {
  Room room{kMaxBatchRows * 4, 4 << 20};
  for (const auto& port : outputs) {
    for (const auto* link : port) {
      room.rows = std::min(room.rows, std::max<std::int64_t>(1, link->bounds().rows / 2));
      room.bytes = std::min(room.bytes, std::max<std::int64_t>(1, link->bounds().bytes / 2));
    }
  }
  return room;
}

std::unique_ptr<ParallelUnit::Ticket> ParallelUnit::spareTicket(Scheduler& scheduler) {
  if (spare_.empty()) {
    // A spare ticket keeps its waker: the number in it is a slot, unique among those alive.
    auto ticket = std::make_unique<Ticket>(*this, *node, scheduler.wakerFor(*this, nextNumber_));
    ticket->number = nextNumber_++;
    return ticket;
  }
  auto ticket = std::move(spare_.back());
  spare_.pop_back();
  return ticket;
}

void ParallelUnit::recycleFront() {
  tickets_.front()->work.reset();
  tickets_.front()->watermark.reset();
  spare_.push_back(std::move(tickets_.front()));
  tickets_.pop_front();
}

bool ParallelUnit::startWatermark(Scheduler& scheduler) {
  if (!marks->takeWatermarks(0)) return false;
  if (marks->watermark(0) == watermarks[0].shown) return true;
  watermarks[0].shown = marks->watermark(0);
  if (tickets_.empty() || !tickets_.back()->watermark) {
    tickets_.push_back(spareTicket(scheduler));
    tickets_.back()->state = Ticket::State::done;
  }
  tickets_.back()->watermark = watermarks[0].shown;
  return true;
}

std::unique_ptr<ParallelUnit::Ticket> ParallelUnit::start(Scheduler& scheduler) {
  auto ticket = spareTicket(scheduler);
  auto& entries = ticket->session.ticketEntries();
  const auto most = work_ || scheduler.syncMode() ? std::size_t{1} : StepBudget::kClaimEntries;
  for (auto* link : inputs[0]) {
    if (!entries.empty()) break;
    if (auto taken = link->takeUpTo(kMaxBatchRows, most, entries, *node->run->account); !taken) {
      scheduler.fail(*node, std::move(taken.error()));
      return nullptr;
    }
  }
  if (entries.empty()) {
    spare_.push_back(std::move(ticket));
    return nullptr;
  }
  ticket->state = Ticket::State::ready;
  ticket->woken = ticket->published = ticket->timedOut = false;
  ticket->tries = ticket->stalls = 0;
  ticket->session.cursor = 0;
  ticket->session.assign(ticketRoom());
  ticket->session.showWatermark(0, watermarks[0].shown);
  return ticket;
}

Job* ParallelUnit::claim(Scheduler& scheduler) {
  if (done || pause == Pause::held) return nullptr;
  if (std::exchange(timedOut_, false)) {
    for (const auto& ticket : tickets_) {
      if (!std::exchange(ticket->timedOut, false)) continue;
      ticket->outcome = std::unexpected(timeoutError(*node->plan));
      settleFailure(*ticket, scheduler);
    }
  }
  advance(scheduler);
  if (done) return nullptr;
  auto* ticket = resumable();
  if (ticket == nullptr) {
    while (canStart() && startWatermark(scheduler)) advance(scheduler);
    if (done || !canStart()) return nullptr;
    auto fresh = start(scheduler);
    if (!fresh) return nullptr;
    ticket = fresh.get();
    tickets_.push_back(std::move(fresh));
  }
  ticket->state = Ticket::State::running;
  ticket->woken = false;
  ++running;
  return ticket;
}

void ParallelUnit::beginAgain(Ticket& ticket, Scheduler& scheduler, std::int64_t atMicros) {
  ticket.session.restart();
  ticket.session.setRoom(ticketRoom());
  ticket.work.reset();
  ticket.state = Ticket::State::waitingTime;
  scheduler.setTimer(atMicros, *this, ticket.number + kPauseOver);
}

/// Others may give memory back; while nobody gets on, a ticket waits only so often.
bool ParallelUnit::waitsForMemory(Ticket& ticket, const Scheduler& scheduler) {
  constexpr int kStalls = 20;
  if (ticket.outcome.error().code != "memory.limit" || ticket.published || !ticket.session.canRestart()) return false;
  if (scheduler.anyRunning() || scheduler.progress() != ticket.progressSeen) ticket.stalls = 0;
  ticket.progressSeen = scheduler.progress();
  return ++ticket.stalls <= kStalls;
}

void ParallelUnit::settleFailure(Ticket& ticket, Scheduler& scheduler) {
  if (waitsForMemory(ticket, scheduler)) return beginAgain(ticket, scheduler, node->run->clock->nowMicros() + 1000);
  const bool again =
      ticket.outcome.error().recoverable && !ticket.published && ++ticket.tries < node->plan->retry.attempts;
  if (!again) return scheduler.fail(*node, std::move(ticket.outcome.error()));
  const auto now = node->run->clock->nowMicros();
  if (ticket.tries == 1) ticket.failingSince = now;
  node->recovery.retried(*node, 1, ticket.outcome.error(), now);
  const auto first = ticket.session.claimed(0).empty() ? 0 : ticket.session.claimed(0).front().firstRow;
  beginAgain(ticket, scheduler, scheduler.retryAt(*node, ticket.tries, static_cast<std::uint64_t>(first)));
}

void ParallelUnit::settleOutcome(Ticket& ticket, Scheduler& scheduler) {
  if (!ticket.outcome) return settleFailure(ticket, scheduler);
  switch (*ticket.outcome) {
    case Flow::more:
    case Flow::done:
      if (ticket.tries > 0) node->recovery.recovered(*node, ticket.failingSince, node->run->clock->nowMicros());
      ticket.state = Ticket::State::done;
      break;
    case Flow::again:
      ticket.state = Ticket::State::waitingRoom;
      break;
    case Flow::pending:
      ticket.state = ticket.woken ? Ticket::State::ready : Ticket::State::waitingWake;
      if (!ticket.woken && node->plan->timeoutMs > 0) {
        ticket.wait = ++waits_;
        scheduler.setTimer(node->run->clock->nowMicros() + node->plan->timeoutMs * 1000, *this, -ticket.wait);
      }
      break;
  }
}

bool ParallelUnit::fits(const Ticket& ticket) const {
  for (const auto& port : outputs) {
    for (const auto* link : port) {
      const auto room = link->room();
      if (room.bytes < ticket.session.stagedBytes() && link->heldRows() > 0 && !link->closed() && !link->sheds())
        return false;
    }
  }
  return !outputsFull();
}

void ParallelUnit::advance(Scheduler& scheduler) {
  while (!tickets_.empty()) {
    auto& front = *tickets_.front();
    const bool finished = front.state == Ticket::State::done;
    if (!finished && front.state != Ticket::State::waitingRoom) break;
    if (front.watermark) {
      watermarks[0].settled = *front.watermark;
      marks->passOn();
      recycleFront();
      continue;
    }
    if (!fits(front)) break;
    const auto now = front.endedNanos;
    auto committed = finished ? front.session.commit(now) : front.session.publish(now);
    if (!committed) return scheduler.fail(*node, std::move(committed.error()));
    scheduler.noteProgress(now);
    if (!finished) {
      front.published = true;
      front.state = Ticket::State::ready;
      break;
    }
    recycleFront();
  }
  endIfExhausted(scheduler);
}

void ParallelUnit::endIfExhausted(Scheduler& scheduler) {
  if (done || running > 0) return;
  // It keeps nothing: when all tickets before the barrier are committed, the barrier goes on.
  auto* checkpoints = node->run->checkpoints;
  if (checkpoints != nullptr && tickets_.empty()) {
    const auto id = checkpoints->collecting();
    if (id != 0 && marks->passed() < id && marks->aligned(id)) checkpoints->saved(*this, scheduler);
  }
  if (abandoned || (tickets_.empty() && exhausted(inputs[0]))) scheduler.unitDone(*this);
}

void ParallelUnit::finish(Job& job, Scheduler& scheduler) {
  auto& ticket = static_cast<Ticket&>(job);
  --running;
  ticket.triesMade = ticket.tries + 1;
  ticket.failed = !ticket.outcome;
  scheduler.record(*node, ticket, ticket.session.rowsTaken());
  settleOutcome(ticket, scheduler);
  advance(scheduler);
  if (more()) scheduler.poke(*this);
}

void ParallelUnit::wake(std::int64_t number) {
  for (const auto& ticket : tickets_) {
    // A negative number is the timeout of one wait; it counts only while that wait lasts.
    if (number < 0 && ticket->wait == -number && ticket->state == Ticket::State::waitingWake)
      timedOut_ = ticket->timedOut = true;
    if (ticket->number + kPauseOver == number && ticket->state == Ticket::State::waitingTime)
      ticket->state = Ticket::State::ready;
    if (ticket->number != number) continue;
    ticket->woken = true;
    ticket->wait = 0;
    if (ticket->state == Ticket::State::waitingWake) ticket->state = Ticket::State::ready;
  }
}

void ParallelUnit::release() {
  while (!tickets_.empty()) {
    tickets_.back()->session.rollback();
    tickets_.pop_back();
  }
}

bool ParallelUnit::waitsForHost() const {
  return std::ranges::any_of(tickets_, [](const auto& ticket) {
    return ticket->state == Ticket::State::waitingWake || ticket->state == Ticket::State::waitingTime;
  });
}

std::string ParallelUnit::waitsFor() const {
  if (done || running > 0) return {};
  if (waitsForHost()) return "host";
  if (outputsFull()) return "room";
  return node->plan->inputs.empty() ? std::string() : node->plan->inputs[0].name;
}

}  // namespace weir::runtime
