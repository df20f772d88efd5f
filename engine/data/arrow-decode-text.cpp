// Texts, bytes, decimals as text, list offsets, and dictionary codes.
#include <algorithm>
#include <cstring>

#include "engine/data/arrow-decode.h"
#include "engine/data/bits.h"
#include "engine/data/blob.h"
#include "engine/data/column-copy.h"
#include "engine/data/value-codec.h"
#include "engine/text/utf8.h"

namespace weir::arrow {
namespace {

constexpr std::int32_t kNoOffsets[2] = {0, 0};

bool isLarge(const ArrowField& field) noexcept {
  return field.layout == Layout::largeBinary || field.layout == Layout::largeUtf8 || field.layout == Layout::largeList;
}

/// An arena with one slot that keeps the buffers of the array alive.
Result<ColumnArena> keepingArena(std::int64_t bytes, const DecodeContext& context) {
  ColumnArena::Plan plan;
  plan.children = 1;
  plan.add(bytes);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, context.account));
  auto* slot = arena.takeChildren(1);
  slot->type = Type::null();
  slot->owner = context.owner;
  return arena;
}

/// Nothing may be split within a character, so checking the run and the cuts is enough.
bool isText(const Column& column, std::int64_t first, std::int64_t last) {
  const auto* chars = static_cast<const char*>(column.values);
  if (!utf8::isValid({chars + first, static_cast<std::size_t>(last - first)})) return false;
  for (std::int64_t row = 0; row <= column.length; ++row) {
    const auto at = column.offsets[column.offset + row];
    if (at < last && (static_cast<std::uint8_t>(chars[at]) & 0xc0) == 0x80) return false;
  }
  return true;
}

Result<void> checkContent(const ArrowField& field, const Column& column) {
  if (column.length == 0) return {};
  const auto first = column.offsets[column.offset];
  const auto last = column.offsets[column.offset + column.length];
  switch (column.type->kind) {
    case Kind::string:
      if (!isText(column, first, last)) return invalidArray(field, "text that is not UTF-8");
      return {};
    case Kind::any:
      for (std::int64_t row = 0; row < column.length; ++row)
        if (!column.isNull(row) && !decodeWholeValue(column.text(row))) return invalidArray(field, "a damaged value");
      return {};
    case Kind::blob:
      for (std::int64_t row = 0; row < column.length; ++row)
        if (!column.isNull(row) && !decodeBlob(column.text(row)))
          return invalidArray(field, "a damaged blob reference");
      return {};
    case Kind::null:
    case Kind::boolean:
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration:
    case Kind::list:
    case Kind::map:
    case Kind::tensor:
      return {};
  }
  return {};
}

Result<void> decodeFixedBinary(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                               Column& column) {
  const auto end = view.offset + view.length;
  if (end * field.bits > kMaxColumnTextBytes) return invalidArray(field, "more than 1 GiB of bytes");
  if (field.bits > 0) WEIR_TRY(needBytes(field, view.buffers[1], end, field.bits));
  if (field.bits == 0 && end > kMaxEmptyRows) return invalidArray(field, "too many rows of no bytes");
  WEIR_ASSIGN(auto arena, keepingArena((end + 1) * 4, context));
  auto* offsets = arena.take<std::int32_t>(end + 1);
  for (std::int64_t i = 0; i <= end; ++i) offsets[i] = static_cast<std::int32_t>(i * field.bits);
  column.offsets = offsets;
  column.owner = arena.block();
  column.values = view.buffers[1].data;
  return {};
}

/// All codes as int32; absent rows get 0. False if one is out of range.
template <class T>
bool widenCodes(const Column& column, const std::byte* data, std::int64_t entries, std::int32_t* to) noexcept {
  bool good = true;
  for (std::int64_t row = 0; row < column.length; ++row) {
    T code;
    std::memcpy(&code, data + (column.offset + row) * static_cast<std::int64_t>(sizeof(T)), sizeof code);
    const auto wide = static_cast<std::uint64_t>(static_cast<std::int64_t>(code));
    const bool inside = wide < static_cast<std::uint64_t>(entries);
    to[row] = inside ? static_cast<std::int32_t>(wide) : 0;
    good = good && (inside || column.isNull(row));
  }
  return good;
}

bool readCodes(const ArrowField& field, const Column& column, const std::byte* data, std::int64_t entries,
               std::int32_t* to) noexcept {
  switch (field.indexBits) {
    case 8:
      return field.indexSigned ? widenCodes<std::int8_t>(column, data, entries, to)
                               : widenCodes<std::uint8_t>(column, data, entries, to);
    case 16:
      return field.indexSigned ? widenCodes<std::int16_t>(column, data, entries, to)
                               : widenCodes<std::uint16_t>(column, data, entries, to);
    case 32:
      return field.indexSigned ? widenCodes<std::int32_t>(column, data, entries, to)
                               : widenCodes<std::uint32_t>(column, data, entries, to);
    default:
      return widenCodes<std::int64_t>(column, data, entries, to);
  }
}

