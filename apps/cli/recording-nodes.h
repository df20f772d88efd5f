// The nodes that record an edge, and that feed a recording into one; and a plan with them in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/plan.h"
#include "hosts/native/sealing/file-keys.h"

namespace weir::cli {

/// A host interface: what recordings of a run are sealed with, where they are.
struct RecordingKeys {
  static constexpr std::string_view kName = "recording-keys";
  native::FileKeys keys;
};

/// Adds a sink that takes what the edge takes, after the edge's own expressions. `settings`: folder, flow, edge, bytes,
/// ageMicros; numbered: each beginning makes a folder of its own in `folder`; masked: sensitive fields are not
/// recorded; sealed: RecordingKeys are asked for. Error `debug.unknown`.
Result<void> addRecorder(Plan& plan, std::string_view edge, json::Value settings);

/// The recording stands in for all nodes before the edge: they go, and with them what they alone feed. `settings`:
/// folder, fromMicros, toMicros, speed (0: as fast as it goes). Gives the nodes that are left out. Errors
/// `debug.unknown`, `flow.unconnected` (a node that stays needs an input from one that goes).
[[nodiscard]] Result<std::vector<std::string>> feedRecording(Plan& plan, std::string_view edge, json::Value settings);

}  // namespace weir::cli
