// FlowTest: the tests beside a flow (NAME.test.json), read strictly.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/problem.h"
#include "engine/json/value.h"

namespace weir::flow {

/// Rows by node id; each a JSON object.
using TestRows = std::map<std::string, std::vector<json::Value>, std::less<>>;

struct FlowTest {
  std::string name;
  std::map<std::string, json::Value, std::less<>> parameters;
  std::optional<std::string> clock;  // RFC 3339; the clock stands still there
  std::uint64_t seed = 0;
  TestRows in;                              // rows that take the place of a source's
  TestRows out;                             // rows that come to a sink, in this order
  bool anyOrder = false;                    // … or in any
  std::optional<std::int64_t> deadLetters;  // how many
  std::optional<std::int64_t> exitCode;
};

/// A list of tests, or an object with `tests` (and `$schema`, `x-…`).
///
///     [ { "name": "adds up", "parameters": {}, "clock": "2026-01-01T00:00:00Z", "seed": 1,
///         "in": { "read": [ { "id": 1 } ] }, "out": { "write": [ { "id": 1 } ] } } ]
[[nodiscard]] std::expected<std::vector<FlowTest>, Problems> parseFlowTests(std::string_view text);

}  // namespace weir::flow
