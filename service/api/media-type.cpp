// Reads Accept and Content-Type.
#include "service/api/media-type.h"

#include <algorithm>
#include <string>

namespace weir::api {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view cut(std::string_view& rest, char at) {
  const auto end = std::min(rest.find(at), rest.size());
  const auto part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(part);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// 0, 0.0, 0.00 …: not wanted.
bool isZero(std::string_view quality) {
  return !quality.empty() && quality.front() == '0' &&
         std::ranges::all_of(quality, [](char c) { return c == '0' || c == '.'; });
}

}  // namespace

bool accepts(std::string_view header, std::string_view type) {
  const auto slash = type.find('/');
  const auto any = std::string(type.substr(0, slash + 1)) + "*";
  int closest = 0;  // how closely an entry has named it
  bool wanted = trimmed(header).empty();
  while (!header.empty()) {
    auto entry = cut(header, ',');
    const auto range = lower(cut(entry, ';'));
    const int close = range == type ? 3 : range == any ? 2 : range == "*/*" ? 1 : 0;
    bool refused = false;
    while (!entry.empty()) {
      const auto parameter = lower(cut(entry, ';'));
      if (parameter.starts_with("q=")) refused = isZero(std::string_view(parameter).substr(2));
    }
    if (close == 0 || close < closest) continue;
    closest = close;
    wanted = !refused;
  }
  return wanted;
}

bool isType(std::string_view contentType, std::string_view type) { return lower(cut(contentType, ';')) == type; }

bool isJson(std::string_view contentType) {
  const auto type = lower(cut(contentType, ';'));
  return type == "application/json" || (type.contains('/') && type.ends_with("+json"));
}

}  // namespace weir::api
