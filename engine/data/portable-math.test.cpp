// Portable math: near the exact value, and the same bits on every target.
#include "engine/data/portable-math.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/data/random.h"

namespace {

namespace m = weir::math;

std::uint64_t bitsOf(double x) { return std::bit_cast<std::uint64_t>(x); }

struct Golden {
  const char* name;
  double value;
  std::uint64_t bits;
};

#if __LDBL_MANT_DIG__ == 64
/// The distance to the exact value, in units of the last place.
double distance(double value, long double exact) {
  const double near = std::fabs(static_cast<double>(exact));
  if (std::isinf(near) || near == 0) return std::fabs(value) == near ? 0 : 2;
  const double unit = std::nextafter(near, std::numeric_limits<double>::infinity()) - near;
  return static_cast<double>(fabsl((static_cast<long double>(value) - exact) / static_cast<long double>(unit)));
}

template <class F, class G>
double worst(F ours, G theirs, double low, double high) {
  weir::Random random(1);
  double most = 0;
  for (int i = 0; i < 20000; ++i) {
    const double x = low + (high - low) * random.uniform();
    most = std::fmax(most, distance(ours(x), theirs(static_cast<long double>(x))));
  }
  return most;
}
#endif

}  // namespace

TEST_CASE("the bits are those of every other target") {
  const Golden all[] = {
      {"exp", m::exp(0x1p+0), 0x4005BF0A8B145769},
      {"exp", m::exp(-0x1.3333333333333p-2), 0x3FE7B4C869C37C05},
      {"exp", m::exp(0x1.5e4p+9), 0x7F18625C7D4F56C2},
      {"exp", m::exp(-0x1.722p+9), 0x0000000000000042},
      {"exp2", m::exp2(0x1.3333333333333p-2), 0x3FF3B2C47BFF8329},
      {"exp2", m::exp2(-0x1.5666666666666p+3), 0x3F43B2C47BFF832C},
      {"expm1", m::expm1(0x1.4f8b588e368f1p-17), 0x3EE4F8BC681CDFB6},
      {"expm1", m::expm1(0x1.6666666666666p-1), 0x3FF03854C24D130D},
      {"expm1", m::expm1(-0x1.8p+1), 0xBFEE6824F33314F5},
      {"log", m::log(0x1p+1), 0x3FE62E42FEFA39EF},
      {"log", m::log(0x1.fae147ae147aep-1), 0xBF8495453E6FD4BC},
      {"log", m::log(0x1.7e43c8800759cp+996), 0x4085963447F87FB5},
      {"log2", m::log2(0x1.8p+1), 0x3FF95C01A39FBD68},
      {"log2", m::log2(0x1.999999999999ap-4), 0xC00A934F0979A371},
      {"log10", m::log10(0x1p+1), 0x3FD34413509F79FF},
      {"log10", m::log10(0x1.e1094d643f784p-28), 0xC0204F4F4F48733C},
      {"log1p", m::log1p(0x1.ad7f29abcaf48p-24), 0x3E7AD7F2843813DB},
      {"log1p", m::log1p(0x1.999999999999ap-2), 0x3FD588C2D9133490},
      {"sinh", m::sinh(0x1.3333333333333p-2), 0x3FD37D42AF54B926},
      {"sinh", m::sinh(0x1.4p+4), 0x41ACEB088B68E804},
      {"cosh", m::cosh(0x1.3333333333333p-2), 0x3FF0B9B4E0B6EC4C},
      {"cosh", m::cosh(0x1.5ep+9), 0x7EFD945DF4F8EC8E},
      {"tanh", m::tanh(0x1.eb851eb851eb8p-6), 0x3F9EB5F62857006F},
      {"tanh", m::tanh(0x1.ccccccccccccdp-1), 0x3FE6EBE982D6605D},
      {"asinh", m::asinh(0x1.3333333333333p-2), 0x3FD2EC4EA565FCC1},
      {"acosh", m::acosh(0x1.b333333333333p+0), 0x3FF1F8C10D010FE6},
      {"atanh", m::atanh(0x1.3333333333333p-1), 0x3FE62E42FEFA39EF},
      {"sin", m::sin(0x1.6666666666666p-1), 0x3FE49D6E694619B8},
      {"sin", m::sin(0x1.9p+6), 0xBFE03425B78C4DB8},
      {"sin", m::sin(0x1.0f0cf064dd592p+73), 0xBFEB453AB76BF397},
      {"cos", m::cos(0x1.6666666666666p-1), 0x3FE87996529F9D93},
      {"cos", m::cos(-0x1.63p+8), 0xBFEFFFFFFFC18E4C},
      {"cos", m::cos(0x1.7e43c8800759cp+996), 0xBFE2699022ADC4C1},
      {"tan", m::tan(0x1.8p+0), 0x402C33ED50B88777},
      {"tan", m::tan(0x1.2a05f2p+33), 0xBFE1DE000F443F50},
      {"asin", m::asin(0x1.3333333333333p-2), 0x3FD380159E14F6FF},
      {"acos", m::acos(-0x1.ccccccccccccdp-1), 0x400586476251E745},
      {"atan", m::atan(0x1.8p+1), 0x3FF3FC176B7A8560},
      {"cbrt", m::cbrt(0x1p+1), 0x3FF428A2F98D728B},
      {"cbrt", m::cbrt(-0x0.012688b70e62bp-1022), 0xAA7A9D1B0B5D7427},
      {"pow", m::pow(0x1.4p+3, -0x1.d99999999999ap+1), 0x3F2A26FD472780C1},
      {"pow", m::pow(0x1.000001ad7f29bp+0, 0x1.dcd65p+29), 0x48F349445C228792},
      {"atan2", m::atan2(0x1p+0, -0x1.8p+1), 0x40068F095FDF593C},
      {"hypot", m::hypot(0x1.4e718d7d7625ap+664, 0x1.f5aa543c31387p+665), 0x69908669E596B4F8},
  };
  for (const Golden& golden : all) {
    CAPTURE(golden.name);
    CHECK(bitsOf(golden.value) == golden.bits);
  }
}

