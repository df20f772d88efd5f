// How fast lines are found in a chunk that is warm in the cache: GB/s by pattern.
#include "engine/regex/line-search.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/regex/literal-search.h"

namespace {

using namespace weir::regex;
using Clock = std::chrono::steady_clock;

std::string logLines(std::size_t bytes) {
  std::string text;
  std::uint32_t seed = 1;
  while (text.size() < bytes) {
    seed = seed * 1664525U + 1013904223U;
    const auto pick = seed >> 16;
    const char* level = pick % 400 == 0 ? "ERROR" : pick % 400 == 1 ? "FATAL" : pick % 7 == 0 ? "WARN" : "INFO";
    char buffer[200];
    std::snprintf(buffer, sizeof buffer,
                  "2024-05-%02u 12:%02u:%02u,%03u %s [worker-%u] service.handler user=%u GET /api/items/%u status=%u\n",
                  pick % 28 + 1, pick % 60, pick % 59, pick % 1000, level, pick % 16, pick, pick * 7, 200 + pick % 5);
    text += buffer;
  }
  text.resize(text.rfind('\n') + 1);
  return text;
}

template <class Body>
void measure(const char* name, std::size_t bytes, const Body& body) {
  long long checksum = body();
  double best = 1e9;
  for (int round = 0; round < 15; ++round) {
    const auto begin = Clock::now();
    const int repeat = 20;
    for (int i = 0; i < repeat; ++i) checksum += body();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count() / repeat);
  }
  std::printf("%-44s %8.2f GB/s   (%lld)\n", name, static_cast<double>(bytes) / best / 1e9, checksum);
}

void measurePattern(const char* pattern, const std::string& text, bool invert = false) {
  const auto regex = Regex::compile(pattern);
  if (!regex) std::abort();
  const LineMatcher matcher(*regex, invert);
  Regex::Scratch scratch;
  std::vector<LineSpan> lines;
  measure(pattern, text.size(), [&] {
    lines.clear();
    return matcher.match(text, scratch, lines) + static_cast<long long>(lines.size());
  });
}

}  // namespace

int main() {
  const auto text = logLines(1 << 20);
  const auto size = static_cast<std::int64_t>(text.size());
  measure("countByte", text.size(), [&] { return countByte(text.data(), size, '\n'); });
  measure("findByte (absent)", text.size(), [&] { return findByte(text.data(), size, '~'); });
  for (const char* pattern :
       {"ERROR|FATAL", "ERROR", "(?i)error|fatal", "ERROR|FATAL|PANIC", "ERROR|FATAL|PANIC|ABORT|TRAP", "ERROR.*items",
        "INFO", "status=20[34]$", "user=\\d+5 GET", "\\d{4}-\\d\\d-31", "(\\w+) \\w+ [A-Z]{5} "})
    measurePattern(pattern, text);
  measurePattern("INFO", text, true);
  const auto regex = Regex::compile(R"(^(\S+) (\S+) (\w+) \[([^\]]*)\] (\S+) user=(\d+) (\w+) (\S+) status=(\d+))");
  if (!regex) return 1;
  Regex::Scratch scratch;
  std::vector<Span> groups(10);
  measure("captures of 9 groups, line by line", text.size(), [&] {
    long long found = 0;
    for (std::int64_t begin = 0; begin < size;) {
      const auto stop = begin + findByte(text.data() + begin, size - begin, '\n');
      found += regex->captures(
          std::string_view(text).substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(stop - begin)), 0,
          scratch, groups);
      begin = stop + 1;
    }
    return found;
  });
}
