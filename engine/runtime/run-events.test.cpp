// What a run remembers of what happened to it.
#include "engine/runtime/run-events.h"

#include <doctest/doctest.h>

namespace weir {
namespace {

RunEvent saying(std::string message) {
  RunEvent event;
  event.kind = "test.said";
  event.message = std::move(message);
  return event;
}

TEST_CASE("the newest events are kept, by count and by bytes") {
  RunEvents few(3);
  for (int i = 0; i < 10; ++i) few.add(saying(std::to_string(i)));
  REQUIRE(few.after(0).size() == 3);
  CHECK(few.after(0).front().message == "7");
  CHECK(few.after(0).front().number == 8);
  CHECK(few.after(9).size() == 1);
  CHECK(few.after(10).empty());
  CHECK(few.after(99).empty());

  RunEvents small(10'000, 100'000);
  for (int i = 0; i < 1000; ++i) {
    small.add(saying(std::string(1000, 'x')));
    CHECK(small.bytes() <= 100'000);
  }
  CHECK(small.after(0).size() > 50);
  CHECK(small.after(0).back().number == 1000);
  CHECK(small.total() == 1000);
}

TEST_CASE("a long message is cut between two characters") {
  RunEvents events;
  std::string heard;
  events.listen([&](const RunEvent& event) { heard = event.message; });
  std::string message(RunEvents::kMostMessageBytes - 1, 'x');
  for (int i = 0; i < 1'000'000; ++i) message += "é";
  events.add(saying(message));
  CHECK(heard == std::string(RunEvents::kMostMessageBytes - 1, 'x') + "…");
  CHECK(events.after(0).front().message == heard);
}

TEST_CASE("10,000 long events take 16 MiB at most") {
  RunEvents events;
  for (int i = 0; i < 10'000; ++i) events.add(saying(std::string(1 << 20, 'x')));
  CHECK(events.bytes() <= (16U << 20U));
  CHECK(events.after(0).size() > 3000);
}

}  // namespace
}  // namespace weir
