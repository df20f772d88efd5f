// Where a reader begins that does not say where it goes on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <ranges>

#include "service/api/event-ring.h"

namespace weir::api {

/// The number behind which all events are that are kept.
[[nodiscard]] inline std::int64_t beforeOldest(const EventRing& events) {
  const auto numbers = std::views::iota(std::int64_t{0}, events.last() + 1);
  return *std::ranges::partition_point(numbers, [&events](std::int64_t number) { return !events.has(number); });
}

}  // namespace weir::api
