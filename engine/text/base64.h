// Bytes as base64 (RFC 4648) and as hexadecimal digits.
#pragma once

#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir {

/// The standard alphabet, with padding.
[[nodiscard]] std::string encodeBase64(std::string_view bytes);
/// The alphabet for URLs, without padding.
[[nodiscard]] std::string encodeBase64Url(std::string_view bytes);
/// Either alphabet; padding right or absent; no white space, no stray bits at the end. `base64.syntax` with the place.
[[nodiscard]] Result<std::string> decodeBase64(std::string_view text);

/// Two lower case digits a byte.
[[nodiscard]] std::string encodeHex(std::string_view bytes);
/// Either case. `hex.syntax` with the place.
[[nodiscard]] Result<std::string> decodeHex(std::string_view text);

}  // namespace weir
