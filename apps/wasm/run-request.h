// RunRequest: what the page asks for with a flow document, as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/api/run-request.h"

namespace weir::wasm {

/// Members: those of api::RunRequest, outlets [{node, port}], checkpoints (true, or {key, everyMs}). All optional.
struct RunRequest {
  api::RunRequest common{};
  /// Ports whose rows go to the page.
  std::vector<api::PortName> outlets{};
  bool checkpoints = false;
  /// The part of the page's storage that keeps them; empty: the flow's.
  std::string checkpointKey{};
  /// How often, where the document does not say; however many rows there are.
  std::optional<std::int64_t> checkpointEveryMs{};

  /// Error `settings.invalid` for what is no such object.
  [[nodiscard]] static Result<RunRequest> parse(std::string_view json);
};

}  // namespace weir::wasm
