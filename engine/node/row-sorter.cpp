// Runs are sorted in memory, spilled past the bound, and merged.
#include "engine/node/row-sorter.h"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

#include "engine/data/check.h"
#include "engine/node/memory-charge.h"
#include "engine/node/sorted-run.h"

namespace weir {

using sorting::RunMerge;
using sorting::SortedRun;

namespace {
constexpr std::int64_t kRunRows = 1 << 18;
constexpr std::int64_t kRunBytes = std::int64_t{32} << 20;
constexpr std::int64_t kPieceRows = 4096;
constexpr std::size_t kRunsOnDisk = 48;  // more are merged into one, so that a merge reads few at a time

/// How much is worked on at once, within the run's limit.
struct Pieces {
  explicit Pieces(const MemoryAccount& account) : limit(account.limitBytes()) {}
  void note(std::int64_t bytes, std::int64_t rows) {
    if (rows > 0) rowBytes = std::max(rowBytes, bytes / rows);
  }
  /// Of a run in memory, which is copied when it is closed.
  [[nodiscard]] std::int64_t runBytes(std::int64_t bound) const { return std::min({kRunBytes, bound, limit / 64}); }
  [[nodiscard]] std::int64_t rowsOnDisk() const { return std::clamp<std::int64_t>(onDisk() / rowBytes, 1, kPieceRows); }
  [[nodiscard]] std::int64_t rowsOut(std::int64_t wanted) const {
    return std::min(wanted, std::max<std::int64_t>(1, limit / 64 / rowBytes));
  }
  /// So many runs on disk are read at once: each has a piece in memory, once more while it is read.
  [[nodiscard]] std::size_t runsAtOnce() const {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(limit / 8 / (3 * std::max(onDisk(), rowBytes)), 2, 1024));
  }
  [[nodiscard]] std::int64_t onDisk() const { return std::clamp<std::int64_t>(limit / 512, 1 << 12, 1 << 20); }

  std::int64_t limit, rowBytes = 1;
};

/// One run of everything in the merge, at most `limit` rows.
Result<SortedRun> runOnDisk(RunMerge& merge, std::int64_t limit, const Pieces& pieces, Files& files,
                            MemoryAccount& account) {
  SortedRun run;
  WEIR_ASSIGN(auto file, SpillFile::make(files));
  run.file = std::make_shared<SpillFile>(std::move(file));
  auto left = limit;
  while (left > 0) {
    KeyList pieceKeys;
    WEIR_ASSIGN(auto batch, merge.next(std::min(left, pieces.rowsOnDisk()), &pieceKeys));
    if (!batch) break;
    std::vector<std::uint32_t> order(static_cast<std::size_t>(batch->rows()));
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    WEIR_ASSIGN(const auto keyed, sorting::withKeyColumn(*batch, pieceKeys, order, account));
    WEIR_ASSIGN(auto piece, run.file->write(keyed, account));
    left -= piece.rows;
    run.pieces.push_back(std::move(piece));
  }
  return run;
}
}  // namespace

struct RowSorter::Impl {
  RowSorterOptions options;
  MemoryAccount& account;
  Pieces pieces;
  std::vector<Batch> waiting;  // of one schema; their keys in `keys`
  KeyList keys;
  std::int64_t waitingRows = 0, waitingBytes = 0;
  std::vector<SortedRun> runs;
  std::int64_t runBytes = 0, runRows = 0;
  std::vector<SortedRun> onDisk;
  std::int64_t rows = 0, spilledRows = 0, spilledBytes = 0;
  MemoryCharge charge;  // for keys and orders; rows are counted where they were made
  std::string worst;    // with a limit: keys from this one on are not wanted; empty: all are

  Impl(RowSorterOptions given, MemoryAccount& charged)
      : options(given), account(charged), pieces(charged), charge(charged) {}

  [[nodiscard]] std::int64_t memory() const { return waitingBytes + keys.bytes() + runBytes; }
  [[nodiscard]] bool recharge() {
    auto bytes = keys.bytes();
    for (const auto& run : runs) bytes += run.keys.bytes() + static_cast<std::int64_t>(run.order.size() * 4);
    return charge.set(bytes);
  }
  [[nodiscard]] bool mustSpill() const {
    if (options.files == nullptr) return false;
    // A little of everybody's would not help, but make many small runs.
    const auto worth = std::min(options.memoryBytes, pieces.limit / 64);
    return memory() > options.memoryBytes || (memory() > worth && account.underPressure());
  }
  Result<void> closeRun();
  Result<void> prune();
  Result<void> spill();
  Result<void> take(const Batch& batch, const KeyList& rowKeys);
};

