// Fuzzes cron lines: any text is read or refused, and what is read plans times that fit, in order.
#include "engine/time/cron.h"

#include <cstddef>
#include <cstdint>

#include "engine/data/check.h"

using namespace weir;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto cron = Cron::parse({reinterpret_cast<const char*>(data), size});
  if (!cron) return 0;
  std::int64_t at = 1'700'000'000;
  for (int i = 0; i < 3; ++i) {
    const auto next = cron->nextLocal(at);
    if (!next) return 0;
    WEIR_CHECK(*next > at);
    const auto time = civilFromSeconds(*next);
    WEIR_CHECK(cron->fitsDay(time.date) && cron->fitsTime(time.hour, time.minute, time.second));
    at = *next;
  }
  return 0;
}
