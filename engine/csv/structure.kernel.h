// The vector scan, 64 bytes at a time; instantiated once per instruction set (engine/simd/simd.h).

namespace weir::csv::WEIR_SIMD_ISA {

#if defined(WEIR_SIMD_AVX2)

struct Block {
  simd::u8x32 low, high;
  explicit Block(const char* at) {
    __builtin_memcpy(&low, at, 32);
    __builtin_memcpy(&high, at + 32, 32);
  }
  static std::uint64_t bits(simd::u8x32 a, simd::u8x32 b) {
    const auto l = static_cast<std::uint32_t>(_mm256_movemask_epi8(reinterpret_cast<__m256i>(a)));
    const auto h = static_cast<std::uint32_t>(_mm256_movemask_epi8(reinterpret_cast<__m256i>(b)));
    return l | (static_cast<std::uint64_t>(h) << 32);
  }
  std::uint64_t equal(char c) const {
    const auto wanted = static_cast<std::uint8_t>(c);
    return bits(reinterpret_cast<simd::u8x32>(low == wanted), reinterpret_cast<simd::u8x32>(high == wanted));
  }
  std::uint64_t top() const { return bits(low, high); }
};

inline std::uint64_t prefixXor(std::uint64_t bits) {
  const __m128i product =
      _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<std::int64_t>(bits)), _mm_set1_epi8(-1), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

#else

inline std::uint64_t prefixXor(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

#if defined(__SSE2__) || defined(__wasm_simd128__)

struct Block {
  simd::u8x16 part[4];
  explicit Block(const char* at) {
    for (int i = 0; i < 4; ++i) __builtin_memcpy(&part[i], at + 16 * i, 16);
  }
  static std::uint64_t bits(simd::u8x16 v) {
#if defined(__SSE2__)
    return static_cast<std::uint16_t>(_mm_movemask_epi8(reinterpret_cast<__m128i>(v)));
#else
    return static_cast<std::uint16_t>(wasm_i8x16_bitmask(reinterpret_cast<v128_t>(v)));
#endif
  }
  std::uint64_t equal(char c) const {
    const auto wanted = static_cast<std::uint8_t>(c);
    std::uint64_t result = 0;
    for (int i = 0; i < 4; ++i) result |= bits(reinterpret_cast<simd::u8x16>(part[i] == wanted)) << (16 * i);
    return result;
  }
  std::uint64_t top() const {
    std::uint64_t result = 0;
    for (int i = 0; i < 4; ++i) result |= bits(part[i]) << (16 * i);
    return result;
  }
};

#else

struct Block {
  const char* bytes;
  explicit Block(const char* at) : bytes(at) {}
  std::uint64_t equal(char c) const {
    std::uint64_t result = 0;
    for (unsigned i = 0; i < 64; ++i) result |= static_cast<std::uint64_t>(bytes[i] == c) << i;
    return result;
  }
  std::uint64_t top() const {
    std::uint64_t result = 0;
    for (unsigned i = 0; i < 64; ++i) result |= static_cast<std::uint64_t>((bytes[i] & 0x80) != 0) << i;
    return result;
  }
};

#endif
#endif

/// Writes the positions of `bits`; up to 63 entries behind the last are overwritten with rubbish.
inline std::int64_t writePositions(std::uint64_t bits, std::uint32_t base, std::uint32_t* out) {
  const auto count = std::popcount(bits);
  for (int i = 0; i < 8; ++i) {
    out[i] = base + static_cast<std::uint32_t>(std::countr_zero(bits));
    bits &= bits - 1;
  }
  if (count > 8) [[unlikely]] {
    for (int i = 8; i < 16; ++i) {
      out[i] = base + static_cast<std::uint32_t>(std::countr_zero(bits));
      bits &= bits - 1;
    }
    for (int i = 16; i < count; ++i) {
      out[i] = base + static_cast<std::uint32_t>(std::countr_zero(bits));
      bits &= bits - 1;
    }
  }
  return count;
}

/// For each line end the number of entries up to and including it.
inline std::int64_t writeRanks(std::uint64_t newlines, std::uint64_t structural, std::int64_t ends,
                               std::uint32_t* out) {
  const auto count = std::popcount(newlines);
  const auto rank = [&] {
    const std::uint64_t upTo = newlines ^ (newlines - 1);
    newlines &= newlines - 1;
    return static_cast<std::uint32_t>(ends + std::popcount(structural & upTo));
  };
  out[0] = rank();
  out[1] = rank();
  for (int i = 2; i < count; ++i) out[i] = rank();
  return count;
}

/// The masks of one block in which quotes matter.
struct Quoted {
  std::uint64_t inside;   // bytes inside quotes, opening quote included
  std::uint64_t closing;  // closing quotes
  bool regular;           // quotes open only where fields begin, and fields end where quotes close
};

inline Quoted quotedMasks(const Block& block, const Dialect& d, std::uint64_t quotes, std::uint64_t separators,
                          std::uint64_t valid, const ScanState& state) {
  Quoted result{};
  result.inside = prefixXor(quotes) ^ state.inside;
  const std::uint64_t opening = quotes & result.inside;
  result.closing = quotes & ~result.inside;
  const std::uint64_t mayOpen = (((separators & ~result.inside) | result.closing) << 1) | state.fieldStart;
  const std::uint64_t behind = ((result.closing << 1) | state.afterClose) & valid;
  std::uint64_t mayFollow = separators | quotes;
  if (d.newline == '\n') mayFollow |= block.equal('\r') & (block.equal('\n') >> 1);
  result.regular = ((opening & ~mayOpen) | (behind & ~mayFollow)) == 0;
  return result;
}

/// One block: finds what is outside quotes and moves the state on. False: irregular, nothing moved.
struct BlockMasks {
  std::uint64_t structural;
  std::uint64_t newlines;
};

inline bool takeBlock(const Block& block, const Dialect& d, std::uint64_t valid, ScanState& state, BlockMasks& out) {
  const std::uint64_t newlines = block.equal(d.newline) & valid;
  const std::uint64_t separators = (block.equal(d.delimiter) & valid) | newlines;
  const std::uint64_t quotes = d.quote != 0 ? block.equal(d.quote) & valid : 0;
  Quoted quoted{.inside = state.inside, .closing = 0, .regular = true};
  if ((quotes | state.afterClose) != 0) {
    quoted = quotedMasks(block, d, quotes, separators, valid, state);
    if (!quoted.regular) return false;
  }
  out.structural = separators & ~quoted.inside;
  out.newlines = newlines & ~quoted.inside;
  if (d.comment != 0 && (block.equal(d.comment) & valid & ((out.newlines << 1) | state.recordStart)) != 0) return false;
  state.fieldStart = (out.structural | quoted.closing) >> 63;
  state.recordStart = out.newlines >> 63;
  state.afterClose = quoted.closing >> 63;
  state.inside = static_cast<std::uint64_t>(static_cast<std::int64_t>(quoted.inside) >> 63);
  return true;
}

inline std::uint64_t validBits(std::uint32_t left) { return left >= 64 ? ~0ULL : (1ULL << left) - 1; }

/// Scans [state.at, size) into `ends` and `records`; kBlockBytes readable bytes must follow `size`.
inline ScanStop scanBlocks(const char* data, std::uint32_t size, const Dialect& dialect, ScanState& shared,
                           std::uint32_t* ends, std::int64_t endCapacity, std::uint32_t* records,
                           std::int64_t recordCapacity) {
  const Dialect d = dialect;
  ScanState state = shared;
  ScanStop stop = ScanStop::done;
  std::uint64_t high = 0;
  std::uint64_t returns = 0;
  while (state.at < size) {
    if (state.ends + kBlockBytes > endCapacity || state.records + kBlockBytes > recordCapacity) [[unlikely]] {
      stop = ScanStop::full;
      break;
    }
    const Block block(data + state.at);
    const std::uint64_t valid = validBits(size - state.at);
    BlockMasks masks;
    if (!takeBlock(block, d, valid, state, masks)) [[unlikely]] {
      stop = ScanStop::irregular;
      break;
    }
    high |= block.top() & valid;
    returns |= block.equal('\r') & valid;
    state.records += writeRanks(masks.newlines, masks.structural, state.ends, records + state.records);
    state.ends += writePositions(masks.structural, state.at, ends + state.ends);
    state.at += static_cast<std::uint32_t>(kBlockBytes);
  }
  state.sawHigh |= high != 0;
  state.sawReturn |= returns != 0;
  shared = state;
  return stop;
}

/// Finds record ends only: whole blocks of [state.scan.at, size).
inline ScanStop splitBlocks(const char* data, std::uint32_t size, const Dialect& dialect, SplitState& shared) {
  const Dialect d = dialect;
  SplitState state = shared;
  ScanStop stop = ScanStop::done;
  while (size - state.scan.at >= kBlockBytes) {
    const Block block(data + state.scan.at);
    BlockMasks masks;
    if (!takeBlock(block, d, ~0ULL, state.scan, masks)) [[unlikely]] {
      stop = ScanStop::irregular;
      break;
    }
    if (masks.newlines != 0)
      state.lastEnd = state.scan.at + 64 - static_cast<std::uint32_t>(std::countl_zero(masks.newlines));
    state.scan.at += static_cast<std::uint32_t>(kBlockBytes);
  }
  shared = state;
  return stop;
}

}  // namespace weir::csv::WEIR_SIMD_ISA
