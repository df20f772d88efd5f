// The vector scan with its instruction set chosen at run time.
#pragma once

#include <cstdint>

#include "engine/csv/scan-state.h"
#include "engine/csv/structure.h"

namespace weir::csv {

/// Scans [state.at, size) into the arrays; kPaddingBytes readable bytes must follow `size`.
[[nodiscard]] ScanStop scanBlocks(Isa isa, const char* data, std::uint32_t size, const Dialect& dialect,
                                  ScanState& state, Positions& ends, Positions& records);
/// Finds record ends in the whole blocks of [state.scan.at, size).
[[nodiscard]] ScanStop splitBlocks(Isa isa, const char* data, std::uint32_t size, const Dialect& dialect,
                                   SplitState& state);

}  // namespace weir::csv
