// The body of a CEL string or bytes literal.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace weir::cel {

struct StringLiteralError {
  std::uint32_t offset = 0;
  std::uint32_t length = 1;
  std::string message;
};

/// Replaces the escapes in what stands between the quotes (`raw`: leaves them). A string result is valid UTF-8.
[[nodiscard]] std::expected<std::string, StringLiteralError> decodeString(std::string_view body, bool raw, bool bytes);

}  // namespace weir::cel
