// Quantiles of the latency histogram; sums of counters.
#include <algorithm>

#include "engine/runtime/metrics.h"

namespace weir {

std::int64_t LatencyHistogram::quantile(double q) const noexcept {
  if (total_ == 0) return 0;
  const auto wanted = static_cast<std::int64_t>(q * static_cast<double>(total_ - 1)) + 1;
  std::int64_t seen = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += counts_[bucket];
    if (seen < wanted) continue;
    if (bucket < 4) return static_cast<std::int64_t>(bucket);
    const auto power = static_cast<unsigned>(bucket / 4 + 1);
    const auto step = static_cast<std::int64_t>(bucket % 4);
    return ((std::int64_t{4} + step + 1) << (power - 2U)) - 1;
  }
  return INT64_MAX;
}

void NodeMetrics::add(const NodeMetrics& other) {
  rowsIn += other.rowsIn;
  rowsOut += other.rowsOut;
  bytesOut += other.bytesOut;
  failed += other.failed;
  steps += other.steps;
  retries += other.retries;
  busyNanos += other.busyNanos;
  allocatedBytes += other.allocatedBytes;
  outPerPort.resize(std::max(outPerPort.size(), other.outPerPort.size()));
  for (std::size_t i = 0; i < other.outPerPort.size(); ++i) outPerPort[i] += other.outPerPort[i];
  recovered += other.recovered;
  recovery.add(other.recovery);
  breakerOpenings += other.breakerOpenings;
  breakerRefused += other.breakerRefused;
  step.add(other.step);
}

}  // namespace weir
