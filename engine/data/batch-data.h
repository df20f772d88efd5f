// Batch::Data: what a Batch points to; lives in the payload of a Block, its columns right behind it.
#pragma once

#include "engine/data/batch.h"

namespace weir {

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
  [[nodiscard]] Block& block() noexcept {
    return *reinterpret_cast<Block*>(reinterpret_cast<std::byte*>(this) - Block::kHeaderBytes);
  }

  /// One reference, default-constructed columns; nullptr if memory is refused.
  [[nodiscard]] static Data* make(SchemaRef schema, MemoryAccount& account) noexcept;
  /// As make, but beyond the account's limit too: for the handful of bytes of a slice, which cannot fail.
  [[nodiscard]] static Data* makeAnyway(SchemaRef schema, MemoryAccount& account) noexcept;
  /// A batch of the same schema, envelope and numbers; columns are left to the caller.
  [[nodiscard]] static Data* likeness(const Data& of) noexcept;
  /// Fills the columns with copies of `from`, counting references to one block once for all columns in a row.
  void share(std::span<const Column> from) noexcept;
  /// Takes over one reference.
  [[nodiscard]] static Batch wrap(Data* data) noexcept { return Batch(data); }
  [[nodiscard]] static Data* of(const Batch& batch) noexcept { return batch.data_; }
};

}  // namespace weir
