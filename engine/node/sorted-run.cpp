// Sorting keys, and merging sorted runs.
#include "engine/node/sorted-run.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "engine/data/arrow-ipc.h"
#include "engine/data/batch-builder.h"
#include "engine/data/check.h"

namespace weir::sorting {
namespace {

constexpr std::string_view kKeyField = " key";

struct Prefixed {
  std::uint64_t prefix;
  std::uint32_t row;
};

std::size_t commonPrefix(const KeyList& keys) {
  if (keys.size() == 0) return 0;
  const auto first = keys[0];
  auto common = first.size();
  for (std::int64_t i = 1; i < keys.size(); ++i) {
    const auto key = keys[i];
    common = std::min(common, key.size());
    if (std::memcmp(first.data(), key.data(), common) == 0) continue;
    std::size_t at = 0;
    while (at < common && first[at] == key[at]) ++at;
    common = at;
  }
  return common;
}

/// Eight bytes as a number that orders as they do; missing ones count as zero.
std::uint64_t prefixOf(std::string_view key, std::size_t skip) {
  std::uint64_t word = 0;
  const auto count = std::min<std::size_t>(8, key.size() - skip);
  std::memcpy(&word, key.data() + skip, count);
  return std::byteswap(word);
}

/// Least significant byte first; a byte that is the same everywhere costs nothing but its count.
void radixSort(std::vector<Prefixed>& items) {
  std::vector<std::array<std::uint32_t, 256>> counts(8);
  for (const auto& item : items) {
    for (std::size_t byte = 0; byte < 8; ++byte) ++counts[byte][(item.prefix >> (8 * byte)) & 255U];
  }
  std::vector<Prefixed> other(items.size());
  for (std::size_t byte = 0; byte < 8; ++byte) {
    auto& count = counts[byte];
    if (count[(items[0].prefix >> (8 * byte)) & 255U] == items.size()) continue;
    std::uint32_t sum = 0;
    for (auto& each : count) sum += std::exchange(each, sum);
    for (const auto& item : items) other[count[(item.prefix >> (8 * byte)) & 255U]++] = item;
    items.swap(other);
  }
}

}  // namespace

std::vector<std::uint32_t> sortedOrder(const KeyList& keys) {
  std::vector<Prefixed> items(static_cast<std::size_t>(keys.size()));
  std::vector<std::uint32_t> order(items.size());
  if (items.empty()) return order;
  const auto skip = commonPrefix(keys);
  for (std::uint32_t row = 0; row < items.size(); ++row) items[row] = {prefixOf(keys[row], skip), row};
  if (items.size() > 512) {
    radixSort(items);
  } else {
    std::ranges::sort(items, {}, &Prefixed::prefix);
  }
  for (std::size_t from = 0; from < items.size();) {
    auto to = from + 1;
    while (to < items.size() && items[to].prefix == items[from].prefix) ++to;
    if (to - from > 1) {
      std::sort(items.begin() + static_cast<std::ptrdiff_t>(from), items.begin() + static_cast<std::ptrdiff_t>(to),
                [&](const Prefixed& a, const Prefixed& b) { return keys[a.row] < keys[b.row]; });
    }
    from = to;
  }
  for (std::size_t i = 0; i < items.size(); ++i) order[i] = items[i].row;
  return order;
}

Result<Batch> withKeyColumn(const Batch& batch, const KeyList& keys, std::span<const std::uint32_t> order,
                            MemoryAccount& account) {
  std::int64_t bytes = 0;
  for (const auto row : order) bytes += static_cast<std::int64_t>(keys[row].size());
  const auto keySchema = Schema::of({Field{std::string(kKeyField), Type::bytes(), false, false}});
  const std::array<ColumnRoom, 1> room{ColumnRoom{bytes, false}};
  WEIR_ASSIGN(auto writer, BatchWriter::make(keySchema, batch.rows(), room, account));
  auto* offsets = writer.offsets(0);
  auto* text = writer.text(0);
  std::int32_t end = 0;
  for (const auto row : order) {
    const auto key = keys[row];
    std::memcpy(text + end, key.data(), key.size());
    end += static_cast<std::int32_t>(key.size());
    *++offsets = end;
  }
  const auto keyBatch = writer.finish(batch.rows(), {});
  std::vector<Field> fields(batch.schema()->fields().begin(), batch.schema()->fields().end());
  fields.push_back(keySchema->field(0));
  std::vector<Column> columns(batch.columns().begin(), batch.columns().end());
  columns.push_back(keyBatch.column(0));
  return Batch::of(Schema::of(std::move(fields), batch.schema()->version()), std::move(columns), batch.rows(),
                   batch.envelope(), account);
}

Result<Batch> withoutKeyColumn(const Batch& batch) {
  const auto all = batch.schema()->fields();
  std::vector<Field> fields(all.begin(), all.end() - 1);
  return batch.withColumns(Schema::of(std::move(fields), batch.schema()->version()),
                           batch.columns().first(batch.columns().size() - 1));
}

Result<void> saveKeyed(const Batch& batch, const KeyList& keys, StateWriter& to, MemoryAccount& account) {
  std::vector<std::uint32_t> order(static_cast<std::size_t>(batch.rows()));
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  WEIR_ASSIGN(const auto dense, batch.dense());
  WEIR_ASSIGN(const auto keyed, withKeyColumn(dense, keys, order, account));
  const std::array<Batch, 1> one{keyed};
  WEIR_ASSIGN(const auto text, ipc::writeStream(keyed.schema(), one));
  WEIR_TRY(to.write(Value::bytes(text)));
  return {};
}

Result<Batch> restoreKeyed(StateReader& from, KeyList& keys, MemoryAccount& account) {
  WEIR_ASSIGN(const auto saved, from.readValue());
  if (saved.kind() != ValueKind::bytes) return fail("state.mismatch", "saved rows are damaged");
  WEIR_ASSIGN(const auto batches, ipc::readStream(saved.text(), account));
  if (batches.size() != 1 || batches[0].schema()->size() == 0) return fail("state.mismatch", "saved rows are damaged");
  const auto& column = batches[0].column(batches[0].schema()->size() - 1);
  if (column.type->kind != Kind::bytes) return fail("state.mismatch", "saved rows are damaged");
  for (std::int64_t row = 0; row < batches[0].rows(); ++row) keys.append(column.text(row));
  return withoutKeyColumn(batches[0]);
}

std::int64_t RunReader::rowsHere() const {
  return run_.file ? piece_.rows() : static_cast<std::int64_t>(run_.order.size());
}

Result<bool> RunReader::open() {
  if (!run_.file) {
    schema_ = run_.rows.schema();
    return next_ < rowsHere();
  }
  if (piece_ && next_ < piece_.rows()) return true;
  if (run_.pieces.empty()) return false;
  WEIR_ASSIGN(const auto read, run_.file->read(run_.pieces.front(), *account_));
  run_.pieces.pop_front();
  keys_ = read.column(read.schema()->size() - 1);
  WEIR_ASSIGN(piece_, withoutKeyColumn(read));
  schema_ = piece_.schema();
  from_ = next_ = 0;
  return true;
}

std::string_view RunReader::key() const {
  return run_.file ? keys_.text(next_) : run_.keys[run_.order[static_cast<std::size_t>(next_)]];
}

bool RunReader::advance() { return ++next_ < rowsHere(); }

Result<Batch> RunReader::fetch() {
  const auto from = std::exchange(from_, next_);
  if (run_.file) return piece_.slice(from, next_ - from);
  return run_.rows.gather(
      std::span(run_.order).subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(next_ - from)));
}

