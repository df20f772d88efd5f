// Instantiates the column evaluator's loops per instruction set.
#include "engine/cel/column/vector-kernels.h"

#include <cstdint>
#include <utility>

#include "engine/simd/simd.h"

namespace weir::cel {
namespace {

template <int... index>
struct Indices {};
template <int... index>
constexpr Indices<index...> indicesOf(std::integer_sequence<int, index...>) {
  return {};
}
using UnaryIndices = decltype(indicesOf(std::make_integer_sequence<int, static_cast<int>(Unary::count)>{}));
using PairIndices = decltype(indicesOf(std::make_integer_sequence<int, static_cast<int>(Pair::count)>{}));

// For each byte the positions of its ones, a byte each.
struct BitPositions {
  std::uint64_t of[256];
};
[[maybe_unused]] constexpr BitPositions kBitPositions = [] {
  BitPositions table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    int shift = 0;
    for (unsigned bit = 0; bit < 8; ++bit)
      if (((byte >> bit) & 1) != 0) {
        table.of[byte] |= static_cast<std::uint64_t>(bit) << shift;
        shift += 8;
      }
  }
  return table;
}();

}  // namespace
}  // namespace weir::cel

// Every include stands above: what follows is compiled per instruction set.
// clang-format off
#include "engine/simd/base-begin.h"
#include "engine/cel/column/vector.kernel.h"
#include "engine/simd/base-end.h"
#if WEIR_SIMD_HAS_AVX2
#include "engine/simd/avx2-begin.h"
#include "engine/cel/column/vector.kernel.h"
#include "engine/simd/avx2-end.h"
#endif
// clang-format on

namespace weir::cel {

const Kernels& kernels() noexcept {
#if WEIR_SIMD_HAS_AVX2
  if (simd::hasAvx2()) return avx2::kKernels;
#endif
  return base::kKernels;
}

}  // namespace weir::cel
