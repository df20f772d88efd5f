// Asks the engines.
#include "service/engines/engine-metrics.h"

namespace weir::engines {

void EngineMetrics::write(metrics::Exposition& out) {
  out.begin("weir_engine_heartbeat_age_seconds");
  for (const auto& engine : engines_.processes()) {
    if (engine.process != 0) out.sample({engine.key}, static_cast<double>(engine.quietMs) / 1000.0);
  }
}

}  // namespace weir::engines
