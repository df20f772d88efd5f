// ColumnBuilder: one growing column of any kind, filled value by value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/data/column-arena.h"

namespace weir {

/// Where a value goes, for messages: `order.items.price`.
struct FieldPath {
  const FieldPath* parent = nullptr;
  std::string_view name;
  [[nodiscard]] std::string text() const;
};

class ColumnBuilder {
 public:
  ColumnBuilder(TypeRef type, bool nullable);

  [[nodiscard]] const TypeRef& type() const noexcept { return type_; }
  [[nodiscard]] std::int64_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::int64_t bytes() const noexcept;
  /// On error (`schema.mismatch`, `value.too_deep`) rows may have been left half-appended: truncate.
  Result<void> append(const Value& value, const FieldPath& path);
  /// The value of a column of the same type.
  Result<void> appendFrom(const Column& column, std::int64_t row, const FieldPath& path);
  /// Back to the first `rows` rows.
  void truncate(std::int64_t rows);
  void plan(ColumnArena::Plan& plan) const;
  /// Writes all rows into the arena (children into blocks of their own) and starts anew.
  [[nodiscard]] Result<Column> finish(ColumnArena& arena, MemoryAccount& account);

 private:
  void appendPresent();
  void appendAbsent();
  Result<void> appendPresentValue(const Value& value, const FieldPath& path);
  Result<void> appendText(std::string_view text, const FieldPath& path);
  Result<void> appendTime(const Value& value, const FieldPath& path);
  Result<void> appendList(const Value& value, const FieldPath& path);
  Result<void> appendMap(const Value& value, const FieldPath& path);
  Result<void> appendTensor(const Value& value, const FieldPath& path);
  [[nodiscard]] Result<void> tensorElements(const Value& value, const FieldPath& path, std::size_t dimension);
  [[nodiscard]] std::unexpected<Error> mismatch(const Value& value, const FieldPath& path) const;
  Result<void> finishValues(Column& column, ColumnArena& arena, MemoryAccount& account);

  TypeRef type_;
  bool nullable_;
  std::int64_t rows_ = 0;
  std::int64_t nulls_ = 0;
  std::vector<std::uint8_t> present_;  // a byte a row; empty while there is no null
  std::vector<std::uint64_t> words_;   // fixed-width kinds
  std::vector<std::uint8_t> flags_;    // boolean
  std::string text_;
  std::vector<std::int32_t> ends_;  // text and list
  std::vector<ColumnBuilder> children_;
};

}  // namespace weir
