// Picks the kernel, and finishes what it leaves byte by byte.
#include "engine/text/utf8.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "engine/simd/simd.h"

// The order of the regions matters.
// clang-format off
#include "engine/simd/base-begin.h"
#include "engine/text/utf8.kernel.h"
#include "engine/simd/base-end.h"
#if WEIR_SIMD_HAS_AVX2
#include "engine/simd/avx2-begin.h"
#include "engine/text/utf8.kernel.h"
#include "engine/simd/avx2-end.h"
#endif
// clang-format on

namespace weir::utf8 {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;

std::size_t validBlocks(const char* data, std::size_t size) noexcept {
#if WEIR_SIMD_HAS_AVX2
  if (simd::hasAvx2()) return avx2::validBlocks(data, size);
#endif
  return base::validBlocks(data, size);
}

std::size_t asciiBlocks(const char* data, std::size_t size) noexcept {
#if WEIR_SIMD_HAS_AVX2
  if (simd::hasAvx2()) return avx2::asciiBlocks(data, size);
#endif
  return base::asciiBlocks(data, size);
}

bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t asciiRun(std::string_view text, std::size_t at) noexcept {
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if ((word & kHighBits) != 0) break;
  }
  while (at < text.size() && static_cast<signed char>(text[at]) >= 0) ++at;
  return at;
}

struct Lead {
  int bytes;                  // 0: starts no character
  unsigned char least, most;  // of the second byte
};

Lead leadOf(unsigned char c) noexcept {
  if (c < 0x80) return {.bytes = 1, .least = 0, .most = 0};
  if (c < 0xC2) return {.bytes = 0, .least = 0, .most = 0};
  if (c < 0xE0) return {.bytes = 2, .least = 0x80, .most = 0xBF};
  if (c == 0xE0) return {.bytes = 3, .least = 0xA0, .most = 0xBF};
  if (c == 0xED) return {.bytes = 3, .least = 0x80, .most = 0x9F};
  if (c < 0xF0) return {.bytes = 3, .least = 0x80, .most = 0xBF};
  if (c == 0xF0) return {.bytes = 4, .least = 0x90, .most = 0xBF};
  if (c < 0xF4) return {.bytes = 4, .least = 0x80, .most = 0xBF};
  if (c == 0xF4) return {.bytes = 4, .least = 0x80, .most = 0x8F};
  return {.bytes = 0, .least = 0, .most = 0};
}

// The bytes of the character at `at` that are there and right; `wanted` is how many it needs.
int goodBytes(std::string_view text, std::size_t at, int& wanted) noexcept {
  const Lead lead = leadOf(static_cast<unsigned char>(text[at]));
  wanted = lead.bytes;
  if (wanted == 0) return 0;
  const std::size_t rest = text.size() - at;
  if (wanted == 1 || rest == 1) return 1;
  const auto second = static_cast<unsigned char>(text[at + 1]);
  if (second < lead.least || second > lead.most) return 1;
  int good = 2;
  while (good < wanted && static_cast<std::size_t>(good) < rest && continues(text[at + static_cast<std::size_t>(good)]))
    ++good;
  return good;
}

}  // namespace

std::int64_t validPrefix(std::string_view text) noexcept {
  std::size_t at = validBlocks(text.data(), text.size());
  // The last character before `at` may be unfinished: start again at its first byte.
  for (int back = 0; back < 4 && at > 0; ++back) {
    --at;
    if (!continues(text[at])) break;
  }
  for (;;) {
    at = asciiRun(text, at);
    if (at == text.size()) return static_cast<std::int64_t>(at);
    int wanted = 0;
    if (goodBytes(text, at, wanted) != wanted || wanted == 0) return static_cast<std::int64_t>(at);
    at += static_cast<std::size_t>(wanted);
  }
}

std::int64_t asciiPrefix(std::string_view text) noexcept {
  return static_cast<std::int64_t>(asciiRun(text, asciiBlocks(text.data(), text.size())));
}

std::int64_t unfinishedBytes(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const std::size_t at = text.size() - back;
    if (continues(text[at])) continue;
    int wanted = 0;
    const int good = goodBytes(text, at, wanted);
    return wanted > good && static_cast<std::size_t>(good) == back ? static_cast<std::int64_t>(back) : 0;
  }
  return 0;
}

CodePoint decode(std::string_view text, std::int64_t at) noexcept {
  const auto start = static_cast<std::size_t>(at);
  int wanted = 0;
  if (goodBytes(text, start, wanted) != wanted || wanted == 0) return {.value = 0xFFFD, .bytes = 1};
  const auto first = static_cast<unsigned char>(text[start]);
  if (wanted == 1) return {.value = first, .bytes = 1};
  char32_t value = first & (0x7FU >> wanted);
  for (int i = 1; i < wanted; ++i)
    value = value << 6 | (static_cast<unsigned char>(text[start + static_cast<std::size_t>(i)]) & 0x3FU);
  return {.value = value, .bytes = wanted};
}

void append(std::string& out, char32_t value) {
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) value = 0xFFFD;
  if (value < 0x80) {
    out += static_cast<char>(value);
    return;
  }
  if (value < 0x800) {
    out += static_cast<char>(0xC0 | (value >> 6));
  } else {
    if (value < 0x10000) {
      out += static_cast<char>(0xE0 | (value >> 12));
    } else {
      out += static_cast<char>(0xF0 | (value >> 18));
      out += static_cast<char>(0x80 | ((value >> 12) & 0x3F));
    }
    out += static_cast<char>(0x80 | ((value >> 6) & 0x3F));
  }
  out += static_cast<char>(0x80 | (value & 0x3F));
}

std::int64_t countCodePoints(std::string_view text) noexcept {
  std::int64_t count = 0;
  // Counting in small sums lets the compiler add many bytes at once.
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.size(), at + 128);
    std::uint8_t part = 0;
    for (; at < end; ++at) part = static_cast<std::uint8_t>(part + (continues(text[at]) ? 0 : 1));
    count += part;
  }
  return count;
}

std::int64_t byteOfCodePoint(std::string_view text, std::int64_t index) noexcept {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (!continues(text[at]) && index-- == 0) break;
  return static_cast<std::int64_t>(at);
}

Place placeOf(std::string_view text, std::int64_t byte) noexcept {
  const std::string_view before = text.substr(0, static_cast<std::size_t>(std::max<std::int64_t>(byte, 0)));
  const std::size_t newline = before.rfind('\n');
  const std::size_t lineAt = newline == std::string_view::npos ? 0 : newline + 1;
  return {.line = 1 + std::ranges::count(before, '\n'), .column = 1 + countCodePoints(before.substr(lineAt))};
}

std::string lowerAscii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = toLowerAscii(c);
  return out;
}

std::string upperAscii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = toUpperAscii(c);
  return out;
}

bool equalsIgnoringAsciiCase(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, {}, toLowerAscii, toLowerAscii);
}

}  // namespace weir::utf8
