// What a new version of a running flow is prepared as, and what the run says of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/data/error.h"
#include "engine/flow/plan-diff.h"

namespace weir {

struct ChangeOptions {
  /// How long the change waits until the nodes it concerns have come to rest.
  std::int64_t waitMs = 30'000;
  /// Nodes whose settings change go on with the state that was made with the old ones. Otherwise a change of the
  /// settings of a node that has a state is refused with `state.changed`.
  bool keepState = false;
};

enum class ChangeState : std::uint8_t {
  none,
  underWay,
  applied,
  refused  // the run goes on as it was
};

/// The newest change of a run.
struct ChangeView {
  std::int64_t number = 0;  // 0: there was none
  ChangeState state = ChangeState::none;
  std::vector<std::string> steps;  // a sentence for each thing that changes
  std::optional<Error> error;      // why it was refused
};

}  // namespace weir
