// The column evaluator's loops; instantiated once per instruction set (engine/simd/simd.h).

namespace weir::cel::WEIR_SIMD_ISA {

template <class T, bool constant>
struct Operand {
  const T* at;
  T value;
  explicit Operand(const void* data) : at(static_cast<const T*>(data)), value(*at) {}
  T operator[](std::int64_t i) const {
    if constexpr (constant) return value;
    return at[i];
  }
};

template <class Test>
inline void mark(std::uint64_t* words, std::int64_t rows, Test test) {
  for (std::int64_t base = 0; base < rows; base += 64) {
    const auto now = rows - base < 64 ? rows - base : 64;
    std::uint64_t word = 0;
    for (std::int64_t i = 0; i < now; ++i) word |= static_cast<std::uint64_t>(test(base + i)) << i;
    words[base >> 6] = word;
  }
}

// A whole number |x| < 2^51 as a double and back, in plain integer and double operations.
inline constexpr double kMagic = 6755399441055744.0;
inline constexpr std::int64_t kMagicBits = 0x4338000000000000;
inline constexpr std::int64_t kSmall = std::int64_t{1} << 51;

inline double smallToDouble(std::int64_t x) { return __builtin_bit_cast(double, x + kMagicBits) - kMagic; }
inline std::int64_t doubleToSmall(double x) { return __builtin_bit_cast(std::int64_t, x + kMagic) - kMagicBits; }

// A number that the compiler does not know. A wasm engine builds a known constant anew in each turn of a loop, which
// costs more than the loop's own work; an unknown one stays in a register.
template <class T>
inline T unknown(T value) {
#if defined(__wasm__)
  asm("" : "+r"(value));
#endif
  return value;
}

// Division of numbers below 2^51 by a constant: the quotient is guessed by multiplication, the remainder is exact.
// Signs are put aside: what is left of |x| has the sign of x.
template <Arithmetic op>
inline bool divideSmall(const std::int64_t* a, std::int64_t divisor, std::int64_t* __restrict out, std::int64_t rows) {
  if (divisor == 0 || divisor <= -kSmall || divisor >= kSmall) return false;
  const double d = static_cast<double>(divisor);
  const double size = d < 0 ? -d : d;
  const double inverse = 1.0 / size;
  const double magic = unknown(kMagic);
  const double one = unknown(1.0);
  const auto magicBits = unknown(static_cast<std::uint64_t>(kMagicBits));
  const auto signBit = unknown(std::uint64_t{1} << 63);
  const auto small = unknown(static_cast<std::uint64_t>(kSmall));
  const std::uint64_t flip = d < 0 ? signBit : 0;
  std::uint64_t beyond = 0;
  for (std::int64_t i = 0; i < rows; ++i) {
    const auto bits = static_cast<std::uint64_t>(a[i]);
    beyond |= (bits + small) >> 52;
    const double x = __builtin_bit_cast(double, bits + magicBits) - magic;
    const std::uint64_t sign = __builtin_bit_cast(std::uint64_t, x) & signBit;
    const double whole = __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, x) ^ sign);
    double quotient = (whole * inverse + magic) - magic;
    double rest = whole - quotient * size;
    const bool wrong = rest < 0;
    double result = 0;
    if constexpr (op == Arithmetic::modulo) {
      rest += wrong ? size : 0.0;
      result = __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, rest) ^ sign);
    } else {
      quotient -= wrong ? one : 0.0;
      result = __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, quotient) ^ sign ^ flip);
    }
    out[i] = static_cast<std::int64_t>(__builtin_bit_cast(std::uint64_t, result + magic) - magicBits);
  }
  return beyond == 0;
}

template <class T, Arithmetic op, class A, class B>
inline bool divideRows(const A& a, const B& b, T* __restrict out, std::uint64_t* errors, std::int64_t rows) {
  const auto fails = [&](std::int64_t i) {
    const T x = a[i];
    const T y = b[i];
    if constexpr (static_cast<T>(-1) < 0)
      return static_cast<bool>((y == 0) | ((x == static_cast<T>(std::uint64_t{1} << 63)) & (y == static_cast<T>(-1))));
    return y == 0;
  };
  bool failed = false;
  for (std::int64_t i = 0; i < rows; ++i) {
    const bool bad = fails(i);
    failed |= bad;
    const T y = bad ? T{1} : b[i];
    out[i] = op == Arithmetic::divide ? a[i] / y : a[i] % y;
  }
  if (failed) mark(errors, rows, fails);
  return failed;
}

