// Numbers as people of different places write them, and what a text may be read as.
#include <cstddef>

#include "engine/data/number-text.h"

namespace weir {
namespace {

constexpr bool isDigit(char c) noexcept { return static_cast<unsigned char>(c - '0') < 10; }

bool isPlain(NumberFormat format) noexcept { return format.decimal == '.' && format.thousands == 0; }

/// How many characters of `text` are thousands-separated digits: "1.234.567" is 9, "1.23" and "12" are 0.
std::size_t groupedLength(std::string_view text, char thousands) noexcept {
  std::size_t at = 0;
  while (at < text.size() && at < 4 && isDigit(text[at])) ++at;
  if (at == 0 || at > 3) return 0;
  std::size_t length = 0;
  while (at + 3 < text.size() && text[at] == thousands && isDigit(text[at + 1]) && isDigit(text[at + 2]) &&
         isDigit(text[at + 3]) && (at + 4 == text.size() || !isDigit(text[at + 4]))) {
    at += 4;
    length = at;
  }
  return length;
}

/// The text in plain format, and for each character removed nothing else: `origin` translates lengths back.
struct Plain {
  std::string text;
  std::size_t head = 0;     // sign and grouped digits in the original
  std::size_t removed = 0;  // separators among them

  [[nodiscard]] std::int64_t toOriginal(std::int64_t consumed) const noexcept {
    const auto plainHead = static_cast<std::int64_t>(head - removed);
    return consumed < plainHead ? consumed : consumed + static_cast<std::int64_t>(removed);
  }
};

/// Everything that can belong to a number is copied, a '.' that is no decimal sign ends it.
Plain toPlain(std::string_view text, NumberFormat format) {
  Plain plain;
  std::size_t at = 0;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) plain.text.push_back(text[at++]);
  if (format.thousands != 0) {
    const std::size_t grouped = groupedLength(text.substr(at), format.thousands);
    for (const std::size_t end = at + grouped; at < end; ++at) {
      if (text[at] == format.thousands) {
        ++plain.removed;
      } else {
        plain.text.push_back(text[at]);
      }
    }
  }
  plain.head = at;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == format.decimal) {
      plain.text.push_back('.');
    } else if (isDigit(c) || c == 'e' || c == 'E' || c == '+' || c == '-') {
      plain.text.push_back(c);
    } else {
      break;
    }
  }
  return plain;
}

template <class T>
NumberResult<T> translate(NumberResult<T> result, const Plain& plain, std::string_view original) noexcept {
  if (result.status == NumberStatus::kNotANumber) return result;
  result.consumed = plain.toOriginal(result.consumed);
  if (result.status == NumberStatus::kOk && result.consumed != static_cast<std::int64_t>(original.size())) {
    result.status = NumberStatus::kTrailing;
  }
  return result;
}

}  // namespace

NumberResult<std::int64_t> parseInt64(std::string_view text, NumberFormat format) {
  if (format.thousands == 0 || text.find(format.thousands) == std::string_view::npos) return parseInt64(text);
  const Plain plain = toPlain(text, format);
  return translate(parseInt64(plain.text), plain, text);
}

NumberResult<double> parseDouble(std::string_view text, NumberFormat format) {
  if (isPlain(format)) return parseDouble(text);
  const Plain plain = toPlain(text, format);
  return translate(parseDouble(plain.text), plain, text);
}

NumberShape shapeOfNumber(std::string_view text, NumberFormat format) {
  std::string_view digits = text;
  const bool negative = !digits.empty() && digits.front() == '-';
  if (negative) digits.remove_prefix(1);
  if (digits.empty() || (!isDigit(digits.front()) && digits.front() != format.decimal)) return NumberShape::kText;
  if (digits.size() > 1 && digits.front() == '0' && isDigit(digits[1])) return NumberShape::kText;
  const auto integer = parseInt64(text, format);
  if (integer.ok()) return negative && integer.value == 0 ? NumberShape::kDouble : NumberShape::kInteger;
  if (integer.status == NumberStatus::kOverflow && integer.consumed == static_cast<std::int64_t>(text.size())) {
    return NumberShape::kText;
  }
  return parseDouble(text, format).ok() ? NumberShape::kDouble : NumberShape::kText;
}

}  // namespace weir
