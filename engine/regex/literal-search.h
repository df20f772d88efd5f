// Finds bytes, and one of a few literals, at close to the speed of memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::regex {

/// How often `byte` occurs in the `size` bytes at `data`.
[[nodiscard]] std::int64_t countByte(const char* data, std::int64_t size, char byte);
/// The first position of `byte`, or -1.
[[nodiscard]] std::int64_t findByte(const char* data, std::int64_t size, char byte);
/// The last position of `byte`, or -1.
[[nodiscard]] std::int64_t findLastByte(const char* data, std::int64_t size, char byte);

struct LiteralHit {
  std::int64_t position = -1;  // -1: none
  std::int32_t literal = 0;    // index of the literal
};

/// Positions of a block of the text where a literal may begin: bit i stands for `begin + i`.
struct CandidateBlock {
  std::int64_t begin = 0;
  std::uint64_t bits = 0;
};

/// What a scan saw on its way.
struct ScanTotals {
  std::int64_t newlines = 0;
  bool ascii = true;
};

/// What the vector code needs to know about the literals.
struct LiteralPlan {
  static constexpr int kMaxLiterals = 16;
  /// Two bytes of a literal, the rarest that it has; `fold` is 0x20 for a letter whose case is ignored.
  struct Probe {
    std::int32_t offset[2];
    std::uint8_t byte[2];
    std::uint8_t fold[2];
  };
  Probe probes[kMaxLiterals];
  std::int32_t count = 0;
  std::int32_t maxOffset = 0;
  bool fold = false;
  /// For many literals: which of 8 groups of literals a byte's low and high half may belong to, at two offsets.
  std::uint8_t low[2][16];
  std::uint8_t high[2][16];
  std::int32_t groupOffset = 0;  // the first offset; the second is the next
};

/// Up to 16 literals of 1 to 255 bytes each. Immutable; may be shared between threads.
class LiteralSearcher {
 public:
  /// `ignoreCase` takes ASCII letters as equal in both cases. Nothing if the literals are too many, too long or empty.
  [[nodiscard]] static std::optional<LiteralSearcher> make(std::span<const std::string> literals, bool ignoreCase);

  /// The leftmost occurrence at or after `from`; of several there, the literal that comes first in the list.
  [[nodiscard]] LiteralHit find(std::string_view text, std::int64_t from) const;

  /// Which literal begins at `position`, or -1.
  [[nodiscard]] std::int32_t literalAt(std::string_view text, std::int64_t position) const;

  /// Scans from `begin` until the text or the room in `out` ends; returns where to go on, which is text.size() at the
  /// end. Appends the candidates (to be checked by `literalAt`) to `out` and adds to `totals` what it passed.
  [[nodiscard]] std::int64_t scan(std::string_view text, std::int64_t begin, std::span<CandidateBlock> out,
                                  std::int32_t& outCount, ScanTotals& totals) const;

  [[nodiscard]] std::span<const std::string> literals() const { return literals_; }
  [[nodiscard]] bool ignoresCase() const { return plan_.fold; }

 private:
  LiteralSearcher() = default;
  void makePlan();
  void makeGroups(std::int32_t shortest);
  [[nodiscard]] std::int64_t scanTail(std::string_view text, std::int64_t begin, std::span<CandidateBlock> out,
                                      std::int32_t& outCount, ScanTotals& totals) const;

  std::vector<std::string> literals_;  // in lower case when it is ignored
  LiteralPlan plan_;
  bool firstBytes_[256] = {};
};

}  // namespace weir::regex
