// What the vector scan carries from block to block, shared by its instantiations.
#pragma once

#include <cstdint>

#include "engine/csv/dialect.h"

namespace weir::csv {

struct ScanState {
  std::uint32_t at = 0;           // next block begins here
  std::uint64_t inside = 0;       // all ones inside quotes
  std::uint64_t fieldStart = 1;   // 1: the byte at `at` begins a field, or follows a closing quote
  std::uint64_t recordStart = 1;  // 1: the byte at `at` begins a record
  std::uint64_t afterClose = 0;   // 1: the byte before `at` closed a quoted field
  std::int64_t ends = 0;          // entries written so far
  std::int64_t records = 0;
  bool sawReturn = false;
  bool sawHigh = false;
};

enum class ScanStop : std::uint8_t {
  done,       // all bytes seen
  irregular,  // the block at `at` needs the byte-by-byte grammar; nothing of it was taken
  full,       // the arrays need more room
};

/// The most entries that one block adds.
inline constexpr std::int64_t kBlockBytes = 64;

/// What the splitter carries.
struct SplitState {
  ScanState scan;
  std::uint32_t lastEnd = 0;  // behind the last record end
};

}  // namespace weir::csv
