// Whether a file is lines of values or one value, told from its beginning; and the values of a sample.
#pragma once

#include <string_view>
#include <vector>

#include "nodes/files/json-read/read-options.h"

namespace weir::nodes::json_read {

enum class Shape : std::uint8_t {
  lines,  // a value a line
  value   // one value: a list gives its elements
};

/// `text` is the beginning of the file (all of it if `whole`), without byte order mark.
[[nodiscard]] Shape shapeOf(Format format, std::string_view path, std::string_view text, bool whole);

/// The texts of the rows that stand complete in a sample. Those of a file that is wrong are what comes before.
[[nodiscard]] std::vector<std::string_view> rowTexts(Shape shape, std::string_view text, bool whole);

/// A copy with the bytes behind it that json::Structure wants.
[[nodiscard]] std::string padded(std::string_view text);

}  // namespace weir::nodes::json_read
