// Texts of values: as string() gives them, and as %s of format() does.
#include "engine/cel/text-form.h"

#include <algorithm>
#include <cmath>

#include "engine/cel/frame.h"
#include "engine/cel/network.h"
#include "engine/cel/utf8.h"
#include "engine/data/number-text.h"
#include "engine/time/instant.h"

namespace weir::cel {
namespace {

[[nodiscard]] const char* specialDouble(double value) noexcept {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return nullptr;
}

[[nodiscard]] bool appendMap(std::string& out, const Value& map) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const auto& entry : map.entries()) {
    auto& texts = entries.emplace_back();
    if (!appendText(texts.first, entry.key) || !appendText(texts.second, entry.value)) return false;
  }
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  out += "{";
  for (std::size_t i = 0; i < entries.size(); ++i)
    out += (i == 0 ? "" : ", ") + entries[i].first + ": " + entries[i].second;
  out += "}";
  return true;
}

[[nodiscard]] bool appendList(std::string& out, const Value& list) {
  out += "[";
  bool first = true;
  for (const auto& item : list.items()) {
    if (!first) out += ", ";
    first = false;
    if (!appendText(out, item)) return false;
  }
  out += "]";
  return true;
}

}  // namespace

std::string doubleText(double value) {
  if (const auto* special = specialDouble(value)) return special;
  std::string text;
  appendDouble(text, value);
  return text;
}

// Moves the point of a text such as -1.25e-7 to where it belongs.
std::string plainDoubleText(double value) {
  std::string text = doubleText(value);
  const auto mark = text.find('e');
  if (specialDouble(value) != nullptr || mark == std::string::npos) return text;
  auto exponent = parseInt64(std::string_view(text).substr(mark + 1)).value;
  std::string digits = text.substr(0, mark);
  const bool negative = digits.starts_with('-');
  if (negative) digits.erase(0, 1);
  const auto point = digits.find('.');
  auto whole = static_cast<std::int64_t>(point == std::string::npos ? digits.size() : point);
  if (point != std::string::npos) digits.erase(point, 1);
  whole += exponent;
  if (whole <= 0) {
    digits = "0." + std::string(static_cast<std::size_t>(-whole), '0') + digits;
  } else if (static_cast<std::size_t>(whole) >= digits.size()) {
    digits.append(static_cast<std::size_t>(whole) - digits.size(), '0');
  } else {
    digits.insert(static_cast<std::size_t>(whole), ".");
  }
  return (negative ? "-" : "") + digits;
}

std::string timestampText(const Value& value) { return formatInstant({value.seconds(), value.nanos()}); }
std::string durationText(const Value& value) { return formatSpan({value.seconds(), value.nanos()}); }

std::string opaqueText(const Value& value) {
  return value.opaqueKind() == OpaqueKind::networkAddress ? addressText(value.text()) : rangeText(value.text());
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const auto point = decodeUtf8(text, at);
    switch (point) {
      case '\a':
        out += "\\a";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\v':
        out += "\\v";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '"':
        out += "\\\"";
        break;
      case kBadCodePoint:
        appendUtf8(out, 0xFFFD);
        break;
      default:
        appendUtf8(out, point);
    }
  }
  return out + "\"";
}

bool appendText(std::string& out, const Value& value) {
  switch (value.kind()) {
    case ValueKind::null:
      out += "null";
      return true;
    case ValueKind::boolean:
      out += value.boolean() ? "true" : "false";
      return true;
    case ValueKind::int64:
      appendInt64(out, value.int64());
      return true;
    case ValueKind::uint64:
      appendUint64(out, value.uint64());
      return true;
    case ValueKind::float64:
      out += plainDoubleText(value.float64());
      return true;
    case ValueKind::string:
    case ValueKind::bytes:
    case ValueKind::type:
      out += value.text();
      return true;
    case ValueKind::timestamp:
      out += timestampText(value);
      return true;
    case ValueKind::duration:
      out += durationText(value);
      return true;
    case ValueKind::opaque:
      out += opaqueText(value);
      return true;
    case ValueKind::list:
      return appendList(out, value);
    case ValueKind::map:
      return appendMap(out, value);
    case ValueKind::optional:
    case ValueKind::blob:
      return false;
  }
  return false;
}

bool CallFrame::overBudget() {
  exhausted_ = true;
  return fail("cel.cost_limit", "The expression costs more than it may.");
}

std::string showValue(const Value& value) {
  constexpr std::size_t kShown = 40;
  std::string_view kind = value.typeText();
  if (value.kind() == ValueKind::timestamp) kind = "timestamp";
  if (value.kind() == ValueKind::duration) kind = "duration";
  if (value.kind() == ValueKind::null) return "null";
  if (value.kind() == ValueKind::list || value.kind() == ValueKind::map)
    return std::string(kind) + " of " + std::to_string(value.size());
  std::string text;
  if (value.kind() == ValueKind::string) {
    const auto cut = value.text().substr(0, byteOffset(value.text(), kShown));
    text = quoted(cut) + (cut.size() < value.text().size() ? "..." : "");
  } else if (value.kind() == ValueKind::bytes || value.kind() == ValueKind::blob) {
    text = std::to_string(value.size()) + " bytes";
  } else if (!appendText(text, value)) {
    return std::string(kind);
  }
  return std::string(kind) + " (" + text + ")";
}

}  // namespace weir::cel
