// Reads a number and a unit.
#include "apps/cli/size-text.h"

#include <charconv>
#include <string>

namespace weir::cli {

std::optional<std::int64_t> parseSize(std::string_view text) {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number < 0) return std::nullopt;
  std::string unit;
  for (const char* at = rest; at != end; ++at) {
    if (*at != ' ') unit += static_cast<char>(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
  }
  double factor = 0;
  const auto is = [&unit](std::string_view a, std::string_view b) { return unit == a || unit == b; };
  if (is("", "b")) factor = 1;
  if (is("k", "kb")) factor = 1e3;
  if (is("m", "mb")) factor = 1e6;
  if (is("g", "gb")) factor = 1e9;
  if (is("t", "tb")) factor = 1e12;
  if (is("ki", "kib")) factor = 1024.0;
  if (is("mi", "mib")) factor = 1024.0 * 1024;
  if (is("gi", "gib")) factor = 1024.0 * 1024 * 1024;
  if (is("ti", "tib")) factor = 1024.0 * 1024 * 1024 * 1024;
  const double bytes = number * factor;
  if (factor == 0 || bytes > 9e18) return std::nullopt;
  return static_cast<std::int64_t>(bytes);
}

}  // namespace weir::cli
