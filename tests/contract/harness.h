// Runs one case of a node's cases.json through the real runtime, over a simulated place: feeders before it, collectors
// behind it. Portable, so that the wasm module runs the same cases.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/packet.h"
#include "engine/host/http.h"
#include "engine/json/document.h"
#include "engine/node/catalogue.h"
#include "engine/runtime/run-result.h"

namespace weir::contract {

/// How a case's rows are cut and who runs it.
struct Shape {
  /// Rows are cut behind this one; 0: whole; -1: one row a batch.
  std::int64_t cut = 0;
  int workers = 1;
  std::uint64_t seed = 0;
  bool joining = true;
  /// The run is cancelled when the feeders have given so many batches; -1: never.
  std::int64_t cancelAfter = -1;
  /// The run keeps checkpoints, is stopped before this step, and another one goes on; -1: never.
  std::int64_t stopAt = -1;
  [[nodiscard]] std::string describe() const;
};

struct Outcome {
  Problems problems;             // of the settings; then nothing ran
  std::optional<Error> refused;  // by make
  RunResult result;
  std::map<std::string, std::vector<Value>> rows;  // by output
  std::vector<ErrorPacket> errors;
  std::map<std::string, std::string> files;
  std::vector<HttpRequest> asked;
  std::map<std::string, std::vector<Value>> written;  // to simulated servers: by table or topic
  std::map<std::string, std::string> sent;            // over streams, by URL
  std::vector<int> replies;                           // statuses, by request
};

[[nodiscard]] Outcome runCase(const NodeType& type, const json::Value& one, const Shape& shape);

/// Empty if the outcome is what the case says, else a sentence.
[[nodiscard]] std::string mismatch(const json::Value& one, const Outcome& outcome);

/// What came out, as one JSON text: equal texts are equal outcomes.
[[nodiscard]] std::string dump(const Outcome& outcome);

/// The most rows that one input of the case has.
[[nodiscard]] std::int64_t rowsOf(const json::Value& one);

/// One JSON object a line for each case: {"node", "case", "outcome": "pass" | "fail", "got", "why"}. The node's version
/// is the one that these cases belong to, else the newest.
[[nodiscard]] std::string reportCases(const Catalogue& catalogue, std::string_view id, std::string_view casesJson,
                                      std::uint64_t seed);

}  // namespace weir::contract
