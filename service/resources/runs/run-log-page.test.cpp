// Pages of a log: every line once, whether it is in memory, in the store or in both.
#include "service/resources/runs/run-log-page.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <ranges>
#include <set>

namespace weir::api {
namespace {

using store::KeptRunLog;
using store::RunLogPlace;

constexpr std::int64_t kNow = 1'700'000'000'000;

KeptRunLog line(std::int64_t epoch, std::int64_t seq) {
  const auto number = std::to_string(seq);
  const auto level = seq % 10 == 0 ? "error" : seq % 5 == 0 ? "warning" : "info";
  const auto node = seq % 2 == 0 ? "even" : "odd";
  return {{epoch, seq, 0},
          R"({"at":)" + std::to_string(kNow + epoch * 1'000'000 + seq) + R"(,"level":")" + level + R"(","node":")" +
              node + R"(","message":"Line )" + number + R"( of )" + std::to_string(epoch) + R"("})"};
}

/// A run under several owners: what is kept of it, and what is in memory.
struct Log {
  std::vector<KeptRunLog> kept, inMemory;  // the newest first

  void add(std::int64_t epoch, std::int64_t from, std::int64_t to, bool isKept, bool isInMemory) {
    for (auto seq = from; seq <= to; ++seq) {
      if (isKept) kept.insert(kept.begin(), line(epoch, seq));
      if (isInMemory) inMemory.insert(inMemory.begin(), line(epoch, seq));
    }
  }

  [[nodiscard]] RunLogPage page(RunLogWish wish) {
    RunLogPage page("r", std::move(wish), inMemory);
    while (const auto query = page.wants()) {
      ++asked;
      REQUIRE(asked < 1'000);
      std::vector<KeptRunLog> found;
      for (const auto& one : kept) {
        if (query->before && one.place >= *query->before) continue;
        if (std::ssize(found) < query->limit) found.push_back(one);
      }
      page.take(std::move(found));
    }
    return page;
  }

  /// All pages, one after the other.
  [[nodiscard]] std::vector<std::string> all(RunLogWish wish) {
    std::vector<std::string> lines;
    for (int pages = 0; pages < 1'000; ++pages) {
      const auto one = page(wish);
      CHECK(std::ssize(one.lines()) <= wish.limit);
      lines.insert(lines.end(), one.lines().begin(), one.lines().end());
      if (one.next().empty()) return lines;
      const auto before = RunLogPage::placeOf(one.next());
      REQUIRE(before);
      wish.before = *before;
    }
    FAIL("the pages do not end");
    return lines;
  }

  int asked = 0;
};

std::vector<std::string> expected(std::int64_t first, std::int64_t second) {
  std::vector<std::string> lines;
  for (auto seq = second; seq > 0; --seq) lines.push_back(line(2, seq).json);
  for (auto seq = first; seq > 0; --seq) lines.push_back(line(1, seq).json);
  return lines;
}

}  // namespace

TEST_CASE("pages give every line once, where memory and store overlap and where they do not") {
  for (const std::int64_t overlap : {0, 1, 7, 40}) {
    for (const std::int64_t limit : {1, 2, 7, 50, 1'000}) {
      CAPTURE(overlap);
      CAPTURE(limit);
      Log log;
      log.add(1, 1, 30, true, false);
      log.add(2, 1, 60, true, false);
      log.add(2, 61, 60 + overlap, true, true);
      log.add(2, 61 + overlap, 100 + overlap, false, true);
      CHECK(log.all({.limit = limit}) == expected(30, 100 + overlap));
    }
  }
}

TEST_CASE("more lines than are asked of the store at a time come in pages too") {
  Log log;
  log.add(1, 1, 2'500, true, false);
  log.add(2, 1, 1'200, true, true);
  CHECK(log.all({.limit = 1'000}) == expected(2'500, 1'200));
  CHECK(log.all({.limit = 333}) == expected(2'500, 1'200));
  Log none;
  CHECK(none.page({}).lines().empty());
  CHECK(none.page({}).next().empty());
}

TEST_CASE("lines are found by level, node, text and time") {
  Log log;
  log.add(1, 1, 100, true, false);
  log.add(2, 1, 100, false, true);
  const auto count = [&log](RunLogWish wish) {
    wish.limit = 7;
    return std::ssize(log.all(std::move(wish)));
  };
  CHECK(count({.least = LogLevel::info}) == 200);
  CHECK(count({.least = LogLevel::warning}) == 40);
  CHECK(count({.least = LogLevel::error}) == 20);
  CHECK(count({.node = "odd"}) == 100);
  CHECK(count({.least = LogLevel::error, .node = "odd"}) == 0);
  CHECK(count({.search = "lINE 42 OF"}) == 2);
  CHECK(count({.search = "line 42 of 1"}) == 1);
  CHECK(count({.search = "nowhere"}) == 0);
  const auto second = kNow + 2'000'000;
  CHECK(count({.from = second + 1}) == 100);
  CHECK(count({.from = second + 11, .until = second + 20}) == 10);
  CHECK(count({.until = second}) == 100);
}

TEST_CASE("a page looks at so many lines, and says where to go on") {
  Log log;
  log.add(1, 1, 3, true, false);
  log.kept.clear();
  for (std::int64_t seq = 2 * RunLogPage::kMostLooked + 5; seq > 0; --seq) log.kept.push_back(line(1, seq));
  const auto page = log.page({.search = "Line 3 of"});
  CHECK(page.lines().empty());
  CHECK(page.next() == "1." + std::to_string(RunLogPage::kMostLooked + 6) + ".0");
  CHECK(log.all({.search = "Line 3 of"}) == std::vector<std::string>{line(1, 3).json});
}

TEST_CASE("a cursor that no page gave is refused") {
  for (const auto* cursor :
       {"1", "1.2", "1.2.", "1.2.x", "-1.2.3", "1.2.3.4", "a.b.c", "1..3", "99999999999999999999.1.1"}) {
    CAPTURE(cursor);
    const auto place = RunLogPage::placeOf(cursor);
    REQUIRE(!place);
    CHECK(place.error().status == 400);
  }
  CHECK(RunLogPage::placeOf("")->has_value() == false);
  CHECK(**RunLogPage::placeOf("3.2.1") == RunLogPlace{3, 2, 1});
}

}  // namespace weir::api
