// The vector loop of the sine over spans, compiled per instruction set (see engine/simd/simd.h).
namespace weir::math::WEIR_SIMD_ISA {

inline void sineLoop(const double* in, double* out, std::int64_t count) noexcept {
  for (std::int64_t i = 0; i < count; ++i) out[i] = sineModerate(in[i]);
}

inline double largest(const double* in, std::int64_t count) noexcept {
  double most = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double size = std::fabs(in[i]);
    // Written so that a NaN counts as too large.
    most = size <= most ? most : size;
    most = size <= kModerate ? most : kModerate * 2;
  }
  return most;
}

}  // namespace weir::math::WEIR_SIMD_ISA