template <class T, Arithmetic op, class A, class B>
inline bool wholeRows(const A& a, const B& b, T* __restrict out, std::uint64_t* errors, std::int64_t rows) {
  const auto compute = [](T x, T y, T& result) {
    if constexpr (op == Arithmetic::add) return __builtin_add_overflow(x, y, &result);
    if constexpr (op == Arithmetic::subtract) return __builtin_sub_overflow(x, y, &result);
    return __builtin_mul_overflow(x, y, &result);
  };
  bool failed = false;
  if constexpr (op == Arithmetic::multiply) {
    for (std::int64_t i = 0; i < rows; ++i) {
      T result = 0;
      failed |= compute(a[i], b[i], result);
      out[i] = result;
    }
  } else {
    // The sign bit of `over` says overflow, without a branch.
    std::uint64_t over = 0;
    for (std::int64_t i = 0; i < rows; ++i) {
      const auto x = static_cast<std::uint64_t>(a[i]);
      const auto y = static_cast<std::uint64_t>(b[i]);
      const auto z = op == Arithmetic::add ? x + y : x - y;
      if constexpr (static_cast<T>(-1) < 0) {
        over |= op == Arithmetic::add ? (x ^ z) & (y ^ z) : (x ^ y) & (x ^ z);
      } else {
        over |= op == Arithmetic::add ? (x & y) | ((x | y) & ~z) : (~x & y) | ((~x | y) & z);
      }
      out[i] = static_cast<T>(z);
    }
    failed = (over >> 63) != 0;
  }
  if (failed) {
    mark(errors, rows, [&](std::int64_t i) {
      T ignored = 0;
      return compute(a[i], b[i], ignored);
    });
  }
  return failed;
}

template <class T, Arithmetic op, Shape shape>
inline bool arithmetic(const void* left, const void* right, void* result, std::uint64_t* errors, std::int64_t rows) {
  const Operand<T, shape == Shape::leftConstant> a(left);
  const Operand<T, shape == Shape::rightConstant> b(right);
  T* __restrict out = static_cast<T*>(result);
  if constexpr (static_cast<T>(0.5) != T{}) {
    for (std::int64_t i = 0; i < rows; ++i) {
      if constexpr (op == Arithmetic::add) out[i] = a[i] + b[i];
      if constexpr (op == Arithmetic::subtract) out[i] = a[i] - b[i];
      if constexpr (op == Arithmetic::multiply) out[i] = a[i] * b[i];
      if constexpr (op == Arithmetic::divide) out[i] = a[i] / b[i];
    }
    return false;
  } else if constexpr (op == Arithmetic::divide || op == Arithmetic::modulo) {
    if constexpr (shape == Shape::rightConstant) {
      // Unsigned numbers below 2^51 are the same numbers signed.
      if (rows >= 8 && divideSmall<op>(static_cast<const std::int64_t*>(left), static_cast<std::int64_t>(b.value),
                                       static_cast<std::int64_t*>(result), rows))
        return false;
    }
    return divideRows<T, op>(a, b, out, errors, rows);
  } else {
    return wholeRows<T, op>(a, b, out, errors, rows);
  }
}

template <Comparison compare, class V>
inline auto holds(V a, V b) {
  if constexpr (compare == Comparison::equal) return a == b;
  if constexpr (compare == Comparison::notEqual) return a != b;
  if constexpr (compare == Comparison::less) return a < b;
  if constexpr (compare == Comparison::lessEqual) return a <= b;
  if constexpr (compare == Comparison::greater) return a > b;
  if constexpr (compare == Comparison::greaterEqual) return a >= b;
}

#if defined(WEIR_SIMD_AVX2)
template <class T>
using Four = T __attribute__((vector_size(32)));

