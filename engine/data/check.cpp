// Ends the process when a WEIR_CHECK fails.
#include "engine/data/check.h"

#include <atomic>

namespace weir {
namespace {

std::atomic<CheckReporter> reporter_{nullptr};

}  // namespace

void setCheckReporter(CheckReporter reporter) noexcept { reporter_.store(reporter); }

void checkFailed(const char* condition, const char* file, int line) noexcept {
  if (const auto report = reporter_.load()) report(condition, file, line);
  __builtin_trap();
}

}  // namespace weir
