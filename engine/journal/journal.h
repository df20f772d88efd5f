// Journal: the rows of a run's durable edges on disk, before anybody is told that they are safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/batch.h"
#include "engine/host/journal-disk.h"
#include "engine/host/operation.h"
#include "engine/journal/recovery.h"

namespace weir {

struct JournalOptions {
  std::string run{};        // whose it is; empty: whoever wrote it last
  std::uint64_t epoch = 0;  // of the owner; 0: one more than the last
  std::string note{};       // kept with the edges, found at recovery; empty: the one that is there
  std::int64_t diskBytes = std::int64_t{1} << 30;
  std::int64_t segmentBytes = std::int64_t{64} << 20;  // at most; also at most an eighth of diskBytes
  journal::Sealer* sealer = nullptr;
  /// By the ids of edges: how far they are read, if the owner knows better than the journal.
  std::map<std::string, std::uint64_t, std::less<>> positions{};
};

/// What is in a journal that was opened.
struct JournalContents {
  std::string run, note;    // the note that was there
  std::uint64_t epoch = 0;  // the owner's, from now on
  std::vector<journal::EdgeState> edges;
  /// By origin and partition: the last sequence that is on all edges.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> tops;
  std::vector<journal::Trouble> troubles;
  std::int64_t bytes = 0;
  /// Rows that no consumer is done with.
  [[nodiscard]] std::uint64_t waitingRows() const;
};

struct JournalRows {
  Batch batch;
  std::uint64_t sequence = 0;  // of its first row
};

struct JournalCounters {
  std::uint64_t rows = 0, groups = 0;
  std::int64_t writtenBytes = 0, diskBytes = 0, segments = 0, pendingBytes = 0;
};

/// Thread-safe, except open. The disk outlives it. Rows are written in groups: what comes while the disk is busy is the
/// next group. Nothing here blocks, and `append` never fails: who asks room() first keeps it within its bounds.
class Journal {
 public:
  /// Recovers what is there (journal::recover says how, and the errors). Blocks: before the run.
  [[nodiscard]] static Result<std::unique_ptr<Journal>> open(JournalDisk& disk, JournalOptions options,
                                                             JournalContents& contents);
  /// Rows that are not on the disk yet may be lost.
  ~Journal();

  /// The number of the edge with this id, for all other calls.
  [[nodiscard]] std::uint32_t edge(std::string_view id);

  /// Counts up by one with each append.
  using Ticket = std::uint64_t;
  /// The rows come behind all that were appended to the edge before.
  Ticket append(std::uint32_t edge, Batch batch);
  /// The barrier of a checkpoint has passed the edge: of its rows those before `position` came first. Found again with
  /// its note at recovery, from the last completed checkpoint on.
  Ticket mark(std::uint32_t edge, std::uint64_t checkpoint, std::uint64_t position, std::string note);
  /// All rows of this origin and partition up to `sequence` were appended to all edges that lead away from it: what a
  /// source is told of after a failure. Never found again without those rows.
  Ticket reached(std::uint32_t origin, std::uint32_t partition, std::uint64_t sequence);
  /// All appends up to this one are on the disk. Never moves after a failure.
  [[nodiscard]] Ticket durable() const;
  [[nodiscard]] Ticket last() const;
  /// How many rows the edge has: the sequence of the next.
  [[nodiscard]] std::uint64_t next(std::uint32_t edge) const;

  /// Bytes of rows that it will take before its disk is as full as it may be.
  [[nodiscard]] std::int64_t room() const;
  /// The rows of the edge before `sequence` are needed no more, nor marks of checkpoints before `checkpoint`.
  void release(std::uint32_t edge, std::uint64_t sequence, std::uint64_t checkpoint = 0);
  /// On the disk once durable() has got there: what was released before.
  Ticket settle();
  /// Why nothing is written any more: a sync has failed (`files.sync_failed`), or a write. For good.
  [[nodiscard]] std::optional<Error> failure() const;
  /// Why writing waits: the disk is full, there are no file handles. It is tried again when segments are freed, and at
  /// each call of tryAgain.
  [[nodiscard]] std::optional<Error> trouble() const;
  void tryAgain();
  [[nodiscard]] JournalCounters counters() const;

  /// Called, from any thread and without a lock, after durable(), room(), failure() or trouble() has changed. Set
  /// before the first append; not called any more once stopListening has returned.
  void listen(std::function<void()> listener);
  void stopListening();
  /// For good: what was not written yet is forgotten, and with it all batches. Waits for the group that is being
  /// written.
  void abandon();

  /// The rows from..to-1 of an edge, in order. The journal outlives it.
  class Reader {
   public:
    /// The next rows; nothing after the last. One call at a time.
    [[nodiscard]] Operation<std::optional<JournalRows>> next(Waker waker);

    struct State;
    explicit Reader(std::shared_ptr<State> state) : state_(std::move(state)) {}

   private:
    std::shared_ptr<State> state_;
  };
  /// Rows that were on the disk when the journal was opened, or are by now.
  [[nodiscard]] Reader read(std::uint32_t edge, std::uint64_t from, std::uint64_t to, MemoryAccount& account);

  class Impl;
  explicit Journal(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace weir
