// Reads single settings out of JSON.
#include "engine/node/setting-values.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "engine/data/number-text.h"
#include "engine/json/writer.h"
#include "engine/text/suggest.h"
#include "engine/time/instant.h"

namespace weir::setting {
namespace {

struct ByteUnit {
  std::string_view name;
  double bytes;
};
constexpr std::array<ByteUnit, 12> kByteUnits{{{"", 1},
                                               {"B", 1},
                                               {"kB", 1e3},
                                               {"KB", 1e3},
                                               {"MB", 1e6},
                                               {"GB", 1e9},
                                               {"TB", 1e12},
                                               {"KiB", 1024},
                                               {"MiB", 1024.0 * 1024},
                                               {"GiB", 1024.0 * 1024 * 1024},
                                               {"TiB", 1024.0 * 1024 * 1024 * 1024},
                                               {"PB", 1e15}}};

std::string numberText(double value) { return json::write(json::Value(value)); }

Result<void> withinLimits(double value, std::string_view pointer, const Limits& limits) {
  if (limits.min && value < *limits.min) {
    return fail("settings.range", std::string(pointer) + ": " + numberText(value) + " is less than " +
                                      numberText(*limits.min) + ", the least that is allowed");
  }
  if (limits.max && value > *limits.max) {
    return fail("settings.range", std::string(pointer) + ": " + numberText(value) + " is more than " +
                                      numberText(*limits.max) + ", the most that is allowed");
  }
  return {};
}

/// "64 MiB" as bytes, or nothing.
std::optional<double> parseByteSize(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.')) ++digits;
  if (digits == 0) return std::nullopt;
  auto number = json::parse(text.substr(0, digits));
  double value = 0;
  if (!number || !number->root().toDouble(value)) return std::nullopt;
  auto unit = text.substr(digits);
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& known : kByteUnits) {
    if (known.name == unit) return value * known.bytes;
  }
  return std::nullopt;
}

Result<std::int64_t> whole(double value, std::string_view pointer, const Limits& limits) {
  WEIR_TRY(withinLimits(value, pointer, limits));
  if (!(std::fabs(value) < 9e18)) {
    return fail("settings.range", std::string(pointer) + ": " + numberText(value) + " is too large");
  }
  return static_cast<std::int64_t>(std::rint(value));
}

}  // namespace

const json::Value* find(const json::Value& object, std::string_view name) {
  const auto* found = object.find(name);
  return found == nullptr || found->isNull() ? nullptr : found;
}

std::string below(std::string_view pointer, std::string_view name) {
  std::string result(pointer);
  json::appendPointer(result, name);
  return result;
}

std::unexpected<Error> missing(std::string_view pointer) {
  return fail("settings.missing", std::string(pointer) + " is required; give it a value");
}

std::unexpected<Error> wrongType(const json::Value& value, std::string_view pointer, std::string_view expected) {
  std::string message(pointer);
  message += ": expected ";
  message += expected;
  message += ", found ";
  message += json::nameOf(value.kind());
  return fail("settings.type", std::move(message));
}

Result<void> onlyKnown(const json::Value& object, std::initializer_list<std::string_view> names,
                       std::string_view pointer) {
  if (object.isNull()) return {};
  const auto* members = object.asObject();
  if (members == nullptr) return wrongType(object, pointer, "an object");
  for (const auto& member : *members) {
    if (member.key.starts_with("x-")) continue;
    if (std::ranges::find(names, std::string_view(member.key)) != names.end()) continue;
    return fail("settings.unknown",
                below(pointer, member.key) + ": there is no such setting." +
                    didYouMean(member.key, std::span<const std::string_view>(names.begin(), names.size())));
  }
  return {};
}

Result<json::Document> standing(std::string_view text) { return json::parse(text); }

Result<std::string> readText(const json::Value& value, std::string_view pointer) {
  if (const auto* text = value.asString()) return *text;
  return wrongType(value, pointer, "a string");
}

Result<std::int64_t> readInteger(const json::Value& value, std::string_view pointer, const Limits& limits) {
  if (const auto* number = value.asInt64()) {
    WEIR_TRY(withinLimits(static_cast<double>(*number), pointer, limits));
    return *number;
  }
  double number = 0;
  if (value.toDouble(number) && std::trunc(number) == number) return whole(number, pointer, limits);
  return wrongType(value, pointer, "an integer");
}

Result<double> readNumber(const json::Value& value, std::string_view pointer, const Limits& limits) {
  double number = 0;
  if (!value.toDouble(number)) return wrongType(value, pointer, "a number");
  WEIR_TRY(withinLimits(number, pointer, limits));
  return number;
}

Result<std::int64_t> readDuration(const json::Value& value, std::string_view pointer, const Limits& limits) {
  double number = 0;
  if (value.toDouble(number)) return whole(number, pointer, limits);
  const auto* text = value.asString();
  if (text == nullptr) return wrongType(value, pointer, "a duration such as \"5s\", or a number of milliseconds");
  auto span = parseSpan(*text);
  if (!span) {
    return fail("settings.type",
                std::string(pointer) + ": expected a duration such as \"5s\" or \"1m30s\", found \"" + *text + "\"");
  }
  return whole(static_cast<double>(span->seconds) * 1000 + span->nanos / 1e6, pointer, limits);
}

Result<std::int64_t> readByteSize(const json::Value& value, std::string_view pointer, const Limits& limits) {
  double number = 0;
  if (value.toDouble(number)) return whole(number, pointer, limits);
  const auto* text = value.asString();
  if (text == nullptr) return wrongType(value, pointer, "a size such as \"64MB\", or a number of bytes");
  const auto bytes = parseByteSize(*text);
  if (!bytes) {
    return fail("settings.type",
                std::string(pointer) + ": expected a size such as \"64MB\" or \"1GiB\", found \"" + *text + "\"");
  }
  return whole(*bytes, pointer, limits);
}

Result<bool> readBoolean(const json::Value& value, std::string_view pointer) {
  if (const auto* truth = value.asBool()) return *truth;
  return wrongType(value, pointer, "a boolean");
}

Result<json::Value> readMap(const json::Value& value, std::string_view pointer) {
  if (value.isObject()) return value;
  return wrongType(value, pointer, "an object");
}

Result<json::Value> readAny(const json::Value& value, std::string_view) { return value; }

Result<std::int64_t> readOptionIndex(const json::Value& value, std::initializer_list<std::string_view> options,
                                     std::string_view pointer) {
  const auto* text = value.asString();
  if (text == nullptr) return wrongType(value, pointer, "one of the options, a string");
  const auto* const at = std::ranges::find(options, std::string_view(*text));
  if (at != options.end()) return at - options.begin();
  std::string names;
  for (const auto option : options) names += (names.empty() ? "" : ", ") + std::string(option);
  return fail("settings.option",
              std::string(pointer) + ": expected one of " + names + ", found \"" + *text + "\"." +
                  didYouMean(*text, std::span<const std::string_view>(options.begin(), options.size())));
}

}  // namespace weir::setting
