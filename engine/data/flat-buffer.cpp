// Layout after the FlatBuffers internals document: a table begins with the distance back to its vtable.
#include "engine/data/flat-buffer.h"

#include <algorithm>

namespace weir::flat {
namespace {

constexpr std::int64_t kLargestAlignment = 8;

/// -1 if the bytes are not there.
std::int64_t readInt(const Source& source, std::int64_t at, std::int64_t bytes, std::int64_t& value) noexcept {
  if (at < 0 || at + bytes > static_cast<std::int64_t>(source.bytes.size())) return -1;
  std::uint64_t bits = 0;
  std::memcpy(&bits, source.bytes.data() + at, static_cast<std::size_t>(bytes));
  value = static_cast<std::int64_t>(bits);
  return 0;
}

}  // namespace

Writer::Writer() { put(0, 4); }

void Writer::align(std::int64_t to, std::int64_t ahead) {
  while ((static_cast<std::int64_t>(out_.size()) + ahead) % to != 0) out_ += '\0';
}

void Writer::put(std::uint64_t value, std::int64_t bytes) {
  for (std::int64_t i = 0; i < bytes; ++i, value >>= 8) out_ += static_cast<char>(value & 0xff);
}

std::int64_t Writer::table(std::span<const Slot> slots) {
  std::int32_t ids = 0;
  for (const auto& slot : slots) ids = std::max(ids, slot.id + 1);
  const std::int64_t vtableBytes = 4 + 2 * ids;
  // The largest fields first leave no holes; the table itself starts at 4 modulo 8.
  std::string offsets(static_cast<std::size_t>(2 * ids), '\0');
  std::int64_t next = 4;
  for (std::int32_t width = 8; width > 0; width /= 2) {
    for (const auto& slot : slots) {
      if (slot.bytes != width) continue;
      offsets[static_cast<std::size_t>(2 * slot.id)] = static_cast<char>(next & 0xff);
      offsets[static_cast<std::size_t>(2 * slot.id + 1)] = static_cast<char>(next >> 8);
      next += width;
    }
  }
  align(kLargestAlignment, vtableBytes + 4);
  const auto vtable = static_cast<std::int64_t>(out_.size());
  put(static_cast<std::uint64_t>(vtableBytes), 2);
  put(static_cast<std::uint64_t>(next), 2);
  out_ += offsets;
  const auto at = static_cast<std::int64_t>(out_.size());
  put(static_cast<std::uint64_t>(at - vtable), 4);
  for (std::int32_t width = 8; width > 0; width /= 2)
    for (const auto& slot : slots)
      if (slot.bytes == width) put(slot.reference ? 0 : slot.value, width);
  return at;
}

std::int64_t Writer::slotOf(std::int64_t table, std::int32_t id) const {
  const Source source{.bytes = out_};
  std::int64_t back = 0;
  std::int64_t offset = 0;
  static_cast<void>(readInt(source, table, 4, back));
  static_cast<void>(readInt(source, table - back + 4 + 2 * id, 2, offset));
  return table + offset;
}

void Writer::point(std::int64_t reference, std::int64_t target) {
  auto distance = static_cast<std::uint64_t>(target - reference);
  for (std::int64_t i = 0; i < 4; ++i, distance >>= 8)
    out_[static_cast<std::size_t>(reference + i)] = static_cast<char>(distance & 0xff);
}

std::int64_t Writer::text(std::string_view text) {
  align(4);
  const auto at = static_cast<std::int64_t>(out_.size());
  put(text.size(), 4);
  out_ += text;
  out_ += '\0';
  return at;
}

std::int64_t Writer::references(std::int64_t count) {
  align(4);
  const auto at = static_cast<std::int64_t>(out_.size());
  put(static_cast<std::uint64_t>(count), 4);
  for (std::int64_t i = 0; i < count; ++i) put(0, 4);
  return at;
}

std::int64_t Writer::structs(std::string_view bytes, std::int64_t count) {
  align(kLargestAlignment, 4);
  const auto at = static_cast<std::int64_t>(out_.size());
  put(static_cast<std::uint64_t>(count), 4);
  out_ += bytes;
  return at;
}

Table::Table(Source& source, std::int64_t at) noexcept {
  std::int64_t back = 0;
  std::int64_t vtableBytes = 0;
  std::int64_t tableBytes = 0;
  bool good = readInt(source, at, 4, back) == 0;
  const auto vtable = at - static_cast<std::int32_t>(back);
  good = good && readInt(source, vtable, 2, vtableBytes) == 0 && readInt(source, vtable + 2, 2, tableBytes) == 0;
  const auto size = static_cast<std::int64_t>(source.bytes.size());
  good = good && vtableBytes >= 4 && vtable + vtableBytes <= size && tableBytes >= 4 && at + tableBytes <= size;
  if (!good) {
    source.bad = true;
    return;
  }
  source_ = &source;
  at_ = at;
  vtable_ = vtable;
  vtableBytes_ = vtableBytes;
  tableBytes_ = tableBytes;
}

Table Table::root(Source& source) noexcept {
  std::int64_t at = 0;
  if (readInt(source, 0, 4, at) != 0) {
    source.bad = true;
    return {};
  }
  return Table(source, at);
}

std::int64_t Table::field(std::int32_t id, std::int64_t bytes) const noexcept {
  const std::int64_t entry = 4 + 2 * id;
  if (source_ == nullptr || entry + 2 > vtableBytes_) return -1;
  std::int64_t offset = 0;
  static_cast<void>(readInt(*source_, vtable_ + entry, 2, offset));
  if (offset == 0) return -1;
  if (offset + bytes > tableBytes_) {
    source_->bad = true;
    return -1;
  }
  return at_ + offset;
}

std::int64_t Table::follow(std::int32_t id) const noexcept {
  const auto at = field(id, 4);
  if (at < 0) return -1;
  std::int64_t distance = 0;
  static_cast<void>(readInt(*source_, at, 4, distance));
  return at + distance;
}

Table Table::table(std::int32_t id) const noexcept {
  const auto at = follow(id);
  return at < 0 ? Table() : Table(*source_, at);
}

std::string_view Table::text(std::int32_t id) const noexcept {
  const auto at = follow(id);
  if (at < 0) return {};
  std::int64_t size = 0;
  if (readInt(*source_, at, 4, size) != 0 || at + 4 + size > static_cast<std::int64_t>(source_->bytes.size())) {
    source_->bad = true;
    return {};
  }
  return source_->bytes.substr(static_cast<std::size_t>(at + 4), static_cast<std::size_t>(size));
}

Vector Table::vector(std::int32_t id, std::int64_t width) const noexcept {
  const auto at = follow(id);
  if (at < 0) return {};
  std::int64_t count = 0;
  if (readInt(*source_, at, 4, count) != 0 ||
      at + 4 + count * width > static_cast<std::int64_t>(source_->bytes.size())) {
    source_->bad = true;
    return {};
  }
  return Vector(*source_, at + 4, count, width);
}

Table Vector::table(std::int64_t index) const noexcept {
  const auto at = at_ + index * width_;
  std::int64_t distance = 0;
  if (index < 0 || index >= count_ || readInt(*source_, at, 4, distance) != 0) return {};
  return Table(*source_, at + distance);
}

std::int64_t Vector::int64(std::int64_t index, std::int64_t member) const noexcept {
  std::int64_t value = 0;
  if (index >= 0 && index < count_) static_cast<void>(readInt(*source_, at_ + index * width_ + member * 8, 8, value));
  return value;
}

}  // namespace weir::flat
