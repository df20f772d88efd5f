// Batches: views of one another where possible, copies where asked for.
#include "engine/data/batch.h"

#include <algorithm>

#include "engine/data/batch-in-place.h"
#include "engine/data/check.h"
#include "engine/data/column-copy.h"

namespace weir {
namespace {

constexpr std::int64_t kIndexBytes = 4;

constexpr std::uint32_t bit(Kind kind) { return std::uint32_t{1} << static_cast<unsigned>(kind); }
constexpr std::uint32_t kEightByteKinds =
    bit(Kind::int64) | bit(Kind::uint64) | bit(Kind::float64) | bit(Kind::timestamp) | bit(Kind::duration);

std::unexpected<Error> refused(const SchemaRef& schema, const MemoryAccount& account) {
  return memoryLimit(schema->size() * static_cast<std::int64_t>(sizeof(Column)), account);
}

/// The surplus of a source's filter goes to the first part, so that the parts add up.
std::int64_t representedBy(const Batch& whole, std::int64_t from, std::int64_t count) {
  return from == 0 ? whole.representedRows() - whole.rows() + count : count;
}

/// Whether nobody else holds the batch that this belongs to.
bool unique(const Batch::Data* data) noexcept {
  return reinterpret_cast<const Block*>(reinterpret_cast<const std::byte*>(data) - Block::kHeaderBytes)->unique();
}

/// Into an envelope that was just made. Field by field, as setOrigin writes: whole envelopes are copied in pieces of
/// other widths, and what was just written would have to reach memory first.
void sliceInto(Envelope& to, const Envelope& from, std::int64_t first, std::int64_t rows) {
  if (from.detail != nullptr) {
    to = from.slice(first, rows);
    return;
  }
  to.origin = from.origin;
  to.partition = from.partition;
  to.firstSequence = from.firstSequence + static_cast<std::uint64_t>(first);
  to.timestampMicros = from.timestampMicros;
  to.priority = from.priority;
}

}  // namespace

Result<Batch> Batch::of(SchemaRef schema, std::vector<Column> columns, std::int64_t rows, Envelope envelope,
                        MemoryAccount& account) {
  WEIR_CHECK(schema != nullptr && static_cast<std::int64_t>(columns.size()) == schema->size());
  auto* data = Data::make(schema, account);
  if (data == nullptr) return refused(schema, account);
  auto batch = Data::wrap(data);
  data->rows = data->physicalRows = data->represented = rows;
  data->envelope = std::move(envelope);
  auto* slot = data->columns();
  for (auto& column : columns) {
    WEIR_CHECK(column.length == rows && column.type);
    *slot++ = std::move(column);
  }
  return batch;
}

Result<Batch> Batch::withColumns(const SchemaRef& schema, std::span<const Column> columns) const {
  WEIR_CHECK(static_cast<std::int64_t>(columns.size()) == schema->size());
  auto* data = Data::makeBare(schema, *data_->account);
  if (data == nullptr) return refused(schema, *data_->account);
  data->rows = data->represented = data_->rows;
  data->physicalRows = data_->physicalRows;
  data->selection = data_->selection;
  data->selected = data_->selected;
  data->envelope = data_->envelope;
  for (const auto& column : columns) WEIR_CHECK(column.length == data->physicalRows);
  data->share(columns);
  return Data::wrap(data);
}

Result<Batch> Batch::rearranged(const SchemaRef& schema, std::span<const std::int32_t> sources,
                                std::span<Column> made) const& {
  WEIR_CHECK(static_cast<std::int64_t>(sources.size()) == schema->size());
  auto* data = Data::makeBare(schema, *data_->account);
  if (data == nullptr) return refused(schema, *data_->account);
  data->rows = data->represented = data_->rows;
  data->physicalRows = data_->physicalRows;
  data->selection = data_->selection;
  data->selected = data_->selected;
  data->envelope = data_->envelope;
  data->arrange(*data_, sources, made);
  return Data::wrap(data);
}

Result<Batch> Batch::rearranged(const SchemaRef& schema, std::span<const std::int32_t> sources,
                                std::span<Column> made) && {
  if (rearrangeInPlace(*this, schema, sources, made)) return std::move(*this);
  return std::as_const(*this).rearranged(schema, sources, made);
}

bool rearrangeInPlace(Batch& batch, const SchemaRef& schema, std::span<const std::int32_t> sources,
                      std::span<Column> made) {
  auto* data = Batch::Data::of(batch);
  bool inPlace = data != nullptr && unique(data) && std::ssize(sources) == data->columnCount;
  for (std::int32_t i = 0; inPlace && i < data->columnCount; ++i) {
    const auto source = sources[static_cast<std::size_t>(i)];
    inPlace = source < 0 || source == i;
  }
  if (!inPlace) return false;
  WEIR_CHECK(static_cast<std::int64_t>(sources.size()) == schema->size());
  for (std::int32_t i = 0; i < data->columnCount; ++i) {
    const auto source = sources[static_cast<std::size_t>(i)];
    if (source >= 0) continue;
    auto& column = made[static_cast<std::size_t>(-1 - source)];
    WEIR_CHECK(column.type && column.length == data->physicalRows);
    data->columns()[i] = std::move(column);
  }
  if (data->schema != schema) data->schema = schema;
  data->represented = data->rows;
  data->prefiltered = false;
  data->pinned.store(-1, std::memory_order_relaxed);
  return true;
}

Batch Batch::physical() const {
  if (!hasSelection()) return *this;
  auto* data = Data::makeAnyway(data_->schema, *data_->account);
  data->rows = data->physicalRows = data->represented = data_->physicalRows;
  data->envelope = data_->envelope;
  data->share(columns());
  return Data::wrap(data);
}

Result<Batch> Batch::withSelection(Buffer indices, std::int64_t count) const {
  WEIR_CHECK(count * kIndexBytes <= indices.size());
  auto* data = Data::makeBare(data_->schema, *data_->account);
  if (data == nullptr) return refused(data_->schema, *data_->account);
  data->rows = data->represented = count;
  data->physicalRows = data_->physicalRows;
  data->selection = std::move(indices);
  data->selected = true;
  data->envelope = data_->envelope;
  data->share(columns());
  return Data::wrap(data);
}

Batch Batch::withEnvelope(Envelope envelope) const {
  auto* data = Data::likeness(*data_);
  data->share(columns());
  data->envelope = std::move(envelope);
  return Data::wrap(data);
}

void Batch::setEnvelope(Envelope envelope) {
  if (block()->unique()) {
    data_->envelope = std::move(envelope);
  } else {
    *this = withEnvelope(std::move(envelope));
  }
}

void setOrigin(Batch& batch, std::uint32_t origin, std::uint64_t firstSequence) {
  if (!unique(Batch::Data::of(batch))) batch = batch.withEnvelope(batch.envelope());
  auto& envelope = Batch::Data::of(batch)->envelope;
  envelope.origin = origin;
  envelope.firstSequence = firstSequence;
}

Batch Batch::withRepresentedRows(std::int64_t rows) const {
  auto* data = Data::likeness(*data_);
  data->share(columns());
  data->represented = rows;
  data->prefiltered = true;
  return Data::wrap(data);
}

const Column* Batch::column(std::string_view name) const noexcept {
  const auto index = schema()->indexOf(name);
  return index < 0 ? nullptr : &column(index);
}

Result<Batch> Batch::dense() const {
  if (!hasSelection()) return *this;
  const auto chosen = selection();
  Batch made;
  const bool run = !chosen.empty() && static_cast<std::size_t>(chosen.back() - chosen.front()) + 1 == chosen.size();
  if (run || chosen.empty()) {
    const std::int64_t first = chosen.empty() ? 0 : chosen.front();
    auto* data = Data::makeAnyway(data_->schema, *data_->account);
    data->share(columns());
    made = Data::wrap(data);
    for (std::int64_t i = 0; i < data->columnCount; ++i) data->columns()[i].narrow(first, data_->rows);
    sliceInto(data->envelope, data_->envelope, first, data_->rows);
  } else {
    auto* data = Data::make(data_->schema, *data_->account);
    if (data == nullptr) return refused(data_->schema, *data_->account);
    made = Data::wrap(data);
    WEIR_TRY(gatherColumns(columns(), chosen, {data->columns(), static_cast<std::size_t>(data->columnCount)},
                           *data_->account));
    data->envelope = data_->envelope.select(chosen.data(), data_->rows);
  }
  made.data_->rows = made.data_->physicalRows = data_->rows;
  made.data_->represented = data_->represented;
  made.data_->prefiltered = data_->prefiltered;
  return made;
}

Batch Batch::slice(std::int64_t from, std::int64_t count) const {
  if (data_ == nullptr || (from == 0 && count == data_->rows)) return *this;
  WEIR_CHECK(from >= 0 && count >= 0 && from + count <= data_->rows);
  auto* data = Data::makeAnyway(data_->schema, *data_->account);
  data->rows = count;
  data->represented = representedBy(*this, from, count);
  data->prefiltered = data_->prefiltered;
  if (data_->selected) {
    data->selected = true;
    data->selection = data_->selection.slice(from * kIndexBytes, count * kIndexBytes);
    data->physicalRows = data_->physicalRows;
    data->envelope = data_->envelope;
    data->share(columns());
    return Data::wrap(data);
  }
  data->physicalRows = count;
  sliceInto(data->envelope, data_->envelope, from, count);
  data->share(columns());
  for (std::int64_t i = 0; i < data->columnCount; ++i) data->columns()[i].narrow(from, count);
  return Data::wrap(data);
}

Result<Batch> Batch::gather(std::span<const std::uint32_t> rows) const {
  auto* data = Data::make(data_->schema, *data_->account);
  if (data == nullptr) return refused(data_->schema, *data_->account);
  auto batch = Data::wrap(data);
  const auto count = static_cast<std::int64_t>(rows.size());
  std::vector<std::uint32_t> physical;
  if (data_->selected) {
    const auto chosen = selection();
    physical.reserve(rows.size());
    for (const auto row : rows) physical.push_back(chosen[row]);
    rows = physical;
  }
  data->rows = data->physicalRows = data->represented = count;
  WEIR_TRY(
      gatherColumns(columns(), rows, {data->columns(), static_cast<std::size_t>(data->columnCount)}, *data_->account));
  data->envelope = data_->envelope.select(rows.data(), count);
  return batch;
}

Result<Batch> Batch::compact(MemoryAccount& account) const {
  WEIR_ASSIGN(auto whole, dense());
  auto* data = Data::make(data_->schema, account);
  if (data == nullptr) return refused(data_->schema, account);
  auto batch = Data::wrap(data);
  data->rows = data->physicalRows = rows();
  data->represented = data_->represented;
  data->prefiltered = data_->prefiltered;
  data->envelope = whole.envelope();
  std::vector<ColumnParts> parts;
  parts.reserve(whole.columns().size());
  for (const auto& column : whole.columns()) parts.push_back({&column});
  WEIR_TRY(concatColumns(parts, {data->columns(), static_cast<std::size_t>(data->columnCount)}, account));
  return batch;
}

Value Batch::value(std::int64_t row, std::int64_t column) const {
  const auto physical = hasSelection() ? static_cast<std::int64_t>(selection()[static_cast<std::size_t>(row)]) : row;
  return data_->columns()[column].value(physical);
}

Value Batch::row(std::int64_t row) const {
  const auto fields = schema()->fields();
  std::vector<MapEntry> entries;
  entries.reserve(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i)
    entries.push_back({Value::string(fields[i].name), value(row, static_cast<std::int64_t>(i))});
  return Value::mapOf(std::move(entries), {});
}

std::int64_t Batch::logicalBytes() const noexcept {
  if (data_ == nullptr || data_->physicalRows == 0) return 0;
  std::int64_t total = 0;
  for (const auto& column : columns()) {
    const bool plain =
        column.validity == nullptr && ((kEightByteKinds >> static_cast<unsigned>(column.type->kind)) & 1U) != 0;
    total += plain ? column.length * 8 : column.logicalBytes();
  }
  if (!data_->selected) return total;
  const auto share = static_cast<double>(data_->rows) / static_cast<double>(data_->physicalRows);
  return static_cast<std::int64_t>(static_cast<double>(total) * share) + data_->rows * kIndexBytes;
}

}  // namespace weir
