// Number literals of CEL.
#pragma once

#include <string>
#include <string_view>

#include "engine/data/value.h"

namespace weir::cel {

struct ScannedNumber {
  std::size_t length = 0;
  Value value;
  bool minInt = false;  // 2^63, which is an int only behind a minus
  std::string error;
};

/// Reads the int, uint (`u`), hexadecimal or double literal that `text` begins with (a digit, or a dot and a digit).
[[nodiscard]] ScannedNumber scanNumber(std::string_view text);

}  // namespace weir::cel
