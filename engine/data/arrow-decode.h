// From Arrow arrays, wherever they lie, to columns: checked, without a copy where the layouts agree.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "engine/data/arrow-type.h"
#include "engine/data/column-arena.h"

namespace weir::arrow {

struct Bytes {
  const std::byte* data = nullptr;
  std::int64_t size = 0;
};

/// One array: validity first, then what its layout has. Nothing in it was checked.
struct ArrayView {
  std::int64_t length = 0;
  std::int64_t offset = 0;
  std::array<Bytes, 3> buffers{};
  std::vector<ArrayView> children;
};

/// How many buffers an array of this field has (dictionary-encoded ones: validity and indices).
[[nodiscard]] int bufferCount(const ArrowField& field) noexcept;

/// Entries by dictionary id.
using Dictionaries = std::map<std::int64_t, Column>;

struct DecodeContext {
  const Dictionaries& dictionaries;
  const BlockRef& owner;  // keeps all buffers alive
  MemoryAccount& account;
};

/// Checks sizes, offsets, codes, UTF-8 and encoded values. Errors `arrow.invalid`, `memory.limit`.
[[nodiscard]] Result<Column> decodeArray(const ArrowField& field, const ArrayView& view, const DecodeContext& context);

/// The entries of a dictionary-encoded field: the same array without the encoding.
[[nodiscard]] ArrowField entriesField(const ArrowField& field);

/// Rows that no buffer vouches for are no more than this, lest a few bytes ask for gigabytes.
inline constexpr std::int64_t kMaxEmptyRows = 1'000'000;

// The parts of decodeArray; `column` has type, length, offset and validity already.
[[nodiscard]] std::unexpected<Error> invalidArray(const ArrowField& field, std::string_view why);
[[nodiscard]] Result<void> needBytes(const ArrowField& field, const Bytes& bytes, std::int64_t count,
                                     std::int64_t width);
[[nodiscard]] Result<void> decodeWords(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                                       Column& column);
[[nodiscard]] Result<void> decodeText(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                                      Column& column);
[[nodiscard]] Result<void> decodeDecimalText(const ArrowField& field, const ArrayView& view,
                                             const DecodeContext& context, Column& column);
[[nodiscard]] Result<void> decodeOffsets(const ArrowField& field, const ArrayView& view, std::int64_t limit,
                                         const DecodeContext& context, Column& column);
[[nodiscard]] Result<Column> decodeCodes(const ArrowField& field, const ArrayView& view, const DecodeContext& context,
                                         Column column);

}  // namespace weir::arrow
