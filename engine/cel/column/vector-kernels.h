// The loops of the column evaluator, chosen once per instruction set: arithmetic, comparison, conversion, compression.
#pragma once

#include <cstdint>

namespace weir::cel {

enum class Arithmetic : std::uint8_t { add, subtract, multiply, divide, modulo };
enum class Comparison : std::uint8_t { equal, notEqual, less, lessEqual, greater, greaterEqual };
/// Which operand is one value for all rows.
enum class Shape : std::uint8_t { columns, rightConstant, leftConstant };
enum class NumberLane : std::uint8_t { int64, uint64, float64 };
enum class Unary : std::uint8_t {
  negateInt,
  negateDouble,
  intToDouble,
  uintToDouble,
  intToUint,
  uintToInt,
  doubleToInt,
  doubleToUint,
  microsToSeconds,
  nanosToSeconds,
  absInt,
  absDouble,
  signInt,
  signUint,
  signDouble,
  ceil,
  floor,
  round,
  trunc,
  sqrt,
  bitNot,
  isNaN,
  isInf,
  isFinite,
  count
};
enum class Pair : std::uint8_t {
  bitAnd,
  bitOr,
  bitXor,
  greatestInt,
  greatestUint,
  greatestDouble,
  leastInt,
  leastUint,
  leastDouble,
  count
};

/// Computes `rows` rows (at least one). Values are 8 bytes; truth values are bits, 64 a word, zeros behind the last
/// row. True if a row failed: then `errors` holds a bit for each row that did (words as for truth values), else it is
/// left alone. `result` overlaps no operand.
using Kernel = bool (*)(const void* left, const void* right, void* result, std::uint64_t* errors, std::int64_t rows);

struct Kernels {
  Kernel arithmetic[3][5][3];  // NumberLane, Arithmetic, Shape; modulo of doubles: nullptr
  Kernel compare[3][6][3];     // NumberLane, Comparison, Shape
  Kernel unary[static_cast<int>(Unary::count)];
  Kernel pair[static_cast<int>(Pair::count)][3];
  Kernel within;  // copies ints; fails outside of right[0]..right[1]
  /// The positions of ones, plus `first`, in order; may write up to 8 entries too many. Returns how many.
  std::int64_t (*compress)(const std::uint64_t* words, std::int64_t count, std::uint32_t first, std::uint32_t* out);
  /// result[i] = condition bit i ? left[i] : right[i]; a constant's step is 0, else 1.
  void (*choose)(const std::uint64_t* condition, const std::uint64_t* left, std::int64_t leftStep,
                 const std::uint64_t* right, std::int64_t rightStep, std::uint64_t* result, std::int64_t rows);
  /// Word bits: table[codes[i]], or 0 where the code is not below `entries`.
  void (*lookUp)(const std::int32_t* codes, const std::uint8_t* table, std::uint32_t entries, std::uint64_t* words,
                 std::int64_t rows);
};

[[nodiscard]] const Kernels& kernels() noexcept;

}  // namespace weir::cel
