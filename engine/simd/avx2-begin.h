// Opens the region in which functions are compiled for AVX2 (never FMA: results must not depend on the machine).
#define WEIR_SIMD_ISA avx2
#define WEIR_SIMD_AVX2 1
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt,pclmul"))), apply_to = function)
