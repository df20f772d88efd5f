// The small words of the node contract: ports, room, progress, flow.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/data/batch.h"
#include "engine/data/error.h"

namespace weir {

using Port = std::uint8_t;       // index into schema.json's inputs or outputs
using Ports = std::uint64_t;     // a set of them: bit p = port p
using Timestamp = std::int64_t;  // microseconds since 1970, UTC
using CheckpointId = std::uint64_t;
using Partition = std::uint32_t;

[[nodiscard]] constexpr Ports portSet(Port port) { return Ports{1} << port; }
inline constexpr Ports kAllPorts = ~Ports{0};
inline constexpr Timestamp kNoWatermark = INT64_MIN;

/// What an output still takes in this step.
struct Room {
  std::int64_t rows = 0, bytes = 0;
};

enum class Poll : std::uint8_t { ready, pending };  // pending: call again after a wake

/// What a step leaves for the scheduler.
struct Progress {
  enum class Next : std::uint8_t {
    blocked,  // until an input in `inputs` has a batch or its end, an output in `outputs` has room, a wake, or `wakeAt`
    yield,    // more could be done now
    done      // never again: inputs close upstream, outputs end
  } next = Next::blocked;
  Ports inputs = 0, outputs = 0;
  std::optional<Timestamp> wakeAt{};  // Clock::nowMicros

  [[nodiscard]] static Progress blockedOn(Ports inputs, Ports outputs = 0) {
    return {Next::blocked, inputs, outputs, {}};
  }
  [[nodiscard]] static Progress until(Timestamp wake) { return {Next::blocked, 0, 0, wake}; }
  [[nodiscard]] static Progress yielded() { return {Next::yield, 0, 0, {}}; }
  [[nodiscard]] static Progress finished() { return {Next::done, 0, 0, {}}; }
};

/// What the adapters' functions answer.
enum class Flow : std::uint8_t {
  more,     // ready for the next batch (or pull)
  again,    // same batch once more when there is room (outputs were full)
  pending,  // an operation is under way: after a wake
  done      // never again
};

}  // namespace weir
