// EngineMetrics: what a server tells of its engine processes.
#pragma once

#include "service/engines/engines.h"
#include "service/metrics/registry.h"

namespace weir::engines {

class EngineMetrics final : public metrics::Source {
 public:
  /// They outlive it.
  explicit EngineMetrics(const Engines& engines) : engines_(engines) {}
  void write(metrics::Exposition& out) override;

 private:
  const Engines& engines_;
};

}  // namespace weir::engines
