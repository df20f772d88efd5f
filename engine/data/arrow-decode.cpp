// Decoding arrays: validity and nesting; values, texts and dictionaries have files of their own.
#include "engine/data/arrow-decode.h"

#include "engine/data/bits.h"
#include "engine/data/column-copy.h"

namespace weir::arrow {
namespace {

constexpr std::int64_t kMaxRows = 0x7fffffff;

Result<void> decodeValidity(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                            Column& column) {
  const auto& bitmap = view.buffers[0];
  if (field.layout == Layout::null && !field.hasDictionary) {
    column.nullCount = column.length;
    return {};
  }
  if (bitmap.data == nullptr || bitmap.size == 0 || view.length == 0) return {};
  WEIR_TRY(needBytes(field, bitmap, bits::bytesFor(view.offset + view.length), 1));
  const auto* ones = reinterpret_cast<const std::uint8_t*>(bitmap.data);
  column.nullCount = view.length - bits::countOnes(ones, view.offset, view.length);
  if (column.nullCount == 0) return {};
  column.validity = ones;
  column.validityOwner = context.owner;
  return {};
}

Result<void> decodeBits(const ArrowField& field, const ArrayView& view, const DecodeContext& context, Column& column) {
  if (view.length == 0) return {};
  WEIR_TRY(needBytes(field, view.buffers[1], bits::bytesFor(view.offset + view.length), 1));
  column.values = view.buffers[1].data;
  column.owner = context.owner;
  return {};
}

/// A column without rows that only keeps `owner` alive beside the children.
Column keeper(const BlockRef& owner) {
  Column column;
  column.type = Type::null();
  column.owner = owner;
  return column;
}

Result<void> adoptChildren(std::vector<Column> children, const DecodeContext& context, Column& column) {
  children.push_back(keeper(column.owner ? column.owner : context.owner));
  WEIR_ASSIGN(column.owner, blockOfColumns(children, context.account));
  column.children = columnsOf(column.owner);
  return {};
}

Result<void> decodeList(const ArrowField& field, const ArrayView& view, const DecodeContext& context, Column& column) {
  if (view.children.size() != 1) return invalidArray(field, "a list without elements array");
  WEIR_ASSIGN(auto child, decodeArray(field.children[0], view.children[0], context));
  WEIR_TRY(decodeOffsets(field, view, child.length, context, column));
  std::vector<Column> children;
  children.push_back(std::move(child));
  return adoptChildren(std::move(children), context, column);
}

Result<void> decodeFixedList(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                             Column& column) {
  if (view.children.size() != 1) return invalidArray(field, "a list without elements array");
  WEIR_ASSIGN(auto child, decodeArray(field.children[0], view.children[0], context));
  const auto end = view.offset + view.length;
  if (field.bits > 0 && child.length / field.bits < end)
    return invalidArray(field, "fewer elements than its rows need");
  if (field.bits == 0 && end > kMaxEmptyRows) return invalidArray(field, "too many rows of no elements");
  if (column.type->kind == Kind::list) {
    ColumnArena::Plan plan;
    plan.add((end + 1) * 4);
    WEIR_ASSIGN(auto arena, ColumnArena::make(plan, context.account));
    auto* offsets = arena.take<std::int32_t>(end + 1);
    for (std::int64_t i = 0; i <= end; ++i) offsets[i] = static_cast<std::int32_t>(i * field.bits);
    column.offsets = offsets;
    column.owner = arena.block();
  }
  std::vector<Column> children;
  children.push_back(std::move(child));
  return adoptChildren(std::move(children), context, column);
}

Result<void> decodeStruct(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                          Column& column) {
  if (view.children.size() != field.children.size()) return invalidArray(field, "a wrong number of members");
  if (field.children.empty()) return {};
  std::vector<Column> children;
  for (std::size_t i = 0; i < field.children.size(); ++i) {
    WEIR_ASSIGN(auto child, decodeArray(field.children[i], view.children[i], context));
    if (child.length < view.offset + view.length) return invalidArray(field, "a member with too few rows");
    children.push_back(std::move(child));
  }
  return adoptChildren(std::move(children), context, column);
}

}  // namespace

std::unexpected<Error> invalidArray(const ArrowField& field, std::string_view why) {
  return fail("arrow.invalid", "The Arrow column `" + field.name + "` is damaged: it has " + std::string(why) +
                                   ". Write the data again.");
}

Result<void> needBytes(const ArrowField& field, const Bytes& bytes, std::int64_t count, std::int64_t width) {
  if (bytes.data == nullptr || bytes.size / width < count)
    return invalidArray(field, "a buffer of " + std::to_string(bytes.size) + " bytes where " + std::to_string(count) +
                                   " values of " + std::to_string(width) + " are needed");
  return {};
}

int bufferCount(const ArrowField& field) noexcept {
  if (field.hasDictionary) return 2;
  switch (field.layout) {
    case Layout::null:
      return 0;
    case Layout::structure:
    case Layout::fixedList:
      return 1;
    case Layout::integer:
    case Layout::floating:
    case Layout::boolean:
    case Layout::decimal:
    case Layout::date:
    case Layout::time:
    case Layout::timestamp:
    case Layout::duration:
    case Layout::fixedBinary:
    case Layout::list:
    case Layout::map:
    case Layout::largeList:
      return 2;
    case Layout::binary:
    case Layout::utf8:
    case Layout::largeBinary:
    case Layout::largeUtf8:
      return 3;
  }
  return 0;
}

ArrowField entriesField(const ArrowField& field) {
  auto entries = field;
  entries.hasDictionary = false;
  return entries;
}

Result<Column> decodeArray(const ArrowField& field, const ArrayView& view, const DecodeContext& context) {
  if (view.length < 0 || view.offset < 0 || view.length > kMaxRows || view.offset > kMaxRows)
    return invalidArray(field, "an impossible number of rows");
  Column column;
  column.type = field.type;
  column.length = view.length;
  column.offset = view.offset;
  WEIR_TRY(decodeValidity(field, view, context, column));
  if (field.hasDictionary) return decodeCodes(field, view, context, std::move(column));
  switch (field.layout) {
    case Layout::null:
      break;
    case Layout::boolean:
      WEIR_TRY(decodeBits(field, view, context, column));
      break;
    case Layout::decimal:
      if (column.type->kind == Kind::string) {
        WEIR_TRY(decodeDecimalText(field, view, context, column));
        break;
      }
      [[fallthrough]];
    case Layout::integer:
    case Layout::floating:
    case Layout::date:
    case Layout::time:
    case Layout::timestamp:
    case Layout::duration:
      WEIR_TRY(decodeWords(field, view, context, column));
      break;
    case Layout::binary:
    case Layout::utf8:
    case Layout::fixedBinary:
    case Layout::largeBinary:
    case Layout::largeUtf8:
      WEIR_TRY(decodeText(field, view, context, column));
      break;
    case Layout::list:
    case Layout::map:
    case Layout::largeList:
      WEIR_TRY(decodeList(field, view, context, column));
      break;
    case Layout::fixedList:
      WEIR_TRY(decodeFixedList(field, view, context, column));
      break;
    case Layout::structure:
      WEIR_TRY(decodeStruct(field, view, context, column));
      break;
  }
  return column;
}

}  // namespace weir::arrow
