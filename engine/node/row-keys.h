// Keys of rows as bytes that compare like the values: for grouping, sorting, joining.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/column.h"
#include "engine/data/error.h"
#include "engine/data/value.h"

namespace weir {

/// How one part of a key is ordered.
struct KeyOrder {
  bool descending = false;
  bool nullsLast = false;  // else first; whatever the direction
};

/// Appends a self-delimiting encoding. memcmp of two encodings orders as totalOrder of the values does (reversed if
/// descending, nulls where `order` says), and they are the same bytes exactly when the values are equal: numbers
/// across types by value, -0 as 0, all NaN as one.
void appendKey(std::string& to, const Value& value, KeyOrder order = {});
/// The same for one row of a column, without making a Value of it where the kind is a scalar.
void appendKey(std::string& to, const Column& column, std::int64_t row, KeyOrder order = {});
void appendKeyNumber(std::string& to, std::int64_t value);

/// Whether a value of this type can be told from its key and the type (`any` and nested ones cannot: 1 and 1.0 have
/// one key).
[[nodiscard]] bool keyTellsValue(const Type& type) noexcept;
/// Reads one ascending part from the front of `from` and moves past it. Error `value.corrupt`.
[[nodiscard]] Result<Value> readKey(std::string_view& from, const Type& type);

/// The keys of many rows, end to end.
class KeyList {
 public:
  [[nodiscard]] std::int64_t size() const noexcept { return static_cast<std::int64_t>(ends_.size()) - 1; }
  [[nodiscard]] std::string_view operator[](std::int64_t row) const noexcept {
    const auto from = ends_[static_cast<std::size_t>(row)];
    return {bytes_.data() + from, ends_[static_cast<std::size_t>(row) + 1] - from};
  }
  void append(std::string_view key) {
    bytes_.append(key);
    ends_.push_back(bytes_.size());
  }
  /// The text to append a key to; then call close().
  [[nodiscard]] std::string& open() noexcept { return bytes_; }
  void close() { ends_.push_back(bytes_.size()); }
  /// Gives up what was appended since the last close().
  void abandon() { bytes_.resize(ends_.back()); }
  void clear() {
    bytes_.clear();
    ends_.resize(1);
  }
  [[nodiscard]] std::int64_t bytes() const noexcept {
    return static_cast<std::int64_t>(bytes_.capacity() + ends_.capacity() * sizeof(std::size_t));
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_{0};
};

}  // namespace weir
