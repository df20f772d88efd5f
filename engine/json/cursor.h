// Stage 2 of reading JSON: a cursor that walks the structural index and decodes only what is asked for.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/json/number.h"
#include "engine/json/problem.h"
#include "engine/json/structure.h"
#include "engine/simd/simd.h"

namespace weir::json {

/// How deep objects and lists may be nested.
inline constexpr std::int32_t kMaxDepth = 512;

enum class Kind : std::uint8_t { null, boolean, number, string, array, object, none };

/// What a value claims to be, by its first byte.
inline constexpr std::array<Kind, 256> kKinds = [] {
  std::array<Kind, 256> kinds{};
  kinds.fill(Kind::none);
  for (const char c : std::string_view("-0123456789")) kinds[static_cast<unsigned char>(c)] = Kind::number;
  kinds['{'] = Kind::object;
  kinds['['] = Kind::array;
  kinds['"'] = Kind::string;
  kinds['t'] = kinds['f'] = Kind::boolean;
  kinds['n'] = Kind::null;
  return kinds;
}();

/// A key prepared for Cursor::tryField: compared together with what stands around it in one step.
class KeyPattern {
 public:
  explicit KeyPattern(std::string_view rawKey);

  /// The key as it stands in the text, without quotes.
  [[nodiscard]] std::string_view rawKey() const { return std::string_view(whole_).substr(2, size_ - 4); }
  [[nodiscard]] std::uint32_t size() const { return size_; }  // of `,"key":`
  /// Whether `,"key":` may stand at `text`, behind which kPaddingBytes are readable: all of it if it is not isLong().
  [[nodiscard]] bool begins(const char* text) const;
  [[nodiscard]] bool isLong() const { return size_ > kHeadBytes; }
  /// Whether `"key":` stands at `text`, which has so many bytes.
  [[nodiscard]] bool stands(const char* text) const { return std::memcmp(text, whole_.data() + 1, size_ - 1) == 0; }

 private:
  static constexpr std::uint32_t kHeadBytes = 16;

  std::array<char, kHeadBytes> head_{};  // the first bytes of whole_
  std::uint32_t mask_ = 0;               // of these
  std::uint32_t size_ = 0;
  std::string whole_;
};

/// Walks one value. A member that returns bool returns false at a mistake, told by problem(), and then the cursor is of
/// no more use; `nextField` and `nextElement` also return false at the end (problem().ok()).
/// Everything walked over or skipped is checked against RFC 8259; numbers that are only skipped may be out of range.
///
///   cursor.start(structure, 0);
///   cursor.enterObject();
///   while (cursor.nextField(key))
///     if (key == "id") cursor.getInt64(id); else cursor.skip();
///   if (!cursor.problem().ok()) ...
class Cursor {
 public:
  /// Stands before the value at entry number `entry`, which must not be implied: a text's or a line's first value.
  void start(const Structure& structure, std::int64_t entry) {
    text_ = structure.text();
    next_ = structure.entries() + entry;
    token_ = *next_++;
    depth_ = 0;
    fresh_ = false;
    problem_ = {};
  }
  /// Stands before the first value of `structure`, an element of a list.
  void startElement(const Structure& structure) {
    start(structure, 0);
    depth_ = 1;
  }
  /// Stands before the element behind the comma that is entry number `comma`.
  void startElement(const Structure& structure, std::int64_t comma) {
    start(structure, comma);
    depth_ = 1;
    locate(token_);
  }

  [[nodiscard]] const Problem& problem() const { return problem_; }
  /// The byte at which the value to be read begins.
  [[nodiscard]] std::uint32_t position() const { return token_; }
  /// What kind the value to be read claims to be, by its first byte.
  [[nodiscard]] Kind kind() const;

  [[nodiscard]] bool enterObject();
  /// Goes to the next field's value. `rawKey` is the key as it stands in the text (see rawEquals).
  [[nodiscard]] bool nextField(std::string_view& rawKey);
  /// Goes to the next field's value if the key is the guessed one, written without space; else nothing changes.
  [[nodiscard, gnu::always_inline]] bool tryField(const KeyPattern& key) {
    if (fresh_) return tryFirst(key);
    const std::uint32_t opener = *next_;
    if (!key.begins(text_ + opener)) return false;
    if (key.isLong() && (next_[1] - opener + 1 != key.size() || !key.stands(text_ + opener + 1))) [[unlikely]]
      return false;
    // The quote and what is between it and the colon have no entries.
    next_ += 2;
    locate(opener + key.size() - 1);
    return true;
  }
  [[nodiscard]] bool enterArray();
  [[nodiscard]] bool nextElement();

