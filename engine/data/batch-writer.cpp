// BatchWriter: plans one block for all columns and hands out its pieces.
#include <cstring>

#include "engine/data/batch-builder.h"
#include "engine/data/bits.h"
#include "engine/data/check.h"
#include "engine/data/column-copy.h"

namespace weir {
namespace {

constexpr ColumnRoom kNoRoom{};

/// The bytes that `rows` values of this kind take; -1 for nested kinds, which come whole.
std::int64_t valueBytes(Kind kind, std::int64_t rows, const ColumnRoom& room) noexcept {
  switch (kind) {
    case Kind::boolean:
      return bits::bytesFor(rows);
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::timestamp:
    case Kind::duration:
      return rows * 8;
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any:
      return room.dictionary ? rows * 4 : room.textBytes;
    case Kind::null:
    case Kind::list:
    case Kind::map:
    case Kind::tensor:
      return -1;
  }
  return -1;
}

bool hasOffsets(Kind kind, const ColumnRoom& room) noexcept {
  return (kind == Kind::string || kind == Kind::bytes || kind == Kind::blob || kind == Kind::any) && !room.dictionary;
}

template <class T>
T* writable(const void* values) noexcept {
  return static_cast<T*>(const_cast<void*>(values));
}

}  // namespace

Result<BatchWriter> BatchWriter::make(SchemaRef schema, std::int64_t rows, std::span<const ColumnRoom> room,
                                      MemoryAccount& account) {
  ColumnArena::Plan plan;
  const auto count = schema->size();
  const auto roomOf = [&](std::int64_t i) -> const ColumnRoom& {
    return static_cast<std::size_t>(i) < room.size() ? room[static_cast<std::size_t>(i)] : kNoRoom;
  };
  for (std::int64_t i = 0; i < count; ++i) {
    const auto kind = schema->field(i).type->kind;
    const auto bytes = valueBytes(kind, rows, roomOf(i));
    if (bytes < 0) continue;
    if (roomOf(i).textBytes > kMaxColumnTextBytes)
      return fail("batch.too_large", "A column would hold more than 1 GiB of text. Use smaller batches.");
    plan.add(bytes);
    plan.add(bits::bytesFor(rows));
    if (hasOffsets(kind, roomOf(i))) plan.add((rows + 1) * 4);
    if (roomOf(i).dictionary) ++plan.children;
  }
  auto* data = Batch::Data::make(schema, account);
  if (data == nullptr) return memoryLimit(count * static_cast<std::int64_t>(sizeof(Column)), account);
  BatchWriter writer(Batch::Data::wrap(data), rows);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, account));
  // Counted once for all columns, at the end.
  std::int32_t owners = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    auto& column = data->columns()[i];
    column.type = data->schema->field(i).type;
    const auto kind = column.type->kind;
    const auto bytes = valueBytes(kind, rows, roomOf(i));
    if (bytes < 0) {
      if (kind == Kind::null) column.nullCount = column.length = rows;
      continue;
    }
    column.owner = BlockRef::adopt(arena.block().get());
    ++owners;
    column.length = rows;
    column.values = arena.take<std::byte>(bytes);
    auto* validity = arena.take<std::uint8_t>(bits::bytesFor(rows));
    std::memset(validity, 0xff, static_cast<std::size_t>(bits::bytesFor(rows)));
    column.validity = validity;
    if (hasOffsets(kind, roomOf(i))) {
      auto* offsets = arena.take<std::int32_t>(rows + 1);
      offsets[0] = 0;
      column.offsets = offsets;
    }
    if (roomOf(i).dictionary) {
      column.dictionary = true;
      column.children = arena.takeChildren(1);
    }
  }
  if (owners > 0) arena.block()->retain(owners);
  return writer;
}

Column& BatchWriter::at(std::int64_t column) noexcept { return Batch::Data::of(batch_)->columns()[column]; }

std::int64_t* BatchWriter::ints(std::int64_t column) noexcept { return writable<std::int64_t>(at(column).values); }
std::uint64_t* BatchWriter::uints(std::int64_t column) noexcept { return writable<std::uint64_t>(at(column).values); }
double* BatchWriter::doubles(std::int64_t column) noexcept { return writable<double>(at(column).values); }
std::uint8_t* BatchWriter::bits(std::int64_t column) noexcept { return writable<std::uint8_t>(at(column).values); }
std::int32_t* BatchWriter::codes(std::int64_t column) noexcept { return writable<std::int32_t>(at(column).values); }
char* BatchWriter::text(std::int64_t column) noexcept { return writable<char>(at(column).values); }
std::int32_t* BatchWriter::offsets(std::int64_t column) noexcept {
  return const_cast<std::int32_t*>(at(column).offsets);
}
std::uint8_t* BatchWriter::validity(std::int64_t column) noexcept {
  return const_cast<std::uint8_t*>(at(column).validity);
}
void BatchWriter::markNulls(std::int64_t column, std::int64_t nulls) noexcept { at(column).nullCount += nulls; }

void BatchWriter::setDictionary(std::int64_t column, Column entries) {
  WEIR_CHECK(at(column).dictionary);
  *const_cast<Column*>(at(column).children) = std::move(entries);
}

void BatchWriter::setColumn(std::int64_t column, Column whole) { at(column) = std::move(whole); }

Batch BatchWriter::finish(std::int64_t rows, Envelope envelope) {
  auto* data = Batch::Data::of(batch_);
  data->rows = data->physicalRows = data->represented = rows;
  data->envelope = std::move(envelope);
  for (std::int32_t i = 0; i < data->columnCount; ++i) {
    auto& column = data->columns()[i];
    WEIR_CHECK(column.type && column.length >= rows);
    if (column.length != rows && column.nullCount == column.length) column.nullCount = rows;
    if (column.nullCount == 0) {
      column.validity = nullptr;
      column.validityOwner = {};
    } else if (column.nullCount > rows) {
      column.nullCount = -1;
    }
    column.length = rows;
  }
  return std::move(batch_);
}

}  // namespace weir
