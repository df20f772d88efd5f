// Copying rows of columns into new memory: gathered by index, or joined end to end.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/data/column-arena.h"

namespace weir {

/// A text column holds no more than this many bytes (formats.md).
inline constexpr std::int64_t kMaxColumnTextBytes = std::int64_t{1} << 30;
/// What a dictionary may hold (formats.md).
inline constexpr std::int64_t kMaxDictionaryEntries = 65'536;
inline constexpr std::int64_t kMaxDictionaryBytes = std::int64_t{1} << 20;

/// Whether `rows` rows keep a dictionary of `entries`.
[[nodiscard]] constexpr bool keepsDictionary(std::int64_t entries, std::int64_t rows) noexcept {
  return entries * 2 < rows;
}

/// Gathers several columns by the same rows, in one allocation for all that is not nested.
[[nodiscard]] Result<void> gatherColumns(std::span<const Column> from, std::span<const std::uint32_t> rows,
                                         std::span<Column> to, MemoryAccount& account);
[[nodiscard]] Result<Column> gatherColumn(const Column& from, std::span<const std::uint32_t> rows,
                                          MemoryAccount& account);

/// The parts of one column, to be joined; all of one type.
using ColumnParts = std::vector<const Column*>;
/// Joins each of `parts` into the column of the same index, in one allocation for all that is not nested.
[[nodiscard]] Result<void> concatColumns(std::span<const ColumnParts> parts, std::span<Column> to,
                                         MemoryAccount& account);
[[nodiscard]] Result<Column> concatColumn(const ColumnParts& parts, MemoryAccount& account);

/// Adds what a column of `rows` rows takes beside its validity. `textBytes`: of a text column; none if it keeps the
/// codes of a dictionary. Error `batch.too_large`.
[[nodiscard]] Result<void> planBuffers(const Type& type, std::int64_t rows, std::optional<std::int64_t> textBytes,
                                       ColumnArena::Plan& plan);
/// Columns of texts: string, bytes, blob, any.
[[nodiscard]] constexpr bool holdsText(Kind kind) noexcept {
  return kind == Kind::string || kind == Kind::bytes || kind == Kind::blob || kind == Kind::any;
}

/// The product of a tensor's shape.
[[nodiscard]] std::int64_t tensorWidth(const Type& type) noexcept;

}  // namespace weir
