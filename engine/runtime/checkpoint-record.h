// CheckpointRecord: a run at one barrier, as it is kept in a StateStore.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "engine/host/state-store.h"
#include "engine/json/value.h"
#include "engine/node/contract.h"

namespace weir::runtime {

/// A link as its consumer found it at the barrier.
struct SavedLink {
  std::string id;
  std::int64_t offeredRows = 0;
  bool begun = false;
  Timestamp watermark = kNoWatermark;
};

struct SavedPort {
  Timestamp watermark = kNoWatermark, settled = kNoWatermark;
  std::vector<SavedLink> links;
};

/// One task of a stage.
struct SavedInstance {
  bool done = false;
  std::int64_t made = 0, said = 0;  // what its session counts
  std::string state;                // what the task wrote
};

/// A setting of a node as it was, by what it hashes to: values may be long, and are nobody's business there.
struct SavedSetting {
  std::string name;
  std::uint64_t hash = 0;
};

struct SavedStage {
  std::string nodeId, typeId, version;
  std::int64_t stage = 0;
  bool knowsSettings = false;  // those of the first format do not
  std::vector<SavedSetting> settings;
  bool done = false;
  Timestamp sent = kNoWatermark, ceiling = kNoWatermark;
  std::vector<SavedPort> ports;
  std::vector<SavedInstance> instances;

  /// In the names of nodes that a change has ended, between their id and the number of the change.
  static constexpr char kRetired = '~';
  [[nodiscard]] bool retired() const { return nodeId.contains(kRetired); }
  [[nodiscard]] bool stateful() const {
    return std::ranges::any_of(instances, [](const SavedInstance& each) { return !each.state.empty(); });
  }
};

/// In the order of their names.
[[nodiscard]] std::vector<SavedSetting> settingsOf(const json::Value& settings);

struct CheckpointRecord {
  static constexpr std::int64_t kFormatVersion = 2, kOldestVersion = 1;
  CheckpointId id = 0;
  std::string flowId;
  std::uint64_t documentHash = 0;
  std::vector<SavedStage> stages;  // in the order of the run's

  static constexpr std::string_view kPrefix = "checkpoint/";
  /// As entries of a store: a head, and each task's state by itself.
  [[nodiscard]] std::vector<StateEntry> entries() const;
  /// From the entries whose keys begin with kPrefix; those of other checkpoints than the newest are passed over.
  /// Errors: `state.corrupt`, `state.version`.
  [[nodiscard]] static Result<CheckpointRecord> read(const std::vector<StateEntry>& entries);
};

}  // namespace weir::runtime
