// Gathering: first what it takes, then the copying; nested columns recurse with indices of their children.
#include <cstring>

#include "engine/data/bits.h"
#include "engine/data/column-copy.h"

namespace weir {
namespace {

using Rows = std::span<const std::uint32_t>;

std::int64_t countOf(Rows rows) noexcept { return static_cast<std::int64_t>(rows.size()); }

bool keepsCodes(const Column& from, Rows rows) noexcept {
  return from.dictionary && keepsDictionary(from.children[0].length, countOf(rows));
}

std::int64_t textBytes(const Column& from, Rows rows) noexcept {
  std::int64_t total = 0;
  if (from.dictionary) {
    const auto codes = from.codes();
    const auto* offsets = from.children[0].offsets + from.children[0].offset;
    for (const auto row : rows) {
      if (from.isNull(row)) continue;
      const auto code = codes[row];
      total += offsets[code + 1] - offsets[code];
    }
    return total;
  }
  const auto* offsets = from.offsets + from.offset;
  for (const auto row : rows) total += offsets[row + 1] - offsets[row];
  return total;
}

Result<void> planColumn(const Column& from, Rows rows, ColumnArena::Plan& plan) {
  const auto count = countOf(rows);
  if (from.validity != nullptr) plan.add(bits::bytesFor(count));
  std::optional<std::int64_t> text;
  if (holdsText(from.type->kind) && !keepsCodes(from, rows)) text = textBytes(from, rows);
  return planBuffers(*from.type, count, text, plan);
}

void gatherWords(const Column& from, Rows rows, std::uint64_t* to) noexcept {
  const auto* values = static_cast<const std::uint64_t*>(from.values) + from.offset;
  const auto* at = rows.data();
  const auto count = rows.size();
  for (std::size_t i = 0; i < count; ++i) to[i] = values[at[i]];
}

void copyText(char* to, const char* from, std::int32_t size) noexcept {
  // Short texts dominate; a call of memcpy for each costs more than the bytes.
  if (size <= 16) {
    if (size >= 8) {
      std::uint64_t head = 0;
      std::uint64_t tail = 0;
      std::memcpy(&head, from, 8);
      std::memcpy(&tail, from + size - 8, 8);
      std::memcpy(to, &head, 8);
      std::memcpy(to + size - 8, &tail, 8);
      return;
    }
    for (std::int32_t i = 0; i < size; ++i) to[i] = from[i];
    return;
  }
  std::memcpy(to, from, static_cast<std::size_t>(size));
}

void gatherText(const Column& from, Rows rows, ColumnArena& arena, Column& to) {
  const auto count = countOf(rows);
  auto* offsets = arena.take<std::int32_t>(count + 1);
  auto* text = arena.take<char>(textBytes(from, rows));
  std::int32_t used = 0;
  offsets[0] = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto row = static_cast<std::int64_t>(rows[static_cast<std::size_t>(i)]);
    if (!from.dictionary || !from.isNull(row)) {
      const auto part = from.text(row);
      copyText(text + used, part.data(), static_cast<std::int32_t>(part.size()));
      used += static_cast<std::int32_t>(part.size());
    }
    offsets[i + 1] = used;
  }
  to.offsets = offsets;
  to.values = text;
}

void gatherCodes(const Column& from, Rows rows, ColumnArena& arena, Column& to) {
  auto* codes = arena.take<std::int32_t>(countOf(rows));
  const auto* values = static_cast<const std::int32_t*>(from.values) + from.offset;
  const auto* at = rows.data();
  const auto count = rows.size();
  for (std::size_t i = 0; i < count; ++i) codes[i] = values[at[i]];
  auto* entries = arena.takeChildren(1);
  *entries = from.children[0];
  to.values = codes;
  to.children = entries;
  to.dictionary = true;
}

Result<void> gatherList(const Column& from, Rows rows, ColumnArena& arena, MemoryAccount& account, Column& to) {
  const auto count = countOf(rows);
  auto* offsets = arena.take<std::int32_t>(count + 1);
  std::vector<std::uint32_t> inner;
  offsets[0] = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto row = static_cast<std::int64_t>(rows[static_cast<std::size_t>(i)]);
    if (!from.isNull(row)) {
      const auto [first, last] = from.listRange(row);
      for (auto k = first; k < last; ++k) inner.push_back(static_cast<std::uint32_t>(k));
    }
    if (inner.size() > 0x7fffffff)
      return fail("batch.too_large", "A list column would hold more than 2^31 elements. Use smaller batches.");
    offsets[i + 1] = static_cast<std::int32_t>(inner.size());
  }
  WEIR_ASSIGN(auto child, gatherColumn(from.children[0], inner, account));
  auto* slot = arena.takeChildren(1);
  *slot = std::move(child);
  to.offsets = offsets;
  to.children = slot;
  return {};
}

