// Looks at names of hosts.
#include "engine/text/host-name.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace weir {
namespace {

constexpr std::size_t kMostBytes = 253, kMostPartBytes = 63;

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool isPart(std::string_view part) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '-' || c == '_';
  };
  return !part.empty() && part.size() <= kMostPartBytes && std::ranges::all_of(part, fits);
}

/// Close enough to tell it from a name: who connects reads it in full.
bool looksLikeV6(std::string_view text) {
  const auto fits = [](char c) { return isHex(c) || c == ':' || c == '.'; };
  return text.size() >= 2 && text.contains(':') && std::ranges::all_of(text, fits);
}

}  // namespace

bool isHostName(std::string_view text) {
  if (text.starts_with('[')) return text.ends_with(']') && looksLikeV6(text.substr(1, text.size() - 2));
  if (text.empty() || text.size() > kMostBytes) return false;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('.', at), text.size());
    if (!isPart(text.substr(at, end - at))) return false;
    at = end + 1;
  }
  return true;
}

bool isHostWithPort(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return read.ec == std::errc() && read.ptr == digits.data() + digits.size() && port != 0 &&
         isHostName(text.substr(0, colon));
}

}  // namespace weir
