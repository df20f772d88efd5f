// The instruction takes eight bytes at once; so do eight tables.
#include "engine/journal/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#include "engine/simd/simd.h"

namespace weir::journal {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78U;  // reflected

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables makeTables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    auto crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
    tables[0][byte] = crc;
  }
  for (std::uint32_t byte = 0; byte < 256; ++byte)
    for (std::size_t i = 1; i < 8; ++i)
      tables[i][byte] = (tables[i - 1][byte] >> 8) ^ tables[0][tables[i - 1][byte] & 0xFFU];
  return tables;
}

constexpr Tables kTables = makeTables();

std::uint64_t wordAt(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, 8);
  return word;
}

std::uint32_t byTables(const char* at, std::size_t left, std::uint32_t crc) {
  for (; left >= 8; left -= 8, at += 8) {
    const auto word = wordAt(at) ^ crc;
    crc = 0;
    for (std::size_t i = 0; i < 8; ++i) crc ^= kTables[7 - i][(word >> (8 * i)) & 0xFFU];
  }
  for (; left > 0; --left, ++at) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<std::uint8_t>(*at)) & 0xFFU];
  return crc;
}

#if WEIR_SIMD_HAS_AVX2
__attribute__((target("sse4.2,crc32"))) std::uint32_t byInstruction(const char* at, std::size_t left,
                                                                    std::uint32_t crc) {
  std::uint64_t wide = crc;
  for (; left >= 8; left -= 8, at += 8) wide = _mm_crc32_u64(wide, wordAt(at));
  crc = static_cast<std::uint32_t>(wide);
  for (; left > 0; --left, ++at) crc = _mm_crc32_u8(crc, static_cast<std::uint8_t>(*at));
  return crc;
}
#endif

}  // namespace

std::uint32_t crc32cPortable(std::string_view bytes, std::uint32_t crc) noexcept {
  return ~byTables(bytes.data(), bytes.size(), ~crc);
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc) noexcept {
#if WEIR_SIMD_HAS_AVX2
  // Every processor with AVX2 has the instruction.
  if (simd::hasAvx2()) return ~byInstruction(bytes.data(), bytes.size(), ~crc);
#endif
  return crc32cPortable(bytes, crc);
}

}  // namespace weir::journal
