// Quoting.
#include "engine/csv/write.h"

#include <utility>

namespace weir::csv {
namespace {

bool looksLikeFormula(std::string_view text) noexcept {
  return !text.empty() && std::string_view("=+-@\t\r").contains(text.front());
}

bool isBlank(char c) noexcept { return c == ' ' || c == '\t'; }

}  // namespace

Result<FieldWriter> FieldWriter::make(WriteStyle style) {
  const std::string_view lineEnd = style.lineEnd;
  if (lineEnd != "\n" && lineEnd != "\r\n" && lineEnd != "\r")
    return fail("settings.invalid", "the line end must be LF, CRLF or CR");
  const auto unfit = [](char c) { return c == '\0' || c == '\r' || c == '\n' || static_cast<signed char>(c) < 0; };
  if (unfit(style.delimiter) || unfit(style.quote) || style.delimiter == style.quote)
    return fail("settings.invalid", "delimiter and quote must be two different ASCII characters and no line ends");
  FieldWriter writer;
  for (const char c : {style.delimiter, style.quote, '\r', '\n'}) writer.special_[static_cast<std::uint8_t>(c)] = true;
  for (const char c : style.nullText)
    if (writer.special_[static_cast<std::uint8_t>(c)])
      return fail("settings.invalid", "the text for null may not hold the delimiter, the quote or a line end");
  writer.style_ = std::move(style);
  return writer;
}

bool FieldWriter::needsQuotes(std::string_view text) const noexcept {
  if (style_.quoting == Quoting::always || text.empty() || text == style_.nullText) return true;
  if (isBlank(text.front()) || isBlank(text.back())) return true;
  bool special = false;
  for (const char c : text) special |= special_[static_cast<std::uint8_t>(c)];
  return special;
}

void FieldWriter::appendQuoted(std::string& out, std::string_view text) const {
  out += style_.quote;
  while (true) {
    const auto quote = text.find(style_.quote);
    out.append(text.substr(0, quote));
    if (quote == std::string_view::npos) break;
    out += style_.quote;
    out += style_.quote;
    text.remove_prefix(quote + 1);
  }
  out += style_.quote;
}

void FieldWriter::appendText(std::string& out, std::string_view text) const {
  if (style_.guardFormulas && looksLikeFormula(text)) {
    std::string guarded = "'";
    guarded += text;
    return appendQuoted(out, guarded);
  }
  if (needsQuotes(text)) return appendQuoted(out, text);
  out += text;
}

void FieldWriter::appendScalar(std::string& out, std::string_view text) const {
  // A decimal comma may meet the delimiter.
  if (needsQuotes(text)) return appendQuoted(out, text);
  out += text;
}

}  // namespace weir::csv
