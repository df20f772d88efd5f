// Inside of Journal: what callers and the disk's thread share, and what only that thread knows.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/lock.h"
#include "engine/journal/journal.h"
#include "engine/journal/segment-writer.h"

namespace weir {

class Journal::Impl : public std::enable_shared_from_this<Journal::Impl> {
 public:
  Impl(JournalDisk& disk, JournalOptions options, journal::Recovered recovered);
  ~Impl() {
    if (spare_) disk_.close(spare_->first);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] std::uint32_t edge(std::string_view id);
  Ticket append(std::uint32_t edge, Batch batch);
  [[nodiscard]] Ticket durable() const { return durable_.load(std::memory_order_acquire); }
  [[nodiscard]] Ticket last() const;
  [[nodiscard]] std::uint64_t next(std::uint32_t edge) const;
  [[nodiscard]] std::int64_t room() const;
  Ticket reached(std::uint32_t origin, std::uint32_t partition, std::uint64_t sequence);
  Ticket mark(std::uint32_t edge, journal::EdgeMark mark);
  void release(std::uint32_t edge, std::uint64_t sequence, std::uint64_t checkpoint);
  Ticket settle();
  [[nodiscard]] std::optional<Error> failure() const;
  [[nodiscard]] std::optional<Error> trouble() const;
  void tryAgain();
  [[nodiscard]] JournalCounters counters() const;
  void listen(std::function<void()> listener);
  void stop();

  // For readers, on the disk's thread.
  [[nodiscard]] JournalDisk& disk() { return disk_; }
  [[nodiscard]] journal::Sealer* sealer() const { return options_.sealer; }
  /// The first segment with rows of the edge from `sequence` on; null if there is none.
  [[nodiscard]] const journal::SegmentInfo* segmentWith(std::uint32_t edge, std::uint64_t sequence) const;
  /// Before the first turn.
  void fillContents(JournalContents& contents) const;

 private:
  struct Top {
    std::uint32_t origin = 0, partition = 0;
    std::uint64_t sequence = 0;
  };
  struct Item {
    std::uint32_t edge = 0;  // without one the highest: it comes after all rows of its group
    Batch batch{};
    Ticket ticket = 0;
    std::int64_t bytes = 0;
    std::optional<journal::EdgeMark> mark{};  // in place of rows
    std::optional<Top> top{};                 // the same
    bool positions = false;                   // the same: the table of edges, as it is then
  };

  void begin();  // under the lock
  void publishRoom();
  void tell();

  // On the disk's thread alone.
  void turn();
  /// False: there is nothing to write.
  [[nodiscard]] bool takeWork();
  /// Encodes work into a group, as far as the segment has room. False: it cannot be written now.
  [[nodiscard]] bool buildGroup();
  /// Of the first `joined` items one record is made. False: the segment has no room for it.
  [[nodiscard]] Result<bool> addItems(std::size_t& joined);
  /// False: the group stays, or all is over.
  [[nodiscard]] bool flush();
  void fail(Error error);
  void stall(Error error);
  void hasRoomAgain();
  [[nodiscard]] bool failed() const;
  /// A segment is open for writing, its first record the table of edges, and has room for `bytes` if it is new.
  [[nodiscard]] bool haveSegment(std::int64_t bytes);
  /// Of at least so many bytes.
  [[nodiscard]] bool makeSpare(std::int64_t bytes);
  /// A spare segment, if the bound of the disk allows one more.
  void makeReady();
  [[nodiscard]] bool endActive();
  /// What a segment that has ended will not use is room for others.
  void cutRest(journal::SegmentInfo& segment);
  void keepHouse();
  /// The table learns what consumers have released.
  void takePositions();
  /// The table of edges as it is now is on the disk.
  [[nodiscard]] bool writePositions();
  /// False: it is to be tried again.
  [[nodiscard]] bool freeSegments();
  [[nodiscard]] bool freeClosed();
  /// The edge that alone holds the segment, if most of it is of others; else 0.
  [[nodiscard]] std::uint32_t pinnedBy(const journal::SegmentInfo& segment) const;
  [[nodiscard]] bool compactOne(journal::SegmentInfo& segment, std::uint32_t slow);
  [[nodiscard]] std::int64_t takenBytes() const;

  JournalDisk& disk_;
  const JournalOptions options_;
  std::uint64_t epoch_;
  std::string run_;
  std::int64_t segmentBytes_;

  mutable Lock lock_;
  // Guarded by the lock.
  std::deque<Item> pending_;
  std::vector<std::uint64_t> next_;       // by edge number - 1
  std::vector<std::uint64_t> positions_;  // the same
  std::vector<std::uint64_t> completed_;  // the same: the last completed checkpoint
  std::vector<std::string> ids_;
  Ticket ticket_ = 0;
  std::int64_t pendingBytes_ = 0;  // also what the disk's thread has taken and not written
  std::int64_t available_ = 0;     // bytes that may still be written
  bool turning_ = false, stopping_ = false, asked_ = false, released_ = false;
  std::optional<Error> failure_, trouble_;
  JournalCounters counters_;
  Lock turnLock_;  // held while a turn is under way; taken before the other
  Lock listenerLock_;
  std::function<void()> listener_;

  std::atomic<Ticket> durable_{0};

  // Of the disk's thread.
  std::deque<Item> work_;
  std::vector<Item> inGroup_;
  journal::EdgeTable table_;  // as far as it is encoded
  std::vector<journal::SegmentInfo> closed_;
  journal::SegmentWriter writer_;
  std::optional<std::pair<JournalFileId, journal::SegmentInfo>> spare_;
  std::uint64_t nextSegment_;
  std::int64_t leastBytes_ = 0;  // of the next segment, for a record that is larger than they mostly are
  bool unused_ = false;          // the segment has nothing but the table of edges
  bool full_ = false;            // no segment could be made the last time
  bool untidy_ = false;          // there may be segments to free
  std::optional<Error> inTheWay_{};
  bool rolling_ = false;  // the group ends its segment
  std::uint64_t groupRows_ = 0;
};

}  // namespace weir
