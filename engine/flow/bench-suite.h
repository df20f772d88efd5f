// The suite document of `weir bench --suite`: scenarios of load, read strictly.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/problem.h"
#include "engine/json/value.h"

namespace weir::flow {

/// One scenario: so many messages a second from so many connections, through a small flow, to a consumer.
struct BenchScenario {
  std::string name, description;
  std::int64_t durationMs = 10'000;
  double messagesPerSecond = 1000;  // of all connections; 0: as fast as the flow takes them
  std::int64_t connections = 1;
  std::int64_t messageBytes = 0;  // of a text field beside the numbers
  std::string pattern = "sequential";
  std::int64_t burstEveryMs = 0;             // 0: evenly; else what comes in that time comes at once
  double consumerMessagesPerSecond = 0;      // 0: it takes what comes
  json::Value edge = json::Value::object();  // rules of the edge into the consumer, as in a flow document
  // What has to hold, if it is said.
  std::optional<double> expectP99Ms, expectErrorRate, expectMessagesPerSecond;
};

struct BenchSuite {
  std::string name;
  std::vector<BenchScenario> scenarios;
};

/// All problems of form at once, with suggestions.
[[nodiscard]] std::expected<BenchSuite, Problems> parseBenchSuite(std::string_view text);
/// The one called "standard".
[[nodiscard]] std::string_view standardBenchSuite();
/// Published as docs/schemas/bench-suite.schema.json.
[[nodiscard]] json::Value benchSuiteSchema();

}  // namespace weir::flow
