// ColumnArena: one block for the buffers (and child columns) of several columns, sized before it is filled.
#pragma once

#include <cstdint>

#include "engine/data/column.h"

namespace weir {

/// `memory.limit` in the words of this account.
[[nodiscard]] std::unexpected<Error> memoryLimit(std::int64_t bytes, const MemoryAccount& account);

/// Hands out 64-byte aligned pieces of one block. Children must be owned by other blocks: a block that owned itself
/// would never go.
class ColumnArena {
 public:
  struct Plan {
    std::int64_t bytes = 0;
    std::int64_t children = 0;
    void add(std::int64_t more) noexcept { bytes += (more + 63) & ~std::int64_t{63}; }
  };

  [[nodiscard]] static Result<ColumnArena> make(const Plan& plan, MemoryAccount& account);
  template <class T>
  [[nodiscard]] T* take(std::int64_t count) noexcept {
    return static_cast<T*>(takeBytes(count * static_cast<std::int64_t>(sizeof(T))));
  }
  /// The next child slots, default-constructed.
  [[nodiscard]] Column* takeChildren(std::int64_t count) noexcept;
  [[nodiscard]] const BlockRef& block() const noexcept { return block_; }

 private:
  [[nodiscard]] void* takeBytes(std::int64_t bytes) noexcept;
  BlockRef block_;
  std::int64_t used_ = 0;
  std::int64_t childrenUsed_ = 0;
};

/// A block of its own for `children`, kept alive by nobody else; what nested columns own.
[[nodiscard]] Result<BlockRef> blockOfColumns(std::span<const Column> children, MemoryAccount& account);
/// The columns in a block made by blockOfColumns or by an arena.
[[nodiscard]] const Column* columnsOf(const BlockRef& block) noexcept;

/// One column of `rows` times nothing: null, or absent values of any type.
[[nodiscard]] Result<Column> nullColumn(TypeRef type, std::int64_t rows, MemoryAccount& account);

}  // namespace weir
