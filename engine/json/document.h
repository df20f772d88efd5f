// Reads a whole JSON text into values that know where they stand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "engine/json/problem.h"
#include "engine/json/value.h"

namespace weir::json {

enum class DuplicateKeys : std::uint8_t {
  refuse,   // json.duplicate_key, telling both places
  keepLast  // find() gives the last; all are kept
};

struct ParseOptions {
  std::int32_t maxDepth = 512;  // at most kMaxDepth
  std::int64_t maxBytes = std::int64_t{256} << 20U;
  DuplicateKeys duplicateKeys = DuplicateKeys::refuse;
};

/// Where a value is: for a person (line, column), and for a program (pointer).
struct Location {
  Place place;
  std::string pointer;  // RFC 6901
};

/// A text and the value read from it.
class Document {
 public:
  Document() = default;
  Document(std::string text, Value root) : text_(std::move(text)), root_(std::move(root)) {}

  [[nodiscard]] const Value& root() const { return root_; }
  [[nodiscard]] Value& root() { return root_; }
  [[nodiscard]] std::string_view text() const { return text_; }

  /// The place of a byte of the text, and the pointer of the innermost value around it.
  [[nodiscard]] Location locate(std::int64_t offset) const;
  /// The place of a value of this document, found by its offset.
  [[nodiscard]] Location locate(const Value& value) const { return locate(value.offset()); }
  /// The place of what `pointer` names, or of the innermost value on the way to it that exists.
  [[nodiscard]] Place placeOfPointer(std::string_view pointer) const;

 private:
  std::string text_;
  Value root_;
};

/// Reads an RFC 8259 text. One byte order mark (UTF-8) at its beginning is passed over; UTF-16 is refused as invalid
/// UTF-8. Refused too, where the RFC leaves it open: halves of surrogate pairs, numbers beyond a double's range, depth
/// beyond the limit. A number too small for a double is 0. Errors are json.* with line, column, found and expected.
[[nodiscard]] Result<Document> parse(std::string_view text, const ParseOptions& options = {});

}  // namespace weir::json
