// Settings and their specs, side by side.
#include "engine/flow/settings-walk.h"

namespace weir::flow {
namespace {

void walk(const SettingSpec& spec, const json::Value& value, const std::string& pointer, const VisitSetting& visit) {
  visit(spec, value, pointer);
  if (const auto* elements = value.asArray()) {
    std::size_t index = 0;
    for (const auto& element : *elements) {
      const auto at = below(pointer, index++);
      walk(element.isObject() || spec.items.empty() ? spec : spec.items.front(), element, at, visit);
    }
  } else if (const auto* members = value.asObject()) {
    for (const auto& member : *members) {
      for (const auto& item : spec.items) {
        if (item.name.empty() || item.name == member.key) walk(item, member.value, below(pointer, member.key), visit);
      }
    }
  }
}

}  // namespace

void eachSetting(const NodeType& type, const json::Value& settings, const std::string& pointer,
                 const VisitSetting& visit) {
  for (const auto& spec : type.settings) {
    if (const auto* value = settings.find(spec.name)) walk(spec, *value, below(pointer, spec.name), visit);
  }
}

void eachExpression(const BoundNode& node, const std::function<void(const std::string&)>& visit) {
  eachSetting(*node.type, node.settings, {},
              [&](const SettingSpec& spec, const json::Value& value, const std::string&) {
                if (spec.type == SettingType::expression && value.isString()) visit(*value.asString());
              });
}

}  // namespace weir::flow
