// Vector code of the literal search; see engine/simd/simd.h for how this file is compiled several times.
namespace weir::regex {
namespace WEIR_SIMD_ISA {

#if defined(WEIR_SIMD_AVX2)
using Vec = simd::u8x32;
#else
using Vec = simd::u8x16;
#endif
inline constexpr int kWidth = static_cast<int>(sizeof(Vec));
inline constexpr int kPerBlock = 64 / kWidth;

[[gnu::always_inline]] inline Vec load(const std::uint8_t* at) {
  Vec v;
  __builtin_memcpy(&v, at, sizeof v);
  return v;
}

[[gnu::always_inline]] inline Vec splat(std::uint8_t value) { return Vec{} + value; }

[[gnu::always_inline]] inline Vec equal(Vec a, Vec b) { return reinterpret_cast<Vec>(a == b); }

[[gnu::always_inline]] inline std::uint64_t maskOf(Vec v) {
#if defined(WEIR_SIMD_AVX2)
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(reinterpret_cast<__m256i>(v)));
#elif defined(__x86_64__)
  return static_cast<std::uint32_t>(_mm_movemask_epi8(reinterpret_cast<__m128i>(v)));
#elif defined(__wasm_simd128__)
  return wasm_i8x16_bitmask(reinterpret_cast<v128_t>(v));
#else
  std::uint64_t mask = 0;
  for (int i = 0; i < kWidth; ++i) mask |= static_cast<std::uint64_t>(v[i] >> 7) << i;
  return mask;
#endif
}

// The sum of all lanes.
[[gnu::always_inline]] inline std::int64_t sumOf(Vec v) {
#if defined(WEIR_SIMD_AVX2)
  const auto sums =
      reinterpret_cast<simd::i64x4>(_mm256_sad_epu8(reinterpret_cast<__m256i>(v), _mm256_setzero_si256()));
  return sums[0] + sums[1] + sums[2] + sums[3];
#elif defined(__x86_64__)
  const __m128i sums = _mm_sad_epu8(reinterpret_cast<__m128i>(v), _mm_setzero_si128());
  return _mm_cvtsi128_si64(sums) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums));
#else
  std::int64_t sum = 0;
  for (int i = 0; i < kWidth; ++i) sum += v[i];
  return sum;
#endif
}

inline std::int64_t countByte(const std::uint8_t* data, std::int64_t size, std::uint8_t byte) {
  const Vec wanted = splat(byte);
  std::int64_t count = 0;
  std::int64_t at = 0;
  while (size - at >= 4 * kWidth) {
    Vec first{};
    Vec second{};
    std::int64_t rounds = (size - at) / (4 * kWidth);
    if (rounds > 127) rounds = 127;
    for (; rounds > 0; --rounds, at += 4 * kWidth) {
      first -= equal(load(data + at), wanted);
      second -= equal(load(data + at + kWidth), wanted);
      first -= equal(load(data + at + 2 * kWidth), wanted);
      second -= equal(load(data + at + 3 * kWidth), wanted);
    }
    count += sumOf(first) + sumOf(second);
  }
  for (; size - at >= kWidth; at += kWidth) count += __builtin_popcountll(maskOf(equal(load(data + at), wanted)));
  for (; at < size; ++at) count += data[at] == byte ? 1 : 0;
  return count;
}

inline std::int64_t findByte(const std::uint8_t* data, std::int64_t size, std::uint8_t byte) {
  std::int64_t at = 0;
  if (size >= kWidth) {
    const Vec wanted = splat(byte);
    for (; size - at >= kWidth; at += kWidth)
      if (const auto mask = maskOf(equal(load(data + at), wanted)); mask != 0) return at + __builtin_ctzll(mask);
    if (at == size) return -1;
    // The last vector overlaps what was looked at already.
    at = size - kWidth;
    const auto mask = maskOf(equal(load(data + at), wanted));
    return mask != 0 ? at + __builtin_ctzll(mask) : -1;
  }
  for (; at < size; ++at)
    if (data[at] == byte) return at;
  return -1;
}

inline std::int64_t findLastByte(const std::uint8_t* data, std::int64_t size, std::uint8_t byte) {
  std::int64_t at = size;
  const Vec wanted = splat(byte);
  for (; at >= kWidth; at -= kWidth)
    if (const auto mask = maskOf(equal(load(data + at - kWidth), wanted)); mask != 0)
      return at - kWidth + 63 - __builtin_clzll(mask);
  while (at > 0)
    if (data[--at] == byte) return at;
  return -1;
}

// Where the scan stands; see LiteralSearcher::scan.
struct Scan {
  const std::uint8_t* data;
  std::int64_t begin;
  std::int64_t end;  // of the bytes that may be read
  CandidateBlock* out;
  std::int32_t capacity;
  std::int32_t count;
  std::int64_t newlines;
  bool ascii;
};

