// Optimal string alignment (restricted Damerau-Levenshtein distance), with a bound.
#include "engine/text/suggest.h"

#include <algorithm>
#include <array>

#include "engine/text/utf8.h"

namespace weir {
namespace {

constexpr std::size_t kLongestName = 64;
using Row = std::array<int, kLongestName + 1>;

template <class Name>
std::string_view nearest(std::string_view wanted, std::span<const Name> names) {
  if (wanted.empty()) return {};
  int most = std::clamp(static_cast<int>(wanted.size()) / 3, 1, 3);
  std::string_view found;
  for (const Name& name : names) {
    const int distance = editDistance(wanted, name, most);
    // A name that shares nothing (one letter for another) is no suggestion.
    if (distance > most || distance >= static_cast<int>(std::max(wanted.size(), std::string_view(name).size())))
      continue;
    found = name;
    most = distance - 1;
    if (most < 0) break;
  }
  return found;
}

std::string asQuestion(std::string_view name) {
  return name.empty() ? std::string() : " Did you mean '" + std::string(name) + "'?";
}

}  // namespace

int editDistance(std::string_view left, std::string_view right, int most) {
  const std::size_t longer = std::max(left.size(), right.size());
  const std::size_t shorter = std::min(left.size(), right.size());
  if (longer > kLongestName || longer - shorter > static_cast<std::size_t>(most)) return most + 1;
  Row beforeLast{};
  Row last{};
  Row now{};
  for (std::size_t j = 0; j <= right.size(); ++j) last[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= left.size(); ++i) {
    now[0] = static_cast<int>(i);
    int least = now[0];
    const char a = utf8::toLowerAscii(left[i - 1]);
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const char b = utf8::toLowerAscii(right[j - 1]);
      int cost = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a == b ? 0 : 1)});
      if (i > 1 && j > 1 && a == utf8::toLowerAscii(right[j - 2]) && b == utf8::toLowerAscii(left[i - 2]))
        cost = std::min(cost, beforeLast[j - 2] + 1);
      now[j] = cost;
      least = std::min(least, cost);
    }
    // A swap looks two rows back, so one row over the bound alone decides nothing; two rows in a row do.
    if (least > most + 1) return most + 1;
    beforeLast = last;
    last = now;
  }
  return std::min(last[right.size()], most + 1);
}

std::string_view nearestName(std::string_view wanted, std::span<const std::string_view> names) {
  return nearest(wanted, names);
}
std::string_view nearestName(std::string_view wanted, std::span<const std::string> names) {
  return nearest(wanted, names);
}
std::string didYouMean(std::string_view wanted, std::span<const std::string_view> names) {
  return asQuestion(nearest(wanted, names));
}
std::string didYouMean(std::string_view wanted, std::span<const std::string> names) {
  return asQuestion(nearest(wanted, names));
}

}  // namespace weir
