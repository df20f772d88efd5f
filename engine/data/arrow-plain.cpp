// Dictionaries written out, for consumers whose schema has no room for them.
#include <cstring>

#include "engine/data/arrow-c-schema.h"
#include "engine/data/bits.h"
#include "engine/data/column-arena.h"

namespace weir::arrow {
namespace {

bool holdsDictionary(const Column& column);

std::int64_t childCount(const Column& column) {
  if (column.children == nullptr || column.dictionary) return 0;
  return column.type->kind == Kind::map ? static_cast<std::int64_t>(column.type->fields.size()) : 1;
}

bool holdsDictionary(const Column& column) {
  if (column.dictionary) return true;
  for (std::int64_t i = 0; i < childCount(column); ++i) {
    if (holdsDictionary(column.children[i])) return true;
  }
  return false;
}

/// The texts of the rows, one after another.
Result<Column> writtenOut(const Column& from, MemoryAccount& account) {
  const auto rows = from.length;
  std::int64_t textBytes = 0;
  for (std::int64_t row = 0; row < rows; ++row)
    textBytes += from.isNull(row) ? 0 : static_cast<std::int64_t>(from.text(row).size());
  if (textBytes > INT32_MAX) {
    return fail(
        "arrow.unsupported",
        "A column of texts has more than 2 GiB when its dictionary is written out; hand over fewer rows at once.");
  }
  ColumnArena::Plan plan;
  plan.add(bits::bytesFor(rows));
  plan.add((rows + 1) * 4);
  plan.add(textBytes);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, account));
  Column to;
  to.type = from.type;
  to.owner = arena.block();
  to.length = rows;
  if (from.validity != nullptr) {
    auto* validity = arena.take<std::uint8_t>(bits::bytesFor(rows));
    bits::copy(validity, 0, from.validity, from.offset, rows);
    to.validity = validity;
    to.nullCount = rows - bits::countOnes(validity, 0, rows);
  }
  auto* offsets = arena.take<std::int32_t>(rows + 1);
  auto* text = arena.take<char>(textBytes);
  std::int32_t used = 0;
  offsets[0] = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    if (!from.isNull(row)) {
      const auto one = from.text(row);
      if (!one.empty()) std::memcpy(text + used, one.data(), one.size());
      used += static_cast<std::int32_t>(one.size());
    }
    offsets[row + 1] = used;
  }
  to.offsets = offsets;
  to.values = text;
  return to;
}

Result<Column> plainColumn(const Column& column, MemoryAccount& account) {
  if (column.dictionary) return writtenOut(column, account);
  if (!holdsDictionary(column)) return column;
  std::vector<Column> children;
  for (std::int64_t i = 0; i < childCount(column); ++i) {
    WEIR_ASSIGN(auto child, plainColumn(column.children[i], account));
    children.push_back(std::move(child));
  }
  // The block of the children keeps the buffers that this column has beside them.
  children.push_back(column);
  WEIR_ASSIGN(auto block, blockOfColumns(children, account));
  auto plain = column;
  plain.children = columnsOf(block);
  if (!plain.validityOwner) plain.validityOwner = plain.owner;
  plain.owner = std::move(block);
  return plain;
}

}  // namespace

Result<Batch> withoutDictionaries(const Batch& batch, MemoryAccount& account) {
  WEIR_ASSIGN(const auto dense, batch.dense());
  std::vector<Column> columns;
  for (const auto& column : dense.columns()) {
    WEIR_ASSIGN(auto plain, plainColumn(column, account));
    columns.push_back(std::move(plain));
  }
  return Batch::of(dense.schema(), std::move(columns), dense.rows(), dense.envelope(), account);
}

}  // namespace weir::arrow
