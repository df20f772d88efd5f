// WatermarkCeiling: what a node that holds rows back lets pass of its input's watermark.
#pragma once

#include <utility>

#include "engine/node/step-io.h"

namespace weir {

class WatermarkCeiling {
 public:
  static constexpr Timestamp kOpen = INT64_MAX;
  /// `watermark`: the one that the oldest row that is held met; kOpen if none is held.
  void set(Timestamp watermark, Outbox& io) {
    if (watermark != std::exchange(at_, watermark)) io.holdWatermark(watermark);
  }

 private:
  Timestamp at_ = kOpen;
};

}  // namespace weir
