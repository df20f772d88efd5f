// The disk's thread: groups of what has come, one after the other.
#include <algorithm>
#include <utility>

#include "engine/journal/journal-impl.h"

namespace weir {
namespace {

constexpr std::int64_t kGroupBytes = 8 << 20;
/// Batches below it are joined into records of up to so much.
constexpr std::int64_t kSmallRows = 512, kJoinedRows = 4096, kJoinedBytes = 1 << 20;
/// Beyond its rows, what a group may need of a segment: its table of edges aside.
constexpr std::int64_t kGroupSlack = 16 << 10;

}  // namespace

void Journal::Impl::turn() {
  const Locked underWay(turnLock_);
  for (;;) {
    {
      const Locked locked(lock_);
      if (std::exchange(asked_, false)) full_ = false;
      if (stopping_ || failure_) {
        turning_ = false;
        return;
      }
    }
    if (!flush()) break;
    keepHouse();
    if (takeWork()) {
      if (!buildGroup()) break;
      continue;
    }
    makeReady();
    const Locked locked(lock_);
    if (failure_ || (pending_.empty() && !released_ && !asked_)) {
      turning_ = false;
      return;
    }
  }
  publishRoom();
  tell();
  // It stands still; who asked meanwhile may know better.
  const Locked locked(lock_);
  turning_ = false;
  if (asked_) begin();
}

bool Journal::Impl::takeWork() {
  const Locked locked(lock_);
  if (failure_) return false;
  if (!work_.empty()) return true;
  std::int64_t bytes = 0;
  bool mixed = false;
  while (!pending_.empty() && bytes < kGroupBytes) {
    bytes += pending_.front().batch.logicalBytes();
    mixed = mixed || pending_.front().edge != pending_.back().edge;
    work_.push_back(std::move(pending_.front()));
    pending_.pop_front();
  }
  // A group counts as a whole: only the order within an edge matters, and neighbours of one edge are joined.
  if (mixed || (!work_.empty() && work_.front().edge != work_.back().edge))
    std::ranges::stable_sort(work_, {}, &Item::edge);
  // Edges that have come since.
  for (const auto& id : ids_) static_cast<void>(table_.numberOf(id));
  return !work_.empty();
}

bool Journal::Impl::buildGroup() {
  if (!haveSegment(work_.front().bytes + kGroupSlack)) return false;
  while (!work_.empty() && writer_.groupBytes() < kGroupBytes) {
    std::size_t joined = 1;
    auto added = addItems(joined);
    if (!added) {
      fail(std::move(added.error()));
      return false;
    }
    if (!*added) {
      // A record larger than an empty segment has room for asks for a larger one.
      leastBytes_ = unused_ ? std::max(leastBytes_, writer_.info().fileBytes) * 2 : 0;
      writer_.addEnd();
      rolling_ = true;
      return true;
    }
    leastBytes_ = 0;
    unused_ = false;
    for (; joined > 0; --joined) {
      inGroup_.push_back(std::move(work_.front()));
      inGroup_.back().batch = Batch{};
      work_.pop_front();
    }
  }
  return true;
}

Result<bool> Journal::Impl::addItems(std::size_t& joined) {
  const auto& first = work_.front();
  if (first.top) {
    const auto top = *first.top;
    // Of several of one partition the last says it all.
    while (joined < work_.size() && work_[joined].top && work_[joined].top->origin == top.origin &&
           work_[joined].top->partition == top.partition)
      ++joined;
    const auto known = table_.tops.find({top.origin, top.partition});
    const auto sequence = std::max(work_[joined - 1].top->sequence, known == table_.tops.end() ? 0 : known->second);
    WEIR_ASSIGN(const auto fits, writer_.addTop(top.origin, top.partition, sequence));
    if (fits) table_.tops[{top.origin, top.partition}] = sequence;
    return fits;
  }
  if (first.positions) {
    takePositions();
    return writer_.addEdges(table_);
  }
  if (first.mark) {
    WEIR_ASSIGN(const auto fits, writer_.addMark(first.edge, *first.mark));
    if (fits) {
      table_.marked(first.edge, *first.mark);
      const Locked locked(lock_);
      table_.forget(first.edge, completed_[first.edge - 1]);
    }
    return fits;
  }
  // Not the run's account: what was accepted is written, however little memory is left.
  auto& account = MemoryAccount::unlimited();
  auto batch = first.batch;
  auto rows = batch.rows();
  auto bytes = batch.logicalBytes();
  const auto mostBytes = std::min(kJoinedBytes, writer_.info().fileBytes / 4);
  while (joined < work_.size() && rows < kJoinedRows && bytes < mostBytes) {
    const auto& next = work_[joined];
    if (next.mark || next.edge != first.edge || next.batch.schema() != first.batch.schema() ||
        next.batch.rows() > kSmallRows)
      break;
    rows += next.batch.rows();
    bytes += next.batch.logicalBytes();
    ++joined;
  }
  if (joined > 1) {
    std::vector<Batch> batches;
    batches.reserve(joined);
    for (std::size_t i = 0; i < joined; ++i) batches.push_back(work_[i].batch);
    auto whole = concat(batches, account);
    if (!whole) joined = 1;
    if (whole) batch = std::move(*whole);
  }
  if (batch.hasSelection()) {
    WEIR_ASSIGN(batch, batch.compact(account));
  }
  const auto number = first.edge;
  WEIR_ASSIGN(const auto fits, writer_.addRows(number, table_.at(number).next, batch));
  if (fits) {
    table_.at(number).next += static_cast<std::uint64_t>(batch.rows());
    groupRows_ += static_cast<std::uint64_t>(batch.rows());
  }
  return fits;
}

bool Journal::Impl::flush() {
  if (writer_.groupBytes() == 0) return true;
  const auto bytes = writer_.groupBytes();
  if (auto done = writer_.flush(); !done) {
    // Not one byte counts yet: the same group is written again to the same place. A sync that failed is never tried
    // again: the kernel may have thrown away what it could not write.
    if (done.error().code == "files.disk_full") {
      stall(std::move(done.error()));
    } else {
      fail(std::move(done.error()));
    }
    return false;
  }
  if (std::exchange(rolling_, false)) {
    closed_.push_back(writer_.close());
    untidy_ = true;  // it may have nothing but marks
  }
  if (!full_) inTheWay_.reset();
  // Before what was written stops to count as waiting: else more would seem to be there.
  publishRoom();
  {
    const Locked locked(lock_);
    for (const auto& item : inGroup_) pendingBytes_ -= item.bytes;
    auto waiting = ticket_ + 1;
    if (!pending_.empty()) waiting = pending_.front().ticket;
    for (const auto& item : work_) waiting = std::min(waiting, item.ticket);
    durable_.store(waiting - 1, std::memory_order_release);
    counters_.rows += std::exchange(groupRows_, 0);
    ++counters_.groups;
    counters_.writtenBytes += bytes;
  }
  inGroup_.clear();
  tell();
  return true;
}

void Journal::Impl::fail(Error error) {
  {
    const Locked locked(lock_);
    failure_ = std::move(error);
    available_ = 0;
  }
  tell();
}

void Journal::Impl::stall(Error error) { inTheWay_ = std::move(error); }

void Journal::Impl::hasRoomAgain() {
  full_ = false;
  inTheWay_.reset();
}

bool Journal::Impl::failed() const {
  const Locked locked(lock_);
  return failure_.has_value();
}

bool Journal::Impl::haveSegment(std::int64_t bytes) {
  if (writer_.isOpen()) return true;
  std::string table;
  table_.encode(table);
  const auto needed = std::max(bytes, leastBytes_) + static_cast<std::int64_t>(table.size()) + kGroupSlack;
  if (spare_ && spare_->second.fileBytes < needed) {
    disk_.close(spare_->first);
    static_cast<void>(disk_.remove(journal::segmentName(spare_->second.header.id)));
    spare_.reset();
  }
  // What was accepted is written, even past the bound.
  if (!spare_ && !makeSpare(needed)) return false;
  writer_.open(spare_->first, std::move(spare_->second));
  spare_.reset();
  unused_ = true;
  auto added = writer_.addEdges(table_);
  if (added) return true;
  fail(std::move(added.error()));
  return false;
}

bool Journal::Impl::makeSpare(std::int64_t bytes) {
  constexpr std::int64_t kLeast = 64 << 10, kPage = 4096;
  const auto needed = std::max(kLeast, (bytes + kPage - 1) / kPage * kPage);
  journal::SegmentHeader header{.epoch = epoch_, .run = run_};
  if (options_.sealer != nullptr) header.keyId = options_.sealer->keyId();
  for (auto size = std::max(needed, segmentBytes_);; size = std::max(needed, size / 2 / kPage * kPage)) {
    header.id = nextSegment_++;
    auto made = journal::createSegment(disk_, header, size);
    if (made) {
      spare_ = {*made, {.header = header, .fileBytes = size, .usedBytes = journal::kHeaderBytes}};
      hasRoomAgain();
      publishRoom();
      return true;
    }
    if (made.error().code == "files.sync_failed") {
      fail(std::move(made.error()));
      return false;
    }
    if (made.error().code == "files.disk_full" && size > needed) continue;
    full_ = true;
    stall(std::move(made.error()));
    publishRoom();
    return false;
  }
}

}  // namespace weir
