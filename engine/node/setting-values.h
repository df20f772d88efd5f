// Reads single settings out of JSON: what the generated parse() of every node is made of.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/error.h"
#include "engine/json/document.h"

namespace weir::setting {

struct Limits {
  std::optional<double> min, max;
};

/// The member, or null (a pointer) if it is absent or JSON's null: both mean "not set".
[[nodiscard]] const json::Value* find(const json::Value& object, std::string_view name);
/// `pointer/name`, escaped.
[[nodiscard]] std::string below(std::string_view pointer, std::string_view name);
/// `settings.missing`
[[nodiscard]] std::unexpected<Error> missing(std::string_view pointer);
/// `settings.unknown` (with a suggestion) for the first key that is not one of `names`; `settings.type` if it is no
/// object. Null counts as an empty object; keys that begin with `x-` pass.
[[nodiscard]] Result<void> onlyKnown(const json::Value& object, std::initializer_list<std::string_view> names,
                                     std::string_view pointer);
/// A default that schema.json states.
[[nodiscard]] Result<json::Document> standing(std::string_view text);

// Each fails with `settings.type` naming the pointer, what was expected and found; numbers also with `settings.range`.
[[nodiscard]] Result<std::string> readText(const json::Value& value, std::string_view pointer);
[[nodiscard]] Result<std::int64_t> readInteger(const json::Value& value, std::string_view pointer, const Limits& = {});
[[nodiscard]] Result<double> readNumber(const json::Value& value, std::string_view pointer, const Limits& = {});
/// Milliseconds: a number of them, or `1.5s`, `2m30s`.
[[nodiscard]] Result<std::int64_t> readDuration(const json::Value& value, std::string_view pointer, const Limits& = {});
/// Bytes: a number of them, or `64MB` (10^6), `64MiB` (2^20).
[[nodiscard]] Result<std::int64_t> readByteSize(const json::Value& value, std::string_view pointer, const Limits& = {});
[[nodiscard]] Result<bool> readBoolean(const json::Value& value, std::string_view pointer);
[[nodiscard]] Result<json::Value> readMap(const json::Value& value, std::string_view pointer);
[[nodiscard]] Result<json::Value> readAny(const json::Value& value, std::string_view pointer);
/// Position in `options`, or `settings.option` with a suggestion.
[[nodiscard]] Result<std::int64_t> readOptionIndex(const json::Value& value,
                                                   std::initializer_list<std::string_view> options,
                                                   std::string_view pointer);

template <class Enum>
[[nodiscard]] Result<Enum> readOption(const json::Value& value, std::initializer_list<std::string_view> options,
                                      std::string_view pointer) {
  WEIR_ASSIGN(const auto index, readOptionIndex(value, options, pointer));
  return static_cast<Enum>(index);
}

/// `settings.type`: expected, found.
[[nodiscard]] std::unexpected<Error> wrongType(const json::Value& value, std::string_view pointer,
                                               std::string_view expected);

template <class Element, class Read>
[[nodiscard]] Result<std::vector<Element>> readList(const json::Value& value, std::string_view pointer, Read&& read) {
  const auto* elements = value.asArray();
  if (elements == nullptr) return wrongType(value, pointer, "a list");
  std::vector<Element> result;
  result.reserve(elements->size());
  for (const auto& element : *elements) {
    WEIR_ASSIGN(auto one, read(element, below(pointer, std::to_string(result.size()))));
    result.push_back(std::move(one));
  }
  return result;
}

}  // namespace weir::setting