template <class T, bool constant>
inline Four<T> four(const Operand<T, constant>& operand, std::int64_t i) {
  Four<T> lanes;
  if constexpr (constant) {
    lanes = Four<T>{operand.value, operand.value, operand.value, operand.value};
  } else {
    __builtin_memcpy(&lanes, operand.at + i, 32);
  }
  return lanes;
}
#elif defined(__wasm_simd128__)
// The comparison that holds where this one does not, if that is the cheaper one.
consteval Comparison inverse(Comparison compare) {
  if (compare == Comparison::notEqual) return Comparison::equal;
  if (compare == Comparison::lessEqual) return Comparison::greater;
  if (compare == Comparison::greaterEqual) return Comparison::less;
  return compare;
}

template <class T>
using Two = T __attribute__((vector_size(16)));

template <class T, bool constant>
inline Two<T> two(const Operand<T, constant>& operand, std::int64_t i) {
  Two<T> lanes;
  if constexpr (constant) {
    lanes = Two<T>{operand.value, operand.value};
  } else {
    __builtin_memcpy(&lanes, operand.at + i, 16);
  }
  return lanes;
}
#endif

template <class T, Comparison compare, Shape shape>
inline bool compareRows(const void* left, const void* right, void* result, std::uint64_t*, std::int64_t rows) {
  const Operand<T, shape == Shape::leftConstant> a(left);
  const Operand<T, shape == Shape::rightConstant> b(right);
  auto* __restrict words = static_cast<std::uint64_t*>(result);
  std::int64_t base = 0;
#if defined(WEIR_SIMD_AVX2)
  for (; base + 64 <= rows; base += 64) {
    std::uint64_t word = 0;
    for (int i = 0; i < 64; i += 4) {
      const auto found = holds<compare>(four(a, base + i), four(b, base + i));
      const auto bits = _mm256_movemask_pd(__builtin_bit_cast(__m256d, found));
      word |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(bits)) << i;
    }
    *words++ = word;
  }
#elif defined(__wasm_simd128__)
  // Of whole numbers what is not asked for is cheaper to find; a NaN is neither.
  constexpr bool isWhole = static_cast<T>(0.5) == T{};
  constexpr bool isInverted = isWhole && inverse(compare) != compare;
  constexpr auto asked = isInverted ? inverse(compare) : compare;
  const auto fourRows = [&](std::int64_t i) {
    const auto low = __builtin_bit_cast(v128_t, holds<asked>(two(a, i), two(b, i)));
    const auto high = __builtin_bit_cast(v128_t, holds<asked>(two(a, i + 2), two(b, i + 2)));
    return wasm_i32x4_shuffle(low, high, 0, 2, 4, 6);
  };
  for (; base + 64 <= rows; base += 64) {
    std::uint64_t word = 0;
    for (int i = 0; i < 64; i += 16) {
      const auto low = wasm_i16x8_narrow_i32x4(fourRows(base + i), fourRows(base + i + 4));
      const auto high = wasm_i16x8_narrow_i32x4(fourRows(base + i + 8), fourRows(base + i + 12));
      word |= static_cast<std::uint64_t>(wasm_i8x16_bitmask(wasm_i8x16_narrow_i16x8(low, high))) << i;
    }
    *words++ = isInverted ? ~word : word;
  }
#endif
  if (base < rows) mark(words, rows - base, [&](std::int64_t i) { return holds<compare>(a[base + i], b[base + i]); });
  return false;
}

template <class From, class To, class Compute>
inline void each(const void* left, void* result, std::int64_t rows, Compute compute) {
  const auto* a = static_cast<const From*>(left);
  auto* __restrict out = static_cast<To*>(result);
  for (std::int64_t i = 0; i < rows; ++i) out[i] = compute(a[i]);
}

// `fails` says for which inputs there is no result.
template <class From, class To, class Fails, class Compute>
inline bool eachChecked(const void* left, void* result, std::uint64_t* errors, std::int64_t rows, Fails fails,
                        Compute compute) {
  const auto* a = static_cast<const From*>(left);
  auto* __restrict out = static_cast<To*>(result);
  bool failed = false;
  for (std::int64_t i = 0; i < rows; ++i) {
    const bool bad = fails(a[i]);
    failed |= bad;
    out[i] = compute(bad ? From{} : a[i]);
  }
  if (failed) mark(errors, rows, [&](std::int64_t i) { return fails(a[i]); });
  return failed;
}