  /// Steps over the value, whatever it is.
  [[nodiscard]] bool skip() {
    const char first = text_[token_];
    if (first == '"') return true;  // its end was found, and its content checked, by stage 1
    return skipOther(first);
  }

  [[nodiscard]] bool getNull();
  [[nodiscard]] bool getBool(bool& value);
  [[nodiscard]] bool getNumber(Number& value);
  /// Fault::wrongType if the number is not of this kind; getDouble takes every number.
  [[nodiscard]] bool getInt64(std::int64_t& value);
  [[nodiscard]] bool getUint64(std::uint64_t& value);
  [[nodiscard]] bool getDouble(double& value);
  /// The number's or literal's own text.
  [[nodiscard]] std::string_view scalarText() const { return {text_ + token_, scalarEnd() - token_}; }
  /// What stands between the quotes.
  [[nodiscard]] bool getRawString(std::string_view& raw);
  /// A view of the text, or of `buffer` (overwritten) if there are escapes.
  [[nodiscard]] bool getString(std::string_view& value, std::string& buffer);

  /// Steps over the value and returns its text, from its first byte to its last.
  [[nodiscard]] bool getRaw(std::string_view& raw);

  /// To be called behind the value: false, Fault::trailing, unless the text (or line) ends there.
  [[nodiscard]] bool finish(const Structure& structure);

  /// Sets the problem; always false.
  bool fail(Fault fault, std::uint32_t position) {
    problem_ = {fault, position};
    return false;
  }
  /// After Fault::numberRange only: the number counts as stepped over, and the walk may go on.
  void forgive() { problem_ = {}; }
  /// The entry after the value.
  [[nodiscard]] const std::uint32_t* next() const { return next_; }

 private:
  static bool isSpace(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

  // Goes to the token behind the operator at `opener`, which is the last entry taken.
  [[gnu::always_inline]] void locate(std::uint32_t opener) {
    token_ = opener + 1;
    if (static_cast<unsigned char>(text_[token_]) <= ' ') [[unlikely]]
      if (isSpace(text_[token_])) token_ = *next_;
    next_ += *next_ == token_ ? 1 : 0;
  }
  [[nodiscard]] std::uint32_t scalarEnd() const {
    std::uint32_t end = *next_;
    while (end > token_ && isSpace(text_[end - 1])) --end;
    return end;
  }
  bool readKey(Fault otherwise, std::string_view& rawKey);
  bool tryFirst(const KeyPattern& key);
  bool skipOther(char first);
  bool skipFlat();
  bool skipContainer();
  bool isWord(std::string_view word) const;

  const char* text_ = nullptr;
  const std::uint32_t* next_ = nullptr;  // the first entry not taken
  std::uint32_t token_ = 0;              // where the value to be read begins; its entry, if it has one, is taken
  std::int32_t depth_ = 0;
  bool fresh_ = false;  // just entered: nothing of the object or array was taken
  Problem problem_;
};

inline bool KeyPattern::begins(const char* text) const {
#if defined(__SSE2__) || defined(__wasm_simd128__)
  simd::u8x16 here, there;
  std::memcpy(&here, text, sizeof here);
  std::memcpy(&there, head_.data(), sizeof there);
  const auto same = here == there;
#if defined(__SSE2__)
  const auto bits = static_cast<std::uint32_t>(_mm_movemask_epi8(reinterpret_cast<__m128i>(same)));
#else
  const auto bits = static_cast<std::uint32_t>(wasm_i8x16_bitmask(reinterpret_cast<v128_t>(same)));
#endif
  return (~bits & mask_) == 0;
#else
  return std::memcmp(text, head_.data(), std::min(size_, kHeadBytes)) == 0;
#endif
}

inline Kind Cursor::kind() const { return kKinds[static_cast<unsigned char>(text_[token_])]; }

}  // namespace weir::json
