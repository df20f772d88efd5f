// Whether a checkpoint fits the flow that is to go on from it.
#include <algorithm>
#include <utility>

#include "engine/runtime/checkpoints.h"

namespace weir::runtime {
namespace {

/// Names of settings that are not what they were, with commas.
std::string changedSettings(const std::vector<SavedSetting>& before, const json::Value& now) {
  const auto present = settingsOf(now);
  std::string names;
  const auto add = [&names](const std::string& name) { names += (names.empty() ? "'" : ", '") + name + "'"; };
  for (const auto& setting : present) {
    const auto was = std::ranges::find(before, setting.name, &SavedSetting::name);
    if (was == before.end() || was->hash != setting.hash) add(setting.name);
  }
  for (const auto& setting : before) {
    if (!std::ranges::contains(present, setting.name, &SavedSetting::name)) add(setting.name);
  }
  return names;
}

}  // namespace

Result<void> Checkpoints::match() const {
  constexpr std::string_view kAgain = "; start the run again without --resume";
  if (record_.flowId != options_.flowId) {
    return fail("state.mismatch", "the saved state is of the flow '" + record_.flowId + "', and this is '" +
                                      options_.flowId + "'" + std::string(kAgain));
  }
  for (const auto& saved : record_.stages) {
    const auto here = std::ranges::find_if(stages_, [&](const StageMarks* stage) {
      const auto& first = *stage->units().front();
      return first.node->plan->id == saved.nodeId && first.stage == saved.stage;
    });
    if (here == stages_.end() && saved.retired() && saved.done && !saved.stateful()) continue;
    if (here == stages_.end()) {
      return fail("state.mismatch", "the saved state has a node '" + saved.nodeId + "' (" + saved.typeId +
                                        "), and the flow does not" + std::string(kAgain));
    }
    const auto& type = *(*here)->units().front()->node->plan->type;
    if (type.id != saved.typeId || type.version != saved.version) {
      return fail("state.mismatch", "node '" + saved.nodeId + "' was " + saved.typeId + " " + saved.version +
                                        " when its state was saved, and is " + type.id + " " + type.version +
                                        std::string(kAgain));
    }
  }
  for (const auto* stage : stages_) {
    const auto& first = *stage->units().front();
    const bool known = std::ranges::any_of(record_.stages, [&](const SavedStage& saved) {
      return first.node->plan->id == saved.nodeId && first.stage == saved.stage;
    });
    if (known) continue;
    return fail("state.mismatch", "the saved state knows no node '" + first.node->plan->id + "'" + std::string(kAgain));
  }
  return {};
}

/// What a task has saved is of its settings: with others it may mean something else. Nodes without state may change.
Result<void> Checkpoints::matchSettings() {
  for (const auto& saved : record_.stages) {
    const auto here = std::ranges::find_if(stages_, [&](const StageMarks* stage) {
      const auto& first = *stage->units().front();
      return first.node->plan->id == saved.nodeId && first.stage == saved.stage;
    });
    if (!saved.knowsSettings || !saved.stateful() || here == stages_.end()) continue;
    const auto names = changedSettings(saved.settings, (*here)->units().front()->node->plan->settings);
    if (names.empty()) continue;
    const auto what = "node '" + saved.nodeId + "' had other settings when its state was saved: " + names;
    if (!options_.keepChanged) {
      return fail("state.changed", what +
                                       ". Set them back, start again without --resume, or say --resume-changed to "
                                       "go on with the state all the same");
    }
    changed_ += (changed_.empty() ? "" : "; ") + what;
  }
  return {};
}

}  // namespace weir::runtime
