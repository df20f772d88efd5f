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
  Batch(const Batch& other) noexcept : data_(other.data_) {
    if (data_ != nullptr) block()->retain();
  }
  Batch(Batch&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  Batch& operator=(Batch other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~Batch() {
    if (data_ != nullptr) block()->release();
  }

  /// Columns have `rows` rows each and match `schema`. Error `memory.limit`.
  [[nodiscard]] static Result<Batch> of(SchemaRef schema, std::vector<Column> columns, std::int64_t rows,
                                        Envelope envelope, MemoryAccount& account);
  /// The same rows under another schema and columns (of the same physical length); selection and envelope stay.
  [[nodiscard]] Result<Batch> withColumns(const SchemaRef& schema, std::span<const Column> columns) const;
  /// withColumns of this batch's columns and of others: column i is column `sources[i]` of this batch or, if that is
  /// negative, `made[-1 - sources[i]]`, which is moved out (so each at most once).
  [[nodiscard]] Result<Batch> rearranged(const SchemaRef& schema, std::span<const std::int32_t> sources,
                                         std::span<Column> made) const&;
  /// The same in place, if nobody else shares the batch and its own columns keep their places.
  [[nodiscard]] Result<Batch> rearranged(const SchemaRef& schema, std::span<const std::int32_t> sources,
                                         std::span<Column> made) &&;
  /// All physical rows, the selection forgotten.
  [[nodiscard]] Batch physical() const;
  /// `indices` (increasing physical rows, kept in `owner`) become the logical rows.
  [[nodiscard]] Result<Batch> withSelection(Buffer indices, std::int64_t count) const;
  [[nodiscard]] Batch withEnvelope(Envelope envelope) const;
  /// The same in place, where nobody else holds the batch.
  void setEnvelope(Envelope envelope);

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
  /// False only if the batch keeps no more than `bytes` alive; cheaper than to know how much it is.
  [[nodiscard]] bool mayPin(std::int64_t bytes) const noexcept;

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
  /// Whose payload `data_` is.
  [[nodiscard]] Block* block() const noexcept {
    return reinterpret_cast<Block*>(reinterpret_cast<std::byte*>(data_) - Block::kHeaderBytes);
  }
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

/// What a Batch points to: the payload of a Block, with its columns right behind. Only for the files batch*.cpp.
struct Batch::Data {
  SchemaRef schema;
  MemoryAccount* account = nullptr;
  std::int64_t rows = 0;
  std::int64_t physicalRows = 0;
  std::int64_t represented = 0;
  Buffer selection;
  Envelope envelope;
  mutable std::atomic<std::int64_t> pinned{-1};
  std::int32_t columnCount = 0;
  bool selected = false;
  bool prefiltered = false;

  [[nodiscard]] Column* columns() noexcept { return reinterpret_cast<Column*>(this + 1); }
  [[nodiscard]] const Column* columns() const noexcept { return reinterpret_cast<const Column*>(this + 1); }
  /// One reference, default-constructed columns; nullptr if memory is refused.
  [[nodiscard]] static Data* make(const SchemaRef& schema, MemoryAccount& account) noexcept;
  /// As make, but the columns are raw memory: the caller constructs all of them before anything else.
  [[nodiscard]] static Data* makeBare(const SchemaRef& schema, MemoryAccount& account) noexcept;
  /// As makeBare, but beyond the account's limit too: for the handful of bytes of a slice, which cannot fail.
  [[nodiscard]] static Data* makeAnyway(const SchemaRef& schema, MemoryAccount& account) noexcept;
  /// A bare batch of the same schema, envelope and numbers.
  [[nodiscard]] static Data* likeness(const Data& of) noexcept;
  /// Constructs the columns of a bare batch as copies of `from`, counting references to one block once for all columns
  /// in a row.
  void share(std::span<const Column> from) noexcept;
  /// The same with columns from here and there: `sources` as Batch::rearranged takes them.
  void arrange(const Data& from, std::span<const std::int32_t> sources, std::span<Column> made) noexcept;
  /// Takes over one reference.
  [[nodiscard]] static Batch wrap(Data* data) noexcept { return Batch(data); }
  [[nodiscard]] static Data* of(const Batch& batch) noexcept { return batch.data_; }
};

inline std::int64_t Batch::rows() const noexcept { return data_ != nullptr ? data_->rows : 0; }
inline const SchemaRef& Batch::schema() const noexcept { return data_ != nullptr ? data_->schema : Schema::empty(); }
inline std::span<const Column> Batch::columns() const noexcept {
  if (data_ == nullptr) return {};
  return {data_->columns(), static_cast<std::size_t>(data_->columnCount)};
}
inline const Column& Batch::column(std::int64_t index) const noexcept { return data_->columns()[index]; }
inline const Envelope& Batch::envelope() const noexcept { return data_->envelope; }
inline MemoryAccount& Batch::account() const noexcept {
  return data_ != nullptr ? *data_->account : MemoryAccount::unlimited();
}
inline bool Batch::hasSelection() const noexcept { return data_ != nullptr && data_->selected; }
inline std::span<const std::uint32_t> Batch::selection() const noexcept {
  if (!hasSelection()) return {};
  return {reinterpret_cast<const std::uint32_t*>(data_->selection.data()), static_cast<std::size_t>(data_->rows)};
}
inline std::int64_t Batch::physicalRows() const noexcept { return data_ != nullptr ? data_->physicalRows : 0; }
inline std::int64_t Batch::representedRows() const noexcept { return data_ != nullptr ? data_->represented : 0; }
inline bool Batch::prefiltered() const noexcept { return data_ != nullptr && data_->prefiltered; }

}  // namespace weir
