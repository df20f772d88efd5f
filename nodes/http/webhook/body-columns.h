// BodyColumns: JSON bodies, a batch at a time, as columns that stay what they once were: a field that came is always
// there, and a type only widens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/field-set.h"
#include "engine/json/cursor.h"
#include "engine/json/structure.h"

namespace weir::nodes::http_webhook {

/// Used by one task. Numbers, booleans and texts have columns of their kind; lists, maps and mixed kinds are of any.
class BodyColumns {
 public:
  /// Fields that nobody needs are checked and left out. What the flow names is there from the first batch on.
  BodyColumns(const FieldSet& needed, MemoryAccount& account);

  struct Wrong {
    std::size_t body;  // which of them
    std::string why;
  };
  /// Rows for all bodies that are JSON; the others are told in `wrong`. Behind each body stands a NUL, behind the last
  /// json::kPaddingBytes bytes that may be read. An empty batch if there are no rows.
  [[nodiscard]] Result<Batch> read(std::span<const std::string_view> bodies, std::vector<Wrong>& wrong);

 private:
  struct Slot {
    std::string name;
    json::KeyPattern pattern;
    TypeRef type;  // null: nothing but null so far
    std::vector<std::uint64_t> words{};
    std::vector<std::uint8_t> present{};  // a byte a row
    std::vector<std::uint32_t> ends{};
    std::string text{};
    std::vector<Value> values{};
    std::size_t rows = 0;  // that it has something for
  };
  enum class Outcome : std::uint8_t { good, wrong, unlike };

  [[nodiscard]] Outcome readBody(std::string_view body);
  [[nodiscard]] Outcome readInto(Slot& slot);
  void skipTo(Slot& slot, std::size_t row);
  void begin();
  [[nodiscard]] Result<Batch> finish();
  /// Any bodies, one value at a time; widens the columns.
  [[nodiscard]] Result<Batch> readSlowly(std::span<const std::string_view> bodies, std::vector<Wrong>& wrong);
  void learn(std::string_view name, const Value& value);
  void settle();

  const FieldSet& needed_;
  MemoryAccount& account_;
  std::vector<Slot> slots_;
  SchemaRef schema_;
  json::Structure structure_;
  json::Cursor cursor_;
  std::string buffer_;
  std::size_t rows_ = 0;
};

}  // namespace weir::nodes::http_webhook
