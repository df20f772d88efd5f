// Sentences for people about a JSON text that is wrong.
#include "engine/json/problem.h"

#include <algorithm>

namespace weir::json {
namespace {

struct Sentence {
  std::string_view code;
  std::string_view expected;
  bool saysFound;
};

Sentence sentenceFor(Fault fault) {
  switch (fault) {
    case Fault::none:
      return {"json.syntax", "nothing is wrong", false};
    case Fault::invalidUtf8:
      return {"json.invalid_utf8", "the bytes are not valid UTF-8; save the text as UTF-8", true};
    case Fault::controlCharacter:
      return {"json.control_character",
              "a string may not contain a line end, tab or other control character; write \\n, \\t or \\u00XX", true};
    case Fault::unterminatedString:
      return {"json.unterminated_string", "the string that begins here has no closing '\"'", false};
    case Fault::badEscape:
      return {"json.bad_escape", "expected one of \" \\ / b f n r t u after the backslash", true};
    case Fault::badUnicodeEscape:
      return {"json.bad_escape", "expected four hexadecimal digits after \\u", true};
    case Fault::loneSurrogate:
      return {"json.lone_surrogate", "a \\u escape is one half of a surrogate pair and its other half is missing",
              true};
    case Fault::expectedValue:
      return {"json.syntax", "expected a value", true};
    case Fault::expectedElement:
      return {"json.syntax", "expected a value or ']' after '['", true};
    case Fault::expectedKey:
      return {"json.syntax", "expected a key in double quotes after ','", true};
    case Fault::expectedKeyOrEnd:
      return {"json.syntax", "expected a key in double quotes or '}' after '{'", true};
    case Fault::expectedColon:
      return {"json.syntax", "expected ':' after the key", true};
    case Fault::expectedCommaOrBrace:
      return {"json.syntax", "expected ',' or '}' after the value", true};
    case Fault::expectedCommaOrBracket:
      return {"json.syntax", "expected ',' or ']' after the value", true};
    case Fault::trailing:
      return {"json.trailing", "expected nothing more after the value", true};
    case Fault::badNumber:
      return {"json.bad_number", "expected a number like -12, 0.5 or 1e9", true};
    case Fault::leadingZero:
      return {"json.bad_number", "a number may not begin with 0 and another digit", true};
    case Fault::badLiteral:
      return {"json.bad_literal",
              "expected a value (true, false and null are in small letters, strings in double quotes)", true};
    case Fault::tooDeep:
      return {"json.too_deep", "objects and lists are nested deeper than allowed (512 levels at most)", false};
    case Fault::tooLarge:
      return {"json.too_large", "the text is longer than allowed", false};
    case Fault::numberRange:
      return {"json.number_range", "the number is too large for a double (about 1.8e308)", true};
    case Fault::duplicateKey:
      return {"json.duplicate_key", "the object has this key already", true};
    case Fault::wrongType:
      return {"json.wrong_type", "expected another kind of value", true};
  }
  return {"json.syntax", "the text is wrong", true};
}

bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::string hexOf(unsigned value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  return {kDigits[(value >> 4U) & 15U], kDigits[value & 15U]};
}

bool endsWord(char c) {
  return std::string_view(" \t\r\n,:[]{}\"").contains(c) || static_cast<unsigned char>(c) < 0x20;
}

}  // namespace

Place placeOf(std::string_view text, std::int64_t position) { return placeOf(text, position, Place{}); }

Place placeOf(std::string_view text, std::int64_t position, Place begin) {
  const auto end = std::min(text.size(), static_cast<std::size_t>(std::max<std::int64_t>(position, 0)));
  const auto before = text.substr(0, end);
  Place place = begin;
  std::size_t lineBegin = 0;
  if (!before.contains('\r')) {
    // Parts of large texts are passed over with this.
    if (const auto last = before.rfind('\n'); last != std::string_view::npos) {
      place = {begin.line + std::count(before.begin(), before.end(), '\n'), 1};
      lineBegin = last + 1;
    }
    const auto line = before.substr(lineBegin);
    place.column += std::count_if(line.begin(), line.end(), [](char c) { return !isContinuation(c); });
    return place;
  }
  for (std::size_t i = 0; i < end; ++i) {
    const bool crBeforeLf = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (text[i] == '\n' || (text[i] == '\r' && !crBeforeLf)) {
      place = {place.line + 1, 1};
    } else if (!isContinuation(text[i])) {
      ++place.column;
    }
  }
  return place;
}

std::string toText(Place place) {
  return "line " + std::to_string(place.line) + ", column " + std::to_string(place.column);
}

std::string found(std::string_view text, std::int64_t position) {
  if (position >= static_cast<std::int64_t>(text.size())) return "the end of the text";
  const auto rest = text.substr(static_cast<std::size_t>(position));
  const char first = rest.front();
  if (first == '\n' || first == '\r') return "a line end";
  if (first == '\t') return "a tab";
  if (static_cast<unsigned char>(first) < 0x20 || static_cast<unsigned char>(first) >= 0x7F)
    return "the byte 0x" + hexOf(static_cast<unsigned char>(first));
  constexpr std::size_t kShown = 24;
  std::size_t length = 1;
  if (!endsWord(first))
    while (length < rest.size() && length < kShown && !endsWord(rest[length])) ++length;
  // A word cut in the middle of a character would make the message itself invalid UTF-8.
  for (std::size_t i = 0; i < length; ++i)
    if (static_cast<unsigned char>(rest[i]) >= 0x7F) length = i;
  return "'" + std::string(rest.substr(0, length)) + (length == kShown ? "…'" : "'");
}

Error describe(Problem problem, std::string_view text, std::int64_t firstLine) {
  return describe(problem, text, Place{firstLine, 1});
}

Error describe(Problem problem, std::string_view text, Place begin) {
  const auto sentence = sentenceFor(problem.fault);
  if (problem.fault == Fault::badEscape && problem.position < text.size()) ++problem.position;
  auto message = toText(placeOf(text, problem.position, begin)) + ": " + std::string(sentence.expected);
  if (sentence.saysFound) message += ", found " + found(text, problem.position);
  return Error{sentence.code, std::move(message)};
}

}  // namespace weir::json