/// The entries in the place of their codes; absent where the row or its entry is.
Result<Column> expandCodes(const Column& column, const Column& entries, const std::int32_t* codes,
                           MemoryAccount& account) {
  if (entries.length == 0) return nullColumn(column.type, column.length, account);
  const std::vector<std::uint32_t> rows(codes, codes + column.length);
  WEIR_ASSIGN(auto plain, gatherColumn(entries, rows, account));
  if (column.validity == nullptr) return plain;
  WEIR_ASSIGN(auto bitmap, Buffer::allocate(bits::bytesFor(column.length), account));
  auto* both = reinterpret_cast<std::uint8_t*>(bitmap.mutableData());
  bits::copy(both, 0, column.validity, column.offset, column.length);
  if (plain.validity != nullptr)
    for (std::int64_t i = 0; i < bits::bytesFor(column.length); ++i)
      both[i] = static_cast<std::uint8_t>(both[i] & plain.validity[i]);
  plain.validity = both;
  plain.validityOwner = bitmap.block();
  plain.nullCount = column.length - bits::countOnes(both, 0, column.length);
  return plain;
}

bool staysDictionary(const Column& entries, std::int64_t rows) {
  return entries.type->kind == Kind::string && !entries.dictionary && entries.nullCount == 0 &&
         entries.length <= kMaxDictionaryEntries && keepsDictionary(entries.length, rows) &&
         entries.offsets[entries.offset + entries.length] - entries.offsets[entries.offset] <= kMaxDictionaryBytes;
}

}  // namespace

Result<void> decodeOffsets(const ArrowField& field, const ArrayView& view, std::int64_t limit,
                           const DecodeContext& context, Column& column) {
  if (view.length == 0) {
    column.offset = 0;
    column.offsets = kNoOffsets;
    return {};
  }
  const auto end = view.offset + view.length;
  const std::int64_t width = isLarge(field) ? 8 : 4;
  const auto& buffer = view.buffers[1];
  WEIR_TRY(needBytes(field, buffer, end + 1, width));
  const auto load = [&](std::int64_t i) {
    std::int64_t value = 0;
    if (width == 8) {
      std::memcpy(&value, buffer.data + i * 8, 8);
    } else {
      std::int32_t narrow = 0;
      std::memcpy(&narrow, buffer.data + i * 4, 4);
      value = narrow;
    }
    return value;
  };
  auto last = load(view.offset);
  bool good = last >= 0;
  for (auto i = view.offset + 1; i <= end; ++i) {
    const auto next = load(i);
    good = good && next >= last;
    last = next;
  }
  if (!good || last > limit) return invalidArray(field, "offsets that do not ascend, or point beyond their data");
  if (width == 4 && reinterpret_cast<std::uintptr_t>(buffer.data) % 4 == 0) {
    column.offsets = reinterpret_cast<const std::int32_t*>(buffer.data);
    column.owner = context.owner;
    return {};
  }
  if (last > 0x7fffffff) return invalidArray(field, "more than 2 GiB in one batch; write smaller batches");
  WEIR_ASSIGN(auto arena, keepingArena((end + 1) * 4, context));
  auto* offsets = arena.take<std::int32_t>(end + 1);
  std::fill_n(offsets, view.offset, 0);
  for (auto i = view.offset; i <= end; ++i) offsets[i] = static_cast<std::int32_t>(load(i));
  column.offsets = offsets;
  column.owner = arena.block();
  return {};
}

Result<void> decodeText(const ArrowField& field, const ArrayView& view, const DecodeContext& context, Column& column) {
  if (field.layout == Layout::fixedBinary) return decodeFixedBinary(field, view, context, column);
  WEIR_TRY(decodeOffsets(field, view, view.buffers[2].size, context, column));
  if (column.length > 0 &&
      column.offsets[column.offset + column.length] - column.offsets[column.offset] > kMaxColumnTextBytes)
    return invalidArray(field, "more than 1 GiB of text in one batch; write smaller batches");
  column.values = view.buffers[2].data != nullptr ? static_cast<const void*>(view.buffers[2].data) : kNoOffsets;
  return checkContent(field, column);
}

Result<Column> decodeCodes(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                           Column column) {
  const auto found = context.dictionaries.find(field.dictionary);
  if (found == context.dictionaries.end())
    return invalidArray(field,
                        "codes of dictionary " + std::to_string(field.dictionary) + ", which did not come before it");
  const auto& entries = found->second;
  const auto width = field.indexBits / 8;
  if (width != 1 && width != 2 && width != 4 && width != 8) return invalidArray(field, "codes of unknown width");
  if (view.length > 0) WEIR_TRY(needBytes(field, view.buffers[1], view.offset + view.length, width));
  ColumnArena::Plan plan;
  plan.children = 1;
  plan.add((view.offset + view.length) * 4);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, context.account));
  // Validity keeps its offset, so the codes must have it too.
  auto* codes = arena.take<std::int32_t>(view.offset + view.length);
  std::fill_n(codes, view.offset, 0);
  if (!readCodes(field, column, view.buffers[1].data, entries.length, codes + view.offset))
    return invalidArray(field, "a code beyond its dictionary");
  if (!staysDictionary(entries, column.length))
    return expandCodes(column, entries, codes + view.offset, context.account);
  auto* slot = arena.takeChildren(1);
  *slot = entries;
  column.owner = arena.block();
  column.values = codes;
  column.children = slot;
  column.dictionary = true;
  return column;
}

}  // namespace weir::arrow
