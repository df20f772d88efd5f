// DurableEdge: the link of an edge that is journalled, as the run's journal sees it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/node/contract.h"
#include "engine/runtime/entry-queue.h"

namespace weir::runtime {

/// By origin and partition, of sources that are told by the journal: up to where all their rows are there.
using JournalTops = std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t>;

/// What a source was not told of when its run ended: of the rows that came before a place of the edge, those behind the
/// tops. The source gives them again, perhaps under the same numbers, so they are passed over whenever the edge is
/// read.
struct JournalCut {
  std::uint64_t before = 0;  // rows of the edge from here on are others
  std::uint32_t origin = 0;
  std::map<std::uint32_t, std::uint64_t> tops{};  // by partition

  [[nodiscard]] bool hides(std::uint64_t position, const EnvelopePlace& place) const;
};
[[nodiscard]] std::string encodeCuts(const std::vector<JournalCut>& cuts);
[[nodiscard]] Result<std::vector<JournalCut>> decodeCuts(std::string_view bytes);

/// Rows of producers go into the journal and on to the consumer at once. When a run goes on, the rows that the consumer
/// had not done at the last checkpoint come out of the journal first. Under the run's lock.
class DurableEdge {
 public:
  /// `roomBytes` is shared by all edges of a run: what the journal will still take.
  DurableEdge(Journal& journal, std::string_view id, std::int64_t& roomBytes)
      : journal_(journal), number_(journal.edge(id)), roomBytes_(roomBytes) {}

  /// How a run goes on.
  struct Resume {
    CheckpointId checkpoint = 0;  // 0: from its beginning
    /// The source before the edge, if the journal tells it what is safe; 0: none.
    std::uint32_t told = 0;
    const JournalTops* tops = nullptr;
    /// By origin: its rows are made again, so they do not come out of the journal.
    const std::vector<bool>* madeAgain = nullptr;
  };
  /// Before the run, with what the journal has of the edge.
  [[nodiscard]] Result<void> resume(const journal::EdgeState& state, const Resume& how);
  /// There are rows of the journal to come; producers wait.
  [[nodiscard]] bool refilling() const { return position_ < refillEnd_; }
  /// Where the rows to come begin and end.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::uint64_t refillEnd() const { return refillEnd_; }
  /// What of the rows that came out of the journal goes on to the consumer now; an empty batch if nothing does.
  [[nodiscard]] Result<Batch> refilled(const JournalRows& rows);
  /// What was missing is passed over.
  void endRefill() { position_ = refillEnd_; }

  /// Rows of producers: into the journal.
  [[nodiscard]] Result<void> admit(std::vector<Entry>& entries);
  [[nodiscard]] bool marked(CheckpointId checkpoint) const {
    return !barriers_.empty() && barriers_.back().checkpoint == checkpoint;
  }
  /// The barrier of a checkpoint is put behind the rows so far.
  void mark(CheckpointId checkpoint);
  /// The checkpoint is stored: what came before its barrier is needed no more.
  void completed(CheckpointId checkpoint);
  /// The run has ended, all rows are done.
  void releaseAll() { journal_.release(number_, journal_.next(number_)); }
  [[nodiscard]] std::int64_t roomBytes() const { return roomBytes_; }
  [[nodiscard]] std::uint32_t number() const { return number_; }

 private:
  struct Barrier {
    CheckpointId checkpoint = 0;
    std::uint64_t position = 0;
  };

  Journal& journal_;
  std::uint32_t number_;
  std::int64_t& roomBytes_;
  std::uint64_t position_ = 0;  // of the next row that goes to the consumer
  std::uint64_t refillEnd_ = 0;
  std::vector<JournalCut> cuts_;
  std::vector<bool> madeAgain_;
  std::deque<Barrier> barriers_;
};

}  // namespace weir::runtime