inline std::int64_t floorDivide(std::int64_t a, std::int64_t b) { return a / b - ((a % b != 0) & (a < 0)); }

template <Unary op>
inline bool unary(const void* left, const void*, void* result, std::uint64_t* errors, std::int64_t rows) {
  using I = std::int64_t;
  using U = std::uint64_t;
  constexpr I kLeast = static_cast<I>(U{1} << 63);
  if constexpr (op == Unary::negateInt)
    return eachChecked<I, I>(left, result, errors, rows, [](I x) { return x == kLeast; }, [](I x) { return -x; });
  if constexpr (op == Unary::absInt)
    return eachChecked<I, I>(
        left, result, errors, rows, [](I x) { return x == kLeast; }, [](I x) { return x < 0 ? -x : x; });
  if constexpr (op == Unary::intToUint)
    return eachChecked<I, U>(
        left, result, errors, rows, [](I x) { return x < 0; }, [](I x) { return static_cast<U>(x); });
  if constexpr (op == Unary::uintToInt)
    return eachChecked<U, I>(
        left, result, errors, rows, [](U x) { return (x >> 63) != 0; }, [](U x) { return static_cast<I>(x); });
  if constexpr (op == Unary::doubleToInt)
    return eachChecked<double, I>(
        left, result, errors, rows, [](double x) { return !(x > -9223372036854775808.0 && x < 9223372036854775808.0); },
        [](double x) { return static_cast<I>(x); });
  if constexpr (op == Unary::doubleToUint)
    return eachChecked<double, U>(
        left, result, errors, rows, [](double x) { return !(x >= 0.0 && x < 18446744073709551616.0); },
        [](double x) { return static_cast<U>(x); });
  if constexpr (op == Unary::negateDouble) each<double, double>(left, result, rows, [](double x) { return -x; });
  if constexpr (op == Unary::intToDouble)
    each<I, double>(left, result, rows, [](I x) { return static_cast<double>(x); });
  if constexpr (op == Unary::uintToDouble)
    each<U, double>(left, result, rows, [](U x) { return static_cast<double>(x); });
  if constexpr (op == Unary::microsToSeconds)
    each<I, I>(left, result, rows, [](I x) { return floorDivide(x, 1'000'000); });
  if constexpr (op == Unary::nanosToSeconds)
    each<I, I>(left, result, rows, [](I x) { return floorDivide(x, 1'000'000'000); });
  if constexpr (op == Unary::absDouble)
    each<double, double>(left, result, rows, [](double x) { return __builtin_fabs(x); });
  if constexpr (op == Unary::signInt)
    each<I, I>(left, result, rows, [](I x) { return static_cast<I>(x > 0) - static_cast<I>(x < 0); });
  if constexpr (op == Unary::signUint) each<U, U>(left, result, rows, [](U x) { return static_cast<U>(x > 0); });
  if constexpr (op == Unary::signDouble)
    each<double, double>(left, result, rows, [](double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x != x ? x : 0.0; });
  if constexpr (op == Unary::ceil) each<double, double>(left, result, rows, [](double x) { return __builtin_ceil(x); });
  if constexpr (op == Unary::floor)
    each<double, double>(left, result, rows, [](double x) { return __builtin_floor(x); });
  if constexpr (op == Unary::trunc)
    each<double, double>(left, result, rows, [](double x) { return __builtin_trunc(x); });
  if constexpr (op == Unary::round)
    each<double, double>(left, result, rows, [](double x) {
      const double whole = __builtin_trunc(x);
      return __builtin_fabs(x - whole) >= 0.5 ? whole + __builtin_copysign(1.0, x) : whole;
    });
  if constexpr (op == Unary::sqrt) each<double, double>(left, result, rows, [](double x) { return __builtin_sqrt(x); });
  if constexpr (op == Unary::bitNot) each<U, U>(left, result, rows, [](U x) { return ~x; });
  const auto* x = static_cast<const double*>(left);
  auto* words = static_cast<U*>(result);
  if constexpr (op == Unary::isNaN) mark(words, rows, [x](I i) { return __builtin_isnan(x[i]); });
  if constexpr (op == Unary::isInf) mark(words, rows, [x](I i) { return __builtin_fabs(x[i]) == __builtin_inf(); });
  if constexpr (op == Unary::isFinite) mark(words, rows, [x](I i) { return __builtin_fabs(x[i]) < __builtin_inf(); });
  return false;
}

template <Pair op, Shape shape>
inline bool pair(const void* left, const void* right, void* result, std::uint64_t*, std::int64_t rows) {
  const auto run = [&]<class T>(T, auto compute) {
    const Operand<T, shape == Shape::leftConstant> a(left);
    const Operand<T, shape == Shape::rightConstant> b(right);
    T* __restrict out = static_cast<T*>(result);
    for (std::int64_t i = 0; i < rows; ++i) out[i] = compute(a[i], b[i]);
  };
  using I = std::int64_t;
  using U = std::uint64_t;
  // The first of equal numbers stays, and a NaN on the left.
  if constexpr (op == Pair::bitAnd) run(U{}, [](U a, U b) { return a & b; });
  if constexpr (op == Pair::bitOr) run(U{}, [](U a, U b) { return a | b; });
  if constexpr (op == Pair::bitXor) run(U{}, [](U a, U b) { return a ^ b; });
  if constexpr (op == Pair::greatestInt) run(I{}, [](I a, I b) { return b > a ? b : a; });
  if constexpr (op == Pair::greatestUint) run(U{}, [](U a, U b) { return b > a ? b : a; });
  if constexpr (op == Pair::greatestDouble) run(0.0, [](double a, double b) { return b > a ? b : a; });
  if constexpr (op == Pair::leastInt) run(I{}, [](I a, I b) { return b < a ? b : a; });
  if constexpr (op == Pair::leastUint) run(U{}, [](U a, U b) { return b < a ? b : a; });
  if constexpr (op == Pair::leastDouble) run(0.0, [](double a, double b) { return b < a ? b : a; });
  return false;
}

inline bool within(const void* left, const void* right, void* result, std::uint64_t* errors, std::int64_t rows) {
  const auto* a = static_cast<const std::int64_t*>(left);
  const auto least = static_cast<const std::int64_t*>(right)[0];
  const auto most = static_cast<const std::int64_t*>(right)[1];
  auto* __restrict out = static_cast<std::int64_t*>(result);
  bool failed = false;
  for (std::int64_t i = 0; i < rows; ++i) {
    failed |= (a[i] < least) | (a[i] > most);
    out[i] = a[i];
  }
  if (failed) mark(errors, rows, [&](std::int64_t i) { return (a[i] < least) | (a[i] > most); });
  return failed;
}

inline std::int64_t compress(const std::uint64_t* words, std::int64_t count, std::uint32_t first, std::uint32_t* out) {
  auto* at = out;
  for (std::int64_t w = 0; w < count; ++w, first += 64) {
    auto word = words[w];
    if (word == ~std::uint64_t{0}) {
      for (std::uint32_t i = 0; i < 64; ++i) at[i] = first + i;
      at += 64;
      continue;
    }
#if defined(WEIR_SIMD_AVX2)
    for (std::uint32_t base = first; word != 0; word >>= 8, base += 8) {
      const auto byte = word & 0xff;
      const __m256i positions =
          _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<std::int64_t>(kBitPositions.of[byte])));
      const __m256i rows = _mm256_add_epi32(positions, _mm256_set1_epi32(static_cast<std::int32_t>(base)));
      __builtin_memcpy(at, &rows, 32);
      at += __builtin_popcountll(byte);
    }
#elif defined(__wasm_simd128__)
    for (std::uint32_t base = first; word != 0; word >>= 8, base += 8) {
      const auto byte = word & 0xff;
      const auto positions = wasm_u16x8_load8x8(&kBitPositions.of[byte]);
      const auto rows = wasm_u32x4_splat(base);
      wasm_v128_store(at, wasm_i32x4_add(wasm_u32x4_extend_low_u16x8(positions), rows));
      wasm_v128_store(at + 4, wasm_i32x4_add(wasm_u32x4_extend_high_u16x8(positions), rows));
      at += __builtin_popcountll(byte);
    }
#else
    for (; word != 0; word &= word - 1) *at++ = first + static_cast<std::uint32_t>(__builtin_ctzll(word));
#endif
  }
  return at - out;
}

inline void choose(const std::uint64_t* condition, const std::uint64_t* left, std::int64_t leftStep,
                   const std::uint64_t* right, std::int64_t rightStep, std::uint64_t* __restrict result,
                   std::int64_t rows) {
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::uint64_t mask = 0 - ((condition[i >> 6] >> (i & 63)) & 1);
    result[i] = (left[i * leftStep] & mask) | (right[i * rightStep] & ~mask);
  }
}

