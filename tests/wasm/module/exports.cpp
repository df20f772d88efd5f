// What JavaScript calls in weir-cases.wasm: hand in two texts, get the report of the cases.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/wasm/cases/cases.h"

namespace {

/// Where the last report lies; JavaScript reads these two numbers. Valid until the next run.
struct Report {
  const char* bytes;
  std::uint32_t sizeBytes;
};

// The module has one caller and one thread; the report outlives the call that made it.
std::string lastReport_;
Report report_;

}  // namespace

extern "C" {

__attribute__((export_name("weir_alloc"))) void* weirAlloc(std::uint32_t sizeBytes) { return std::malloc(sizeBytes); }

__attribute__((export_name("weir_release"))) void weirRelease(void* bytes) { std::free(bytes); }

__attribute__((export_name("weir_run_cases"))) const void* weirRunCases(const char* node, std::uint32_t nodeBytes,
                                                                        const char* text, std::uint32_t textBytes,
                                                                        std::uint32_t seed) {
  lastReport_ = weir::cases::runNodeCases({node, nodeBytes}, {text, textBytes}, {.seed = seed});
  report_ = {.bytes = lastReport_.data(), .sizeBytes = static_cast<std::uint32_t>(lastReport_.size())};
  return &report_;
}
}
