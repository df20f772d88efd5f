// The inner loop of the structural index, compiled once per instruction set (see engine/simd/simd.h).
namespace weir::json::WEIR_SIMD_ISA {

#if defined(WEIR_SIMD_AVX2)
using Bytes = simd::u8x32;
inline constexpr int kPartBytes = 32;
#define WEIR_JSON_HAS_LOOKUP 1
[[gnu::always_inline]] inline std::uint64_t topBits(Bytes v) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(reinterpret_cast<__m256i>(v)));
}
[[gnu::always_inline]] inline Bytes lookUp(Bytes table, Bytes nibbles) {
  return reinterpret_cast<Bytes>(
      _mm256_shuffle_epi8(reinterpret_cast<__m256i>(table), reinterpret_cast<__m256i>(nibbles)));
}
#else
using Bytes = simd::u8x16;
inline constexpr int kPartBytes = 16;
#if defined(__wasm_simd128__)
#define WEIR_JSON_HAS_LOOKUP 1
[[gnu::always_inline]] inline std::uint64_t topBits(Bytes v) { return wasm_i8x16_bitmask(reinterpret_cast<v128_t>(v)); }
[[gnu::always_inline]] inline Bytes lookUp(Bytes table, Bytes nibbles) {
  return reinterpret_cast<Bytes>(
      wasm_i8x16_swizzle(reinterpret_cast<v128_t>(table), reinterpret_cast<v128_t>(nibbles)));
}
#elif defined(__SSE2__)
#define WEIR_JSON_HAS_LOOKUP 0
[[gnu::always_inline]] inline std::uint64_t topBits(Bytes v) {
  return static_cast<std::uint32_t>(_mm_movemask_epi8(reinterpret_cast<__m128i>(v)));
}
#else
#define WEIR_JSON_HAS_LOOKUP 0
[[gnu::always_inline]] inline std::uint64_t topBits(Bytes v) {
  std::uint64_t bits = 0;
  for (int i = 0; i < kPartBytes; ++i) bits |= static_cast<std::uint64_t>(v[i] >> 7U) << static_cast<unsigned>(i);
  return bits;
}
#endif
#endif

[[gnu::always_inline]] inline Bytes load(const char* p) {
  Bytes v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
[[gnu::always_inline]] inline Bytes splat(std::uint8_t c) { return Bytes{} + c; }
[[gnu::always_inline]] inline std::uint64_t where(Bytes v, char c) {
  return topBits(reinterpret_cast<Bytes>(v == splat(static_cast<std::uint8_t>(c))));
}

#if WEIR_JSON_HAS_LOOKUP
[[gnu::always_inline]] inline Bytes table(const NibbleTable& entries) {
#if defined(WEIR_SIMD_AVX2)
  return reinterpret_cast<Bytes>(
      _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(entries.data()))));
#else
  return load(reinterpret_cast<const char*>(entries.data()));
#endif
}
#endif

// Bit i of each mask tells of byte i of the block.
struct Masks {
  std::uint64_t quote = 0;
  std::uint64_t backslash = 0;
  std::uint64_t control = 0;
  std::uint64_t scalar = 0;  // neither space nor an operator
  std::uint64_t op = 0;      // { } [ ] , :
  std::uint64_t close = 0;   // } ]
  std::uint64_t newline = 0;
  std::uint64_t high = 0;  // not ASCII
};

