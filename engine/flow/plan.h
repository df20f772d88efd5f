// Plan: a valid flow document made ready to run: every default filled in, every parameter resolved.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/field-set.h"
#include "engine/data/sensitive.h"
#include "engine/data/value.h"
#include "engine/node/node-type.h"

namespace weir {

struct PlannedRetry {
  int attempts = 1;  // counts the first
  std::int64_t delayMs = 100, maxDelayMs = 30'000;
  double jitter = 0.2;
};

/// Guards an io node's calls: after `failures` failures within `windowMs` it opens and refuses calls for `openMs`, then
/// lets `probes` of them through.
struct PlannedBreaker {
  std::int64_t failures = 5, windowMs = 30'000, openMs = 30'000, probes = 1;
};

struct PlannedNode {
  std::string id, name;
  const NodeType* type = nullptr;
  json::Value settings;  // complete and resolved; secrets still as ${secret:NAME}
  PlannedRetry retry;
  std::optional<PlannedBreaker> breaker;  // io nodes have one unless it is switched off with 0 failures
  std::int64_t timeoutMs = 0;             // 0: none
  bool bypass = false;                    // rows pass from the first input to the first output untouched
  std::vector<PortSpec> inputs,
      outputs;                   // as this instance has them (ports may follow a setting); `error` is the last output
  std::vector<FieldSet> needed;  // per output
  /// Per output: the node that handed its filter to this source, or -1.
  std::vector<std::int32_t> acceptedFilter;
  int depth = 0;  // longest way from a source
};

enum class FullRule : std::uint8_t { block, dropOldest, dropNewest, dropLowestPriority, sample };
/// Which of the rows that wait is taken first.
enum class QueueOrder : std::uint8_t { fifo, newest, priority };
/// What a live change does with the rows on an edge that goes.
enum class OnRemove : std::uint8_t { drain, deadLetter, discard };

struct PlannedEdge {
  std::string id;
  std::int32_t source = 0, target = 0;  // indices into Plan::nodes
  Port sourcePort = 0, targetPort = 0;
  std::int64_t bufferRows = 65'536;
  std::int64_t bufferBytes = 0;        // 0: min(16 MiB, limit / (4 x edges))
  std::int64_t batchMaxRows = 16'384;  // joining stops here; 1 switches it off
  std::int64_t batchMaxWaitMs = 0;
  double threshold = 0.8, dropThreshold = 0.9;
  bool adaptive = false;   // the thresholds follow the consumer's lag and the host's load
  std::int64_t ageMs = 0;  // older rows are shed; 0: none is too old
  QueueOrder order = QueueOrder::fifo;
  bool durable = false;  // journalled; acknowledged only after fsync
  OnRemove onRemove = OnRemove::drain;
  FullRule whenFull = FullRule::block;
  std::int64_t whenFullMaxWaitMs = 100;
  std::string filter, transform;  // CEL, empty: none
  bool spill = false;             // past its bound it goes on in a temporary file
};

struct PlanLimits {
  std::int64_t memoryBytes = 0;  // 0: the place's default
  std::int64_t diskBytes = 0;
  std::int64_t maxRunMs = 0;
  int threads = 0;
};

enum class StateStorage : std::uint8_t { memory, file, redis };

struct PlannedAlert {
  std::string name, metric, severity;
  std::optional<double> over, under;
  std::int64_t forMs = 0, quietMs = 0, windowMs = 10'000;
  std::int64_t mutedUntilMicros = INT64_MIN;
  std::string where, key;  // CEL over the rows of its edge, empty: all rows, all together
  [[nodiscard]] bool operator==(const PlannedAlert&) const = default;
};

struct Plan {
  std::string flowId, flowVersion;
  std::uint64_t documentHash = 0;
  std::vector<PlannedNode> nodes;
  std::vector<PlannedEdge> edges;
  Value params;                           // a map
  std::optional<std::int64_t> maxErrors;  // empty: 1,000 rows or 1 % of the rows taken; no limit if unbounded
  PlanLimits limits;
  StateStorage stateStorage = StateStorage::memory;
  std::int64_t checkpointEveryMs = 1000, checkpointRows = 100'000;
  std::vector<PlannedAlert> alerts;
  SensitiveNames sensitive;  // fields that who watches does not see, and those computed from them
  bool unbounded = false;    // it has a source that never ends by itself
  bool deterministic = false;
  std::vector<std::string> whyNotDeterministic;
};

}  // namespace weir
