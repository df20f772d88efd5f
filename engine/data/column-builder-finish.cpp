// Turning a grown column into its final layout.
#include <cstring>

#include "engine/data/bits.h"
#include "engine/data/column-builder.h"
#include "engine/data/column-copy.h"

namespace weir {
namespace {

std::uint8_t* packed(const std::vector<std::uint8_t>& flags, ColumnArena& arena) {
  const auto count = static_cast<std::int64_t>(flags.size());
  auto* bitmap = arena.take<std::uint8_t>(bits::bytesFor(count));
  if (count > 0) std::memset(bitmap, 0, static_cast<std::size_t>(bits::bytesFor(count)));
  for (std::int64_t i = 0; i < count; ++i)
    bitmap[i >> 3] = static_cast<std::uint8_t>(bitmap[i >> 3] | (flags[static_cast<std::size_t>(i)] << (i & 7)));
  return bitmap;
}

std::int32_t* offsetsOf(const std::vector<std::int32_t>& ends, ColumnArena& arena) {
  auto* offsets = arena.take<std::int32_t>(static_cast<std::int64_t>(ends.size()) + 1);
  offsets[0] = 0;
  if (!ends.empty()) std::memcpy(offsets + 1, ends.data(), ends.size() * 4);
  return offsets;
}

Result<Column> finishAlone(ColumnBuilder& builder, MemoryAccount& account) {
  ColumnArena::Plan plan;
  builder.plan(plan);
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, account));
  return builder.finish(arena, account);
}

}  // namespace

void ColumnBuilder::plan(ColumnArena::Plan& plan) const {
  if (nulls_ > 0) plan.add(bits::bytesFor(rows_));
  plan.children += static_cast<std::int64_t>(children_.size());
  plan.add(static_cast<std::int64_t>(words_.size()) * 8);
  plan.add(bits::bytesFor(static_cast<std::int64_t>(flags_.size())));
  plan.add((static_cast<std::int64_t>(ends_.size()) + 1) * 4);
  plan.add(static_cast<std::int64_t>(text_.size()));
}

Result<Column> ColumnBuilder::finish(ColumnArena& arena, MemoryAccount& account) {
  Column column;
  column.type = type_;
  column.owner = arena.block();
  column.length = rows_;
  column.nullCount = type_->kind == Kind::null ? rows_ : nulls_;
  if (nulls_ > 0 && type_->kind != Kind::null) column.validity = packed(present_, arena);
  WEIR_TRY(finishValues(column, arena, account));
  rows_ = nulls_ = 0;
  present_.clear();
  words_.clear();
  flags_.clear();
  text_.clear();
  ends_.clear();
  return column;
}

Result<void> ColumnBuilder::finishValues(Column& column, ColumnArena& arena, MemoryAccount& account) {
  switch (type_->kind) {
    case Kind::null:
      return {};
    case Kind::boolean:
      column.values = packed(flags_, arena);
      return {};
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::timestamp:
    case Kind::duration: {
      auto* values = arena.take<std::uint64_t>(static_cast<std::int64_t>(words_.size()));
      if (!words_.empty()) std::memcpy(values, words_.data(), words_.size() * 8);
      column.values = values;
      return {};
    }
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any: {
      column.offsets = offsetsOf(ends_, arena);
      auto* text = arena.take<char>(static_cast<std::int64_t>(text_.size()));
      if (!text_.empty()) std::memcpy(text, text_.data(), text_.size());
      column.values = text;
      return {};
    }
    case Kind::list:
      column.offsets = offsetsOf(ends_, arena);
      break;
    case Kind::map:
    case Kind::tensor:
      break;
  }
  if (children_.empty()) return {};
  auto* slots = arena.takeChildren(static_cast<std::int64_t>(children_.size()));
  column.children = slots;
  for (auto& child : children_) {
    WEIR_ASSIGN(*slots++, finishAlone(child, account));
  }
  return {};
}

}  // namespace weir
