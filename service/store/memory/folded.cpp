// Folds by the tables of regular expressions.
#include "service/store/memory/folded.h"

#include <algorithm>

#include "engine/regex/char-set.h"
#include "engine/text/utf8.h"

namespace weir::store {
namespace {

/// One of the letters that are equal to this one: the small one of ASCII, else the last, which mostly is the small one.
char32_t foldedLetter(char32_t letter) {
  auto most = letter;
  for (auto next = regex::nextFold(letter); next != letter; next = regex::nextFold(next)) {
    if (next < 0x80) return static_cast<char32_t>(utf8::toLowerAscii(static_cast<char>(next)));
    most = std::max<char32_t>(most, next);
  }
  return most;
}

}  // namespace

std::string folded(std::string_view text) {
  std::string made;
  made.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      made += utf8::toLowerAscii(text[at++]);
      continue;
    }
    const auto point = utf8::decode(text, static_cast<std::int64_t>(at));
    utf8::append(made, foldedLetter(point.value));
    at += static_cast<std::size_t>(point.bytes);
  }
  return made;
}

}  // namespace weir::store
