// Finds out once what this machine can do.
#include "engine/simd/simd.h"

#include <cstdlib>
#include <string_view>

namespace weir::simd {
namespace {

bool detect() noexcept {
#if WEIR_SIMD_HAS_AVX2
  if (const char* wanted = std::getenv("WEIR_SIMD"); wanted != nullptr && std::string_view(wanted) == "base")
    return false;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("pclmul") &&
         __builtin_cpu_supports("popcnt");
#else
  return false;
#endif
}

}  // namespace

bool hasAvx2() noexcept {
  static const bool found = detect();
  return found;
}

}  // namespace weir::simd