Result<void> RunMerge::add(SortedRun run) {
  RunReader reader(std::move(run), *account_);
  WEIR_ASSIGN(const auto any, reader.open());
  if (!any) return {};
  heap_.push_back(static_cast<std::uint32_t>(readers_.size()));
  readers_.push_back(std::move(reader));
  std::push_heap(heap_.begin(), heap_.end(), [this](auto a, auto b) { return less(b, a); });
  return {};
}

void RunMerge::siftDown() {
  std::size_t at = 0;
  for (;;) {
    auto least = at;
    for (const auto child : {2 * at + 1, 2 * at + 2}) {
      if (child < heap_.size() && less(heap_[child], heap_[least])) least = child;
    }
    if (least == at) return;
    std::swap(heap_[at], heap_[least]);
    at = least;
  }
}

Result<Batch> RunMerge::assemble(const std::vector<std::uint32_t>& picks) {
  std::vector<Batch> parts;
  std::vector<std::uint32_t> firstOf(readers_.size());
  std::uint32_t rows = 0;
  for (std::size_t i = 0; i < readers_.size(); ++i) {
    if (readers_[i].wanted() == 0) continue;
    firstOf[i] = rows;
    rows += static_cast<std::uint32_t>(readers_[i].wanted());
    WEIR_ASSIGN(auto part, readers_[i].fetch());
    parts.push_back(std::move(part));
  }
  if (parts.size() == 1) return std::move(parts[0]);
  WEIR_ASSIGN(const auto joined, concat(parts, *account_));
  std::vector<std::uint32_t> rowsInOrder;
  rowsInOrder.reserve(picks.size());
  for (const auto reader : picks) rowsInOrder.push_back(firstOf[reader]++);
  return joined.gather(rowsInOrder);
}

Result<std::optional<Batch>> RunMerge::next(std::int64_t maxRows, KeyList* keys) {
  if (heap_.empty()) return std::nullopt;
  std::vector<std::uint32_t> picks;
  const auto schema = readers_[heap_[0]].schema();
  std::optional<std::size_t> dry;  // a reader whose next rows must be read before going on
  while (!dry && !heap_.empty() && static_cast<std::int64_t>(picks.size()) < maxRows) {
    const auto best = heap_[0];
    auto& reader = readers_[best];
    if (reader.schema() != schema) break;
    if (keys != nullptr) keys->append(reader.key());
    picks.push_back(best);
    if (reader.advance()) {
      siftDown();
    } else {
      dry = best;
    }
  }
  WEIR_ASSIGN(auto batch, assemble(picks));
  if (dry) {
    WEIR_ASSIGN(const auto more, readers_[*dry].open());
    if (!more) {
      heap_[0] = heap_.back();
      heap_.pop_back();
    }
    if (!heap_.empty()) siftDown();
  }
  return batch;
}

}  // namespace weir::sorting