Result<void> RowSorter::Impl::take(const Batch& batch, const KeyList& rowKeys) {
  if (!waiting.empty() && waiting[0].schema() != batch.schema()) WEIR_TRY(closeRun());
  waiting.push_back(batch);
  for (std::int64_t row = 0; row < rowKeys.size(); ++row) keys.append(rowKeys[row]);
  waitingRows += batch.rows();
  waitingBytes += std::max(batch.logicalBytes(), batch.pinnedBytes() / 4);
  rows += batch.rows();
  pieces.note(waitingBytes + keys.bytes(), waitingRows);
  const auto wantedAtOnce = options.limit < kRunRows / 2 ? std::max<std::int64_t>(4096, 2 * options.limit) : kRunRows;
  if (waitingRows >= wantedAtOnce || waitingBytes + keys.bytes() >= pieces.runBytes(options.memoryBytes))
    WEIR_TRY(closeRun());
  const bool charged = recharge();
  if (!charged && options.files == nullptr) {
    return fail(
        "memory.limit",
        "sorting needs more memory than the run may use, and there is no temporary file here to spill to. Allow "
        "more memory, or select fewer fields or rows.");
  }
  if (charged && !mustSpill()) return {};
  WEIR_TRY(closeRun());
  WEIR_TRY(spill());
  static_cast<void>(recharge());
  return {};
}

/// Makes a sorted run of what waits.
Result<void> RowSorter::Impl::closeRun() {
  if (waiting.empty()) return {};
  SortedRun run;
  WEIR_ASSIGN(run.rows, concat(waiting, account));
  waiting.clear();
  run.keys = std::exchange(keys, KeyList{});
  run.order = sorting::sortedOrder(run.keys);
  run.bytes = run.rows.logicalBytes() + run.keys.bytes() + static_cast<std::int64_t>(run.order.size() * 4);
  waitingRows = waitingBytes = 0;
  runBytes += run.bytes;
  runRows += run.rows.rows();
  runs.push_back(std::move(run));
  return prune();
}

/// With a limit: keeps as many rows as are wanted.
Result<void> RowSorter::Impl::prune() {
  if (runRows <= options.limit) return {};
  RunMerge merge(account);
  for (auto& run : std::exchange(runs, {})) WEIR_TRY(merge.add(std::move(run)));
  runBytes = runRows = 0;
  auto left = options.limit;
  while (left > 0) {
    SortedRun kept;
    WEIR_ASSIGN(auto batch, merge.next(std::min(left, kRunRows), &kept.keys));
    if (!batch) break;
    WEIR_ASSIGN(kept.rows, batch->compact(account));
    kept.order.resize(static_cast<std::size_t>(kept.rows.rows()));
    for (std::uint32_t i = 0; i < kept.order.size(); ++i) kept.order[i] = i;
    kept.bytes = kept.rows.logicalBytes() + kept.keys.bytes() + static_cast<std::int64_t>(kept.order.size() * 4);
    left -= kept.rows.rows();
    runBytes += kept.bytes;
    runRows += kept.rows.rows();
    if (left == 0) worst = kept.keys[kept.keys.size() - 1];
    runs.push_back(std::move(kept));
  }
  return {};
}

Result<void> RowSorter::Impl::spill() {
  RunMerge merge(account);
  for (auto& run : std::exchange(runs, {})) WEIR_TRY(merge.add(std::move(run)));
  runBytes = runRows = 0;
  if (onDisk.size() >= std::min(kRunsOnDisk, pieces.runsAtOnce())) {
    for (auto& run : std::exchange(onDisk, {})) WEIR_TRY(merge.add(std::move(run)));
  }
  WEIR_ASSIGN(auto run, runOnDisk(merge, options.limit, pieces, *options.files, account));
  spilledBytes += run.file->bytesWritten();
  onDisk.push_back(std::move(run));
  return {};
}

RowSorter::RowSorter(RowSorterOptions options, MemoryAccount& account)
    : impl_(std::make_unique<Impl>(options, account)) {}
RowSorter::~RowSorter() = default;
RowSorter::RowSorter(RowSorter&&) noexcept = default;
RowSorter& RowSorter::operator=(RowSorter&&) noexcept = default;

Result<void> RowSorter::add(const Batch& batch, const KeyList& keys) {
  auto& impl = *impl_;
  WEIR_CHECK(keys.size() == batch.rows());
  if (batch.rows() == 0) return {};
  WEIR_ASSIGN(auto dense, batch.dense());
  if (!impl.worst.empty()) {
    std::vector<std::uint32_t> good;
    KeyList goodKeys;
    for (std::int64_t row = 0; row < keys.size(); ++row) {
      if (keys[row] >= impl.worst) continue;
      good.push_back(static_cast<std::uint32_t>(row));
      goodKeys.append(keys[row]);
    }
    if (good.empty()) return {};
    WEIR_ASSIGN(const auto kept, dense.gather(good));
    return impl.take(kept, goodKeys);
  }
  // What pins far more than it holds would keep that alive until the end.
  if (dense.pinnedBytes() > 4 * dense.logicalBytes() + 4096) {
    WEIR_ASSIGN(dense, dense.compact(impl.account));
  }
  return impl.take(dense, keys);
}

