// The compiled form that all engines run: instructions over symbols, where a symbol is a class of characters that no
// part of the pattern tells apart.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/data/error.h"
#include "engine/regex/syntax.h"
#include "engine/regex/utf8.h"

namespace weir::regex {

/// Maps characters to symbols 0..count()-1.
class Alphabet {
 public:
  /// Builds the coarsest partition that respects `sets` (and words and newlines if `assertions`); fails with
  /// `regex.too_large` when that takes too much work.
  [[nodiscard]] Result<Unit> build(std::span<const CharSet> sets, bool assertions);

  [[nodiscard]] std::int32_t count() const { return count_; }
  [[nodiscard]] const std::uint16_t* ascii() const { return ascii_; }
  [[nodiscard]] std::uint16_t symbolOf(std::uint32_t code) const {
    if (code < 128) return ascii_[code];
    return wide_.empty() || code > 0xFFFF ? search(code) : wide_[code];
  }
  /// Whether the characters of `symbol` belong to set `index` of those given to `build`.
  [[nodiscard]] bool contains(std::int32_t index, std::int32_t symbol) const {
    const auto bit = static_cast<std::uint32_t>(symbol);
    return (members_[static_cast<std::size_t>(index) * wordsPerSet_ + bit / 64] >> (bit % 64) & 1U) != 0;
  }
  [[nodiscard]] bool isWord(std::int32_t symbol) const { return contains(wordSet_, symbol); }
  [[nodiscard]] bool isNewline(std::int32_t symbol) const { return symbol == ascii_['\n']; }

 private:
  [[nodiscard]] std::uint16_t search(std::uint32_t code) const;
  void fillTables();

  std::uint16_t ascii_[128] = {};
  std::vector<std::uint32_t> starts_;   // of the intervals
  std::vector<std::uint16_t> symbols_;  // of the intervals
  std::vector<std::uint16_t> wide_;     // symbols of the characters below 2^16, if more than one interval needs it
  std::vector<std::uint64_t> members_;
  std::size_t wordsPerSet_ = 0;
  std::int32_t wordSet_ = 0;
  std::int32_t count_ = 0;
};

enum class Op : std::uint8_t { symbol, split, assertion, save, match, fail };

/// `symbol`: a character of set `argument`, then `out`. `split`: `out`, else `other`. `assertion`: `argument` is its
/// bit. `save`: slot `argument`. The preferred way comes first.
struct Instruction {
  Op op = Op::fail;
  std::int32_t out = 0;
  std::int32_t other = 0;
  std::int32_t argument = 0;
};

/// One direction of a pattern. `unanchored` first skips any characters.
struct Program {
  std::vector<Instruction> instructions;
  std::int32_t anchored = 0;
  std::int32_t unanchored = 0;
  bool hasAssertions = false;
};

inline constexpr std::uint32_t assertionBit(Assertion assertion) { return 1U << static_cast<unsigned>(assertion); }

/// Compiles the tree; `backward` gives the program for reading text from its end. `anySet` is the index of the set of
/// all characters. Fails with `regex.too_large` beyond `maxInstructions`.
[[nodiscard]] Result<Program> compileProgram(const Syntax& syntax, bool backward, std::int32_t anySet,
                                             std::int32_t maxInstructions);

}  // namespace weir::regex
