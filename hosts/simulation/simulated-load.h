// A load that a test sets.
#pragma once

#include "engine/host/load.h"

namespace weir::simulation {

class SimulatedLoad final : public Load {
 public:
  [[nodiscard]] LoadSample sample() override { return now; }
  LoadSample now;
};

}  // namespace weir::simulation
