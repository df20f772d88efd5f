// The meaning of one field.
#include "engine/csv/field-reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/csv/record.h"

namespace weir::csv {
namespace {

bool collide(char a, char b) noexcept { return a == b && a != 0; }

Result<Unit> checkSigns(const Dialect& d, const ValueFormat& format) {
  const char signs[] = {d.delimiter, d.quote, d.newline, d.comment};
  for (std::size_t i = 0; i < 4; ++i) {
    if (static_cast<signed char>(signs[i]) < 0)
      return fail("settings.invalid", "delimiter, quote and comment must each be one ASCII character");
    for (std::size_t j = 0; j < i; ++j)
      if (collide(signs[i], signs[j]))
        return fail("settings.invalid", std::string("the character '") + signs[i] +
                                            "' cannot be two of delimiter, quote and comment at once; change one");
  }
  if (d.delimiter == 0 || d.delimiter == '\r' || d.delimiter == '\n' || d.quote == '\r' || d.quote == '\n')
    return fail("settings.invalid", "a line end or NUL cannot be the delimiter or the quote; choose another");
  if (d.escape == Escape::backslash && (d.delimiter == '\\' || d.quote == '\\'))
    return fail("settings.invalid", "the backslash cannot be both the escape and the delimiter or quote");
  if (collide(format.decimal, format.thousands))
    return fail("settings.invalid", "decimal and thousands separator must differ");
  return Unit{};
}

std::optional<double> namedNumber(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text == "inf" || text == "Inf" || text == "Infinity" || text == "INF") {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    return negative ? -kInfinity : kInfinity;
  }
  if (!negative && (text == "NaN" || text == "nan")) return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

}  // namespace

Result<FieldReader> FieldReader::make(const Dialect& dialect, const ValueFormat& format) {
  WEIR_TRY(checkSigns(dialect, format));
  FieldReader reader;
  reader.dialect_ = dialect;
  reader.numbers_ = {.decimal = format.decimal, .thousands = format.thousands};
  for (const std::string& text : format.nullValues) {
    (text.empty() ? reader.emptyIsNull_ : reader.namedNulls_) = true;
    if (!text.empty()) reader.nulls_.push_back(text);
  }
  for (const std::string& pattern : format.dateFormats) {
    WEIR_ASSIGN(auto compiled, DatePattern::compile(pattern));
    reader.dates_.push_back(std::move(compiled));
  }
  return reader;
}

FieldContent FieldReader::content(std::string_view raw, std::string& scratch) const {
  if (dialect_.trim) {
    while (!raw.empty() && detail::isBlank(raw.front(), dialect_)) raw.remove_prefix(1);
    while (!raw.empty() && detail::isBlank(raw.back(), dialect_)) raw.remove_suffix(1);
  }
  const bool quoted = raw.size() >= 2 && dialect_.quote != 0 && raw.front() == dialect_.quote;
  if (quoted) raw = raw.substr(1, raw.size() - 2);
  const char escape = dialect_.escape == Escape::backslash ? '\\' : quoted ? dialect_.quote : '\0';
  const bool escaped = (escape != '\0' && raw.contains(escape)) || (quoted && raw.contains(dialect_.quote));
  if (!escaped) return {raw, quoted};
  scratch.clear();
  unescape(raw, quoted, scratch);
  return {scratch, quoted};
}

void FieldReader::unescape(std::string_view text, bool quoted, std::string& out) const {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    const bool pair = quoted && c == dialect_.quote && next == dialect_.quote;
    const bool escape = c == '\\' && dialect_.escape == Escape::backslash && i + 1 < text.size() &&
                        (next == '\\' || next == dialect_.quote || next == dialect_.delimiter || next == '\n');
    if (pair || escape) ++i;
    out += text[i];
  }
}

bool FieldReader::isNamedNull(std::string_view text) const noexcept {
  return std::ranges::any_of(nulls_, [&](const std::string& null) { return text == null; });
}

std::optional<std::int64_t> FieldReader::integer(std::string_view text, bool exact) const {
  if (exact && shapeOfNumber(text, numbers_) != NumberShape::kInteger) return std::nullopt;
  const auto read = parseInt64(text, numbers_);
  return read.ok() ? std::optional(read.value) : std::nullopt;
}

std::optional<double> FieldReader::number(std::string_view text, bool exact) const {
  if (exact && shapeOfNumber(text, numbers_) == NumberShape::kText) return namedNumber(text);
  const auto read = parseDouble(text, numbers_);
  return read.ok() ? std::optional(read.value) : namedNumber(text);
}

std::optional<bool> FieldReader::boolean(std::string_view text) noexcept {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

std::optional<std::int64_t> FieldReader::timestamp(std::string_view text) const noexcept {
  if (const auto iso = inferTimestamp(text)) return toMicros(iso->instant);
  for (const DatePattern& pattern : dates_)
    if (const auto micros = pattern.parseMicros(text)) return micros;
  return std::nullopt;
}

}  // namespace weir::csv