inline void lookUp(const std::int32_t* codes, const std::uint8_t* table, std::uint32_t entries, std::uint64_t* words,
                   std::int64_t rows) {
  mark(words, rows, [=](std::int64_t i) {
    const auto code = static_cast<std::uint32_t>(codes[i]);
    return code < entries && table[code] != 0;
  });
}

template <class T, Arithmetic op>
inline constexpr Kernel kOneArithmetic[3] = {&arithmetic<T, op, Shape::columns>,
                                             &arithmetic<T, op, Shape::rightConstant>,
                                             &arithmetic<T, op, Shape::leftConstant>};
template <class T, Comparison op>
inline constexpr Kernel kOneComparison[3] = {&compareRows<T, op, Shape::columns>,
                                             &compareRows<T, op, Shape::rightConstant>,
                                             &compareRows<T, op, Shape::leftConstant>};
template <Pair op>
inline constexpr Kernel kOnePair[3] = {&pair<op, Shape::columns>, &pair<op, Shape::rightConstant>,
                                       &pair<op, Shape::leftConstant>};

template <class T>
constexpr void fillNumbers(Kernels& table, int lane) {
  for (int shape = 0; shape < 3; ++shape) {
    auto& computing = table.arithmetic[lane];
    computing[0][shape] = kOneArithmetic<T, Arithmetic::add>[shape];
    computing[1][shape] = kOneArithmetic<T, Arithmetic::subtract>[shape];
    computing[2][shape] = kOneArithmetic<T, Arithmetic::multiply>[shape];
    computing[3][shape] = kOneArithmetic<T, Arithmetic::divide>[shape];
    if constexpr (static_cast<T>(0.5) == T{}) computing[4][shape] = kOneArithmetic<T, Arithmetic::modulo>[shape];
    auto& comparing = table.compare[lane];
    comparing[0][shape] = kOneComparison<T, Comparison::equal>[shape];
    comparing[1][shape] = kOneComparison<T, Comparison::notEqual>[shape];
    comparing[2][shape] = kOneComparison<T, Comparison::less>[shape];
    comparing[3][shape] = kOneComparison<T, Comparison::lessEqual>[shape];
    comparing[4][shape] = kOneComparison<T, Comparison::greater>[shape];
    comparing[5][shape] = kOneComparison<T, Comparison::greaterEqual>[shape];
  }
}

template <int... op>
constexpr void fillUnary(Kernels& table, Indices<op...>) {
  ((table.unary[op] = &unary<static_cast<Unary>(op)>), ...);
}
template <int... op>
constexpr void fillPairs(Kernels& table, Indices<op...>) {
  for (int shape = 0; shape < 3; ++shape) ((table.pair[op][shape] = kOnePair<static_cast<Pair>(op)>[shape]), ...);
}

constexpr Kernels allKernels() {
  Kernels table{};
  fillNumbers<std::int64_t>(table, 0);
  fillNumbers<std::uint64_t>(table, 1);
  fillNumbers<double>(table, 2);
  fillUnary(table, UnaryIndices{});
  fillPairs(table, PairIndices{});
  table.within = &within;
  table.compress = &compress;
  table.choose = &choose;
  table.lookUp = &lookUp;
  return table;
}

inline constexpr Kernels kKernels = allKernels();

}  // namespace weir::cel::WEIR_SIMD_ISA
