// Instantiates the vector scan for each instruction set and chooses one.
#include "engine/csv/scan-blocks.h"

#include <bit>

#include "engine/simd/simd.h"

// Every include stands above: what follows is compiled per instruction set.
#include "engine/simd/base-begin.h"
//
#include "engine/csv/structure.kernel.h"
//
#include "engine/simd/base-end.h"
#if WEIR_SIMD_HAS_AVX2
#include "engine/simd/avx2-begin.h"
//
#include "engine/csv/structure.kernel.h"
//
#include "engine/simd/avx2-end.h"
#endif

namespace weir::csv {

ScanStop scanBlocks(Isa isa, const char* data, std::uint32_t size, const Dialect& dialect, ScanState& state,
                    Positions& ends, Positions& records) {
#if WEIR_SIMD_HAS_AVX2
  if (isa == Isa::best && simd::hasAvx2())
    return avx2::scanBlocks(data, size, dialect, state, ends.data(), ends.capacity(), records.data(),
                            records.capacity());
#else
  static_cast<void>(isa);
#endif
  return base::scanBlocks(data, size, dialect, state, ends.data(), ends.capacity(), records.data(), records.capacity());
}

ScanStop splitBlocks(Isa isa, const char* data, std::uint32_t size, const Dialect& dialect, SplitState& state) {
#if WEIR_SIMD_HAS_AVX2
  if (isa == Isa::best && simd::hasAvx2()) return avx2::splitBlocks(data, size, dialect, state);
#else
  static_cast<void>(isa);
#endif
  return base::splitBlocks(data, size, dialect, state);
}

}  // namespace weir::csv
