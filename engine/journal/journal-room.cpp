// The disk's thread: segments ahead of need, and those that nobody needs any more.
#include <algorithm>
#include <memory>
#include <utility>

#include "engine/journal/journal-impl.h"
#include "engine/journal/segment-copy.h"

namespace weir {
namespace {

constexpr std::int64_t kWorthCompacting = 16 << 10;

}  // namespace

std::int64_t Journal::Impl::takenBytes() const {
  std::int64_t bytes = writer_.isOpen() ? writer_.info().fileBytes : 0;
  if (spare_) bytes += spare_->second.fileBytes;
  for (const auto& segment : closed_) bytes += segment.fileBytes;
  return bytes;
}

void Journal::Impl::publishRoom() {
  const auto taken = takenBytes();
  const auto rest = writer_.isOpen() ? writer_.room() : 0;
  const auto growable = full_ ? 0 : std::max<std::int64_t>(0, options_.diskBytes - taken);
  // One segment is kept for what steps emit that began while there was room.
  const auto kept = spare_ ? 0 : segmentBytes_;
  const Locked locked(lock_);
  available_ = failure_ ? 0 : std::max<std::int64_t>(0, rest + growable - kept);
  counters_.diskBytes = taken;
  counters_.segments = static_cast<std::int64_t>(closed_.size()) + (writer_.isOpen() ? 1 : 0) + (spare_ ? 1 : 0);
}

void Journal::Impl::makeReady() {
  if (spare_ || full_ || !writer_.isOpen() || failed()) return;
  if (takenBytes() + segmentBytes_ > options_.diskBytes) return;
  static_cast<void>(makeSpare(0));
}

void Journal::Impl::takePositions() {
  const Locked locked(lock_);
  for (std::uint32_t number = 1; table_.has(number); ++number) {
    auto& edge = table_.at(number);
    edge.position = positions_[number - 1];
    std::erase_if(edge.marks, [&](const journal::EdgeMark& mark) { return mark.checkpoint < completed_[number - 1]; });
  }
}

void Journal::Impl::keepHouse() {
  bool asked = false;
  {
    const Locked locked(lock_);
    asked = std::exchange(released_, false);
  }
  if (asked) {
    takePositions();
    freeSegments();
  }
  // The next one is there before this one is full.
  if (writer_.isOpen() && writer_.room() < writer_.info().fileBytes / 4) makeReady();
}

bool Journal::Impl::endActive() {
  writer_.addEnd();
  rolling_ = true;
  return flush() && haveSegment(0);
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

void Journal::Impl::freeSegments() {
  // The one that is written goes, too, once it is half full and all read: else a full journal might stay so.
  const bool done = writer_.isOpen() && !writer_.info().edges.empty() && writer_.info().released(table_) &&
                    writer_.room() < writer_.info().fileBytes / 2;
  const auto isFree = [&](const journal::SegmentInfo& segment) { return segment.released(table_); };
  const auto slowest = [&](const journal::SegmentInfo& segment) { return pinnedBy(segment) != 0; };
  if (!done && std::ranges::none_of(closed_, isFree) && std::ranges::none_of(closed_, slowest)) return;
  // The positions are on the disk before what lies before them goes.
  const bool written = done ? endActive() && flush() : writePositions();
  if (!written) return;
  for (const auto& segment : closed_) {
    if (!isFree(segment)) continue;
    auto removed = disk_.remove(journal::segmentName(segment.header.id));
    if (!removed) return stall(std::move(removed.error()));
  }
  if (std::erase_if(closed_, isFree) > 0) {
    if (auto synced = disk_.syncFolder(); !synced) return fail(std::move(synced.error()));
    full_ = false;
    const Locked locked(lock_);
    trouble_.reset();
  }
  publishRoom();
  tell();
  for (auto& segment : closed_) {
    const auto slow = pinnedBy(segment);
    if (slow != 0 && !compactOne(segment, slow)) return;
  }
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
    full_ = false;
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
