// FlowDocument: a flow as it was written, read strictly.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/problem.h"
#include "engine/json/document.h"

namespace weir::flow {

/// The version of the document format that this engine reads and writes.
inline constexpr std::string_view kDocumentVersion = "1.0.0";

struct FlowBox {
  std::optional<double> x, y, width, height;
};

struct FlowNode {
  std::string id, typeId, version, name, note, parent;
  bool bypass = false;
  json::Value settings;  // an object
  std::optional<std::int64_t> attempts, delayMs, maxDelayMs, timeoutMs;
  std::optional<double> jitter;
  std::optional<std::int64_t> breakerFailures, breakerWindowMs, breakerOpenMs, breakerProbes;
  FlowBox box;  // inline position and size, or those of `layout`
};

struct FlowEnd {
  std::string node, port;
};

struct FlowEdge {
  std::string id;
  FlowEnd source, target;
  std::string preset, filter, transform, order, whenFull, guarantee, onRemove;  // empty: not given
  std::optional<std::int64_t> rows, bytes, ageMs, batchMaxRows, batchMaxWaitMs, whenFullMaxWaitMs;
  std::optional<double> threshold, dropThreshold;
  bool adaptive = false;  // in place of a threshold
};

struct FlowParameter {
  std::string name, type, help;
  bool required = false;
  std::optional<json::Value> defaultValue;
  std::vector<std::string> options;
  std::optional<double> min, max;
};

/// A port of the flow as a node of another.
struct FlowPort {
  std::string name, type, node, port;
  bool required = false;
};

struct FlowGroup {
  std::string id, name, parent;
};

struct FlowNote {
  std::string id, text, parent;
};

struct FlowWidget {
  std::string id, type, title, node, port;
  json::Value settings;
};

struct FlowAlert {
  std::string name, metric, severity;
  std::optional<double> over, under;
  std::optional<std::int64_t> forMs, quietMs, windowMs;
  std::string where, key, muteUntil;
  std::string pointer;  // in the document
};

struct FlowConfig {
  std::optional<std::int64_t> maxConcurrency, maxErrors, memoryBytes, diskBytes, threads, maxRunMs, checkpointEveryMs,
      checkpointRows;
  std::string stateStorage, isolation;
  std::vector<FlowAlert> alerts;
  std::vector<std::string> sensitive;  // names of fields
  /// Names of fields that are computed from sensitive ones and hold nothing that has to be hidden.
  std::vector<std::string> notSensitive;
  /// How long a server keeps runs that have ended, and how many.
  std::optional<std::int64_t> keepRunMs, keepRuns;
};

struct FlowDocument {
  json::Document source;     // migrated; keys beginning with x- and dashboards are read from here
  std::string migratedFrom;  // the older format version, or empty
  std::string id, version, flowVersion, description;
  FlowConfig config;
  std::vector<FlowParameter> parameters;
  std::vector<FlowPort> inputs, outputs;
  std::vector<FlowNode> nodes;
  std::vector<FlowEdge> edges;
  std::vector<FlowGroup> groups;
  std::vector<FlowNote> notes;
  std::vector<FlowWidget> widgets;

  /// Independent of layout of the text, of positions, names and notes.
  [[nodiscard]] std::uint64_t hash() const;
};

/// All problems of form at once; an older document is migrated first. Meaning (types, ports, settings) is validate().
[[nodiscard]] std::expected<FlowDocument, Problems> parseFlow(std::string_view text);
/// The same of what was read already; its root may be a part of what its text has.
[[nodiscard]] std::expected<FlowDocument, Problems> readFlow(json::Document document);

}  // namespace weir::flow
