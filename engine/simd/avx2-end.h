// Closes the region opened by avx2-begin.h.
#pragma clang attribute pop
#undef WEIR_SIMD_AVX2
#undef WEIR_SIMD_ISA
