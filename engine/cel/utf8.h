// UTF-8: decoding, encoding and counting of code points.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::cel {

inline constexpr std::uint32_t kBadCodePoint = 0xFFFFFFFF;

/// The code point at `at`, which moves behind it; kBadCodePoint (one byte taken) if the bytes are not valid UTF-8.
[[nodiscard]] std::uint32_t decodeUtf8(std::string_view text, std::size_t& at) noexcept;
/// Appends a code point (0..0x10FFFF, no surrogate).
void appendUtf8(std::string& out, std::uint32_t codePoint);
[[nodiscard]] bool validUtf8(std::string_view text) noexcept;
/// Code points of valid UTF-8.
[[nodiscard]] std::int64_t countCodePoints(std::string_view text) noexcept;
/// Byte offset of the code point with this index; the text's size if there are fewer.
[[nodiscard]] std::size_t byteOffset(std::string_view text, std::int64_t codePoint) noexcept;

}  // namespace weir::cel
