// Settings that are given and have no effect: schema.json shows them only when others have certain values
// (visibleWhen).
#include <optional>

#include "engine/cel/program.h"
#include "engine/data/value-json.h"
#include "engine/flow/analysis.h"
#include "engine/json/writer.h"

namespace weir::flow {
namespace {

/// One environment for all nodes of a flow: `settings`, complete with defaults.
class Visibility {
 public:
  Visibility() : settings_(environment_.addVariable("settings", cel::Type{})) {}

  /// False only if the condition says so: what cannot be computed hides nothing.
  [[nodiscard]] bool holds(const std::string& condition, const Value& settings) const {
    const auto program = cel::compile(condition, environment_);
    if (!program) return true;
    cel::ValueActivation activation(settings_ + 1);
    activation.bind(settings_, settings);
    cel::Budget budget;
    const auto value = program->evaluate(activation, budget);
    return !value || value->kind() != ValueKind::boolean || value->boolean();
  }

 private:
  cel::Environment environment_;
  std::uint32_t settings_;
};

bool isDefault(const SettingSpec& spec, const json::Value& value) {
  return spec.defaultValue != nullptr && json::write(*spec.defaultValue) == json::write(value);
}

}  // namespace

void warnOfUnusedSettings(Analysis& flow) {
  std::optional<Visibility> visibility;  // most flows need none, and making one takes a while
  for (const auto& node : flow.nodes) {
    if (node.type == nullptr) continue;
    for (const auto& spec : node.type->settings) {
      if (spec.visibleWhen.empty()) continue;
      const auto* given = node.node.settings.find(spec.name);
      if (given == nullptr || isDefault(spec, *given)) continue;
      if (!visibility) visibility.emplace();
      if (visibility->holds(spec.visibleWhen, fromJson(node.settings))) continue;
      flow.problems.warning("settings.no_effect", below(below(node.pointer, "settings"), spec.name),
                            "'" + spec.name + "' has no effect here: it is used when " + spec.visibleWhen + ".",
                            "Change the other setting, or leave '" + spec.name + "' out.");
    }
  }
}

}  // namespace weir::flow
