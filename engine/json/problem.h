// What can be wrong with a JSON text: a small value on the fast path, a full sentence with line and column on demand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir::json {

/// Every way in which a text can fail. Each has a code, and says what was expected (see problem.cpp).
enum class Fault : std::uint8_t {
  none,
  invalidUtf8,
  controlCharacter,  // a character below U+0020 inside a string
  unterminatedString,
  badEscape,         // a backslash followed by something that RFC 8259 does not list
  badUnicodeEscape,  // \u without four hexadecimal digits
  loneSurrogate,     // half of a surrogate pair: it has no UTF-8 form
  expectedValue,
  expectedElement,   // after '[': a value or ']'
  expectedKey,       // after ',' in an object
  expectedKeyOrEnd,  // after '{'
  expectedColon,
  expectedCommaOrBrace,
  expectedCommaOrBracket,
  trailing,  // something after the value
  badNumber,
  leadingZero,
  badLiteral,  // neither true, false nor null
  tooDeep,
  tooLarge,
  numberRange,  // does not fit a double
  duplicateKey,
  wrongType,  // the reader asked for another kind of value
};

/// What is wrong, and at which byte of the text (0-based).
struct Problem {
  Fault fault = Fault::none;
  std::uint32_t position = 0;

  [[nodiscard]] bool ok() const { return fault == Fault::none; }
};

/// A place for people: lines and columns count from 1, columns in characters (code points).
struct Place {
  std::int64_t line = 1;
  std::int64_t column = 1;
};

/// The place of a byte. Line ends are LF, CR LF and CR.
[[nodiscard]] Place placeOf(std::string_view text, std::int64_t position);

/// The place of a byte of a text whose first byte is at `begin`.
[[nodiscard]] Place placeOf(std::string_view text, std::int64_t position, Place begin);

/// "line 3, column 14"
[[nodiscard]] std::string toText(Place place);

/// What stands at `position`, for a message: `'x'`, `the text "tru…"`, `a line end`, `the end of the text`.
[[nodiscard]] std::string found(std::string_view text, std::int64_t position);

/// The sentence for a problem: "line 3, column 14: expected ',' or '}' after the value, found 'x'".
/// `firstLine` is the number of the text's first line, for a text that was cut out of a larger one.
[[nodiscard]] Error describe(Problem problem, std::string_view text, std::int64_t firstLine = 1);
/// The same for a text whose first byte is at `begin`.
[[nodiscard]] Error describe(Problem problem, std::string_view text, Place begin);

}  // namespace weir::json
