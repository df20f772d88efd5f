// Damaged zone files are refused or answer lookups; they never crash.
#include <cstddef>
#include <cstdint>

#include "engine/time/zone.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto zone = weir::TimeZone::fromTzif("Fuzz/Zone", {reinterpret_cast<const char*>(data), size});
  if (!zone) return 0;
  for (std::int64_t seconds :
       {weir::Instant::kMinSeconds, std::int64_t{-1}, std::int64_t{1'700'000'000}, weir::Instant::kMaxSeconds}) {
    const weir::ZonePeriod period = zone->periodAt(seconds);
    if (!period.covers(seconds)) __builtin_trap();
    (void)zone->meaningOf(seconds);
    (void)zone->localAt({.seconds = seconds});
  }
  return 0;
}
