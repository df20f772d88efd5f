// Elementary functions with the same bits on every target: the C library's differ between native, wasm and FMA builds.
#pragma once

#include <cmath>
#include <span>

/// All results are within 1 unit in the last place (most within 0.52) and follow IEEE 754 / C Annex F for special
/// values. NaN results carry no promise about sign and payload; hash.h and the writers make NaN canonical.
namespace weir::math {

[[nodiscard]] double exp(double x) noexcept;
[[nodiscard]] double exp2(double x) noexcept;
[[nodiscard]] double expm1(double x) noexcept;
[[nodiscard]] double log(double x) noexcept;
[[nodiscard]] double log2(double x) noexcept;
[[nodiscard]] double log10(double x) noexcept;
[[nodiscard]] double log1p(double x) noexcept;
[[nodiscard]] double pow(double x, double y) noexcept;

[[nodiscard]] double sinh(double x) noexcept;
[[nodiscard]] double cosh(double x) noexcept;
[[nodiscard]] double tanh(double x) noexcept;
[[nodiscard]] double asinh(double x) noexcept;
[[nodiscard]] double acosh(double x) noexcept;
[[nodiscard]] double atanh(double x) noexcept;

[[nodiscard]] double sin(double x) noexcept;
[[nodiscard]] double cos(double x) noexcept;
[[nodiscard]] double tan(double x) noexcept;
[[nodiscard]] double asin(double x) noexcept;
[[nodiscard]] double acos(double x) noexcept;
[[nodiscard]] double atan(double x) noexcept;
[[nodiscard]] double atan2(double y, double x) noexcept;

[[nodiscard]] double cbrt(double x) noexcept;
[[nodiscard]] double hypot(double x, double y) noexcept;

/// Exact by definition, so the library's is taken.
[[nodiscard]] inline double fmod(double x, double y) noexcept { return std::fmod(x, y); }

/// Sine of each value, bit for bit what `sin(double)` gives, several at a time. `out` is as long as `in` and may be
/// the same memory.
void sin(std::span<const double> in, std::span<double> out) noexcept;

}  // namespace weir::math
