// Columns as nodes and buffers: lent where they already have Arrow's form, rebuilt where a slice or dictionary bends
// it.
#include "engine/data/arrow-encode.h"

#include <cstring>

#include "engine/data/bits.h"
#include "engine/data/column-copy.h"

namespace weir::arrow {
namespace {

constexpr std::string_view kZeros(
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    64);

void putInt64(std::string& to, std::int64_t value) {
  char bytes[8];
  std::memcpy(bytes, &value, 8);
  to.append(bytes, 8);
}

void putInt32(std::string& to, std::int64_t value) {
  const auto narrow = static_cast<std::int32_t>(value);
  char bytes[4];
  std::memcpy(bytes, &narrow, 4);
  to.append(bytes, 4);
}

void encodeBits(const std::uint8_t* bitmap, std::int64_t offset, std::int64_t count, Body& body) {
  if (offset % 8 == 0) {
    body.lend(bitmap + offset / 8, bits::bytesFor(count));
    return;
  }
  std::string moved(static_cast<std::size_t>(bits::bytesFor(count)), '\0');
  bits::copy(reinterpret_cast<std::uint8_t*>(moved.data()), 0, bitmap, offset, count);
  body.own(std::move(moved));
}

/// Node and validity buffer.
void encodeHead(const Column& column, Body& body) {
  if (column.type->kind == Kind::null) {
    body.node(column.length, column.length);
    return;
  }
  const auto nulls =
      column.validity == nullptr ? 0 : column.length - bits::countOnes(column.validity, column.offset, column.length);
  body.node(column.length, nulls);
  if (nulls == 0) {
    body.lend(nullptr, 0);
  } else {
    encodeBits(column.validity, column.offset, column.length, body);
  }
}

/// Offsets from 0 on; returns first and last.
std::pair<std::int64_t, std::int64_t> encodeOffsets(const Column& column, Body& body) {
  if (column.length == 0) {
    body.own(std::string(4, '\0'));
    return {0, 0};
  }
  const auto* from = column.offsets + column.offset;
  const std::int64_t first = from[0];
  if (first == 0) {
    body.lend(from, (column.length + 1) * 4);
  } else {
    std::string moved;
    moved.reserve(static_cast<std::size_t>(column.length + 1) * 4);
    for (std::int64_t i = 0; i <= column.length; ++i) putInt32(moved, from[i] - first);
    body.own(std::move(moved));
  }
  return {first, from[column.length]};
}

void encodeExpanded(const Column& column, Body& body) {
  std::string offsets;
  std::string text;
  putInt32(offsets, 0);
  for (std::int64_t row = 0; row < column.length; ++row) {
    if (!column.isNull(row)) text += column.text(row);
    putInt32(offsets, static_cast<std::int64_t>(text.size()));
  }
  body.own(std::move(offsets));
  body.own(std::move(text));
}

void encodeCodes(const Column& column, Body& body) {
  encodeHead(column, body);
  std::string codes;
  codes.reserve(static_cast<std::size_t>(column.length) * 4);
  for (std::int64_t row = 0; row < column.length; ++row) {
    const std::int64_t own = column.dictionary ? column.codes()[static_cast<std::size_t>(row)] : row;
    putInt32(codes, column.isNull(row) ? 0 : own);
  }
  body.own(std::move(codes));
}

void encodeList(const ArrowField& field, const Column& column, Body& body) {
  encodeHead(column, body);
  const auto [first, last] = encodeOffsets(column, body);
  encodeColumn(field.children[0], column.children[0].slice(first, last - first), body);
}

}  // namespace

void Body::lend(const void* data, std::int64_t bytes) {
  putInt64(buffers_, bytes_);
  putInt64(buffers_, bytes);
  pieces_.emplace_back(static_cast<const char*>(data), static_cast<std::size_t>(bytes));
  bytes_ += (bytes + alignment_ - 1) / alignment_ * alignment_;
}

void Body::own(std::string bytes) {
  owned_.push_back(std::move(bytes));
  lend(owned_.back().data(), static_cast<std::int64_t>(owned_.back().size()));
}

void Body::node(std::int64_t rows, std::int64_t nulls) {
  putInt64(nodes_, rows);
  putInt64(nodes_, nulls);
}

Result<void> Body::writeTo(const Sink& sink) const {
  for (const auto piece : pieces_) {
    if (piece.empty()) continue;
    WEIR_TRY(sink(piece));
    const auto over = piece.size() % static_cast<std::size_t>(alignment_);
    if (over != 0) WEIR_TRY(sink(kZeros.substr(0, static_cast<std::size_t>(alignment_) - over)));
  }
  return {};
}

Column entriesOf(const Column& column) {
  if (column.dictionary) return column.children[0];
  auto entries = column;
  // Absent entries stay empty texts: the codes say what is absent.
  entries.validity = nullptr;
  entries.validityOwner = {};
  entries.nullCount = 0;
  return entries;
}

void encodeColumn(const ArrowField& field, const Column& column, Body& body) {
  if (field.hasDictionary) {
    encodeCodes(column, body);
    return;
  }
  const auto kind = column.type->kind;
  if (kind == Kind::list) {
    encodeList(field, column, body);
    return;
  }
  encodeHead(column, body);
  switch (kind) {
    case Kind::null:
    case Kind::list:
      return;
    case Kind::boolean:
      encodeBits(static_cast<const std::uint8_t*>(column.values), column.offset, column.length, body);
      return;
    case Kind::int64:
    case Kind::uint64:
    case Kind::float64:
    case Kind::timestamp:
    case Kind::duration:
      body.lend(column.uints().data(), column.length * 8);
      return;
    case Kind::string:
    case Kind::bytes:
    case Kind::blob:
    case Kind::any: {
      if (column.dictionary) {
        encodeExpanded(column, body);
        return;
      }
      const auto [first, last] = encodeOffsets(column, body);
      body.lend(static_cast<const char*>(column.values) + first, last - first);
      return;
    }
    case Kind::map:
      for (std::size_t i = 0; i < field.children.size(); ++i)
        encodeColumn(field.children[i], column.children[i].slice(column.offset, column.length), body);
      return;
    case Kind::tensor: {
      const auto width = tensorWidth(*column.type);
      encodeColumn(field.children[0], column.children[0].slice(column.offset * width, column.length * width), body);
      return;
    }
  }
}

}  // namespace weir::arrow
