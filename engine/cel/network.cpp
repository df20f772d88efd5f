// IP addresses and ranges: reading and writing.
#include "engine/cel/network.h"

#include <array>
#include <cstdint>

namespace weir::cel {
namespace {

constexpr std::size_t kGroups = 8;

// A decimal number without leading zeros, at most `most`; nothing else.
[[nodiscard]] std::optional<std::uint32_t> decimal(std::string_view text, std::uint32_t most) noexcept {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (value > most) return std::nullopt;
  return value;
}

[[nodiscard]] std::optional<std::uint32_t> hexGroup(std::string_view text) noexcept {
  if (text.empty() || text.size() > 4) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    if (lower >= '0' && lower <= '9') {
      value = value * 16 + static_cast<std::uint32_t>(lower - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return value;
}

[[nodiscard]] std::optional<std::string> parseV4(std::string_view text) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) {
    const auto dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return std::nullopt;
    const auto value = decimal(text.substr(0, dot), 255);
    if (!value) return std::nullopt;
    bytes += static_cast<char>(*value);
    if (i < 3) text.remove_prefix(dot + 1);
  }
  return bytes;
}

// Reads groups separated by single colons; the last may be an IPv4 address. Appends two bytes a group.
[[nodiscard]] bool readGroups(std::string_view text, bool mayEndInV4, std::string& bytes) {
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto part = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    if (last && mayEndInV4 && part.find('.') != std::string_view::npos) {
      const auto v4 = parseV4(part);
      if (!v4) return false;
      bytes += *v4;
      return true;
    }
    const auto group = hexGroup(part);
    if (!group || bytes.size() >= kGroups * 2) return false;
    bytes += static_cast<char>(*group >> 8);
    bytes += static_cast<char>(*group & 0xFF);
    if (last) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;
  }
  return true;
}

[[nodiscard]] std::optional<std::string> parseV6(std::string_view text) {
  const auto gap = text.find("::");
  std::string head;
  std::string tail;
  if (gap == std::string_view::npos) {
    if (text.empty() || !readGroups(text, true, head) || head.size() != kGroups * 2) return std::nullopt;
    return head;
  }
  if (!readGroups(text.substr(0, gap), false, head) || !readGroups(text.substr(gap + 2), true, tail))
    return std::nullopt;
  if (text.substr(gap + 2).starts_with(':')) return std::nullopt;
  // The gap stands for at least one group.
  if (head.size() + tail.size() > (kGroups - 1) * 2) return std::nullopt;
  head.append(kGroups * 2 - head.size() - tail.size(), '\0');
  return head + tail;
}

[[nodiscard]] bool isMappedV4(std::string_view bytes) noexcept {
  constexpr std::string_view kPrefix("\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12);
  return bytes.size() == 16 && bytes.starts_with(kPrefix);
}

[[nodiscard]] std::string hexOf(std::uint32_t group) {
  std::string text;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const auto digit = (group >> shift) & 0xFU;
    if (text.empty() && digit == 0 && shift != 0) continue;
    text += "0123456789abcdef"[digit];
  }
  return text;
}

}  // namespace

std::optional<std::string> parseAddress(std::string_view text) {
  if (text.size() > 64) return std::nullopt;
  if (text.find(':') == std::string_view::npos) return parseV4(text);
  auto bytes = parseV6(text);
  // Two ways to write one address would make equal look unequal; the mapped form with a dotted end is refused.
  if (!bytes || (isMappedV4(*bytes) && text.find('.') != std::string_view::npos)) return std::nullopt;
  return bytes;
}

std::optional<std::string> parseRange(std::string_view text) {
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto bytes = parseAddress(text.substr(0, slash));
  if (!bytes) return std::nullopt;
  const auto prefix = decimal(text.substr(slash + 1), static_cast<std::uint32_t>(bytes->size() * 8));
  if (!prefix) return std::nullopt;
  return *bytes + static_cast<char>(*prefix);
}

std::string addressText(std::string_view bytes) {
  std::string text;
  if (bytes.size() == 4) {
    for (std::size_t i = 0; i < 4; ++i)
      text += (i == 0 ? "" : ".") + std::to_string(static_cast<unsigned char>(bytes[i]));
    return text;
  }
  std::array<std::uint32_t, kGroups> groups{};
  for (std::size_t i = 0; i < kGroups; ++i)
    groups[i] = (static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i * 2])) << 8) |
                static_cast<unsigned char>(bytes[i * 2 + 1]);
  // The first longest run of two or more zero groups becomes ::
  std::size_t gap = kGroups;
  std::size_t gapLength = 1;
  for (std::size_t i = 0; i < kGroups; ++i) {
    std::size_t length = 0;
    while (i + length < kGroups && groups[i + length] == 0) ++length;
    if (length <= gapLength) continue;
    gap = i;
    gapLength = length;
  }
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == gap) {
      text += "::";
      i += gapLength - 1;
      continue;
    }
    if (i != 0 && i != gap + gapLength) text += ':';
    text += hexOf(groups[i]);
  }
  return text;
}

std::string rangeText(std::string_view bytes) {
  return addressText(bytes.substr(0, bytes.size() - 1)) + "/" +
         std::to_string(static_cast<unsigned char>(bytes.back()));
}

}  // namespace weir::cel
