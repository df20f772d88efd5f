// Two ways to make a batch: BatchWriter (sized up front, filled through raw pointers) and BatchBuilder (row by row).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/data/batch.h"

namespace weir {

/// How much room one column needs. `textBytes` for string, bytes, any, blob; `dictionary` gives int32 codes and a
/// dictionary column that is set at finish.
struct ColumnRoom {
  std::int64_t textBytes = 0;
  bool dictionary = false;
};

/// One allocation for the whole batch; the caller fills columns through pointers and then says how many rows came.
/// Scalar kinds only (no list, map, tensor). Validity starts as all-present; clear bits with setNull.
class BatchWriter {
 public:
  /// Room for `rows` rows. Error `memory.limit`.
  [[nodiscard]] static Result<BatchWriter> make(SchemaRef schema, std::int64_t rows, std::span<const ColumnRoom> room,
                                                MemoryAccount& account);
  [[nodiscard]] std::int64_t capacityRows() const noexcept { return rows_; }
  [[nodiscard]] std::int64_t* ints(std::int64_t column) noexcept;  // also timestamp, duration
  [[nodiscard]] std::uint64_t* uints(std::int64_t column) noexcept;
  [[nodiscard]] double* doubles(std::int64_t column) noexcept;
  [[nodiscard]] std::uint8_t* bits(std::int64_t column) noexcept;     // boolean
  [[nodiscard]] std::int32_t* codes(std::int64_t column) noexcept;    // dictionary
  [[nodiscard]] std::int32_t* offsets(std::int64_t column) noexcept;  // rows + 1 entries; [0] is 0
  [[nodiscard]] char* text(std::int64_t column) noexcept;
  /// The bitmap of a column, all ones at first; after clearing bits in it call markNulls.
  [[nodiscard]] std::uint8_t* validity(std::int64_t column) noexcept;
  void markNulls(std::int64_t column, std::int64_t nulls) noexcept;
  void setNull(std::int64_t column, std::int64_t row) noexcept {
    auto* bitmap = validity(column);
    bitmap[row >> 3] = static_cast<std::uint8_t>(bitmap[row >> 3] & ~(1u << (row & 7)));
    markNulls(column, 1);
  }
  /// Entries of a dictionary column (a string column without nulls).
  void setDictionary(std::int64_t column, Column entries);
  /// Replaces a column as a whole (nested kinds, shared columns); `length` >= the rows given to finish.
  void setColumn(std::int64_t column, Column whole);
  /// The first `rows` rows as a batch; the writer is spent.
  [[nodiscard]] Batch finish(std::int64_t rows, Envelope envelope);

 private:
  explicit BatchWriter(Batch batch, std::int64_t rows) noexcept : batch_(std::move(batch)), rows_(rows) {}
  [[nodiscard]] Column& at(std::int64_t column) noexcept;
  Batch batch_;  // its columns point into one block, and belong to the writer until finish
  std::int64_t rows_ = 0;
};

/// Appends values of any kind, nested ones too. Values must fit the field's type: int into float64 is widened, null
/// needs a nullable field; anything else is `schema.mismatch` naming field, expected and found, and the row is not
/// appended.
class BatchBuilder {
 public:
  BatchBuilder(SchemaRef schema, MemoryAccount& account);
  ~BatchBuilder();
  BatchBuilder(BatchBuilder&&) noexcept;
  BatchBuilder& operator=(BatchBuilder&&) noexcept;

  [[nodiscard]] const SchemaRef& schema() const noexcept;
  [[nodiscard]] std::int64_t rows() const noexcept;
  [[nodiscard]] std::int64_t bytes() const noexcept;
  /// Values in field order.
  Result<void> append(std::span<const Value> values);
  /// A map value; absent fields become null; unknown keys are `schema.mismatch`.
  Result<void> appendRow(const Value& map);
  /// A row of another batch with the same schema (physical row).
  Result<void> appendRow(const Batch& from, std::int64_t physicalRow);
  /// All rows so far; the builder starts anew.
  [[nodiscard]] Result<Batch> finish(Envelope envelope = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Builds one column of `type` from values (nulls allowed). Errors: `schema.mismatch`, `memory.limit`.
[[nodiscard]] Result<Column> columnOf(TypeRef type, std::span<const Value> values, MemoryAccount& account);
/// `rows` times the same value.
[[nodiscard]] Result<Column> constantColumn(TypeRef type, const Value& value, std::int64_t rows,
                                            MemoryAccount& account);

/// No rows: a batch that tells a schema.
[[nodiscard]] Result<Batch> emptyBatch(const SchemaRef& schema, MemoryAccount& account);
/// The narrowest type that holds both (int+double -> double, x+null -> nullable x, else any); for inference over rows.
[[nodiscard]] TypeRef commonType(const TypeRef& a, const TypeRef& b);
/// The type of one value (maps give map types with fields in order).
[[nodiscard]] TypeRef typeOf(const Value& value);
/// Schema of rows that may disagree, and a batch of them: what JSON readers and tests use.
[[nodiscard]] Result<Batch> batchOfRows(std::span<const Value> rows, MemoryAccount& account);

}  // namespace weir
