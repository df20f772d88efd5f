// What a long line costs a reader of ranges, and when it lets others have their turn.
#include "nodes/files/text-read/range-reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "hosts/simulation/simulated-files.h"
#include "nodes/files/text-read/stream-lines.h"

namespace weir::nodes::text_read {
namespace {

constexpr std::int64_t kLongBytes = 30 << 20;
constexpr std::int64_t kMaxLineBytes = 64 << 20;

std::string longLine() { return "short\n" + std::string(kLongBytes, 'x') + "\nlast\n"; }

struct Flag final : WakeTarget {
  void wake() override { woken = true; }
  bool woken = false;
};

struct Passed {
  std::string text;
  std::int64_t turns = 0, calls = 0, mostBytes = 0;
};

Passed readAll(LineChunks& lines, simulation::SimulatedFiles& files) {
  Passed passed;
  const auto flag = std::make_shared<Flag>();
  for (;;) {
    flag->woken = false;
    const auto polled = lines.next(Waker(flag));
    REQUIRE(polled.has_value());
    passed.mostBytes = std::max(passed.mostBytes, lines.takeReadBytes());
    if (*polled == Poll::ready) {
      if (lines.chunk().empty()) return passed;
      passed.text += lines.chunk();
      continue;
    }
    if (files.pending() > 0) {
      ++passed.calls;
      files.finish(0);
    } else {
      ++passed.turns;
    }
    REQUIRE(flag->woken);
  }
}

}  // namespace

TEST_CASE("a line that reaches far behind its range takes few calls, and the range behind it has none of it") {
  simulation::SimulatedFiles files(true);
  files.put("a.txt", longLine());
  MemoryAccount account;
  RangeReader first(files, account, {"a.txt", 0, 16, false, 0}, kMaxLineBytes);
  const auto passed = readAll(first, files);
  CHECK(passed.text == longLine().substr(0, longLine().size() - 5));
  CHECK(passed.calls < 32);
  RangeReader second(files, account, {"a.txt", 16, 0, false, 0}, kMaxLineBytes);
  CHECK(readAll(second, files).text == "last\n");
}

TEST_CASE("while a long line is read or skipped, others have their turn") {
  simulation::SimulatedFiles files;
  files.put("a.txt", longLine());
  MemoryAccount account;
  RangeReader whole(files, account, {"a.txt", 0, 0, false, 0}, kMaxLineBytes);
  RangeReader skipped(files, account, {"a.txt", 16, 0, false, 0}, kMaxLineBytes);
  StreamLines stream(files, nullptr, account, "a.txt", 0, TextEncoding::automatic, kMaxLineBytes);
  for (auto* lines :
       {static_cast<LineChunks*>(&whole), static_cast<LineChunks*>(&skipped), static_cast<LineChunks*>(&stream)}) {
    const auto passed = readAll(*lines, files);
    CHECK(passed.text.ends_with("last\n"));
    CHECK(passed.turns >= kLongBytes / (2 * kTurnBytes) - 1);
    CHECK(passed.mostBytes <= 2 * kTurnBytes);
  }
}

}  // namespace weir::nodes::text_read
