// Reading and compiling.
#include "engine/node/line-pattern.h"

#include <string_view>

namespace weir {
namespace {

std::string textAt(const json::Value& settings, std::string_view name) {
  const auto* value = settings.find(name);
  const auto* text = value == nullptr ? nullptr : value->asString();
  return text == nullptr ? std::string() : *text;
}

bool flagAt(const json::Value& settings, std::string_view name) {
  const auto* value = settings.find(name);
  const auto* flag = value == nullptr ? nullptr : value->asBool();
  return flag != nullptr && *flag;
}

bool isPositive(const json::Value& settings, std::string_view name) {
  const auto* value = settings.find(name);
  double number = 0;
  return value != nullptr && value->toDouble(number) && number > 0;
}

}  // namespace

LinePattern LinePattern::of(const json::Value& settings) {
  LinePattern wanted;
  wanted.field = textAt(settings, "field");
  wanted.pattern = textAt(settings, "pattern");
  wanted.ignoreCase = flagAt(settings, "ignoreCase");
  wanted.literal = flagAt(settings, "literal");
  wanted.invert = flagAt(settings, "invert");
  wanted.withContext = isPositive(settings, "contextBefore") || isPositive(settings, "contextAfter");
  return wanted;
}

Result<regex::Regex> LinePattern::compile() const {
  regex::RegexOptions options;
  options.ignoreCase = ignoreCase;
  options.literal = literal;
  return regex::Regex::compile(pattern, options);
}

}  // namespace weir
