// The node cases as one function, compiled into the wasm module and into a native program; both must print the same
// bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::cases {

struct CaseSettings {
  std::uint64_t seed = 1;
};

/// Runs the cases of one node folder. `node` is its id (`files/csv-read`), `casesJson` the text of its cases.json.
/// Returns one JSON object a line: {"node", "case", "outcome": "pass" | "fail" | "skip", "got", "why"}.
std::string runNodeCases(std::string_view node, std::string_view casesJson, const CaseSettings& settings);

}  // namespace weir::cases
