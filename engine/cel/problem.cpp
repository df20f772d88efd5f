// Problem: places and texts for people.
#include "engine/cel/problem.h"

#include <algorithm>

#include "engine/cel/utf8.h"

namespace weir::cel {
namespace {

constexpr std::size_t kExcerptChars = 100;

[[nodiscard]] char lowered(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Edits (insert, delete, replace, swap of neighbours) between two names, case ignored at half the price of an edit.
[[nodiscard]] std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> rows(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) rows[i][0] = i * 2;
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j * 2;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0U : lowered(a[i - 1]) == lowered(b[j - 1]) ? 1U : 2U;
      auto best = std::min({rows[i - 1][j] + 2, rows[i][j - 1] + 2, rows[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = std::min(best, rows[i - 2][j - 2] + 2);
      rows[i][j] = best;
    }
  }
  return rows[a.size()][b.size()];
}

}  // namespace

void locate(Problem& problem, std::string_view source) {
  const auto at = std::min<std::size_t>(problem.offset, source.size());
  const auto before = source.substr(0, at);
  const auto lastBreak = before.rfind('\n');
  const std::size_t lineBegin = lastBreak == std::string_view::npos ? 0 : lastBreak + 1;
  problem.line = 1 + static_cast<std::int32_t>(std::count(before.begin(), before.end(), '\n'));
  problem.column = 1 + static_cast<std::int32_t>(countCodePoints(source.substr(lineBegin, at - lineBegin)));
  auto line = source.substr(lineBegin, source.find('\n', lineBegin) - lineBegin);
  auto caret = static_cast<std::size_t>(problem.column - 1);
  // Of a long line only the part around the place is shown.
  if (caret > kExcerptChars / 2) {
    const auto dropped = static_cast<std::int64_t>(caret - kExcerptChars / 2);
    line = line.substr(byteOffset(line, dropped));
    caret = kExcerptChars / 2;
  }
  line = line.substr(0, byteOffset(line, static_cast<std::int64_t>(kExcerptChars)));
  problem.excerpt.clear();
  for (const char c : line) problem.excerpt.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  problem.excerpt.push_back('\n');
  problem.excerpt.append(caret, ' ');
  const auto covered = source.substr(at, problem.length);
  const auto onLine = covered.substr(0, covered.find('\n'));
  const auto width = static_cast<std::size_t>(std::max<std::int64_t>(1, countCodePoints(onLine)));
  problem.excerpt.append(std::min(width, kExcerptChars - std::min(caret, kExcerptChars - 1)), '^');
}

std::string describe(const Problem& problem) {
  std::string text = std::to_string(problem.line) + ":" + std::to_string(problem.column) + ": " + problem.message;
  if (!problem.suggestion.empty()) text += " " + problem.suggestion;
  return text + "\n" + problem.excerpt;
}

Error toError(std::span<const Problem> problems) {
  if (problems.empty()) return Error{"cel.syntax", "The expression could not be read."};
  std::string text;
  for (const auto& problem : problems) {
    if (!text.empty()) text.push_back('\n');
    text += describe(problem);
  }
  return Error{problems.front().code, std::move(text)};
}

std::string nearestName(std::string_view name, std::span<const std::string> candidates) {
  constexpr std::size_t kLongest = 64;
  if (name.empty() || name.size() > kLongest) return {};
  const std::string* best = nullptr;
  std::size_t bestDistance = std::max<std::size_t>(2, name.size() * 2 / 3) + 1;
  for (const auto& candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongest) continue;
    const auto distance = editDistance(name, candidate);
    if (distance >= bestDistance) continue;
    best = &candidate;
    bestDistance = distance;
  }
  return best == nullptr ? std::string{} : *best;
}

}  // namespace weir::cel
