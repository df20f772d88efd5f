// RowCollector: values that a database gives one by one, as a batch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/host/sql.h"

namespace weir::native {

/// A column keeps the type that it was declared with or had in the batch before, unless its values do not fit: then it
/// is widened, at last to `any`, and stays so.
class RowCollector {
 public:
  /// An empty `type`: nothing is known of it. `sql.statement` for two columns of one name.
  [[nodiscard]] static Result<RowCollector> make(std::vector<std::string> names, std::vector<TypeRef> types);

  /// Column by column, then endRow.
  void add(std::size_t column, Value value);
  void endRow(std::uint32_t from) { from_.push_back(from); }
  [[nodiscard]] std::int64_t rows() const { return static_cast<std::int64_t>(from_.size()); }
  [[nodiscard]] bool full() const { return rows() >= kSqlFetchRows || bytes_ >= kSqlFetchBytes; }
  /// The rows so far go to `into`; the collector starts anew. `memory.limit`.
  Result<void> finish(SqlRows& into, MemoryAccount& account);

 private:
  std::vector<std::string> names_;
  std::vector<TypeRef> types_;
  std::vector<std::vector<Value>> columns_;
  std::vector<std::uint32_t> from_;
  std::int64_t bytes_ = 0;
};

}  // namespace weir::native
