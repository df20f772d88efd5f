// TextCodes: numbers texts in the order they come; finds a text it knows by one look into a table.
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
  /// Short texts are told apart by these alone.
  struct Mark {
    std::uint64_t first = 0, last = 0;
    std::uint64_t size = 0;
    bool operator==(const Mark&) const = default;
  };
  [[nodiscard]] static Mark markOf(std::string_view text) noexcept;
  [[nodiscard]] static std::size_t hashOf(const Mark& mark) noexcept;
  [[nodiscard]] std::string_view textAt(std::int32_t code) const noexcept;
  void grow();

  std::string bytes_;
  std::vector<std::int32_t> ends_;
  std::vector<Mark> marks_;
  std::vector<std::int32_t> table_ = std::vector<std::int32_t>(64, -1);
};

}  // namespace weir::nodes::json_read
