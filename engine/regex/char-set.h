// Sets of Unicode characters: ranges, negation, case folding, \p{...} groups.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weir::regex {

inline constexpr std::uint32_t kMaxCodePoint = 0x10FFFF;
/// What a byte that is not part of valid UTF-8 counts as.
inline constexpr std::uint32_t kReplacement = 0xFFFD;

struct CodeRange {
  std::uint32_t low;
  std::uint32_t high;  // inclusive
  bool operator==(const CodeRange&) const = default;
};

/// A set of code points. Ranges are sorted and disjoint after `normalize`, which every reader needs first.
class CharSet {
 public:
  void add(std::uint32_t low, std::uint32_t high) { ranges_.push_back({low, high}); }
  void add(const CharSet& other);
  void normalize();
  void negate();
  /// Adds whatever equals a member when case is ignored (Unicode simple folding).
  void closeUnderFolding();

  [[nodiscard]] std::span<const CodeRange> ranges() const { return ranges_; }
  [[nodiscard]] bool contains(std::uint32_t code) const;
  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  bool operator==(const CharSet&) const = default;

 private:
  std::vector<CodeRange> ranges_;
};

/// Adds a general category (`L`, `Lu`), a script (`Greek`) or `Any`; false if there is no such name.
[[nodiscard]] bool addUnicodeGroup(std::string_view name, CharSet& set);

/// The next character in the circle of those equal when case is ignored; `code` itself when it has none.
[[nodiscard]] std::uint32_t nextFold(std::uint32_t code);

}  // namespace weir::regex
