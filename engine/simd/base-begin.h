// Opens the region in which kernels are compiled for the baseline (SSE2, or simd128 in wasm).
#define WEIR_SIMD_ISA base
