// StateStore: where checkpoints and other small facts of a flow outlive its run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/operation.h"

namespace weir {

struct StateChange {
  std::string key;
  std::optional<std::string> value{};  // empty: the key goes
  std::int64_t expiresAtMicros = 0;    // Clock::nowMicros; 0: never
};

struct StateEntry {
  std::string key, value;
};

/// Keys and values are bytes; an instance belongs to one flow and is bounded in bytes. Read when a run is restored,
/// written at checkpoints only. Error codes: `state.unavailable` (recoverable: it may come back), `state.limit` (full),
/// `state.fenced` (an owner with a higher epoch has taken over), `state.corrupt`. Thread-safe.
struct StateStore {
  static constexpr std::string_view kName = "state";
  virtual ~StateStore() = default;
  /// All changes or none; finished when they are as safe as the store can make them. `epoch` never goes down.
  virtual Operation<Unit> commit(std::vector<StateChange> changes, std::uint64_t epoch, Waker waker) = 0;
  /// Empty if there is no such key, or it has expired.
  virtual Operation<std::optional<std::string>> get(std::string_view key, Waker waker) = 0;
  /// Up to `most` entries whose keys begin with `prefix` and come after `after`, in byte order.
  virtual Operation<std::vector<StateEntry>> list(std::string_view prefix, std::string_view after, std::int64_t most,
                                                  Waker waker) = 0;
};

}  // namespace weir