template <bool kLines>
[[gnu::always_inline]] inline void classifyPart(Bytes v, unsigned shift, Masks& masks) {
  masks.quote |= where(v, '"') << shift;
  masks.backslash |= where(v, '\\') << shift;
  masks.control |= topBits(reinterpret_cast<Bytes>(v < splat(0x20))) << shift;
  masks.high |= topBits(v) << shift;
  if constexpr (kLines) masks.newline |= where(v, '\n') << shift;
#if WEIR_JSON_HAS_LOOKUP
  // A byte belongs to a class if both its nibbles do: bit 7 closes, bits 4 to 6 are the other operators, 0 and 1 space.
#if defined(WEIR_SIMD_AVX2)
  const Bytes low = lookUp(table(kLowNibble), v);  // yields 0 for bytes that are not ASCII
#else
  const Bytes low = lookUp(table(kLowNibble), v & splat(0x0F));
#endif
  const Bytes classes = low & lookUp(table(kHighNibble), v >> 4);
  masks.scalar |= topBits(reinterpret_cast<Bytes>(classes == Bytes{})) << shift;
  masks.op |= topBits(classes + splat(0x70)) << shift;
  masks.close |= topBits(classes) << shift;
#else
  const Bytes folded = v | splat(0x20);  // [ ] become { }
  const std::uint64_t close = where(folded, '}');
  const std::uint64_t op = close | where(folded, '{') | where(v, ',') | where(v, ':');
  const std::uint64_t space = where(v, ' ') | where(v, '\t') | where(v, '\n') | where(v, '\r');
  masks.close |= close << shift;
  masks.op |= op << shift;
  masks.scalar |= (~(op | space) & ((std::uint64_t{1} << kPartBytes) - 1)) << shift;
#endif
}

template <bool kLines>
[[gnu::always_inline]] inline Masks classify(const char* block) {
  Masks masks;
#pragma clang loop unroll(full)
  for (int i = 0; i < 64 / kPartBytes; ++i)
    classifyPart<kLines>(load(block + i * kPartBytes), static_cast<unsigned>(i * kPartBytes), masks);
  return masks;
}

[[gnu::always_inline]] inline std::uint64_t prefixXor(std::uint64_t bits) {
#if defined(WEIR_SIMD_AVX2)
  const __m128i product =
      _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(bits)), _mm_set1_epi8(static_cast<char>(0xFF)), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
#else
  for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
#endif
}

#if WEIR_JSON_HAS_LOOKUP
// The three-table check of Keiser and Lemire. `block` is preceded by three bytes of the text (or by NULs).
[[gnu::always_inline]] inline bool utf8Valid(const char* block) {
  Bytes wrong{};
#pragma clang loop unroll(full)
  for (int i = 0; i < 64 / kPartBytes; ++i) {
    const char* p = block + i * kPartBytes;
    const Bytes now = load(p), before1 = load(p - 1), before2 = load(p - 2), before3 = load(p - 3);
    const Bytes special = lookUp(table(kUtf8FirstHigh), before1 >> 4) &
                          lookUp(table(kUtf8FirstLow), before1 & splat(0x0F)) &
                          lookUp(table(kUtf8SecondHigh), now >> 4);
    const Bytes thirdOrFourth =
        reinterpret_cast<Bytes>((before2 >= splat(0xE0)) | (before3 >= splat(0xF0))) & splat(0x80);
    wrong |= special ^ thirdOrFourth;
  }
  return topBits(reinterpret_cast<Bytes>(wrong != Bytes{})) == 0;
}
#endif

// Returns false if a byte of the block cannot be part of valid UTF-8.
[[gnu::always_inline]] inline bool checkUtf8(Scan& scan, const char* block, std::uint32_t position,
                                             std::uint64_t high) {
#if WEIR_JSON_HAS_LOOKUP
  (void)position;
  if (high == 0) [[likely]]
    return !scan.sequenceOpen;
  const auto at = [&](int i) { return static_cast<std::uint8_t>(block[i]); };
  scan.sequenceOpen = at(63) >= 0xC0 || at(62) >= 0xE0 || at(61) >= 0xF0;
  return utf8Valid(block);
#else
  (void)block;
  if (high == 0) [[likely]]
    return true;
  std::uint32_t at = scan.utf8Next > position ? scan.utf8Next : position;
  while (at < position + 64 && at < scan.end) {
    const std::uint32_t bytes = utf8SequenceBytes(scan.text, at, scan.end);
    if (bytes == 0) return false;
    at += bytes;
  }
  scan.utf8Next = at;
  return true;
#endif
}

