// Writes a whole number into a message.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

namespace weir::csv {

[[nodiscard]] inline std::string decimal(std::int64_t value) {
  char digits[24];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

}  // namespace weir::csv
