// Batch: a small immutable table; what moves along an edge. A message is a row of a batch.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/column.h"
#include "engine/data/envelope.h"
#include "engine/data/schema.h"

namespace weir {

/// The most rows a node emits at once.
inline constexpr std::int64_t kMaxBatchRows = 16'384;

/// A cheap handle (one pointer) to an immutable table. `rows()` are the logical rows: with a selection, the selected
/// ones. Most nodes get dense batches (`acceptsSelection` in schema.json says otherwise).
class Batch {
 public:
  Batch() noexcept = default;
  Batch(const Batch& other) noexcept;
  Batch(Batch&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  Batch& operator=(Batch other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~Batch();

  /// Columns have `rows` rows each and match `schema`. Error `memory.limit`.
  [[nodiscard]] static Result<Batch> of(SchemaRef schema, std::vector<Column> columns, std::int64_t rows,
                                        Envelope envelope, MemoryAccount& account);
  /// The same rows under another schema and columns (of the same physical length); selection and envelope stay.
  [[nodiscard]] Result<Batch> withColumns(SchemaRef schema, std::span<const Column> columns) const;
  /// withColumns of this batch's columns and of others: column i is column `sources[i]` of this batch or, if that is
  /// negative, `made[-1 - sources[i]]`, which is moved out (so each at most once).
  [[nodiscard]] Result<Batch> rearranged(const SchemaRef& schema, std::span<const std::int32_t> sources,
                                         std::span<Column> made) const;
  /// All physical rows, the selection forgotten.
  [[nodiscard]] Batch physical() const;
  /// `indices` (increasing physical rows, kept in `owner`) become the logical rows.
  [[nodiscard]] Result<Batch> withSelection(Buffer indices, std::int64_t count) const;
  [[nodiscard]] Batch withEnvelope(Envelope envelope) const;

  [[nodiscard]] explicit operator bool() const noexcept { return data_ != nullptr; }
  [[nodiscard]] std::int64_t rows() const noexcept;
  [[nodiscard]] const SchemaRef& schema() const noexcept;
  [[nodiscard]] std::span<const Column> columns() const noexcept;
  [[nodiscard]] const Column& column(std::int64_t index) const noexcept;
  /// nullptr if there is no such field.
  [[nodiscard]] const Column* column(std::string_view name) const noexcept;
  /// By physical row: a filter leaves it alone, dense() selects.
  [[nodiscard]] const Envelope& envelope() const noexcept;
  [[nodiscard]] MemoryAccount& account() const noexcept;

  [[nodiscard]] bool hasSelection() const noexcept;
  /// Physical rows of the logical ones; empty span if there is no selection.
  [[nodiscard]] std::span<const std::uint32_t> selection() const noexcept;
  [[nodiscard]] std::int64_t physicalRows() const noexcept;
  /// The logical rows as a batch without selection (itself if it has none).
  [[nodiscard]] Result<Batch> dense() const;
  /// Logical rows from..from+count-1, sharing the columns.
  [[nodiscard]] Batch slice(std::int64_t from, std::int64_t count) const;
  /// The given logical rows, in that order, as a dense batch.
  [[nodiscard]] Result<Batch> gather(std::span<const std::uint32_t> rows) const;
  /// The logical rows copied, so that nothing bigger is pinned.
  [[nodiscard]] Result<Batch> compact(MemoryAccount& account) const;

  /// One row as a map value; field order kept.
  [[nodiscard]] Value row(std::int64_t row) const;
  [[nodiscard]] Value value(std::int64_t row, std::int64_t column) const;

  /// What the rows would take by themselves; what edges charge.
  [[nodiscard]] std::int64_t logicalBytes() const noexcept;
  /// What the batch keeps alive (each block once).
  [[nodiscard]] std::int64_t pinnedBytes() const noexcept;

  /// How many rows this batch stands for: more than rows() where a source applied the filter behind it (semantics.md,
  /// Plan).
  [[nodiscard]] std::int64_t representedRows() const noexcept;
  /// Also says that the batch already passed the filter of the node it goes to.
  [[nodiscard]] Batch withRepresentedRows(std::int64_t rows) const;
  /// The batch already passed the filter of the node it goes to.
  [[nodiscard]] bool prefiltered() const noexcept;

  struct Data;

 private:
  explicit Batch(Data* adopted) noexcept : data_(adopted) {}
  Data* data_ = nullptr;
};

/// One row of a batch, for per-row code. Borrowed: valid while the batch is.
struct RowView {
  const Batch* batch = nullptr;
  std::int64_t row = 0;  // physical row
};

/// Joins batches of one schema into one (dictionaries remapped within bounds, else plain strings). Times, priorities
/// and stored traces of all rows are kept; sequences too if all batches have one origin and partition and their
/// sequences lie within 2^32, else rows are numbered on from the first batch's. Errors `memory.limit`,
/// `batch.too_large`.
[[nodiscard]] Result<Batch> concat(std::span<const Batch> batches, MemoryAccount& account);

}  // namespace weir
