// UTF-8: decoding, encoding and counting of code points.
#include "engine/cel/utf8.h"

namespace weir::cel {
namespace {

[[nodiscard]] bool continuation(std::string_view text, std::size_t at) noexcept {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80;
}

[[nodiscard]] std::size_t lengthOf(unsigned char lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  if (lead >= 0xF0 && lead < 0xF5) return 4;
  return 0;
}

}  // namespace

std::uint32_t decodeUtf8(std::string_view text, std::size_t& at) noexcept {
  const auto lead = static_cast<unsigned char>(text[at]);
  const auto length = lengthOf(lead);
  if (length == 1) return static_cast<unsigned char>(text[at++]);
  std::uint32_t point = length == 0 ? 0 : lead & (0x7FU >> length);
  bool good = length != 0;
  for (std::size_t i = 1; good && i < length; ++i) {
    good = continuation(text, at + i);
    if (good) point = (point << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  good = good && point >= kLeast[length] && point <= 0x10FFFF && !(point >= 0xD800 && point < 0xE000);
  if (!good) {
    ++at;
    return kBadCodePoint;
  }
  at += length;
  return point;
}

void appendUtf8(std::string& out, std::uint32_t codePoint) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (codePoint < 0x80) return put(codePoint);
  if (codePoint < 0x800) {
    put(0xC0 | (codePoint >> 6));
  } else if (codePoint < 0x10000) {
    put(0xE0 | (codePoint >> 12));
    put(0x80 | ((codePoint >> 6) & 0x3F));
  } else {
    put(0xF0 | (codePoint >> 18));
    put(0x80 | ((codePoint >> 12) & 0x3F));
    put(0x80 | ((codePoint >> 6) & 0x3F));
  }
  put(0x80 | (codePoint & 0x3F));
}

bool validUtf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();)
    if (decodeUtf8(text, at) == kBadCodePoint) return false;
  return true;
}

std::int64_t countCodePoints(std::string_view text) noexcept {
  std::int64_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
  return count;
}

std::size_t byteOffset(std::string_view text, std::int64_t codePoint) noexcept {
  std::int64_t seen = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80) continue;
    if (seen == codePoint) return at;
    ++seen;
  }
  return text.size();
}

}  // namespace weir::cel
