// Finds and hides values of sensitive fields.
#include "engine/data/sensitive.h"

#include "engine/data/row-json.h"
#include "engine/data/value-json.h"

namespace weir {
namespace {

/// Shorter texts are found in every message by chance.
constexpr std::size_t kLeastQuoted = 3;

void addQuotes(const Value& value, std::vector<std::string>& quotes) {
  if (value.kind() == ValueKind::list) {
    for (const auto& item : value.items()) addQuotes(item, quotes);
  } else if (value.kind() == ValueKind::map) {
    for (const auto& entry : value.entries()) addQuotes(entry.value, quotes);
  } else if (value.kind() != ValueKind::null && value.kind() != ValueKind::boolean) {
    std::string json;
    appendJson(json, value);
    if (json.size() > 2 && json.front() == '"') {
      quotes.push_back(json.substr(1, json.size() - 2));
      if (value.kind() == ValueKind::string && value.text() != quotes.back()) quotes.emplace_back(value.text());
    } else {
      quotes.push_back(std::move(json));
    }
  }
}

void findHidden(const Value& value, const SensitiveNames& names, std::vector<std::string>& quotes) {
  if (value.kind() == ValueKind::list) {
    for (const auto& item : value.items()) findHidden(item, names, quotes);
  }
  if (value.kind() != ValueKind::map) return;
  for (const auto& entry : value.entries()) {
    if (entry.key.kind() == ValueKind::string && names.hides(entry.key.text())) {
      addQuotes(entry.value, quotes);
    } else {
      findHidden(entry.value, names, quotes);
    }
  }
}

bool isWordPart(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// A short value counts only where it stands alone.
bool standsAlone(std::string_view text, std::size_t at, std::size_t length) {
  return (at == 0 || !isWordPart(text[at - 1])) && (at + length >= text.size() || !isWordPart(text[at + length]));
}

}  // namespace

Value masked(const Value& value, const SensitiveNames& names) {
  if (value.kind() == ValueKind::list) {
    std::vector<Value> items;
    for (const auto& item : value.items()) items.push_back(masked(item, names));
    return Value::list(std::move(items));
  }
  if (value.kind() != ValueKind::map) return value;
  std::vector<MapEntry> entries;
  for (const auto& entry : value.entries()) {
    const bool hidden = entry.key.kind() == ValueKind::string && names.hides(entry.key.text());
    entries.push_back({entry.key, hidden ? Value::string(kSensitiveMask) : masked(entry.value, names)});
  }
  return Value::map(std::move(entries));
}

std::string withoutSensitive(std::string_view message, const Value& row, const SensitiveNames& names) {
  if (names.empty()) return std::string(message);
  std::vector<std::string> quotes;
  findHidden(row, names, quotes);
  // What could not be read as a row may be quoted in any form.
  if (row.kind() == ValueKind::string || row.kind() == ValueKind::bytes) addQuotes(row, quotes);
  std::ranges::sort(quotes, [](const auto& a, const auto& b) { return a.size() > b.size(); });
  std::string text(message);
  for (const auto& quote : quotes) {
    if (quote.empty()) continue;
    for (auto at = text.find(quote); at != std::string::npos; at = text.find(quote, at)) {
      if (quote.size() < kLeastQuoted && !standsAlone(text, at, quote.size())) {
        at += quote.size();
        continue;
      }
      text.replace(at, quote.size(), kSensitiveMask);
      at += kSensitiveMask.size();
    }
  }
  return text;
}

}  // namespace weir
