// Closes the region opened by base-begin.h.
#undef WEIR_SIMD_ISA
