// Link: the bounded queue behind an edge of the flow, or between two stages of a node. Guarded by the run's lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/cel/column/expression.h"
#include "engine/data/batch.h"
#include "engine/node/contract.h"
#include "engine/runtime/edge-policy.h"
#include "engine/runtime/entry-queue.h"
#include "engine/runtime/link-watch.h"
#include "engine/runtime/marks.h"
#include "engine/runtime/metrics.h"
#include "engine/runtime/row-counter.h"
#include "engine/runtime/spill-queue.h"

namespace weir::runtime {

class Unit;
struct RunShared;
class DurableEdge;

struct LinkBounds {
  std::int64_t rows = 65'536;
  std::int64_t bytes = 16 << 20;
  std::int64_t joinRows = kMaxBatchRows;  // small batches are joined up to this; 1: never
  bool spill = false;
};

class Link {
 public:
  Link(std::string id, LinkBounds bounds) : bounds_(bounds) { metrics_.id = std::move(id); }

  // Wiring, before the run.
  Unit* producer = nullptr;      // any one of the producing units, for depth
  std::vector<Unit*> consumers;  // several for a perWorker stage
  std::vector<Unit*> producers;
  cel::Expression filter, transform;  // applied by the producer, on the wire
  bool inner = false;                 // between stages of a node: not shown as an edge
  DurableEdge* durable = nullptr;     // `guarantee: durable`; null: it is in memory alone
  std::unique_ptr<LinkWatch> watch;   // while the debugger looks; null: nobody does
  std::vector<RowCounter*> counters;  // of alerts about its rows

  /// Before the run: the edge keeps these rules, and says to the run when it comes under pressure.
  void govern(const EdgeRules& rules, RunShared& run);

  [[nodiscard]] const LinkBounds& bounds() const { return bounds_; }
  /// How many batches one step puts in or takes out: many where they are joined, else few enough to stay in the nearest
  /// cache until the consumer has dealt with them.
  [[nodiscard]] std::size_t stepEntries() const { return bounds_.joinRows > 1 ? 256 : 64; }
  [[nodiscard]] Room room() const;
  [[nodiscard]] bool full() const {
    return !closed() && ((!hasOwnRoom() && !bounds_.spill && !sheds_) || (durable != nullptr && !journalTakes()));
  }
  /// In memory, whatever the journal says.
  [[nodiscard]] bool hasOwnRoom() const { return rows_ < bounds_.rows && bytes_ < bounds_.bytes; }
  /// Rather than stop its producer it sheds rows.
  [[nodiscard]] bool sheds() const { return sheds_; }
  /// Steps may ask without the run's lock.
  [[nodiscard]] bool closed() const { return closed_.load(std::memory_order_relaxed); }
  /// A batch was offered, if only an empty one: whoever reads here knows the schema.
  [[nodiscard]] bool begun() const { return begun_.load(std::memory_order_relaxed); }
  [[nodiscard]] const std::string& id() const { return metrics_.id; }
  /// Something can be taken: a batch, or the watermark in front of all of them.
  [[nodiscard]] bool waiting() const {
    if (watch != nullptr && watch->holdsBack()) return !watch->passing.empty();
    if (policy_) return waitingByRules();
    return marks_.empty() ? !queue_.empty() || spilled() : waitingAtMark();
  }
  /// The mark that comes next, if no row waits in front of it; of a link that several consumers share only when what
  /// they took of it is settled.
  [[nodiscard]] const Mark* markAtHead() const {
    if (watch != nullptr && watch->holdsBack()) return nullptr;
    if (marks_.empty() || marks_.front().at > headRow() || (consumers.size() > 1 && outstanding_ > 0)) return nullptr;
    return &marks_.front();
  }
  Mark takeMark();
  /// The last one that was taken.
  [[nodiscard]] Timestamp watermark() const { return watermark_; }
  [[nodiscard]] std::int64_t heldRows() const { return rows_; }
  [[nodiscard]] std::int64_t heldBytes() const { return bytes_; }
  /// No batch will come any more, and none is held by anybody but the asker (`own` entries).
  [[nodiscard]] bool exhausted(std::int64_t own) const {
    if (durable != nullptr && refilling()) return false;
    return producersLeft_ == 0 && queue_.empty() && !spilled() && marks_.empty() && outstanding_ == own &&
           (!policy_ || policy_->waiting().empty());
  }