[[gnu::always_inline]] inline std::uint32_t* flatten(std::uint64_t bits, std::uint32_t position, std::uint32_t* out) {
#if defined(WEIR_SIMD_AVX2)
  // Writes past the count are overwritten by the next block: cheaper than a branch a bit.
  const auto count = static_cast<std::uint32_t>(__builtin_popcountll(bits));
  const auto write = [&](std::uint32_t i) {
    auto entry = position + static_cast<std::uint32_t>(_tzcnt_u64(bits));
    // Keeps the compiler from gathering entries in a vector, which takes longer than to store them one by one.
    asm("" : "+r"(entry));
    out[i] = entry;
    bits = _blsr_u64(bits);
  };
#pragma clang loop unroll(full)
  for (std::uint32_t i = 0; i < 8; ++i) write(i);
  for (std::uint32_t i = 8; i < count; i += 4) {
#pragma clang loop unroll(full)
    for (std::uint32_t j = 0; j < 4; ++j) write(i + j);
  }
  return out + count;
#else
  for (; bits != 0; bits &= bits - 1) *out++ = position + static_cast<std::uint32_t>(__builtin_ctzll(bits));
  return out;
#endif
}

// `block` holds the 64 bytes at `position` of the text, and is preceded by the three bytes before them.
template <bool kLines>
[[gnu::always_inline]] inline bool indexBlock(Scan& scan, const char* block, std::uint32_t position,
                                              std::uint32_t*& out) {
  const Masks masks = classify<kLines>(block);
  std::uint64_t escaped = 0;
  if ((masks.backslash | scan.escapeOpen) != 0) [[unlikely]]
    escaped = findEscaped(scan, masks.backslash);
  const std::uint64_t quote = masks.quote & ~escaped;
  const std::uint64_t inString = prefixXor(quote) ^ scan.inString;  // from an opening quote to before the closing one
  const std::uint64_t behindOpening = inString ^ quote;
  scan.inString = static_cast<std::uint64_t>(static_cast<std::int64_t>(inString) >> 63);

  const std::uint64_t word = masks.scalar & ~quote;
  const std::uint64_t opener = masks.op & ~masks.close;
  const std::uint64_t implied = ((word | opener) << 1U) | scan.impliedOpen;
  scan.impliedOpen = (word | opener) >> 63U;
  const std::uint64_t structural = (masks.op | (masks.scalar & ~implied) | masks.newline) & ~behindOpening;

  bool good = (masks.control & inString) == 0;
  good = checkUtf8(scan, block, position, masks.high) && good;
  if ((escaped & inString) != 0) [[unlikely]]
    good = checkEscapes(scan, escaped & inString, position) && good;
  // Entries before the mistake are right even in its own block, and are wanted.
  out = flatten(structural, position, out);
  if (!good) [[unlikely]] {
    scan.failed = true;
    scan.failedAt = position;
  }
  return good;
}

// Indexes text[from, to): whole blocks, except for the last of the text. `out` has room for to - from + 64 entries.
template <bool kLines>
inline std::uint32_t* indexSlab(Scan& scan, std::uint32_t from, std::uint32_t to, std::uint32_t* out) {
  std::uint32_t at = from;
  const auto apart = [&](std::uint32_t position) {
    // The first and the last block have no neighbours to read: they are looked at in a copy.
    alignas(64) char copy[64 + 64];
    __builtin_memset(copy, 0, 64);
    __builtin_memset(copy + 64, ' ', 64);
    const std::uint32_t before = position - scan.begin < 3 ? position - scan.begin : 3;
    const std::uint32_t after = to - position < 64 ? to - position : 64;
    __builtin_memcpy(copy + 64 - before, scan.text + position - before, before);
    __builtin_memcpy(copy + 64, scan.text + position, after);
    return indexBlock<kLines>(scan, copy + 64, position, out);
  };
  if (at == scan.begin && at < to) {
    if (!apart(at)) return out;
    at += 64;
  }
  for (; at < to && to - at >= 64; at += 64)
    if (!indexBlock<kLines>(scan, scan.text + at, at, out)) return out;
  if (at < to) apart(at);
  return out;
}

inline std::uint32_t* indexSlab(Scan& scan, bool lines, std::uint32_t from, std::uint32_t to, std::uint32_t* out) {
  return lines ? indexSlab<true>(scan, from, to, out) : indexSlab<false>(scan, from, to, out);
}

#undef WEIR_JSON_HAS_LOOKUP

}  // namespace weir::json::WEIR_SIMD_ISA
