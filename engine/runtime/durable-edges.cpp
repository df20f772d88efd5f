// Between the journal's thread and the run: all of it under the run's lock, and short.
#include "engine/runtime/durable-edges.h"

#include <algorithm>
#include <climits>
#include <utility>

#include "engine/runtime/made-again.h"
#include "engine/runtime/scheduler.h"

namespace weir::runtime {
namespace {

constexpr std::int64_t kTryAgainMicros = 500'000;

}  // namespace

DurableEdges::DurableEdges(Journal& journal, JournalContents contents, std::string note, const Plan& plan)
    : Unit(state),
      journal_(journal),
      contents_(std::move(contents)),
      note_(std::move(note)),
      plan_(plan),
      roomBytes_(journal.room()) {
  state.plan = &planned;
  depth = INT_MAX;
}

bool DurableEdges::forgets(Unit& unit) {
  const auto* task = unit.task();
  return unit.source && task != nullptr && (task->wantsAcknowledgements() || !task->sendsAgain());
}

std::vector<bool> DurableEdges::forgetful(const Plan& plan, const std::vector<Unit*>& units) {
  std::vector<bool> out(plan.nodes.size());
  for (const auto* unit : units) {
    if (unit->node->forgets) out[static_cast<std::size_t>(unit->node->index)] = true;
  }
  return out;
}

void DurableEdges::add(Link& link) {
  edges_.push_back(std::make_unique<DurableEdge>(journal_, link.id(), roomBytes_));
  links_.push_back(&link);
  link.durable = edges_.back().get();
}

void DurableEdges::open(Waker waker, std::vector<Unit*> units) {
  waker_ = std::move(waker);
  units_ = std::move(units);
  journal_.listen([wakes = waker_] { wakes.wake(); });
}

void DurableEdges::wake(std::int64_t ticket) {
  // The timer.
  if (ticket != 1) return;
  timerSet_ = false;
  if (journal_.trouble()) journal_.tryAgain();
}

bool DurableEdges::waitsForHost() const {
  if (done || failed_) return false;
  const bool reading = std::ranges::any_of(refills_, [](const Refill& refill) { return refill.rows.active(); });
  const auto durable = journal_.durable();
  // Its thread may have got on since it was looked at: the wake for that is on its way. Without room it is making some,
  // or says why it cannot.
  return reading || durable != seen_ || durable < journal_.last() || !said_.empty() || journal_.trouble() ||
         roomBytes_ <= 0;
}

Job* DurableEdges::claim(Scheduler& scheduler) {
  if (done || failed_) return nullptr;
  look(scheduler);
  if (!failed_) refill(scheduler);
  return nullptr;
}

void DurableEdges::look(Scheduler& scheduler) {
  seen_ = journal_.durable();
  if (auto failure = journal_.failure()) {
    failed_ = true;
    scheduler.say(EventSeverity::critical, "journal.failed", {}, failure->message);
    return scheduler.fail(*node, std::move(*failure));
  }
  const auto trouble = journal_.trouble();
  if (trouble && said_ != trouble->code)
    scheduler.say(EventSeverity::error, "journal.waits", {},
                  trouble->message + "; sources wait, and nothing is acknowledged until it goes on");
  if (!trouble && !said_.empty())
    scheduler.say(EventSeverity::info, "journal.goes_on", {}, "the journal is written again");
  said_ = trouble ? std::string(trouble->code) : std::string();
  if (trouble && !timerSet_) {
    timerSet_ = true;
    scheduler.setTimer(scheduler.clock->nowMicros() + kTryAgainMicros, *this, 1);
  }
  const auto before = std::exchange(roomBytes_, journal_.room());
  if (before <= 0 && roomBytes_ > 0) {
    for (auto* link : links_) scheduler.linkDrained(*link);
  }
  if (isFull()) scheduler.checkpoints->hurry(scheduler);
  for (auto* unit : units_) {
    if (unit->awaitsDurable()) scheduler.poke(*unit);
  }
  if (barriers_ || settling_) scheduler.poke(*scheduler.checkpoints);
}

Result<void> DurableEdges::give(Refill& refill, Scheduler& scheduler) {
  WEIR_ASSIGN(auto rows, refill.rows.take());
  if (!rows) {
    refill.edge->endRefill();
    return {};
  }
  WEIR_ASSIGN(auto batch, refill.edge->refilled(*rows));
  if (batch.rows() == 0) return {};
  refilledRows_ += static_cast<std::uint64_t>(batch.rows());
  std::vector<Entry> entries(1);
  entries[0].rows = batch.rows();
  entries[0].bytes = batch.logicalBytes();
  entries[0].link = refill.link;
  entries[0].batch = std::move(batch);
  WEIR_TRY(refill.link->pushAgain(entries, scheduler.clock->steadyNanos(), scheduler.files, *scheduler.account));
  scheduler.linkFilled(*refill.link);
  return {};
}

void DurableEdges::refill(Scheduler& scheduler) {
  if (refills_.empty()) return;
  for (auto& refill : refills_) {
    if (refill.rows.ready()) {
      if (auto given = give(refill, scheduler); !given) {
        failed_ = true;
        return scheduler.fail(*node, std::move(given.error()));
      }
    }
    // Producers wait for the end of it, also those that the consumer would read first: a link that may spill takes all.
    const bool room = refill.link->hasOwnRoom() || refill.link->bounds().spill;
    if (refill.edge->refilling() && !refill.rows.active() && room) refill.rows = refill.reader.next(waker_);
  }
  const auto over = [&](const Refill& refill) {
    if (refill.edge->refilling() || refill.rows.active()) return false;
    scheduler.linkDrained(*refill.link);
    return true;
  };
  std::erase_if(refills_, over);
  if (refills_.empty())
    scheduler.say(EventSeverity::info, "journal.refilled", {},
                  std::to_string(refilledRows_) + " rows came back from the journal");
}

Result<void> DurableEdges::fits() const {
  if (contents_.waitingRows() == 0) return {};
  if (!note_.starts_with(contents_.note))
    return weir::fail("state.mismatch",
                      "the journal has rows of a flow with other nodes; resume with the flow as it was when they came");
  for (const auto& edge : contents_.edges) {
    if (edge.next <= edge.position || std::ranges::contains(links_, edge.id, &Link::id)) continue;
    return weir::fail("state.mismatch", "the journal has " + std::to_string(edge.next - edge.position) +
                                            " rows of the edge '" + edge.id +
                                            "', which is not durable any more or gone; resume with the flow as it "
                                            "was when they came");
  }
  return {};
}

Result<void> DurableEdges::restored(CheckpointId checkpoint, Scheduler& scheduler) {
  for (const auto& trouble : contents_.troubles) {
    const bool cut = trouble.kind == journal::Trouble::Kind::cut;
    scheduler.say(cut ? EventSeverity::warning : EventSeverity::critical, cut ? "journal.cut" : "journal.damaged", {},
                  trouble.sentence());
  }
  WEIR_TRY(fits());
  // Of the envelope's origin, which is a node's index plus one; rows of no origin are kept.
  auto again = madeAgain(plan_, forgetful(plan_, units_)).nodes;
  again.insert(again.begin(), false);
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    auto& edge = *edges_[i];
    std::uint32_t told = 0;
    for (const auto* unit : links_[i]->producers)
      if (unit->toldByJournal()) told = static_cast<std::uint32_t>(unit->node->index) + 1;
    const auto known = std::ranges::find(contents_.edges, links_[i]->id(), &journal::EdgeState::id);
    if (known == contents_.edges.end()) continue;
    WEIR_TRY(edge.resume(*known, {checkpoint, told, &contents_.tops, &again}));
    if (links_[i]->closed()) edge.endRefill();
    if (!edge.refilling()) continue;
    refills_.push_back({links_[i],
                        &edge,
                        journal_.read(edge.number(), edge.position(), edge.refillEnd(), MemoryAccount::unlimited()),
                        {}});
  }
  for (auto* unit : units_) {
    if (!unit->source) continue;
    unit->goesOnInEpoch(contents_.epoch);
    if (!unit->toldByJournal()) continue;
    for (const auto& [source, sequence] : contents_.tops) {
      if (source.first == static_cast<std::uint32_t>(unit->node->index) + 1)
        unit->goesOnBehind(source.second, sequence);
    }
  }
  contents_ = {};
  scheduler.poke(*this);
  return {};
}

bool DurableEdges::stored(CheckpointId checkpoint) {
  if (!barriers_) {
    // Where producers had ended no barrier came; their rows had all been taken.
    for (const auto& edge : edges_) {
      if (!edge->marked(checkpoint)) edge->mark(checkpoint);
    }
    barriers_ = journal_.last();
  }
  if (journal_.durable() < *barriers_) return false;
  barriers_.reset();
  return true;
}

void DurableEdges::completed(CheckpointId checkpoint) {
  for (const auto& edge : edges_) edge->completed(checkpoint);
}

void DurableEdges::releaseAll() {
  for (const auto& edge : edges_) edge->releaseAll();
  settling_ = journal_.settle();
}

}  // namespace weir::runtime