  void addProducer(Unit* unit) {
    producers.push_back(unit);
    producer = unit;
    ++producersLeft_;
  }
  /// Takes the entries over (the vector is left empty) and counts them as offered; a closed link discards them. Empty
  /// batches are dropped, but for the very first.
  Result<void> push(std::vector<Entry>& entries, std::int64_t nowNanos, Files* spillFiles, MemoryAccount& account);
  /// The same of rows that come out of the journal.
  Result<void> pushAgain(std::vector<Entry>& entries, std::int64_t nowNanos, Files* spillFiles, MemoryAccount& account);
  /// Behind everything that was pushed before.
  void pushMark(Mark::Kind kind, std::int64_t value);
  void producerDone() { --producersLeft_; }
  /// Moves entries of up to `rows` rows (at least one entry, if none waits behind a mark) out; they stay charged until
  /// settled.
  Result<void> takeUpTo(std::int64_t rows, std::size_t entries, std::vector<Entry>& into, MemoryAccount& account);
  // Of the row that a breakpoint holds here: it goes on, is discarded, or becomes another one.
  void passHeld();
  void dropHeld();
  void changeHeld(Batch row);
  /// The entries, all of this link, were handed to the consumer for good.
  void settle(std::span<const Entry> entries, std::int64_t nowNanos);
  /// Of entries that were taken, `rest` is left; the other rows were handed to the consumer.
  void settlePart(std::span<const Entry> taken, const Entry& rest, std::int64_t nowNanos);
  /// Back to the front, in the order in which they were taken.
  void giveBack(std::span<Entry> entries);
  [[nodiscard]] std::int64_t offeredRows() const { return offeredRows_; }
  /// Before the run goes on where another one stood.
  void restore(std::int64_t offeredRows, bool begun, Timestamp watermark) {
    offeredRows_ = offeredRows;
    begun_.store(begun, std::memory_order_relaxed);
    watermark_ = watermark;
  }
  /// Barriers of a checkpoint that comes to nothing.
  void dropBarriers() { marks_.dropBarriers(); }
  /// All rows before this one were dealt with. Only for links that several consumers share, and those between stages.
  [[nodiscard]] std::int64_t settledBefore() const;
  /// After rows were taken or given back, or time has passed that the edge had asked for: sheds, and says if pressure
  /// is over.
  void review();
  /// There may be something to review.
  [[nodiscard]] bool governed() const { return policy_ != nullptr || gauge_.raised(); }
  // For a change of the running flow, between all steps.
  /// The edge keeps other rules from now on; its rows stay. Error `memory.limit`.
  Result<void> adjust(const LinkBounds& bounds, const EdgeRules& rules, RunShared& run);
  /// What waits, but for what a step still works on; to be counted by one of the two below.
  [[nodiscard]] std::vector<Entry> takeWaiting();
  void countDiscarded(std::int64_t rows) { metrics_.discarded += rows; }
  void countDeadLettered(std::int64_t rows) { metrics_.failed += rows; }
  void forgetProducer(const Unit* unit) {
    std::erase(producers, unit);
    producer = producers.empty() ? nullptr : producers.back();
  }

  /// The consumer takes no more: what waits and what comes is discarded, and counted.
  void close();

  void countFiltered(std::int64_t rows, std::int64_t nulls) {
    metrics_.offered += rows;
    metrics_.filtered += rows;
    metrics_.filteredNull += nulls;
  }
  void countFailed(std::int64_t rows) {
    metrics_.offered += rows;
    metrics_.failed += rows;
  }
  [[nodiscard]] EdgeMetrics snapshot() const;

 private:
  [[nodiscard]] Room ownRoom() const;
  [[nodiscard]] bool journalTakes() const;
  [[nodiscard]] bool refilling() const;
  [[nodiscard]] bool spilled() const { return spill_ && !spill_->empty(); }
  [[nodiscard]] bool watched() const { return inner || consumers.size() > 1; }
  [[nodiscard]] bool waitingAtMark() const;
  [[nodiscard]] bool waitingByRules() const;
  Result<void> pushByRules(std::vector<Entry>& entries);
  void takeByRules(std::int64_t rows, std::size_t entries, std::vector<Entry>& into);
  /// The time as an edge with rules sees it: that of the clock on the wall, which timers go by.
  [[nodiscard]] std::int64_t ruleNanos() const;
  void shed(std::int64_t nowNanos);
  void notePressure();
  void sayPressure(PressureGauge::Change change);
  void askAgain(std::int64_t atMicros);
  /// The first row that waits, or would wait if it came now.
  [[nodiscard]] std::int64_t headRow() const {
    if (policy_) return std::min(policy_->waiting().firstRow(), offeredRows_);
    return !queue_.empty() ? queue_.all().front().firstRow : spilled() ? spill_->firstRow() : offeredRows_;
  }
  void forget(const Entry& entry);
  Result<void> takeNow(std::int64_t rows, std::size_t entries, std::vector<Entry>& into, MemoryAccount& account);
  Result<void> takeWatched(std::int64_t rows, std::size_t entries, std::vector<Entry>& into, MemoryAccount& account);
  [[nodiscard]] Entry splitHeld(Entry& entry, std::int64_t row);
  [[nodiscard]] Entry takeHeld();
  void discardWatched();
  Result<void> pushOne(Entry entry, Files* spillFiles, MemoryAccount& account);

  LinkBounds bounds_;
  EntryQueue queue_;
  std::unique_ptr<SpillQueue> spill_;
  MarkQueue marks_;
  Timestamp watermark_ = kNoWatermark;
  std::int64_t rows_ = 0, bytes_ = 0;    // queued in memory or held by a session
  std::int64_t outstanding_ = 0;         // entries held by sessions
  std::vector<std::int64_t> heldFirst_;  // their first rows, if settledBefore is asked for
  std::int64_t producersLeft_ = 0;
  std::int64_t offeredRows_ = 0;
  std::atomic<bool> closed_ = false, begun_ = false;
  DroppedRows droppedBefore_;           // by rules that it had before a change
  std::unique_ptr<EdgePolicy> policy_;  // in place of queue_, if the edge has rules
  bool sheds_ = false, saidShedding_ = false;
  RunShared* run_ = nullptr;
  PressureGauge gauge_;
  std::int64_t pressureRows_ = INT64_MAX, pressureBytes_ = INT64_MAX;  // from here on somebody looks
  double threshold_ = 0.8;
  std::int64_t askedMicros_ = 0;  // for a timer; 0: none is under way
  EdgeMetrics metrics_;
};

}  // namespace weir::runtime
