// The disk's thread: segments ahead of need, and those that nobody needs any more.
#include <algorithm>
#include <memory>
#include <utility>

#include "engine/journal/journal-impl.h"
#include "engine/journal/segment-copy.h"

namespace weir {
namespace {

constexpr std::int64_t kWorthCompacting = 16 << 10;
/// What is taken before the first segment is there.
constexpr std::int64_t kFirstRoom = 1 << 20;
constexpr std::int64_t kPage = 4096;

}  // namespace

std::int64_t Journal::Impl::takenBytes() const {
  std::int64_t bytes = writer_.isOpen() ? writer_.info().fileBytes : 0;
  if (spare_) bytes += spare_->second.fileBytes;
  for (const auto& segment : closed_) bytes += segment.fileBytes;
  return bytes;
}

void Journal::Impl::publishRoom() {
  const auto taken = takenBytes();
  const auto spare = spare_ ? spare_->second.fileBytes : 0;
  // Only what is set aside counts, since others write to the disk, too. A part of it is kept for what steps emit that
  // began while there was room, and for the marks and positions without which nothing would ever be freed.
  std::int64_t sure = 0;
  if (writer_.isOpen()) {
    sure = writer_.room() + spare - std::max(writer_.info().fileBytes, spare) / 4;
  } else if (!full_) {
    sure = std::min(std::min(segmentBytes_, kFirstRoom), options_.diskBytes - taken);
  }
  const bool waits = sure <= 0 || writer_.groupBytes() > 0;
  const Locked locked(lock_);
  available_ = failure_ ? 0 : std::max<std::int64_t>(0, sure);
  trouble_ = waits ? inTheWay_ : std::nullopt;
  counters_.diskBytes = taken;
  counters_.segments = static_cast<std::int64_t>(closed_.size()) + (writer_.isOpen() ? 1 : 0) + (spare_ ? 1 : 0);
}

void Journal::Impl::makeReady() {
  if (spare_ || full_ || failed() || !(writer_.isOpen() || inTheWay_)) return;
  if (takenBytes() + segmentBytes_ > options_.diskBytes) {
    full_ = true;
    stall(Error{"journal.full", "the journal has come to its bound of " + std::to_string(options_.diskBytes) +
                                    " bytes; it goes on when a checkpoint has passed what it holds"});
    publishRoom();
  } else {
    // Smaller ones, each filled before the next checkpoint, would only be more of them.
    static_cast<void>(makeSpare(writer_.isOpen() ? writer_.info().fileBytes / 4 / kPage * kPage : 0));
  }
  tell();
}

void Journal::Impl::takePositions() {
  const Locked locked(lock_);
  for (std::uint32_t number = 1; table_.has(number); ++number) {
    table_.at(number).position = positions_[number - 1];
    table_.forget(number, completed_[number - 1]);
  }
}

void Journal::Impl::keepHouse() {
  bool asked = std::exchange(untidy_, false);
  {
    const Locked locked(lock_);
    asked = std::exchange(released_, false) || asked;
  }
  if (asked) {
    takePositions();
    untidy_ = !freeSegments();
  }
  // The next one is there long before this one is full.
  if (writer_.isOpen() && writer_.room() < writer_.info().fileBytes / 2) makeReady();
}

bool Journal::Impl::endActive() {
  makeReady();
  writer_.addEnd();
  rolling_ = true;
  if (!flush()) return false;
  if (!spare_) cutRest(closed_.back());
  return haveSegment(0);
}

void Journal::Impl::cutRest(journal::SegmentInfo& segment) {
  auto file = disk_.open(journal::segmentName(segment.header.id));
  if (!file) return;
  if (disk_.truncate(*file, segment.usedBytes)) segment.fileBytes = segment.usedBytes;
  disk_.close(*file);
}

bool Journal::Impl::writePositions() {
  if (!haveSegment(0)) return false;
  auto added = writer_.addEdges(table_);
  if (!added) {
    fail(std::move(added.error()));
    return false;
  }
  return *added ? flush() : endActive() && flush();
}

bool Journal::Impl::freeSegments() {
  if (!freeClosed()) return false;
  // The one that is written goes, too, once it is half full and all read: else a full journal might stay so.
  const bool done = writer_.isOpen() && !writer_.info().edges.empty() && writer_.info().released(table_) &&
                    writer_.room() < writer_.info().fileBytes / 2;
  return !done || (endActive() && freeClosed());
}

bool Journal::Impl::freeClosed() {
  const auto isFree = [&](const journal::SegmentInfo& segment) { return segment.released(table_); };
  const auto slowest = [&](const journal::SegmentInfo& segment) { return pinnedBy(segment) != 0; };
  if (std::ranges::none_of(closed_, isFree) && std::ranges::none_of(closed_, slowest)) return true;
  // The positions are on the disk before what lies before them goes.
  if (!writePositions()) return false;
  for (const auto& segment : closed_) {
    if (!isFree(segment)) continue;
    auto removed = disk_.remove(journal::segmentName(segment.header.id));
    if (removed) continue;
    stall(std::move(removed.error()));
    return false;
  }
  if (std::erase_if(closed_, isFree) > 0) {
    if (auto synced = disk_.syncFolder(); !synced) {
      fail(std::move(synced.error()));
      return false;
    }
    hasRoomAgain();
  }
  publishRoom();
  tell();
  for (auto& segment : closed_) {
    const auto slow = pinnedBy(segment);
    if (slow != 0 && !compactOne(segment, slow)) break;
  }
  return true;
}

std::uint32_t Journal::Impl::pinnedBy(const journal::SegmentInfo& segment) const {
  std::int64_t dead = 0;
  std::uint32_t alive = 0, slow = 0;
  for (const auto& [edge, span] : segment.edges) {
    if (table_.at(edge).position >= span.end) {
      dead += span.bytes;
    } else {
      ++alive;
      slow = edge;
    }
  }
  return alive == 1 && dead >= kWorthCompacting && dead > segment.usedBytes / 2 ? slow : 0;
}

bool Journal::Impl::compactOne(journal::SegmentInfo& segment, std::uint32_t slow) {
  const auto name = journal::segmentName(segment.header.id);
  auto file = disk_.open(name);
  if (!file) {
    stall(std::move(file.error()));
    return false;
  }
  journal::SegmentScan scan(disk_, *file, segment.fileBytes, segment.header.id, segment.header.epoch);
  const auto position = table_.at(slow).position;
  auto made = journal::copySegment(disk_, options_.sealer, scan, segment, [&](const journal::RecordHead& head) {
    return head.edge == slow && head.sequence + head.rows > position;
  });
  Result<void> done;
  if (!made) done = std::unexpected(std::move(made.error()));
  if (done) done = disk_.rename(journal::segmentName(segment.header.id, "making"), name);
  if (done) done = disk_.syncFolder();
  if (done) {
    segment = std::move(*made);
    hasRoomAgain();
    publishRoom();
    return true;
  }
  if (done.error().code == "files.sync_failed") {
    fail(std::move(done.error()));
  } else {
    // It was worth a try; the old one is as good as it was.
    static_cast<void>(disk_.remove(journal::segmentName(segment.header.id, "making")));
  }
  return false;
}

}  // namespace weir
