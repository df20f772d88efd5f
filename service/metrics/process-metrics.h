// ProcessMetrics: what this process uses of the machine, under the names that all exporters use.
#pragma once

#include "engine/host/clock.h"
#include "service/metrics/registry.h"

namespace weir::metrics {

class ProcessMetrics final : public Source {
 public:
  /// The process is taken to have begun now.
  explicit ProcessMetrics(Clock& clock) : beganMicros_(clock.nowMicros()) {}
  void write(Exposition& out) override;

 private:
  std::int64_t beganMicros_;
};

}  // namespace weir::metrics
