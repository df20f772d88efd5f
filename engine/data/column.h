// Column: one field's values for all rows of a batch, in Arrow layout; immutable, shared, sliced without copying.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/data/buffer.h"
#include "engine/data/type.h"
#include "engine/data/value.h"

namespace weir {

/// A value type of plain pointers plus what keeps them alive. All accessors take logical rows 0..length-1; `offset` is
/// already applied in spans and element accessors, and must be added by whoever reads raw bitmaps.
struct Column {
  TypeRef type;
  BlockRef owner;                          // keeps values, offsets and children alive
  BlockRef validityOwner;                  // keeps validity alive where another block holds it
  const std::uint8_t* validity = nullptr;  // bit set = present; nullptr = no nulls. Bit index: offset + row
  const void* values = nullptr;  // fixed-width values, bitmap (boolean), text bytes, or int32 dictionary indices
  const std::int32_t* offsets = nullptr;  // string, bytes, any, blob, list: offsets[offset + row]
  const Column* children = nullptr;       // list: 1; map: one per field; tensor: 1; dictionary: 1 (the entries)
  std::int64_t offset = 0;
  std::int64_t length = 0;
  std::int64_t nullCount = 0;  // -1: unknown, at most `length`
  bool dictionary = false;     // strings only: values are int32 indices into children[0]

  [[nodiscard]] bool isNull(std::int64_t row) const noexcept {
    if (validity == nullptr) return type->kind == Kind::null;
    const auto bit = offset + row;
    return ((validity[bit >> 3] >> (bit & 7)) & 1) == 0;
  }
  [[nodiscard]] bool mayHaveNulls() const noexcept { return validity != nullptr || type->kind == Kind::null; }

  template <class T>
  [[nodiscard]] std::span<const T> as() const noexcept {
    return {static_cast<const T*>(values) + offset, static_cast<std::size_t>(length)};
  }
  [[nodiscard]] std::span<const std::int64_t> ints() const noexcept { return as<std::int64_t>(); }
  [[nodiscard]] std::span<const std::uint64_t> uints() const noexcept { return as<std::uint64_t>(); }
  [[nodiscard]] std::span<const double> doubles() const noexcept { return as<double>(); }
  /// Dictionary indices (only if `dictionary`).
  [[nodiscard]] std::span<const std::int32_t> codes() const noexcept { return as<std::int32_t>(); }
  [[nodiscard]] bool boolean(std::int64_t row) const noexcept {
    const auto bit = offset + row;
    return ((static_cast<const std::uint8_t*>(values)[bit >> 3] >> (bit & 7)) & 1) != 0;
  }
  /// string, bytes, any, blob: the bytes of one row, through the dictionary if there is one.
  [[nodiscard]] std::string_view text(std::int64_t row) const noexcept {
    if (dictionary) return children[0].text(static_cast<const std::int32_t*>(values)[offset + row]);
    const auto* at = offsets + offset + row;
    return {static_cast<const char*>(values) + at[0], static_cast<std::size_t>(at[1] - at[0])};
  }
  /// list: first and one-past-last index into children[0].
  [[nodiscard]] std::pair<std::int64_t, std::int64_t> listRange(std::int64_t row) const noexcept {
    return {offsets[offset + row], offsets[offset + row + 1]};
  }

  [[nodiscard]] Column slice(std::int64_t from, std::int64_t count) const;
  /// slice, in place.
  void narrow(std::int64_t from, std::int64_t count) noexcept;
  /// Any kind as a single Value (null rows give null). Strings share the column's block.
  [[nodiscard]] Value value(std::int64_t row) const;
  /// Logical bytes: what these rows would take by themselves.
  [[nodiscard]] std::int64_t logicalBytes() const noexcept;
};

}  // namespace weir
