// Parses and compares versions after semver.org 2.0.0.
#include "engine/node/version.h"

#include <algorithm>

namespace weir {
namespace {

bool isDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Takes one number off the front, up to `end`; -1 if there is none (or it is too long to be one).
std::int64_t takeNumber(std::string_view& text) {
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0 || digits > 15 || (digits > 1 && text[0] == '0')) return -1;
  std::int64_t value = 0;
  for (const char c : text.substr(0, digits)) value = value * 10 + (c - '0');
  text.remove_prefix(digits);
  return value;
}

bool takeDot(std::string_view& text) {
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view takePart(std::string_view& text) {
  const auto part = text.substr(0, text.find('.'));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

std::strong_ordering comparePart(std::string_view a, std::string_view b) {
  const bool aDigits = isDigits(a), bDigits = isDigits(b);
  if (aDigits != bDigits) return aDigits ? std::strong_ordering::less : std::strong_ordering::greater;
  if (aDigits && a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::strong_ordering comparePrerelease(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return b.size() == a.size() ? std::strong_ordering::equal : b.empty() <=> a.empty();
  while (!a.empty() && !b.empty()) {
    if (const auto order = comparePart(takePart(a), takePart(b)); order != 0) return order;
  }
  return a.size() <=> b.size();
}

}  // namespace

std::optional<Version> Version::parse(std::string_view text) {
  Version version;
  version.major = takeNumber(text);
  if (version.major < 0 || !takeDot(text)) return std::nullopt;
  version.minor = takeNumber(text);
  if (version.minor < 0 || !takeDot(text)) return std::nullopt;
  version.patch = takeNumber(text);
  if (version.patch < 0) return std::nullopt;
  if (text.empty()) return version;
  if (!text.starts_with('-') || text.size() == 1 || text.size() > 200) return std::nullopt;
  version.prerelease = text.substr(1);
  return version;
}

std::strong_ordering Version::compare(const Version& a, const Version& b) {
  if (const auto order = a.major <=> b.major; order != 0) return order;
  if (const auto order = a.minor <=> b.minor; order != 0) return order;
  if (const auto order = a.patch <=> b.patch; order != 0) return order;
  // A release comes after all its prereleases.
  if (a.prerelease.empty() != b.prerelease.empty()) {
    return a.prerelease.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  }
  return comparePrerelease(a.prerelease, b.prerelease);
}

}  // namespace weir
