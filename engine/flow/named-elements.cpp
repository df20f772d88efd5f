// Names of elements.
#include "engine/flow/named-elements.h"

#include <algorithm>
#include <set>

namespace weir::flow {
namespace {

bool named(const json::Value* list, std::string_view key) {
  if (list == nullptr) return true;
  if (!list->isArray()) return false;
  std::set<std::string_view> seen;
  return std::ranges::all_of(*list->asArray(), [&](const json::Value& element) {
    const auto name = textMember(element, key);
    return !name.empty() && seen.insert(name).second;
  });
}

}  // namespace

std::string_view namingKey(std::initializer_list<const json::Value*> lists) {
  for (const std::string_view key : {"id", "name", "widget"}) {
    if (std::ranges::all_of(lists, [&](const json::Value* list) { return named(list, key); })) return key;
  }
  return {};
}

const json::Value* elementNamed(const json::Value* list, std::string_view key, std::string_view name) {
  if (list == nullptr || !list->isArray()) return nullptr;
  for (const auto& element : *list->asArray()) {
    if (textMember(element, key) == name) return &element;
  }
  return nullptr;
}

std::string_view textMember(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->isString() ? std::string_view(*found->asString()) : std::string_view{};
}

}  // namespace weir::flow
