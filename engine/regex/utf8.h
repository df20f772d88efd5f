// Reads one character forwards or backwards; bytes outside valid UTF-8 are one U+FFFD each.
#pragma once

#include <cstdint>

#include "engine/regex/char-set.h"

namespace weir::regex {

struct Decoded {
  std::uint32_t code;
  std::int32_t size;
};

/// Decodes a character that does not begin with an ASCII byte. `at` < `end`.
[[nodiscard]] inline Decoded decodeMultibyte(const std::uint8_t* at, const std::uint8_t* end) {
  constexpr Decoded kInvalid{kReplacement, 1};
  const std::uint32_t lead = at[0];
  const auto left = end - at;
  const auto tail = [&](int index) -> std::uint32_t { return at[index] ^ 0x80U; };  // < 64 when it continues
  if (lead < 0xC2 || left < 2 || tail(1) > 63) return kInvalid;
  if (lead < 0xE0) return {(lead & 31U) << 6 | tail(1), 2};
  if (left < 3 || tail(2) > 63) return kInvalid;
  if (lead < 0xF0) {
    const std::uint32_t code = (lead & 15U) << 12 | tail(1) << 6 | tail(2);
    if (code < 0x800 || (code >= 0xD800 && code <= 0xDFFF)) return kInvalid;
    return {code, 3};
  }
  if (lead > 0xF4 || left < 4 || tail(3) > 63) return kInvalid;
  const std::uint32_t code = (lead & 7U) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3);
  if (code < 0x10000 || code > kMaxCodePoint) return kInvalid;
  return {code, 4};
}

[[nodiscard]] inline Decoded decodeForward(const std::uint8_t* at, const std::uint8_t* end) {
  if (*at < 0x80) return {*at, 1};
  return decodeMultibyte(at, end);
}

/// Decodes the character that ends just before `at`, cutting where reading forwards from `begin` would. `begin` < `at`.
[[nodiscard]] inline Decoded decodeBackward(const std::uint8_t* begin, const std::uint8_t* at) {
  if (at[-1] < 0x80) return {at[-1], 1};
  for (int back = 2; back <= 4 && at - begin >= back; ++back) {
    const std::uint8_t lead = at[-back];
    if ((lead & 0xC0U) == 0x80) continue;
    if (lead < 0xC0) break;
    const auto decoded = decodeMultibyte(at - back, at);
    if (decoded.size == back) return decoded;
    break;
  }
  return {kReplacement, 1};
}

/// Writes `code` as UTF-8; returns the number of bytes (1 to 4).
inline int encodeUtf8(std::uint32_t code, char* out) {
  const auto put = [&](int index, std::uint32_t value) { out[index] = static_cast<char>(value); };
  if (code < 0x80) return put(0, code), 1;
  if (code < 0x800) return put(0, 0xC0U | code >> 6), put(1, 0x80U | (code & 63U)), 2;
  if (code < 0x10000) {
    put(0, 0xE0U | code >> 12);
    put(1, 0x80U | (code >> 6 & 63U));
    put(2, 0x80U | (code & 63U));
    return 3;
  }
  put(0, 0xF0U | code >> 18);
  put(1, 0x80U | (code >> 12 & 63U));
  put(2, 0x80U | (code >> 6 & 63U));
  put(3, 0x80U | (code & 63U));
  return 4;
}

}  // namespace weir::regex
