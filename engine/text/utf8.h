// UTF-8: validation at memory speed, code points, positions for people, and case of ASCII letters.
//
// Validation by lookup follows John Keiser and Daniel Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte"
// (Software: Practice and Experience 51, 2021; https://arxiv.org/abs/2010.03090).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::utf8 {

/// How many bytes from the start are whole, valid characters; text.size() if all is valid. No surrogates, no overlong
/// forms, at most U+10FFFF.
[[nodiscard]] std::int64_t validPrefix(std::string_view text) noexcept;
[[nodiscard]] inline bool isValid(std::string_view text) noexcept {
  return validPrefix(text) == static_cast<std::int64_t>(text.size());
}

/// How many bytes from the start are below 0x80.
[[nodiscard]] std::int64_t asciiPrefix(std::string_view text) noexcept;
[[nodiscard]] inline bool isAscii(std::string_view text) noexcept {
  return asciiPrefix(text) == static_cast<std::int64_t>(text.size());
}

/// How many bytes at the end begin a character that a next chunk may complete: 0..3. The rest is whole or invalid.
[[nodiscard]] std::int64_t unfinishedBytes(std::string_view text) noexcept;

struct CodePoint {
  char32_t value = 0;
  int bytes = 1;
};
/// The character at `at` (at < text.size()). A byte that is no part of valid UTF-8 gives U+FFFD and one byte.
[[nodiscard]] CodePoint decode(std::string_view text, std::int64_t at) noexcept;
/// Appends a code point; what is none (a surrogate, above U+10FFFF) becomes U+FFFD.
void append(std::string& out, char32_t value);

/// Characters of a valid text (bytes that do not continue one).
[[nodiscard]] std::int64_t countCodePoints(std::string_view text) noexcept;
/// The byte at which character `index` of a valid text starts; text.size() if there are not that many.
[[nodiscard]] std::int64_t byteOfCodePoint(std::string_view text, std::int64_t index) noexcept;

/// A place for people: both count from 1, columns are characters.
struct Place {
  std::int64_t line = 1;
  std::int64_t column = 1;
};
[[nodiscard]] Place placeOf(std::string_view text, std::int64_t byte) noexcept;

[[nodiscard]] constexpr char toLowerAscii(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
[[nodiscard]] constexpr char toUpperAscii(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
}
[[nodiscard]] std::string lowerAscii(std::string_view text);
[[nodiscard]] std::string upperAscii(std::string_view text);
[[nodiscard]] bool equalsIgnoringAsciiCase(std::string_view left, std::string_view right) noexcept;

}  // namespace weir::utf8
