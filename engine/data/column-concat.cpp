// Joining columns end to end: buffers are copied whole, offsets rebased, dictionaries merged.
#include <algorithm>
#include <cstring>
#include <optional>

#include "engine/data/bits.h"
#include "engine/data/column-copy.h"
#include "engine/data/dictionary-merge.h"

namespace weir {
namespace {

/// How the parts' codes become one column's; `tables` is empty if all parts have the same dictionary.
struct Codes {
  Column entries;
  std::vector<std::vector<std::int32_t>> tables;
};

struct Join {
  const ColumnParts& parts;
  std::int64_t rows = 0;
  std::int64_t textBytes = 0;
  bool anyNulls = false;
  std::optional<Codes> codes{};
};

std::int64_t plainTextBytes(const Column& part) noexcept {
  if (!part.dictionary) return part.offsets[part.offset + part.length] - part.offsets[part.offset];
  std::int64_t total = 0;
  const auto codes = part.codes();
  const auto* offsets = part.children[0].offsets + part.children[0].offset;
  for (std::int64_t row = 0; row < part.length; ++row) {
    if (part.isNull(row)) continue;
    const auto code = codes[static_cast<std::size_t>(row)];
    total += offsets[code + 1] - offsets[code];
  }
  return total;
}

bool sameEntries(const Column& a, const Column& b) noexcept {
  return a.values == b.values && a.offsets == b.offsets && a.offset == b.offset && a.length == b.length;
}

Result<std::optional<Codes>> joinCodes(const Join& join, MemoryAccount& account) {
  const auto& parts = join.parts;
  for (const auto* part : parts)
    if (!part->dictionary) return std::nullopt;
  const auto& first = parts.front()->children[0];
  const bool shared = std::ranges::all_of(parts, [&](const Column* p) { return sameEntries(first, p->children[0]); });
  // A lone part is copied so that nothing bigger stays alive: then its entries are copied too.
  if (shared && parts.size() > 1) {
    if (!keepsDictionary(first.length, join.rows)) return std::nullopt;
    return Codes{.entries = first, .tables = {}};
  }
  DictionaryMerge merge;
  Codes codes;
  for (const auto* part : parts) {
    auto table = merge.add(part->children[0]);
    if (!table || !keepsDictionary(merge.entryCount(), join.rows)) return std::nullopt;
    codes.tables.push_back(std::move(*table));
  }
  WEIR_ASSIGN(codes.entries, merge.finish(account));
  return codes;
}

Result<void> planJoin(Join& join, ColumnArena::Plan& plan, MemoryAccount& account) {
  const auto& type = *join.parts.front()->type;
  for (const auto* part : join.parts) {
    join.rows += part->length;
    join.anyNulls = join.anyNulls || (part->validity != nullptr && part->nullCount != 0);
  }
  if (join.anyNulls) plan.add(bits::bytesFor(join.rows));
  if (holdsText(type.kind)) {
    WEIR_ASSIGN(join.codes, joinCodes(join, account));
    if (!join.codes) {
      for (const auto* part : join.parts) join.textBytes += plainTextBytes(*part);
    }
  }
  return planBuffers(type, join.rows, join.codes ? std::nullopt : std::optional(join.textBytes), plan);
}

void joinValidity(const Join& join, ColumnArena& arena, Column& to) {
  if (!join.anyNulls) return;
  auto* validity = arena.take<std::uint8_t>(bits::bytesFor(join.rows));
  std::int64_t at = 0;
  for (const auto* part : join.parts) {
    if (part->validity == nullptr) {
      bits::fillOnes(validity, at, part->length);
    } else {
      bits::copy(validity, at, part->validity, part->offset, part->length);
    }
    at += part->length;
  }
  to.nullCount = join.rows - bits::countOnes(validity, 0, join.rows);
  to.validity = to.nullCount > 0 ? validity : nullptr;
}

void joinWords(const Join& join, std::uint64_t* to) {
  for (const auto* part : join.parts) {
    const auto from = part->as<std::uint64_t>();
    if (!from.empty()) std::memcpy(to, from.data(), from.size_bytes());
    to += from.size();
  }
}

void joinPlainText(const Column& part, std::int32_t*& offsets, char* text, std::int32_t& used) {
  if (part.dictionary) {
    for (std::int64_t row = 0; row < part.length; ++row) {
      if (!part.isNull(row)) {
        const auto entry = part.text(row);
        if (!entry.empty()) std::memcpy(text + used, entry.data(), entry.size());
        used += static_cast<std::int32_t>(entry.size());
      }
      *++offsets = used;
    }
    return;
  }
  const auto* from = part.offsets + part.offset;
  const auto bytes = from[part.length] - from[0];
  if (bytes > 0)
    std::memcpy(text + used, static_cast<const char*>(part.values) + from[0], static_cast<std::size_t>(bytes));
  const auto shift = used - from[0];
  auto* to = offsets + 1;
  for (std::int64_t row = 1; row <= part.length; ++row) to[row - 1] = from[row] + shift;
  offsets += part.length;
  used += bytes;
}

void joinText(const Join& join, ColumnArena& arena, Column& to) {
  if (join.codes) {
    auto* codes = arena.take<std::int32_t>(join.rows);
    auto* at = codes;
    for (std::size_t p = 0; p < join.parts.size(); ++p) {
      const auto& part = *join.parts[p];
      const auto from = part.codes();
      if (join.codes->tables.empty()) {
        if (!from.empty()) std::memcpy(at, from.data(), from.size_bytes());
      } else {
        const auto& table = join.codes->tables[p];
        // Absent rows may hold any code.
        for (std::size_t i = 0; i < from.size(); ++i) {
          const auto code = static_cast<std::size_t>(static_cast<std::uint32_t>(from[i]));
          at[i] = code < table.size() ? table[code] : 0;
        }
      }
      at += from.size();
    }
    auto* entries = arena.takeChildren(1);
    *entries = join.codes->entries;
    to.values = codes;
    to.children = entries;
    to.dictionary = true;
    return;
  }
  auto* offsets = arena.take<std::int32_t>(join.rows + 1);
  auto* text = arena.take<char>(join.textBytes);
  to.offsets = offsets;
  to.values = text;
  std::int32_t used = 0;
  offsets[0] = 0;
  for (const auto* part : join.parts) joinPlainText(*part, offsets, text, used);
}

Result<void> joinList(const Join& join, ColumnArena& arena, MemoryAccount& account, Column& to) {
  auto* offsets = arena.take<std::int32_t>(join.rows + 1);
  to.offsets = offsets;
  std::vector<Column> inner;
  std::int64_t used = 0;
  *offsets = 0;
  for (const auto* part : join.parts) {
    const auto* from = part->offsets + part->offset;
    inner.push_back(part->children[0].slice(from[0], from[part->length] - from[0]));
    if (used + from[part->length] - from[0] > 0x7fffffff)
      return fail("batch.too_large", "A list column would hold more than 2^31 elements. Use smaller batches.");
    for (std::int64_t row = 1; row <= part->length; ++row)
      *++offsets = static_cast<std::int32_t>(used + from[row] - from[0]);
    used += from[part->length] - from[0];
  }
  ColumnParts parts;
  for (const auto& column : inner) parts.push_back(&column);
  WEIR_ASSIGN(auto child, concatColumn(parts, account));
  auto* slot = arena.takeChildren(1);
  *slot = std::move(child);
  to.children = slot;
  return {};
}

/// Map and tensor: children run along, `width` of their rows to one of ours.
Result<void> joinAlong(const Join& join, std::int64_t children, std::int64_t width, ColumnArena& arena,
                       MemoryAccount& account, Column& to) {
  if (children == 0) return {};
  auto* slots = arena.takeChildren(children);
  to.children = slots;
  for (std::int64_t c = 0; c < children; ++c) {
    std::vector<Column> inner;
    for (const auto* part : join.parts)
      inner.push_back(part->children[c].slice(part->offset * width, part->length * width));
    ColumnParts parts;
    for (const auto& column : inner) parts.push_back(&column);
    WEIR_ASSIGN(slots[c], concatColumn(parts, account));
  }
  return {};
}

Result<Column> fillJoin(const Join& join, ColumnArena& arena, MemoryAccount& account) {
  Column to;
  to.type = join.parts.front()->type;
  to.owner = arena.block();
  to.length = join.rows;
  joinValidity(join, arena, to);
  switch (to.type->kind) {
    case Kind::null:
      to.nullCount = join.rows;
      break;
    case Kind::boolean: {
      auto* values = arena.take<std::uint8_t>(bits::bytesFor(join.rows));
      std::int64_t at = 0;
      for (const auto* part : join.parts) {
        bits::copy(values, at, static_cast<const std::uint8_t*>(part->values), part->offset, part->length);
        at += part->length;
      }
      to.values = values;
      break;
    }
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::timestamp:
    case Kind::duration: {
      auto* values = arena.take<std::uint64_t>(join.rows);
      joinWords(join, values);
      to.values = values;
      break;
    }
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any:
      joinText(join, arena, to);
      break;
    case Kind::list:
      WEIR_TRY(joinList(join, arena, account, to));
      break;
    case Kind::map:
      WEIR_TRY(joinAlong(join, static_cast<std::int64_t>(to.type->fields.size()), 1, arena, account, to));
      break;
    case Kind::tensor:
      WEIR_TRY(joinAlong(join, 1, tensorWidth(*to.type), arena, account, to));
      break;
  }
  return to;
}

}  // namespace

Result<void> concatColumns(std::span<const ColumnParts> parts, std::span<Column> to, MemoryAccount& account) {
  ColumnArena::Plan plan;
  std::vector<Join> joins;
  joins.reserve(parts.size());
  for (const auto& each : parts) {
    joins.push_back(Join{.parts = each});
    WEIR_TRY(planJoin(joins.back(), plan, account));
  }
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, account));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    WEIR_ASSIGN(to[i], fillJoin(joins[i], arena, account));
  }
  return {};
}

Result<Column> concatColumn(const ColumnParts& parts, MemoryAccount& account) {
  Column to;
  WEIR_TRY(concatColumns({&parts, 1}, {&to, 1}, account));
  return to;
}

}  // namespace weir
