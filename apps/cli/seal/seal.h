// Seal: what a finished run says about its flow, its inputs and its outputs, so that it can be held against another.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/error.h"
#include "engine/json/value.h"

namespace weir::cli {

inline constexpr std::int64_t kSealVersion = 1;
/// An output that is no larger is kept in the seal itself, so that the cell that differs can be shown.
inline constexpr std::int64_t kKeptTextBytes = 64 << 10;
/// All outputs together.
inline constexpr std::int64_t kKeptBytes = 1 << 20;

/// How the rows of a CSV file are written.
struct SealedCsv {
  std::string delimiter = ",";
  bool header = true;
};

struct SealedFile {
  std::string name;  // sealedName()
  std::int64_t bytes = 0;
  std::string sha256;                // 64 hexadecimal digits
  std::optional<std::int64_t> rows;  // of an output whose rows are lines: CSV, NDJSON, text
  std::optional<SealedCsv> csv;      // of an output that is CSV
  std::optional<std::string> text;   // the output itself
};

struct Seal {
  std::string engine, flow;
  std::string meaning;                                       // SHA-256 of flow::meaningOf
  std::vector<std::pair<std::string, std::string>> uses;     // flows that are used as nodes, each with its meaning
  json::Value parameters = json::Value::object();            // by name
  std::vector<SealedFile> inputs, outputs;                   // in order of their names
  std::int64_t setAside = 0;                                 // rows
  std::vector<std::pair<std::string, std::int64_t>> byCode;  // those, by the code of the error
};

/// Of everything but the engine's version and kept texts: a seal from which these were taken out is the same seal.
[[nodiscard]] std::string digestOf(const Seal& seal);
/// The first twelve digits.
[[nodiscard]] std::string shortDigest(std::string_view digest);

/// Ends with a line end.
[[nodiscard]] std::string sealText(const Seal& seal);
/// Errors `seal.invalid` (no seal, or one that does not fit itself) and `seal.newer_version`.
[[nodiscard]] Result<Seal> parseSeal(std::string_view text);

}  // namespace weir::cli
