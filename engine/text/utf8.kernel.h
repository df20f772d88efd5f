// UTF-8 validation by table lookup (Keiser and Lemire, see utf8.h); where the machine has no byte shuffle, a caller's
// plain loop does all the work.
namespace weir::WEIR_SIMD_ISA {

#if defined(WEIR_SIMD_AVX2)
#define WEIR_UTF8_LOOKUP 1
using Bytes = simd::u8x32;

inline Bytes splat(const std::uint8_t (&table)[16]) noexcept {
  const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
  return (Bytes)_mm256_broadcastsi128_si256(half);
}
inline Bytes lookup(Bytes table, Bytes indexes) noexcept {
  return (Bytes)_mm256_shuffle_epi8((__m256i)table, (__m256i)indexes);
}
// The bytes that stand kCount before each byte of `now`.
template <int kCount>
inline Bytes shiftIn(Bytes now, Bytes before) noexcept {
  const __m256i middle = _mm256_permute2x128_si256((__m256i)before, (__m256i)now, 0x21);
  return (Bytes)_mm256_alignr_epi8((__m256i)now, middle, 16 - kCount);
}
inline bool anySet(Bytes bytes) noexcept { return _mm256_testz_si256((__m256i)bytes, (__m256i)bytes) == 0; }
inline bool anyHigh(Bytes bytes) noexcept { return _mm256_movemask_epi8((__m256i)bytes) != 0; }
inline Bytes minusSaturated(Bytes left, Bytes right) noexcept {
  return (Bytes)_mm256_subs_epu8((__m256i)left, (__m256i)right);
}
#elif defined(__wasm_simd128__)
#define WEIR_UTF8_LOOKUP 1
using Bytes = simd::u8x16;

inline Bytes splat(const std::uint8_t (&table)[16]) noexcept { return (Bytes)wasm_v128_load(table); }
inline Bytes lookup(Bytes table, Bytes indexes) noexcept {
  return (Bytes)wasm_i8x16_swizzle((v128_t)table, (v128_t)indexes);
}
template <int kCount>
inline Bytes shiftIn(Bytes now, Bytes before) noexcept {
  if constexpr (kCount == 1)
    return (Bytes)wasm_i8x16_shuffle((v128_t)before, (v128_t)now, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
                                     28, 29, 30);
  else if constexpr (kCount == 2)
    return (Bytes)wasm_i8x16_shuffle((v128_t)before, (v128_t)now, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
                                     27, 28, 29);
  else
    return (Bytes)wasm_i8x16_shuffle((v128_t)before, (v128_t)now, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
                                     26, 27, 28);
}
inline bool anySet(Bytes bytes) noexcept { return wasm_v128_any_true((v128_t)bytes); }
inline bool anyHigh(Bytes bytes) noexcept { return wasm_i8x16_bitmask((v128_t)bytes) != 0; }
inline Bytes minusSaturated(Bytes left, Bytes right) noexcept {
  return (Bytes)wasm_u8x16_sub_sat((v128_t)left, (v128_t)right);
}
#endif

#if defined(WEIR_UTF8_LOOKUP)
#undef WEIR_UTF8_LOOKUP

// Each bit is one way in which two neighbouring bytes can be wrong; a pair is wrong if all three tables agree on one.
constexpr std::uint8_t kTooShort = 1 << 0;      // a lead byte or ASCII follows a lead byte
constexpr std::uint8_t kTooLong = 1 << 1;       // a continuation follows ASCII
constexpr std::uint8_t kOverlong3 = 1 << 2;     // E0 80..9F
constexpr std::uint8_t kTooLarge = 1 << 3;      // F4 90..BF, F5 and more
constexpr std::uint8_t kSurrogate = 1 << 4;     // ED A0..BF
constexpr std::uint8_t kOverlong2 = 1 << 5;     // C0, C1
constexpr std::uint8_t kTooLarge1000 = 1 << 6;  // F5 80..8F and more; shares its bit with F0 80..8F
constexpr std::uint8_t kOverlong4 = 1 << 6;
constexpr std::uint8_t kTwoContinuations = 1 << 7;
constexpr std::uint8_t kCarry = kTooShort | kTooLong | kTwoContinuations;

constexpr std::uint8_t kFirstHigh[16] = {kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTooLong,
                                         kTwoContinuations,
                                         kTwoContinuations,
                                         kTwoContinuations,
                                         kTwoContinuations,
                                         kTooShort | kOverlong2,
                                         kTooShort,
                                         kTooShort | kOverlong3 | kSurrogate,
                                         kTooShort | kTooLarge | kTooLarge1000 | kOverlong4};

constexpr std::uint8_t kMuchTooLarge = kCarry | kTooLarge | kTooLarge1000;
constexpr std::uint8_t kFirstLow[16] = {kCarry | kOverlong3 | kOverlong2 | kOverlong4,
                                        kCarry | kOverlong2,
                                        kCarry,
                                        kCarry,
                                        kCarry | kTooLarge,
                                        kMuchTooLarge,
                                        kMuchTooLarge,
                                        kMuchTooLarge,
                                        kMuchTooLarge,
                                        kMuchTooLarge,
                                        kMuchTooLarge,
                                        kMuchTooLarge,
                                        kMuchTooLarge,
                                        kMuchTooLarge | kSurrogate,
                                        kMuchTooLarge,
                                        kMuchTooLarge};

constexpr std::uint8_t kContinuation = kTooLong | kOverlong2 | kTwoContinuations;
constexpr std::uint8_t kSecondHigh[16] = {kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kContinuation | kOverlong3 | kTooLarge1000 | kOverlong4,
                                          kContinuation | kOverlong3 | kTooLarge,
                                          kContinuation | kSurrogate | kTooLarge,
                                          kContinuation | kSurrogate | kTooLarge,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort,
                                          kTooShort};

inline Bytes errorsOf(Bytes now, Bytes before) noexcept {
  const Bytes previous1 = shiftIn<1>(now, before);
  const Bytes pairs = lookup(splat(kFirstHigh), previous1 >> 4) & lookup(splat(kFirstLow), previous1 & 0x0F) &
                      lookup(splat(kSecondHigh), now >> 4);
  // A third or fourth byte must be a continuation after a continuation, and nothing else may be.
  const Bytes third = minusSaturated(shiftIn<2>(now, before), Bytes{} + 0x60);
  const Bytes fourth = minusSaturated(shiftIn<3>(now, before), Bytes{} + 0x70);
  return ((third | fourth) & 0x80) ^ pairs;
}

/// How many bytes from the start, a multiple of the vector, contain no error; the last character may be unfinished.
inline std::size_t validBlocks(const char* data, std::size_t size) noexcept {
  Bytes before{};
  std::size_t at = 0;
  for (; at + sizeof(Bytes) <= size; at += sizeof(Bytes)) {
    Bytes now;
    std::memcpy(&now, data + at, sizeof now);
    if (!anyHigh(now) && !anyHigh(before)) {
      before = now;
      continue;
    }
    if (anySet(errorsOf(now, before))) break;
    before = now;
  }
  return at;
}

/// How many bytes from the start, a multiple of the vector, are ASCII.
inline std::size_t asciiBlocks(const char* data, std::size_t size) noexcept {
  std::size_t at = 0;
  for (; at + sizeof(Bytes) <= size; at += sizeof(Bytes)) {
    Bytes now;
    std::memcpy(&now, data + at, sizeof now);
    if (anyHigh(now)) break;
  }
  return at;
}

#else
inline std::size_t validBlocks(const char*, std::size_t) noexcept { return 0; }
inline std::size_t asciiBlocks(const char*, std::size_t) noexcept { return 0; }
#endif

}  // namespace weir::WEIR_SIMD_ISA
