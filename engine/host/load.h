// Load: how busy the place is that a run runs in; what adaptive edges follow.
#pragma once

#include <string_view>

namespace weir {

struct LoadSample {
  double cpu = 0;        // share of the time in which somebody waited for a processor, 0..1
  double memory = 0;     // share of the memory that is taken, or of the time somebody waited for some, 0..1
  double loopLagMs = 0;  // how late an event loop's timers are; 0 where there is none
  bool hidden = false;   // a tab that nobody sees
};

/// Optional: without one, adaptive edges follow their consumers alone.
struct Load {
  static constexpr std::string_view kName = "load";
  virtual ~Load() = default;
  /// Cheap: what was measured a moment ago. From any thread.
  [[nodiscard]] virtual LoadSample sample() = 0;
};

}  // namespace weir