Result<void> RowSorter::save(StateWriter& to) {
  auto& impl = *impl_;
  WEIR_TRY(impl.closeRun());
  if (!impl.onDisk.empty())
    return fail("state.too_large", "rows sorted by way of files cannot be saved. Give the node more memoryBytes.");
  std::int64_t pieces = 0;
  for (const auto& run : impl.runs) pieces += (run.rows.rows() + kMaxBatchRows - 1) / kMaxBatchRows;
  WEIR_TRY(to.write(pieces));
  for (const auto& run : impl.runs) {
    for (std::int64_t from = 0; from < run.rows.rows(); from += kMaxBatchRows) {
      const auto piece = run.rows.slice(from, std::min(kMaxBatchRows, run.rows.rows() - from));
      KeyList pieceKeys;
      for (std::int64_t row = 0; row < piece.rows(); ++row) pieceKeys.append(run.keys[from + row]);
      WEIR_TRY(sorting::saveKeyed(piece, pieceKeys, to, impl.account));
    }
  }
  return {};
}

Result<void> RowSorter::restore(StateReader& from) {
  std::int64_t pieces = 0;
  WEIR_TRY(from.read(pieces));
  for (std::int64_t i = 0; i < pieces; ++i) {
    KeyList pieceKeys;
    WEIR_ASSIGN(const auto piece, sorting::restoreKeyed(from, pieceKeys, impl_->account));
    WEIR_TRY(add(piece, pieceKeys));
  }
  return {};
}

std::int64_t RowSorter::rows() const noexcept { return impl_->rows; }
std::int64_t RowSorter::memoryBytes() const noexcept { return impl_->memory(); }
std::int64_t RowSorter::spilledBytes() const noexcept { return impl_->spilledBytes; }

struct SortedRows::Impl {
  explicit Impl(MemoryAccount& charged) : account(charged), pieces(charged), merge(charged) {}
  Result<void> mergeSome();
  MemoryAccount& account;
  Pieces pieces;
  Files* files = nullptr;
  std::deque<SortedRun> onDisk;
  RunMerge merge;
  std::vector<MemoryCharge> charges;  // of what was taken over
  std::int64_t left = INT64_MAX;
};

/// As long as there are more runs on disk than can be read at once.
Result<void> SortedRows::Impl::mergeSome() {
  while (files != nullptr && onDisk.size() > pieces.runsAtOnce()) {
    const auto count = std::min(pieces.runsAtOnce(), onDisk.size() - pieces.runsAtOnce() + 1);
    RunMerge some(account);
    for (std::size_t i = 0; i < count; ++i) {
      WEIR_TRY(some.add(std::move(onDisk.front())));
      onDisk.pop_front();
    }
    WEIR_ASSIGN(auto run, runOnDisk(some, left, pieces, *files, account));
    onDisk.push_back(std::move(run));
  }
  return {};
}

SortedRows::SortedRows(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SortedRows::~SortedRows() = default;
SortedRows::SortedRows(SortedRows&&) noexcept = default;
SortedRows& SortedRows::operator=(SortedRows&&) noexcept = default;

Result<SortedRows> SortedRows::of(std::vector<RowSorter> sorters, MemoryAccount& account) {
  auto impl = std::make_unique<Impl>(account);
  for (auto& sorter : sorters) {
    auto& each = sorter.parts();
    impl->left = std::min(impl->left, each.options.limit);
    WEIR_TRY(each.closeRun());
    for (auto& run : each.runs) WEIR_TRY(impl->merge.add(std::move(run)));
    for (auto& run : each.onDisk) impl->onDisk.push_back(std::move(run));
    impl->pieces.rowBytes = std::max(impl->pieces.rowBytes, each.pieces.rowBytes);
    impl->files = each.options.files;
    impl->charges.push_back(std::move(each.charge));
  }
  WEIR_TRY(impl->mergeSome());
  for (auto& run : std::exchange(impl->onDisk, {})) WEIR_TRY(impl->merge.add(std::move(run)));
  return SortedRows(std::move(impl));
}

Result<std::optional<Batch>> SortedRows::next(std::int64_t maxRows, KeyList* keys) {
  if (impl_->left <= 0) return std::nullopt;
  WEIR_ASSIGN(auto batch, impl_->merge.next(impl_->pieces.rowsOut(std::min(maxRows, impl_->left)), keys));
  if (batch) impl_->left -= batch->rows();
  return batch;
}

}  // namespace weir
