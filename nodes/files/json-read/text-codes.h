// TextCodes: numbers texts in the order they come; finds a text it knows by one hash and one comparison.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/column.h"

namespace weir::nodes::json_read {

class TextCodes {
 public:
  [[nodiscard]] std::int32_t codeOf(std::string_view text);
  [[nodiscard]] std::int32_t size() const noexcept { return static_cast<std::int32_t>(ends_.size()); }
  void clear();
  /// The texts as a column.
  [[nodiscard]] Result<Column> entries(MemoryAccount& account);

 private:
  [[nodiscard]] std::string_view textAt(std::int32_t code) const noexcept;
  void grow();

  std::string bytes_;
  std::vector<std::int32_t> ends_;
  std::vector<std::uint64_t> hashes_;
  std::vector<std::int32_t> table_ = std::vector<std::int32_t>(64, -1);
};

}  // namespace weir::nodes::json_read
