// The table of `weir top` from figures made by hand.
#include "apps/cli/top-table.h"

#include <doctest/doctest.h>

#include "engine/json/document.h"

namespace weir::cli {
namespace {

Figures at(std::int64_t micros, std::int64_t rows, std::int64_t busyNanos, std::int64_t held) {
  const auto text = R"({"elapsedMicros":)" + std::to_string(micros) +
                    R"(,"usedBytes":1000,"errors":2,"deadLetters":1,"nodes":[{"id":"read","typeId":"files/csv-read",)" +
                    R"("rowsOut":)" + std::to_string(rows) +
                    R"(,"waitsFor":"room"},{"id":"call","typeId":"http/request",)" + R"("rowsIn":)" +
                    std::to_string(rows) + R"(,"failed":7,"retries":3,"breaker":"open","busyNanos":)" +
                    std::to_string(busyNanos) + R"(}],"edges":[{"id":"e","source":"read","target":"call","held":)" +
                    std::to_string(held) + R"(,"capacityRows":100}]})";
  return figuresOf(json::parse(text)->root());
}

std::string lineOf(const std::string& table, std::string_view name) {
  const auto from = table.find("\n" + std::string(name)) + 1;
  return table.substr(from, table.find('\n', from) - from);
}

}  // namespace

TEST_CASE("rates, business and queues are those since the table before") {
  const auto before = at(1'000'000, 1000, 100'000'000, 0);
  const auto now = at(3'000'000, 5000, 1'100'000'000, 50);
  const auto table = topTable(now, &before, TopSort::flow, 140);
  CHECK(table.starts_with("running 3.00 s   memory 1.0 kB   errors 2   dead letters 1\n"));
  const auto line = lineOf(table, "call");
  CHECK(line.find("2.0 k/s") != std::string::npos);
  CHECK(line.find("####....") != std::string::npos);
  CHECK(line.find("50 %") != std::string::npos);
  CHECK(line.find("breaker open") != std::string::npos);
  CHECK(lineOf(table, "read").ends_with("room"));
}

TEST_CASE("the table is sorted as asked, and leaves columns out where there is no room") {
  const auto now = at(3'000'000, 5000, 1'100'000'000, 50);
  const auto sorted = topTable(now, nullptr, TopSort::busy, 140);
  CHECK(sorted.find("\ncall") < sorted.find("\nread"));
  const auto flow = topTable(now, nullptr, TopSort::flow, 140);
  CHECK(flow.find("\ncall") > flow.find("\nread"));
  for (const int width : {30, 40, 60, 80, 100}) {
    const auto table = topTable(now, nullptr, TopSort::flow, width);
    CHECK(table.find("busy") != std::string::npos);
    const auto line = lineOf(table, "node");
    CHECK(line.size() <= static_cast<std::size_t>(width));
  }
}

TEST_CASE("figures that are not there are zero, whatever a run sends") {
  CHECK(figuresOf(json::parse("[]")->root()).nodes.empty());
  const auto odd =
      figuresOf(json::parse(R"({"nodes":[3,{"id":4}],"edges":[null,{"target":"x"}],"elapsedMicros":"x"})")->root());
  CHECK(odd.nodes.size() == 2);
  CHECK(topTable(odd, nullptr, TopSort::name, 10).size() > 0);
}

}  // namespace weir::cli
