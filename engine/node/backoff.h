// Backoff: how long to wait before the next try.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/node/node-context.h"

namespace weir::streams {

/// Doubles from the first wait to the longest; each is drawn from its upper half, so that many do not try at once.
class Backoff {
 public:
  Backoff(NodeContext& context, std::int64_t firstMs, std::int64_t mostMs)
      : context_(context),
        firstMs_(std::max<std::int64_t>(firstMs, 1)),
        mostMs_(std::max(mostMs, firstMs_)),
        nextMs_(firstMs_) {}

  [[nodiscard]] std::int64_t take() {
    const auto wait = nextMs_;
    nextMs_ = std::min(mostMs_, nextMs_ * 2);
    const auto half = wait / 2;
    return half + static_cast<std::int64_t>(context_.random() % static_cast<std::uint64_t>(wait - half + 1));
  }
  void reset() { nextMs_ = firstMs_; }
  /// What the other side asked for.
  void setFirst(std::int64_t ms) { firstMs_ = nextMs_ = std::clamp<std::int64_t>(ms, 1, mostMs_); }

 private:
  NodeContext& context_;
  std::int64_t firstMs_, mostMs_, nextMs_;
};

}  // namespace weir::streams
