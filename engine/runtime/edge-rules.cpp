// The arithmetic of an edge's thresholds.
#include "engine/runtime/edge-rules.h"

namespace weir::runtime {
namespace {

/// 0 up to `from`, 1 at 1.
double beyond(double share, double from) { return std::clamp((share - from) / (1 - from), 0.0, 1.0); }

}  // namespace

double strainOf(std::int64_t lagMicros, const LoadSample& load, double memoryShare) {
  // Half a machine's CPU is no strain, and neither is memory that is there to be used.
  double strain = std::clamp(static_cast<double>(lagMicros) / AdaptiveThresholds::kLagFullMicros, 0.0, 1.0);
  strain = std::max(strain, beyond(load.cpu, 0.5));
  strain = std::max(strain, beyond(std::max(load.memory, memoryShare), 0.7));
  strain = std::max(strain, std::clamp(load.loopLagMs / AdaptiveThresholds::kLoopLagFullMs, 0.0, 1.0));
  return load.hidden ? std::max(strain, 0.75) : strain;
}

void AdaptiveThresholds::look(std::int64_t nowMicros, Load* load, double memoryShare) {
  if (!due(nowMicros)) return;
  lookedMicros_ = nowMicros;
  const auto strain = strainOf(lagMicros_, load != nullptr ? load->sample() : LoadSample{}, memoryShare);
  const auto factor = 1 - 0.75 * strain;
  // Down at once, up by steps: what was cut too far costs little, what was cut too late costs rows.
  const auto step = [factor](double now, double drawn) {
    const auto aim = drawn * factor;
    return aim < now ? aim : now + (aim - now) / 4;
  };
  now_ = {step(now_.slow, drawn_.slow), step(now_.drop, drawn_.drop)};
}

PressureGauge::Change PressureGauge::note(double fill, double threshold, std::int64_t nowMicros) {
  if (!raised_) {
    if (fill < threshold) return Change::none;
    if (nowMicros < againMicros()) return Change::later;
    raised_ = true;
    ++events_;
    sinceMicros_ = nowMicros;
    return Change::raised;
  }
  if (fill > threshold / 2) return Change::none;
  raised_ = false;
  return Change::cleared;
}

}  // namespace weir::runtime