// Runs `match(at)`, which gives the vector of possible begins at `at`, over whole blocks.
template <class Match>
[[gnu::always_inline]] inline void scanBlocks(Scan& scan, std::int64_t reach, const Match& match) {
  const Vec newline = splat('\n');
  while (scan.count < scan.capacity && scan.end - scan.begin >= 64 + reach) {
    Vec lines{};
    Vec all{};  // every byte seen, for the high bit
    std::int64_t rounds = (scan.end - scan.begin - reach) / 64;
    if (rounds > 60) rounds = 60;
    const std::uint8_t* at = scan.data + scan.begin;
    const std::uint8_t* const stop = at + rounds * 64;
    while (at < stop) {
      Vec hits[kPerBlock];
      Vec any{};
      for (int i = 0; i < kPerBlock; ++i) {
        const Vec now = load(at + i * kWidth);
        lines -= equal(now, newline);
        all |= now;
        hits[i] = match(at + i * kWidth);
        any |= hits[i];
      }
      at += 64;
      if (maskOf(any) == 0) [[likely]]
        continue;
      std::uint64_t bits = 0;
      for (int i = 0; i < kPerBlock; ++i) bits |= maskOf(hits[i]) << (i * kWidth);
      scan.out[scan.count++] = {at - 64 - scan.data, bits};
      if (scan.count == scan.capacity) break;
    }
    scan.begin = at - scan.data;
    scan.newlines += sumOf(lines);
    scan.ascii = scan.ascii && maskOf(all) == 0;
  }
}

// Compares the two probed bytes of each literal.
template <int kCount, bool kFold>
inline void scanProbes(Scan& scan, const LiteralPlan& plan) {
  Vec byte[kCount][2];
  Vec fold[kCount][2];
  std::int64_t offset[kCount][2];
  for (int i = 0; i < kCount; ++i) {
    for (int side = 0; side < 2; ++side) {
      byte[i][side] = splat(plan.probes[i].byte[side]);
      fold[i][side] = splat(plan.probes[i].fold[side]);
      offset[i][side] = plan.probes[i].offset[side];
    }
  }
  scanBlocks(scan, plan.maxOffset, [&](const std::uint8_t* at) __attribute__((always_inline)) {
    Vec hit{};
    for (int i = 0; i < kCount; ++i) {
      Vec first = load(at + offset[i][0]);
      Vec second = load(at + offset[i][1]);
      if constexpr (kFold) {
        first |= fold[i][0];
        second |= fold[i][1];
      }
      hit |= equal(first, byte[i][0]) & equal(second, byte[i][1]);
    }
    return hit;
  });
}

#if defined(WEIR_SIMD_AVX2) || defined(__wasm_simd128__)
[[gnu::always_inline]] inline Vec lookUp(Vec table, Vec index) {
#if defined(WEIR_SIMD_AVX2)
  return reinterpret_cast<Vec>(_mm256_shuffle_epi8(reinterpret_cast<__m256i>(table), reinterpret_cast<__m256i>(index)));
#else
  return reinterpret_cast<Vec>(wasm_i8x16_swizzle(reinterpret_cast<v128_t>(table), reinterpret_cast<v128_t>(index)));
#endif
}

// Looks up, by halves of two neighbouring bytes, which groups of literals are still possible.
inline void scanMany(Scan& scan, const LiteralPlan& plan) {
  Vec low[2];
  Vec high[2];
  for (int side = 0; side < 2; ++side) {
    for (int i = 0; i < kWidth; ++i) {
      low[side][i] = plan.low[side][i % 16];
      high[side][i] = plan.high[side][i % 16];
    }
  }
  const Vec nibble = splat(15);
  const std::int64_t offset = plan.groupOffset;
  scanBlocks(scan, plan.maxOffset, [&](const std::uint8_t* at) __attribute__((always_inline)) {
    const Vec first = load(at + offset);
    const Vec second = load(at + offset + 1);
    const Vec groups = lookUp(low[0], first & nibble) & lookUp(high[0], (first >> 4) & nibble) &
                       lookUp(low[1], second & nibble) & lookUp(high[1], (second >> 4) & nibble);
    return ~equal(groups, Vec{});
  });
}
#else
inline void scanMany(Scan& scan, const LiteralPlan& plan) {
  const int count = plan.count;
  scanBlocks(scan, plan.maxOffset, [&](const std::uint8_t* at) __attribute__((always_inline)) {
    Vec hit{};
    for (int i = 0; i < count; ++i) {
      const auto& probe = plan.probes[i];
      hit |= equal(load(at + probe.offset[0]) | splat(probe.fold[0]), splat(probe.byte[0])) &
             equal(load(at + probe.offset[1]) | splat(probe.fold[1]), splat(probe.byte[1]));
    }
    return hit;
  });
}
#endif

inline void scanLiterals(Scan& scan, const LiteralPlan& plan) {
  switch (plan.count) {
    case 1:
      return plan.fold ? scanProbes<1, true>(scan, plan) : scanProbes<1, false>(scan, plan);
    case 2:
      return plan.fold ? scanProbes<2, true>(scan, plan) : scanProbes<2, false>(scan, plan);
    case 3:
      return plan.fold ? scanProbes<3, true>(scan, plan) : scanProbes<3, false>(scan, plan);
    default:
      return scanMany(scan, plan);
  }
}

}  // namespace WEIR_SIMD_ISA
}  // namespace weir::regex
