// Builds the structural index slab by slab, and tells exactly what is wrong when the vector code stops.
#include "engine/json/structure.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/data/check.h"
#include "engine/simd/simd.h"

namespace weir::json {
namespace {

using NibbleTable = std::array<std::uint8_t, 16>;

// Classes of bytes by their nibbles: , = 0x10, : = 0x20, { [ = 0x40, } ] = 0x80, space = 1, tab and line ends = 2.
constexpr NibbleTable kLowNibble = {1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2 | 0x20, 0x40, 0x10, 2 | 0x80, 0, 0};
constexpr NibbleTable kHighNibble = {2, 0, 1 | 0x10, 0x20, 0, 0x40 | 0x80, 0, 0x40 | 0x80, 0, 0, 0, 0, 0, 0, 0, 0};

// What is wrong with two bytes in a row, as far as a nibble can tell; wrong is what all three tables agree on.
constexpr std::uint8_t kTooShort = 1, kTooLong = 2, kOverlong3 = 4, kTooLarge = 8, kSurrogate = 16, kOverlong2 = 32;
constexpr std::uint8_t kOverlong4 = 64, kTwoContinuations = 128;  // 64 is also: too large, second byte 0x80-0x8F
constexpr std::uint8_t kAnyLow = kTooShort | kTooLong | kTwoContinuations;
constexpr std::uint8_t kLowFrom5 = kAnyLow | kTooLarge | kOverlong4;
constexpr NibbleTable kUtf8FirstHigh = {kTooLong,
                                        kTooLong,
                                        kTooLong,
                                        kTooLong,
                                        kTooLong,
                                        kTooLong,
                                        kTooLong,
                                        kTooLong,
                                        kTwoContinuations,
                                        kTwoContinuations,
                                        kTwoContinuations,
                                        kTwoContinuations,
                                        kTooShort | kOverlong2,
                                        kTooShort,
                                        kTooShort | kOverlong3 | kSurrogate,
                                        kTooShort | kTooLarge | kOverlong4};
constexpr NibbleTable kUtf8FirstLow = {kAnyLow | kOverlong3 | kOverlong2 | kOverlong4,
                                       kAnyLow | kOverlong2,
                                       kAnyLow,
                                       kAnyLow,
                                       kAnyLow | kTooLarge,
                                       kLowFrom5,
                                       kLowFrom5,
                                       kLowFrom5,
                                       kLowFrom5,
                                       kLowFrom5,
                                       kLowFrom5,
                                       kLowFrom5,
                                       kLowFrom5,
                                       kLowFrom5 | kSurrogate,
                                       kLowFrom5,
                                       kLowFrom5};
constexpr std::uint8_t kSecond8 = kTooLong | kOverlong2 | kTwoContinuations | kOverlong3 | kOverlong4;
constexpr std::uint8_t kSecond9 = kTooLong | kOverlong2 | kTwoContinuations | kOverlong3 | kTooLarge;
constexpr std::uint8_t kSecondAB = kTooLong | kOverlong2 | kTwoContinuations | kSurrogate | kTooLarge;
constexpr NibbleTable kUtf8SecondHigh = {kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort,
                                         kTooShort, kTooShort, kSecond8,  kSecond9,  kSecondAB, kSecondAB,
                                         kTooShort, kTooShort, kTooShort, kTooShort};

constexpr std::uint32_t kSlabBytes = 1U << 16U;
constexpr std::int64_t kSentinels = 16;
constexpr std::uint32_t kLongestEscape = 12;  // a surrogate pair

// What one block hands to the next.
struct Scan {
  const char* text = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint64_t inString = 0;     // all ones inside a string
  std::uint64_t escapeOpen = 0;   // 1 if the first byte is escaped
  std::uint64_t impliedOpen = 0;  // 1 if the first byte continues a word, or follows { [ , :
  std::uint32_t lowHalfAt = 0;    // where the `u` of the second half of a surrogate pair must stand
  std::uint32_t utf8Next = 0;     // how far UTF-8 was checked, where that is done by sequences
  std::uint32_t failedAt = 0;
  bool sequenceOpen = false;  // the last block ended inside a UTF-8 sequence
  bool failed = false;
};

bool isSimpleEscape(char c) {
  return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't';
}

bool isHighHalf(std::int32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool isLowHalf(std::int32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

std::uint64_t findEscaped(Scan& scan, std::uint64_t backslash) {
  std::uint64_t escaped = scan.escapeOpen;
  std::uint64_t rest = backslash & ~escaped;
  scan.escapeOpen = 0;
  while (rest != 0) {
    const auto i = static_cast<unsigned>(__builtin_ctzll(rest));
    if (i == 63) {
      scan.escapeOpen = 1;
      break;
    }
    escaped |= std::uint64_t{2} << i;
    rest &= ~(std::uint64_t{3} << i);
  }
  return escaped;
}

// Checks the escape whose letter stands at `at`; what follows may lie in the padding, but then the string has no end.
Fault checkEscape(const char* text, std::uint32_t at, std::uint32_t& lowHalfAt) {
  if (isSimpleEscape(text[at])) return Fault::none;
  if (text[at] != 'u') return Fault::badEscape;
  const auto unit = hexQuad(text + at + 1);
  if (unit < 0) return Fault::badUnicodeEscape;
  if (isLowHalf(unit) && lowHalfAt != at) return Fault::loneSurrogate;
  if (isHighHalf(unit)) {
    const bool paired = text[at + 5] == '\\' && text[at + 6] == 'u' && isLowHalf(hexQuad(text + at + 7));
    if (!paired) return Fault::loneSurrogate;
    lowHalfAt = at + 6;
  }
  return Fault::none;
}

bool checkEscapes(Scan& scan, std::uint64_t escaped, std::uint32_t position) {
  for (; escaped != 0; escaped &= escaped - 1) {
    const auto at = position + static_cast<std::uint32_t>(__builtin_ctzll(escaped));
    if (at >= scan.end) return true;
    if (checkEscape(scan.text, at, scan.lowHalfAt) != Fault::none) return false;
  }
  return true;
}

}  // namespace
}  // namespace weir::json

// clang-format off: the order is the meaning
#include "engine/simd/base-begin.h"
#include "engine/json/structure.kernel.h"
#include "engine/simd/base-end.h"
#if WEIR_SIMD_HAS_AVX2
#include "engine/simd/avx2-begin.h"
#include "engine/json/structure.kernel.h"
#include "engine/simd/avx2-end.h"
#endif
// clang-format on

namespace weir::json {
namespace {

std::uint32_t* indexSlab(Isa isa, Scan& scan, bool lines, std::uint32_t from, std::uint32_t to, std::uint32_t* out) {
#if WEIR_SIMD_HAS_AVX2
  if (isa == Isa::best && simd::hasAvx2()) return avx2::indexSlab(scan, lines, from, to, out);
#else
  (void)isa;
#endif
  return base::indexSlab(scan, lines, from, to, out);
}

}  // namespace

void Structure::reserve(std::int64_t entries) {
  if (entries <= capacity_) return;
  const auto capacity = std::max(entries, capacity_ + capacity_ / 2);
  auto grown = std::make_unique_for_overwrite<std::uint32_t[]>(static_cast<std::size_t>(capacity));
  if (count_ > 0) std::memcpy(grown.get(), entries_.get(), static_cast<std::size_t>(count_) * sizeof(std::uint32_t));
  entries_ = std::move(grown);
  capacity_ = capacity;
}

void Structure::build(std::string_view text, std::uint32_t from, std::uint32_t to, TextKind kind, Isa isa) {
  WEIR_CHECK(from <= to && to <= text.size() && static_cast<std::int64_t>(text.size()) <= kMaxTextBytes);
  const bool lines = kind == TextKind::lines;
  WEIR_CHECK(kind == TextKind::part || text.data()[to] == '\0' || (lines && to > from && text[to - 1] == '\n') ||
             from == to);
  text_ = text.data();
  count_ = 0;
  problem_ = {};
  end_ = to;
  Scan scan{.text = text_, .begin = from, .end = to};
  for (auto at = from; at < to && !scan.failed;) {
    const auto slabEnd = to - at > kSlabBytes ? at + kSlabBytes : to;
    reserve(count_ + (slabEnd - at) + 64 + kSentinels);
    auto* const out = entries_.get() + count_;
    count_ += indexSlab(isa, scan, lines, at, slabEnd, out) - out;
    at = slabEnd;
  }
  reserve(count_ + kSentinels);
  const bool open = kind != TextKind::part && (scan.inString != 0 || scan.sequenceOpen);
  if (scan.failed || open) {
    // Lines do not reach into each other, so a long text is only searched from the line of the block that failed.
    auto searchFrom = from;
    if (lines)
      for (searchFrom = scan.failed ? scan.failedAt : to; searchFrom > from && text_[searchFrom - 1] != '\n';)
        --searchFrom;
    problem_ = findTextProblem(text, searchFrom, to);
    WEIR_CHECK(!problem_.ok());
    end_ = problem_.position;
    if (kind == TextKind::part && end_ + kLongestEscape > to) problem_ = {};  // it may be the cut
    count_ = std::lower_bound(entries_.get(), entries_.get() + count_, end_) - entries_.get();
  }
  std::fill_n(entries_.get() + count_, kSentinels, end_);
}

Problem findTextProblem(std::string_view text, std::uint32_t from, std::uint32_t to) {
  const char* const data = text.data();
  bool inString = false;
  std::uint32_t opened = from, lowHalfAt = 0;
  for (auto at = from; at < to;) {
    const char c = data[at];
    if (static_cast<unsigned char>(c) >= 0x80) {
      const auto bytes = utf8SequenceBytes(data, at, to);
      if (bytes == 0) return {Fault::invalidUtf8, at};
      at += bytes;
    } else if (c == '"') {
      inString = !inString;
      opened = at++;
    } else if (c == '\\') {
      if (!inString) return {Fault::expectedValue, at};
      if (at + 1 >= to) return {Fault::unterminatedString, opened};
      if (const auto fault = checkEscape(data, at + 1, lowHalfAt); fault != Fault::none) return {fault, at};
      at += 2;
    } else if (inString && static_cast<unsigned char>(c) < 0x20) {
      return c == '\n' ? Problem{Fault::unterminatedString, opened} : Problem{Fault::controlCharacter, at};
    } else {
      ++at;
    }
  }
  return inString ? Problem{Fault::unterminatedString, opened} : Problem{};
}

std::uint32_t utf8SequenceBytes(const char* text, std::uint32_t at, std::uint32_t end) {
  const auto byte = [&](std::uint32_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  const auto continues = [&](std::uint32_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const auto left = end - at;
  const auto first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  if (first < 0xE0) return left >= 2 && continues(1) ? 2 : 0;
  if (left < 3 || !continues(1) || !continues(2)) return 0;
  if (first < 0xF0) {
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    return first == 0xED && byte(1) >= 0xA0 ? 0 : 3;
  }
  if (left < 4 || !continues(3)) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  return first == 0xF4 && byte(1) >= 0x90 ? 0 : 4;
}

std::int32_t hexQuad(const char* digits) {
  std::int32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = digits[i];
    std::int32_t digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

}  // namespace weir::json
