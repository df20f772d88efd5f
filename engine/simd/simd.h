// Portable vectors and run-time dispatch: one kernel text, compiled for AVX2, for the baseline and for wasm's simd128.
//
// A kernel lives in `name.kernel.h`, without include guard, in the namespace WEIR_SIMD_ISA, written with the vector
// types below. `name.cpp` instantiates it:
//
//   #include "engine/simd/simd.h"           // and every other header the kernel needs, before the regions
//   #include "engine/simd/base-begin.h"
//   #include "engine/json/structure.kernel.h"
//   #include "engine/simd/base-end.h"
//   #if WEIR_SIMD_HAS_AVX2
//   #include "engine/simd/avx2-begin.h"
//   #include "engine/json/structure.kernel.h"
//   #include "engine/simd/avx2-end.h"
//   #endif
//
// and picks one with `simd::hasAvx2() ? avx2::f : base::f`. Only functions inside a region are compiled for that
// instruction set, so nothing from the standard library leaks AVX2 code to older machines. FMA stays off: results must
// not depend on the machine.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#define WEIR_SIMD_HAS_AVX2 1
#else
#define WEIR_SIMD_HAS_AVX2 0
#endif
#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

namespace weir::simd {

using u8x16 = std::uint8_t __attribute__((vector_size(16), aligned(1), may_alias));
using u8x32 = std::uint8_t __attribute__((vector_size(32), aligned(1), may_alias));
using i32x8 = std::int32_t __attribute__((vector_size(32), aligned(1), may_alias));
using i64x4 = std::int64_t __attribute__((vector_size(32), aligned(1), may_alias));
using f64x4 = double __attribute__((vector_size(32), aligned(1), may_alias));

/// Whether this machine has AVX2, BMI2 and carry-less multiplication; decided once. WEIR_SIMD=base switches it off.
[[nodiscard]] bool hasAvx2() noexcept;

}  // namespace weir::simd
