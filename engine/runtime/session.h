// Session: one step as its node sees it (StepIo): inputs claimed before, emits staged, nothing shared until commit.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/data/packet.h"
#include "engine/node/step-io.h"
#include "engine/runtime/edge-program.h"
#include "engine/runtime/link.h"
#include "engine/runtime/row-traces.h"

namespace weir::runtime {

struct NodeState;
struct RowsAt;
class Unit;

/// How much a step may claim and stage, so that what it works on stays in the cache.
struct StepBudget {
  static constexpr std::int64_t kClaimRows = 65'536;
  static constexpr std::size_t kClaimEntries = 256;  // from one port
  static constexpr std::int64_t kStageBytes = 512 << 10;
  static constexpr std::int64_t kNanos = 4'000'000;
  static constexpr std::int64_t kShortNanos = 10'000, kLooksToSkip = 16;  // how often a step looks at the clock
  static constexpr std::int64_t kPinnedBytes = 256 << 10;  // from here on it matters what a batch keeps alive
};

class Session final : public StepIo {
 public:
  Session(Unit& unit, Waker waker);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Inner stages move chunks and partial results, which are not the node's rows.
  void countOnly(bool rowsIn, bool rowsOut) {
    countsIn_ = rowsIn;
    countsOut_ = rowsOut;
  }
  /// Several instances share the input: failures are put in the order of its rows before they leave.
  void orderFailures() { ordersFailures_ = true; }
  /// The first stage of a source: its failures wait for those of what it gave to `next` before.
  void holdFailuresFor(const Link& next) { next_ = &next; }
  /// The stage behind that: lets them go.
  void releaseFailures() { releasesFailures_ = true; }
  /// What it gives on is of what it has taken in the same step.
  void givesWhatItTakes() { givesTaken_ = true; }
  /// The only one of its stage: what it makes can be counted.
  void countMade() { countsMade_ = true; }

  // Under the run's lock.
  /// Claims what waits on the inputs, but for those withheld, and notes the room of the outputs.
  Result<void> claim(std::int64_t rows, std::size_t entries, Ports withheld, MemoryAccount& account);
  /// What the steps see as the watermark of an input.
  void showWatermark(std::size_t port, Timestamp watermark) { inputs_[port].watermark = watermark; }
  /// What is claimed of the first input that has any.
  [[nodiscard]] RowsAt rowsAt() const;
  /// A ticket's own input, and room that does not depend on others.
  void assign(Room room);
  /// Where the input of a ticket is put before it is assigned.
  [[nodiscard]] std::vector<Entry>& ticketEntries() { return inputs_[0].entries; }
  void setRoom(Room room);
  /// Before commit: whether the node still works on the batch that it has looked at last, so that no row of it may go.
  void fixHead(bool fixed) { headFixed_ = fixed; }
  /// Publishes what was staged; the input stays claimed.
  Result<void> publish(std::int64_t nowNanos);
  /// Publishes what was staged and settles what was taken.
  Result<void> commit(std::int64_t nowNanos);
  /// A ticket from its beginning: what was staged is thrown away, its input stays.
  void restart();
  /// The rows of a source are noted by partition and sequence: who has to be told of them is told once they are safe.
  void noteSequences() { notesSequences_ = true; }
  struct Accepted {
    Partition partition = 0;
    std::int64_t sequence = 0;
  };
  /// Of the last step: up to where each partition's rows went onto the links.
  [[nodiscard]] const std::vector<Accepted>& accepted() const { return accepted_; }
  /// What it counts, for rows that have no number of their own: kept with checkpoints.
  [[nodiscard]] std::int64_t made() const { return made_; }
  [[nodiscard]] std::int64_t said() const { return said_; }
  void goOnCounting(std::int64_t made, std::int64_t said) {
    made_ = made;
    said_ = said;
  }
  /// Throws away what was staged; what was claimed goes back.
  void rollback();

