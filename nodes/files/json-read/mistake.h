// A row that is none, and how its text is shown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::nodes::json_read {

/// Its line counts from the first of the text that was read, which is 1.
struct Mistake {
  std::int64_t line = 0;
  std::string text;
  Error error;
};

inline constexpr std::size_t kShownBytes = 512;

/// The beginning of a text, valid UTF-8 whatever it was.
[[nodiscard]] std::string shownText(std::string_view text);

}  // namespace weir::nodes::json_read
