// Settings of keys and measures, compiled.
#include <algorithm>
#include <set>
#include <utility>

#include "engine/node/setting-values.h"
#include "nodes/aggregate/groups.h"

namespace weir::nodes::group {

Result<void> readKeys(std::span<const json::Value> keys, NodeContext& context, GroupPlan& plan) {
  for (const auto& key : keys) {
    const auto pointer = "/settings/keys/" + std::to_string(plan.keys.size());
    if (key.asObject() == nullptr) {
      WEIR_ASSIGN(auto name, setting::readText(key, pointer));
      plan.keyNames.push_back(name);
      plan.keys.push_back(RowExpression::field(std::move(name)));
      continue;
    }
    WEIR_TRY(setting::onlyKnown(key, {"name", "of"}, pointer));
    const auto* name = setting::find(key, "name");
    const auto* of = setting::find(key, "of");
    if (name == nullptr) return setting::missing(setting::below(pointer, "name"));
    WEIR_ASSIGN(auto nameText, setting::readText(*name, setting::below(pointer, "name")));
    if (of == nullptr) {
      plan.keys.push_back(RowExpression::field(nameText));
    } else {
      const auto ofPointer = setting::below(pointer, "of");
      WEIR_ASSIGN(const auto source, setting::readText(*of, ofPointer));
      WEIR_ASSIGN(auto compiled, RowExpression::compile(source, ofPointer, context));
      plan.keys.push_back(std::move(compiled));
    }
    plan.keyNames.push_back(std::move(nameText));
  }
  return {};
}

Result<void> addMeasure(const Settings::Measure& measure, const std::string& pointer, NodeContext& context,
                        GroupPlan& plan) {
  GroupPlan::Fold fold{accumulatorFor(measure.function), -1};
  if (fold.kind != AccumulatorKind::rows) {
    if (!measure.of) return setting::missing(setting::below(pointer, "of"));
    const auto known = std::ranges::find(plan.values, *measure.of, &RowExpression::text);
    fold.value = known - plan.values.begin();
    if (known == plan.values.end()) {
      WEIR_ASSIGN(auto compiled, RowExpression::compile(*measure.of, setting::below(pointer, "of"), context));
      plan.values.push_back(std::move(compiled));
    }
  }
  const auto same = std::ranges::find_if(
      plan.folds, [&](const GroupPlan::Fold& each) { return each.kind == fold.kind && each.value == fold.value; });
  const auto index = static_cast<std::size_t>(same - plan.folds.begin());
  if (same == plan.folds.end()) plan.folds.push_back(fold);
  plan.measures.push_back({measure.name, measure.function, measure.q, index});
  return {};
}

Result<void> checkNames(const GroupPlan& plan, std::span<const std::string_view> others) {
  std::set<std::string_view> names(others.begin(), others.end());
  std::vector<std::string_view> all(plan.keyNames.begin(), plan.keyNames.end());
  for (const auto& measure : plan.measures) all.push_back(measure.name);
  for (const auto name : all) {
    if (!names.insert(name).second) {
      return fail("settings.duplicate", "/settings: two fields of the result would be named '" + std::string(name) +
                                            "'. Give each key and measure a name of its own.");
    }
  }
  return {};
}

}  // namespace weir::nodes::group
