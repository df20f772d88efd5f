// The seeded loop.
#include "hosts/simulation/simulated-workers.h"

#include "engine/data/hash.h"

namespace weir::simulation {

std::size_t SimulatedWorkers::draw(std::size_t bound) {
  seed_ = hash::ofUint64(seed_ + 1);
  return bound == 0 ? 0 : static_cast<std::size_t>(seed_ % bound);
}

void SimulatedWorkers::drive(WorkSource& source) {
  for (;;) {
    const auto idle = source.runReady(0);
    if (idle.finished) return;
    if (calls_ != nullptr && calls_->pending() > 0) {
      calls_->finish(seed_ == 0 ? 0 : draw(calls_->pending()));
    } else if (idle.wakeAtMicros) {
      clock_.advanceTo(*idle.wakeAtMicros);
    }
  }
}

}  // namespace weir::simulation
