// Suites: the standard one, custom ones, and what is wrong with others.
#include "engine/flow/bench-suite.h"

#include <doctest/doctest.h>

#include <cstdio>

#include "engine/flow/sample-catalogue.test.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

std::string readFile(const char* path) {
  std::string text;
  if (auto* file = std::fopen(path, "rb")) {
    char part[4096];
    for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, file)) > 0;) text.append(part, got);
    std::fclose(file);
  }
  return text;
}

std::string said(std::string_view text) {
  const auto suite = parseBenchSuite(text);
  if (suite) return {};
  std::string all;
  for (const auto& problem : suite.error()) all += describe(problem) + "\n";
  return all;
}

TEST_CASE("the standard suite has the scenarios that it is known for") {
  const auto suite = parseBenchSuite(standardBenchSuite());
  REQUIRE(suite.has_value());
  REQUIRE(suite->scenarios.size() == 7);
  const auto& volume = suite->scenarios[1];
  CHECK(volume.name == "high volume");
  CHECK(volume.durationMs == 120'000);
  CHECK(volume.messagesPerSecond == 1000);
  CHECK(volume.connections == 10);
}

TEST_CASE("a suite is read strictly, with suggestions and places") {
  const auto one = [](const std::string& keys) {
    return R"({"name": "s", "scenarios": [{"name": "a", )" + keys + "}]}";
  };
  CHECK(said(one(R"("durationMs": 5, "connections": 3)")).empty());
  CHECK(said(one(R"("conections": 3)")).contains("Did you mean 'connections'?"));
  CHECK(said(one(R"("pattern": "noise")")).contains("/scenarios/0/pattern"));
  CHECK(said(one(R"("connections": 0)")).contains("/scenarios/0/connections"));
  CHECK(said(one(R"("edge": {"whenFull": {"rule": "dropoldest"}})")).contains("/scenarios/0/edge/whenFull/rule"));
  CHECK(said(one(R"("edge": {"id": "x"})")).contains("not for a suite's edge"));
  CHECK(said(one(R"("burstEveryMs": 5, "messagesPerSecond": 0)")).contains("bursts need a rate"));
  CHECK(said(one(R"("messagesPerSecond": -1)")).contains("/scenarios/0/messagesPerSecond"));
  CHECK(said(R"({"name": "s", "scenarios": []})").contains("no scenarios"));
  CHECK(said(R"({"name": "s"})").contains("scenarios"));
  CHECK(said(R"([])").contains("object"));
  CHECK(!said("{").empty());
  CHECK(said(R"({"name": "s", "scenarios": [{"name": "a"}, {"name": "a"}]})").contains("two scenarios 'a'"));
}

TEST_CASE("the published schema of suites is the one that is read") {
  CHECK(readFile("docs/schemas/bench-suite.schema.json") ==
        json::write(benchSuiteSchema(), json::Layout::pretty) + "\n");
}

}  // namespace
}  // namespace weir::flow