  // During the step, on the worker.
  void begin(std::int64_t nowNanos, int tries = 1) {
    startedNanos_ = lookedNanos_ = nowNanos;
    looks_ = looksToSkip_ = 0;
    cursorBefore_ = cursor;
    madeBefore_ = made_;
    saidBefore_ = said_;
    tries_ = tries;
    accepted_.clear();
  }
  /// Turns failures into error packets for the `error` port or the dead letters; last thing before commit.
  Result<void> seal();
  [[nodiscard]] const std::optional<Error>& broken() const { return broken_; }
  [[nodiscard]] std::int64_t rowsTaken() const { return countsIn_ ? rowsTaken_ : 0; }
  /// The step took, gave or failed something: more than to begin a call and wait for it.
  [[nodiscard]] bool gotOn() const { return rowsTaken_ > 0 || failedRows_ > 0 || stagedBatches_ > 0; }
  [[nodiscard]] std::int64_t stagedBytes() const { return stagedBytes_; }
  [[nodiscard]] const std::vector<Entry>& claimed(Port in) const { return inputs_[in].entries; }
  /// The next batch of a ticket, joined and dense, counted as taken; nullptr after the last. Valid until the next one.
  [[nodiscard]] const Batch* nextBatch();
  /// The batch that was taken last if nobody asks for it again, else nullptr.
  [[nodiscard]] Batch* ownedBatch() { return keepsInputs_ ? nullptr : &takenOwn_; }
  /// Its input is still there if it has to begin again.
  [[nodiscard]] bool canRestart() const { return keepsInputs_; }
  [[nodiscard]] bool outputsExhausted() const;

  // Outbox, StepIo.
  [[nodiscard]] Room room(Port out) const override;
  void emit(Port out, Batch batch) override;
  void fail(std::span<const std::uint32_t> rows, Error error) override;
  void failValue(Value row, Error error) override;
  void failOf(const Batch& batch, std::uint32_t row, Error error, std::int64_t tries) override;
  void holdWatermark(Timestamp until) override;
  [[nodiscard]] bool wired(Port out) const override;
  [[nodiscard]] bool fresh(Port out) const override;
  [[nodiscard]] const Batch* peek(Port in) const override;
  [[nodiscard]] Batch take(Port in, std::int64_t maxRows) override;
  void pass(Port in) override;
  [[nodiscard]] bool ended(Port in) const override;
  [[nodiscard]] bool connected(Port in) const override;
  [[nodiscard]] Timestamp watermark(Port in) const override { return inputs_[in].watermark; }
  [[nodiscard]] bool budgetSpent() const override;
  [[nodiscard]] std::int64_t ordinal() const override { return ordinal_; }
  [[nodiscard]] Waker waker() override { return waker_; }
  void addProgress(std::int64_t doneBytes, std::int64_t totalBytes) override;

 private:
  struct Input {
    std::vector<Entry> entries;
    std::size_t head = 0;  // entries before it are taken
    const Batch* current =
        nullptr;  // what `span` entries from head on are offered as: the entry's own batch, or `made`
    Batch made;   // joined, dense, or what is left of one that was partly taken
    std::size_t span = 0;
    std::int64_t consumed = 0;  // rows of current's entries already taken
    bool exhausted = false;
    bool connected = false;
    Timestamp watermark = kNoWatermark;
  };
  /// What goes to one link, in the order of the emits.
  struct Staged {
    Link* link;
    std::vector<Entry> entries;
  };
  struct Output {
    Room room;
    std::int64_t rows = 0, bytes = 0;
  };
  struct EdgeCount {
    Link* link;
    std::int64_t filtered, nulls, failed;
  };