#if __LDBL_MANT_DIG__ == 64
TEST_CASE("results are within one unit in the last place") {
#define WEIR_WORST(f, low, high) \
  CHECK(worst([](double x) { return m::f(x); }, [](long double x) { return f##l(x); }, low, high) < 1.0)
  WEIR_WORST(exp, -745, 709);
  WEIR_WORST(exp2, -1074, 1023);
  WEIR_WORST(expm1, -2, 2);
  WEIR_WORST(log, 0, 3);
  WEIR_WORST(log2, 0, 3);
  WEIR_WORST(log10, 0, 1e6);
  WEIR_WORST(log1p, -1, 1);
  WEIR_WORST(sinh, -3, 3);
  WEIR_WORST(cosh, -700, 700);
  WEIR_WORST(tanh, -3, 3);
  WEIR_WORST(asinh, -3, 3);
  WEIR_WORST(acosh, 1, 5);
  WEIR_WORST(atanh, -1, 1);
  WEIR_WORST(sin, -100, 100);
  WEIR_WORST(cos, -1e12, 1e12);
  WEIR_WORST(tan, -10, 10);
  WEIR_WORST(asin, -1, 1);
  WEIR_WORST(acos, -1, 1);
  WEIR_WORST(atan, -5, 5);
  WEIR_WORST(cbrt, -10, 10);
#undef WEIR_WORST
  for (const double y : {0.5, -3.0, 17.3, 1e5}) {
    CHECK(worst([y](double x) { return m::pow(x, y); },
                [y](long double x) { return powl(x, static_cast<long double>(y)); }, 0.99, 1.01) < 1.0);
    CHECK(worst([y](double x) { return m::atan2(x, y); },
                [y](long double x) { return atan2l(x, static_cast<long double>(y)); }, -9, 9) < 1.0);
    CHECK(worst([y](double x) { return m::hypot(x, y); },
                [y](long double x) { return hypotl(x, static_cast<long double>(y)); }, -9, 9) < 1.0);
  }
}
#endif

TEST_CASE("exact cases are exact") {
  for (int i = -300; i <= 300; ++i) CHECK(m::exp2(i) == std::ldexp(1.0, i));
  double power = 1;
  for (int i = 0; i <= 22; ++i, power *= 10) {
    CHECK(m::log10(power) == i);
    CHECK(m::pow(10, i) == power);
  }
  CHECK(m::log2(0x1p-1074) == -1074);
  CHECK(m::cbrt(-27.0) == -3.0);
  CHECK(m::hypot(3, 4) == 5);
  CHECK(std::signbit(m::sin(-0.0)));
}

TEST_CASE("special values follow the standard") {
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(m::log(0) == -inf);
  CHECK(std::isnan(m::log(-1)));
  CHECK(m::exp(-inf) == 0);
  CHECK(m::exp(1000) == inf);
  CHECK(std::isnan(m::sin(inf)));
  CHECK(std::isnan(m::asin(1.5)));
  CHECK(m::pow(0, 0) == 1);
  CHECK(m::pow(-2, 3) == -8);
  CHECK(std::isnan(m::pow(-2, 0.5)));
  CHECK(m::pow(-0.0, -3) == -inf);
  CHECK(m::pow(1, std::nan("")) == 1);
  CHECK(m::hypot(inf, std::nan("")) == inf);
}

TEST_CASE("the sine over spans has the bits of the scalar sine") {
  weir::Random random(2);
  std::vector<double> in;
  for (int i = 0; i < 3001; ++i)
    in.push_back(std::ldexp(random.uniform() - 0.5, static_cast<int>(random.between(-30, 20))));
  in[1000] = std::nan("");
  in[2000] = 1e300;
  std::vector<double> out(in.size());
  m::sin(in, out);
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (i == 1000) continue;
    REQUIRE(bitsOf(out[i]) == bitsOf(m::sin(in[i])));
  }
}
