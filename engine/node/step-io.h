// Outbox and StepIo: what a node may do during one step.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "engine/host/waker.h"
#include "engine/node/contract.h"

namespace weir {

/// Emits are staged: others see them only if the step succeeds.
class Outbox {
 public:
  virtual ~Outbox() = default;
  /// Left for this step. A node emits within it, plus at most one batch of kMaxBatchRows.
  [[nodiscard]] virtual Room room(Port out) const = 0;
  /// A batch without rows carries a schema: the first batch of an output goes on even if it is one.
  virtual void emit(Port out, Batch batch) = 0;
  /// Rows (logical indices of the input batch taken last, or given to process) that failed: to the node's `error` port,
  /// else the flow's dead letters. The engine completes node id, trace and row.
  virtual void fail(std::span<const std::uint32_t> rows, Error error) = 0;
  /// The same for rows that are no longer, or never were, rows of an input: sources (`row` = what could be read of it,
  /// as a map with file, line, text …), folds.
  virtual void failValue(Value row, Error error) = 0;
  /// The same for a row of a batch that was taken in an earlier step, after so many tries.
  virtual void failOf(const Batch& batch, std::uint32_t row, Error error, std::int64_t /*tries*/) {
    failValue(batch.row(row), std::move(error));
  }
  /// Rows taken that leave by nobody's output and are not failures (a filter without a wired `rest`): nothing to call,
  /// the engine counts emitted, failed and processed. Default for watermarks: the least of the inputs' passes.
  /// holdWatermark: what goes out has a watermark of at most `until` from this step on. Of a source, which has no input
  /// to wait for, it is the watermark itself. It never goes back.
  virtual void holdWatermark(Timestamp until) = 0;
  /// Nothing went out by this output so far: an empty batch would tell its schema, which a sink may need if no rows
  /// come. Later empty batches are dropped.
  [[nodiscard]] virtual bool fresh(Port) const { return true; }
  /// False: nobody reads this output, emitting to it is wasted work.
  [[nodiscard]] virtual bool wired(Port out) const = 0;
};

class StepIo : public Outbox {
 public:
  [[nodiscard]] virtual const Batch* peek(Port in) const = 0;
  /// Up to maxRows rows of the head batch; never crosses a mark. Bug if there is none.
  [[nodiscard]] virtual Batch take(Port in, std::int64_t maxRows) = 0;
  /// Takes the whole head batch of a caller that has peeked at it and needs it no more.
  virtual void pass(Port in) { static_cast<void>(take(in, INT64_MAX)); }
  /// The input has ended and is empty.
  [[nodiscard]] virtual bool ended(Port in) const = 0;
  [[nodiscard]] virtual bool connected(Port in) const = 0;
  /// Event time of the input: no row that comes after those taken or peeked at is older; kNoWatermark until one is
  /// known. A task that is blocked on an input also runs when its watermark moves.
  [[nodiscard]] virtual Timestamp watermark(Port in) const = 0;
  [[nodiscard]] virtual bool budgetSpent() const = 0;
  /// Where the first row of input 0's head batch (or the ticket's batch) stands among all rows that entered this stage:
  /// the same for every number of workers. For "first", "last" and whatever must not depend on which worker got a
  /// batch.
  [[nodiscard]] virtual std::int64_t ordinal() const = 0;
  /// Wakes this task (this ticket, in a parallel stage).
  [[nodiscard]] virtual Waker waker() = 0;
  /// For sources, what people see as percent and time left: so many more bytes are done, and known to be there.
  virtual void addProgress(std::int64_t doneBytes, std::int64_t totalBytes) = 0;
  /// Kept with input 0's head batch (or the ticket): how far a resumed step had got. 0 for a new batch.
  std::int64_t cursor = 0;
};

}  // namespace weir
