// Retry-After: when a server wants to be asked again, in seconds or as a date.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "engine/node/contract.h"
#include "engine/time/civil.h"

namespace weir::nodes::http {

/// Digits alone, at most nine of them.
[[nodiscard]] inline std::optional<std::int64_t> wholeNumber(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

/// The three forms of RFC 9110, 5.6.7, in seconds since 1970: `Sun, 06 Nov 1994 08:49:37 GMT`,
/// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. A year of two digits is at most 50 ahead of `year`.
[[nodiscard]] inline std::optional<std::int64_t> httpDateSeconds(std::string_view text, int year) {
  static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<std::string_view, 8> parts{};
  std::size_t count = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(" ,-:"), text.size());
    if (end > 0) {
      if (count == parts.size()) return std::nullopt;
      parts[count++] = text.substr(0, end);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const bool old = count == 7;  // as asctime() writes it
  if (!old && (count != 8 || parts[7] != "GMT")) return std::nullopt;
  const auto month = std::ranges::find(kMonths, parts[old ? 1 : 2]);
  const auto day = wholeNumber(parts[old ? 2 : 1]);
  const auto ofYear = wholeNumber(parts[old ? 6 : 3]);
  const std::size_t clock = old ? 3 : 4;
  const auto hour = wholeNumber(parts[clock]);
  const auto minute = wholeNumber(parts[clock + 1]);
  const auto second = wholeNumber(parts[clock + 2]);
  if (month == kMonths.end() || !day || !ofYear || !hour || !minute || !second) return std::nullopt;
  if (*day < 1 || *day > 31 || *ofYear > 9999 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  auto full = static_cast<int>(*ofYear);
  if (full < 100) {
    full += year / 100 * 100;
    if (full > year + 50) full -= 100;
  }
  const CivilDate date{
      .year = full, .month = static_cast<int>(month - kMonths.begin()) + 1, .day = static_cast<int>(*day)};
  return daysFromCivil(date) * 86'400 + *hour * 3600 + *minute * 60 + *second;
}

/// How long a Retry-After header asks to wait from `now` on, at most `mostMs`; nothing if it asks for nothing.
[[nodiscard]] inline std::optional<std::int64_t> retryAfterMs(std::string_view header, Timestamp now,
                                                              std::int64_t mostMs) {
  const auto seconds = wholeNumber(header);
  std::int64_t wait = 0;
  if (seconds) {
    wait = *seconds * 1000;
  } else {
    const auto year = static_cast<int>(civilFromSeconds(now / 1'000'000).date.year);
    const auto date = httpDateSeconds(header, year);
    if (!date) return std::nullopt;
    wait = *date * 1000 - now / 1000;
  }
  if (wait <= 0) return std::nullopt;
  return std::min(wait, mostMs);
}

}  // namespace weir::nodes::http
