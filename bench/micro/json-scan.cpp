// Measures how fast NDJSON is validated and two of its fields are decoded, on one thread.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json/fields.h"
#include "engine/json/lines.h"
#include "engine/json/structure.h"

namespace {

using weir::json::Fields;
using weir::json::Lines;

std::string makeLines(std::size_t bytes, int& rows) {
  std::string text;
  std::uint64_t state = 42;
  const auto random = [&] { return (state = state * 6364136223846793005U + 1442695040888963407U) >> 33U; };
  const char* const statuses[] = {"ok", "error", "retry", "timeout"};
  for (rows = 0; text.size() < bytes; ++rows) {
    char line[512];
    const int length = std::snprintf(
        line, sizeof line,
        "{\"id\":%d,\"user\":\"u%llu\",\"status\":\"%s\",\"amount\":%llu.%02llu,\"ts\":\"2026-01-01T%02llu:%02llu:"
        "00Z\","
        "\"tags\":[\"a\",\"b%llu\"],\"session\":\"%08llx%08llx\",\"client\":\"Mozilla/5.0 (X11; Linux x86_64)\","
        "\"latency\":%llu,\"cached\":%s}\n",
        rows, static_cast<unsigned long long>(random() % 100000), statuses[random() % 4],
        static_cast<unsigned long long>(random() % 1000), static_cast<unsigned long long>(random() % 100),
        static_cast<unsigned long long>(random() % 24), static_cast<unsigned long long>(random() % 60),
        static_cast<unsigned long long>(random() % 10), static_cast<unsigned long long>(random()),
        static_cast<unsigned long long>(random()), static_cast<unsigned long long>(random() % 5000),
        random() % 2 == 0 ? "true" : "false");
    text.append(line, static_cast<std::size_t>(length));
  }
  return text;
}

double seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Totals {
  std::int64_t rows = 0;
  double amount = 0;
};

bool readChunk(Lines& lines, Fields& fields, std::string_view chunk, Totals& totals) {
  lines.start(chunk);
  for (auto row = lines.next(); row != Lines::Row::end; row = lines.next()) {
    auto& cursor = lines.cursor();
    std::string_view status;
    double amount = 0;
    bool good = row == Lines::Row::value && cursor.enterObject();
    fields.begin();
    std::int32_t field = Fields::kEnd;
    while (good && (field = fields.next(cursor)) >= 0)
      good = field == 0 ? cursor.getRawString(status) : cursor.getDouble(amount);
    if (!good || field == Fields::kWrong || !lines.finishRow()) {
      std::fprintf(stderr, "%s\n", lines.error().message.c_str());
      return false;
    }
    if (status == "ok") {
      ++totals.rows;
      totals.amount += amount;
    }
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t total = (count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 256) << 20U;
  int rows = 0;
  auto text = makeLines(total, rows);
  const auto size = text.size();
  text.append(64, '\0');
  std::vector<std::string_view> chunks;
  for (std::size_t at = 0; at < size;) {
    auto end = std::min(at + (1U << 20U), size);
    while (text[end - 1] != '\n') --end;
    chunks.emplace_back(text.data() + at, end - at);
    at = end;
  }
  const auto gigabytes = static_cast<double>(size) / 1e9;
  const std::string wanted[] = {"status", "amount"};
  for (int round = 0; round < 5; ++round) {
    weir::json::Structure structure;
    auto begin = seconds();
    std::int64_t entries = 0;
    for (const auto chunk : chunks) {
      for (std::uint32_t at = 0; at < chunk.size();) {
        auto end = static_cast<std::uint32_t>(std::min<std::size_t>(at + 65536, chunk.size()));
        while (chunk[end - 1] != '\n') --end;
        structure.build(chunk, at, end, weir::json::TextKind::lines);
        entries += structure.count();
        at = end;
      }
    }
    const auto indexed = seconds() - begin;
    Lines lines;
    Fields fields(wanted);
    Totals totals;
    begin = seconds();
    for (const auto chunk : chunks)
      if (!readChunk(lines, fields, chunk, totals)) return 1;
    const auto read = seconds() - begin;
    std::printf(
        "index %.2f GB/s (%.1f entries a row), index and two fields %.2f GB/s, %.0f ns a row of %.0f bytes; %lld "
        "%.2f\n",
        gigabytes / indexed, static_cast<double>(entries) / rows, gigabytes / read, read * 1e9 / rows,
        static_cast<double>(size) / rows, static_cast<long long>(totals.rows), totals.amount);
  }
}