  void compose(Input& input) const;
  /// The composed head is taken whole.
  void passHead(Port in);
  /// Through the edge's expressions, and staged; gives the bytes that go on.
  std::int64_t send(Link& link, Batch batch);
  std::int64_t stage(Link& link, Batch batch);
  /// For alerts; becomes known when the step is committed.
  void countRows(const Link& link, const Batch& batch);
  /// A batch without rows, if it tells the link its schema.
  void sendEmpty(Link& link, const Batch& batch);
  /// What was staged goes onto the links.
  Result<void> pushStaged(std::int64_t nowNanos);
  /// The same up to the place where the step first held the watermark.
  Result<void> pushBeforeHold(std::int64_t nowNanos);
  void settle(std::size_t port, std::int64_t nowNanos);
  void keepRest(Input& input, std::int64_t nowNanos);
  /// Says where rows come from that nobody has said it of.
  void placeRows(Batch& batch);
  void noteSequence(const Batch& batch);
  [[nodiscard]] std::uint32_t origin() const;
  void failWith(ErrorPacket packet, std::int64_t ordinal);
  [[nodiscard]] const Batch& subject() const;
  [[nodiscard]] Port subjectPort() const;
  [[nodiscard]] bool tracesTaken() const { return traces_ != nullptr && countsIn_ && !ofSource_; }
  /// What the batch says about traces cannot be known without a look at it.
  [[nodiscard]] bool mayTrace(const Batch& batch, bool fresh) {
    if (traces_ == nullptr || !countsOut_) return false;
    if (fresh && !ofSource_) return true;
    if (!fresh && givesTaken_ && countsIn_ && !ofSource_ && traced_.taken.empty()) return false;
    return !traces_->passes(batch, givenGap_);
  }
  void traceTaken();
  /// False: it is certain that no row of it is sampled.
  bool traceGiven(Port out, const Batch& batch, bool fresh);
  void traceFailed(const Envelope& envelope, std::int64_t row);
  void recordTraces(std::int64_t nowNanos);
  [[nodiscard]] std::vector<Entry>& stagedFor(Link& link);
  Result<void> route(std::vector<ErrorPacket>& failures);
  void holdFailures();
  Result<void> releaseHeldFailures();
  Result<void> releaseFailuresBefore();
  void reset();
  void breakWith(Error error) const;

  Unit& unit_;
  NodeState& node_;
  std::vector<std::vector<Link*>>& inputLinks_;
  std::vector<std::vector<Link*>>& outputLinks_;
  Waker waker_;
  mutable std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<Staged> staged_;
  std::vector<Timestamp> holds_;  // holdWatermark: each has its place among the entries of each output
  std::vector<EdgeCount> edgeCounts_;
  std::vector<std::pair<RowCounter*, RowTally>> rowTallies_;
  std::vector<Accepted> accepted_;
  bool notesSequences_ = false;
  std::vector<std::int64_t> outRows_;      // per port, this step
  std::vector<ErrorPacket> failures_;      // of the node
  std::vector<ErrorPacket> edgeFailures_;  // of edges: dead letters at once
  std::vector<ErrorPacket> deadLetters_;
  std::vector<std::int64_t> failureOrdinals_;
  // What fail() speaks of: the head of an input that was peeked at last, or the batch that was taken last.
  mutable std::optional<Port> peeked_;
  const Batch* taken_ = &takenOwn_;  // an entry's, or takenOwn_
  Batch takenOwn_;
  Port takenPort_ = 0;
  RowTraces* traces_;  // null: no rows are traced
  TraceStep traced_;   // what this step did with sampled rows
  TraceGap takenGap_, givenGap_;
  std::int64_t stagedBytes_ = 0, stagedBatches_ = 0, rowsTaken_ = 0, failedRows_ = 0;
  std::int64_t progressDone_ = 0, progressTotal_ = 0, bytesOut_ = 0;
  bool ofSource_, givesTaken_ = false, givesUntraced_ = false;
  bool keepsInputs_;  // a failed step may be tried again
  std::int64_t mostStaged_ = 0;
  bool headFixed_ = true;
  bool countsIn_ = true, countsOut_ = true;
  bool ordersFailures_ = false, releasesFailures_ = false, countsMade_ = false;
  const Link* next_ = nullptr;                         // holdFailuresFor
  std::int64_t made_ = 0, madeBefore_ = 0;             // rows
  std::int64_t said_ = 0, saidBefore_ = 0;             // failures that are no rows
  std::map<std::uint64_t, std::int64_t> saidAlready_;  // the same, by what they say, where they cannot be counted
  int tries_ = 1;
  std::int64_t startedNanos_ = 0, cursorBefore_ = 0;
  mutable std::int64_t lookedNanos_ = 0, looks_ = 0, looksToSkip_ = 0;  // at the clock
  mutable std::int64_t ordinal_ = 0;
  mutable std::optional<Error> broken_;
};

}  // namespace weir::runtime