Result<void> gatherMap(const Column& from, Rows rows, ColumnArena& arena, MemoryAccount& account, Column& to) {
  const auto fields = static_cast<std::int64_t>(from.type->fields.size());
  if (fields == 0) return {};
  std::vector<std::uint32_t> shifted;
  if (from.offset != 0) {
    shifted.assign(rows.begin(), rows.end());
    for (auto& row : shifted) row += static_cast<std::uint32_t>(from.offset);
  }
  auto* slots = arena.takeChildren(fields);
  for (std::int64_t f = 0; f < fields; ++f) {
    WEIR_ASSIGN(auto child, gatherColumn(from.children[f], from.offset != 0 ? Rows(shifted) : rows, account));
    slots[f] = std::move(child);
  }
  to.children = slots;
  return {};
}

Result<void> gatherTensor(const Column& from, Rows rows, ColumnArena& arena, MemoryAccount& account, Column& to) {
  const auto width = tensorWidth(*from.type);
  std::vector<std::uint32_t> inner;
  inner.reserve(rows.size() * static_cast<std::size_t>(width));
  for (const auto row : rows)
    for (std::int64_t k = 0; k < width; ++k)
      inner.push_back(static_cast<std::uint32_t>((from.offset + row) * width + k));
  WEIR_ASSIGN(auto child, gatherColumn(from.children[0], inner, account));
  auto* slot = arena.takeChildren(1);
  *slot = std::move(child);
  to.children = slot;
  return {};
}

Result<Column> fillColumn(const Column& from, Rows rows, ColumnArena& arena, MemoryAccount& account) {
  const auto count = countOf(rows);
  Column to;
  to.type = from.type;
  to.owner = arena.block();
  to.length = count;
  if (from.type->kind == Kind::null) {
    to.nullCount = count;
  } else if (from.validity != nullptr) {
    auto* validity = arena.take<std::uint8_t>(bits::bytesFor(count));
    to.nullCount = count - bits::gather(validity, from.validity, from.offset, rows.data(), count);
    to.validity = to.nullCount > 0 ? validity : nullptr;
  }
  switch (from.type->kind) {
    case Kind::null:
      break;
    case Kind::boolean: {
      auto* values = arena.take<std::uint8_t>(bits::bytesFor(count));
      bits::gather(values, static_cast<const std::uint8_t*>(from.values), from.offset, rows.data(), count);
      to.values = values;
      break;
    }
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::timestamp:
    case Kind::duration: {
      auto* values = arena.take<std::uint64_t>(count);
      gatherWords(from, rows, values);
      to.values = values;
      break;
    }
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any:
      if (keepsCodes(from, rows)) {
        gatherCodes(from, rows, arena, to);
      } else {
        gatherText(from, rows, arena, to);
      }
      break;
    case Kind::list:
      WEIR_TRY(gatherList(from, rows, arena, account, to));
      break;
    case Kind::map:
      WEIR_TRY(gatherMap(from, rows, arena, account, to));
      break;
    case Kind::tensor:
      WEIR_TRY(gatherTensor(from, rows, arena, account, to));
      break;
  }
  return to;
}

}  // namespace

Result<void> planBuffers(const Type& type, std::int64_t rows, std::optional<std::int64_t> textBytes,
                         ColumnArena::Plan& plan) {
  switch (type.kind) {
    case Kind::null:
      break;
    case Kind::boolean:
      plan.add(bits::bytesFor(rows));
      break;
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::timestamp:
    case Kind::duration:
      plan.add(rows * 8);
      break;
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any:
      if (!textBytes) {
        plan.add(rows * 4);
        ++plan.children;
        break;
      }
      if (*textBytes > kMaxColumnTextBytes)
        return fail("batch.too_large", "A column would hold " + std::to_string(*textBytes) +
                                           " bytes of text; 1 GiB is the most. Use smaller batches.");
      plan.add((rows + 1) * 4);
      plan.add(*textBytes);
      break;
    case Kind::list:
      plan.add((rows + 1) * 4);
      ++plan.children;
      break;
    case Kind::map:
      plan.children += static_cast<std::int64_t>(type.fields.size());
      break;
    case Kind::tensor:
      ++plan.children;
      break;
  }
  return {};
}

std::int64_t tensorWidth(const Type& type) noexcept {
  std::int64_t width = 1;
  for (const auto n : type.shape) width *= n;
  return width;
}

Result<void> gatherColumns(std::span<const Column> from, Rows rows, std::span<Column> to, MemoryAccount& account) {
  ColumnArena::Plan plan;
  for (const auto& column : from) WEIR_TRY(planColumn(column, rows, plan));
  WEIR_ASSIGN(auto arena, ColumnArena::make(plan, account));
  for (std::size_t i = 0; i < from.size(); ++i) {
    WEIR_ASSIGN(to[i], fillColumn(from[i], rows, arena, account));
  }
  return {};
}

Result<Column> gatherColumn(const Column& from, Rows rows, MemoryAccount& account) {
  Column to;
  WEIR_TRY(gatherColumns({&from, 1}, rows, {&to, 1}, account));
  return to;
}

}  // namespace weir
