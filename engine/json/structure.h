// Stage 1 of reading JSON: the structural index of a text, found 64 bytes at a time.
//
// After G. Langdale, D. Lemire: "Parsing Gigabytes of JSON per Second", VLDB Journal 28(6), 2019 (bit masks of quotes,
// a prefix xor by carry-less multiplication to find strings, flattening of the masks into positions), and J. Keiser,
// D. Lemire: "Validating UTF-8 In Less Than One Instruction Per Byte", Software: Practice and Experience 51(5), 2021.
// Different from the paper: strings are validated completely here (control characters, escapes, surrogate pairs), so
// that stage 2 steps over one without looking at it; and a token that directly follows one of `{ [ , :` has no entry,
// which halves the index of compact JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/json/problem.h"

namespace weir::json {

/// Readable bytes that must follow a text.
inline constexpr std::int64_t kPaddingBytes = 64;
/// Texts are addressed with 32 bits; what is longer must be cut.
inline constexpr std::int64_t kMaxTextBytes = 0xFFFF'0000;

enum class TextKind : std::uint8_t {
  document,  // one value; line ends are space
  lines,     // a value a line: the line ends have entries too
  part       // of a document that goes on behind it: a string or character that is cut at the end is no problem
};

/// Which of the compiled kernels is used; `base` is for tests.
enum class Isa : std::uint8_t { best, base };

/// Positions of all structural characters outside strings (`{ } [ ] , :`, and line ends in `lines`), and of the first
/// byte of every string and scalar that does not directly follow one of `{ [ , :`. Reusable: a second build keeps the
/// memory. Every string is complete and valid (UTF-8, no control characters, escapes, surrogate pairs).
class Structure {
 public:
  /// Indexes `text[from, to)`. The text must be followed by kPaddingBytes readable bytes, the first of which is NUL
  /// unless kind is `lines` and the part ends with a line end, or kind is `part`. Stops at the first string or byte
  /// that is wrong: then problem() tells it, and the index holds what lies before it, so that an earlier mistake of
  /// structure can be found.
  void build(std::string_view text, std::uint32_t from, std::uint32_t to, TextKind kind, Isa isa = Isa::best);

  [[nodiscard]] const char* text() const { return text_; }
  /// The entries, followed by at least four more that equal end().
  [[nodiscard]] const std::uint32_t* entries() const { return entries_.get(); }
  [[nodiscard]] std::int64_t count() const { return count_; }
  /// Where the indexed part ends: `to`, or the problem's place.
  [[nodiscard]] std::uint32_t end() const { return end_; }
  [[nodiscard]] Problem problem() const { return problem_; }
  /// What it holds.
  [[nodiscard]] std::int64_t bytes() const { return capacity_ * static_cast<std::int64_t>(sizeof(std::uint32_t)); }

 private:
  void reserve(std::int64_t entries);

  std::unique_ptr<std::uint32_t[]> entries_;
  std::int64_t capacity_ = 0;
  std::int64_t count_ = 0;
  const char* text_ = nullptr;
  std::uint32_t end_ = 0;
  Problem problem_;
};

/// The first wrong string or byte of text[from, to), found a byte at a time: what the vector code is held against, and
/// what tells the exact place. A text with no such problem may still be wrong in its structure.
[[nodiscard]] Problem findTextProblem(std::string_view text, std::uint32_t from, std::uint32_t to);

/// The length of the valid UTF-8 sequence at `at`, 0 if it is wrong or cut off at `end`.
[[nodiscard]] std::uint32_t utf8SequenceBytes(const char* text, std::uint32_t at, std::uint32_t end);

/// The number behind four hexadecimal digits, -1 if they are not.
[[nodiscard]] std::int32_t hexQuad(const char* digits);

}  // namespace weir::json
