// Planning new versions, and watching a flow's file.
#include "apps/cli/flow-versions.h"

#include <algorithm>
#include <filesystem>

#include "apps/cli/command.h"
#include "apps/cli/flow-journal.h"
#include "apps/cli/run-state.h"
#include "engine/flow/document.h"
#include "engine/text/printable.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

/// Between two looks at the file, of those at the run.
constexpr int kLooks = 3;

template <class Each>
void eachAbsolutePath(const Plan& plan, Each&& call) {
  const auto offer = [&](const PlannedNode& node, const json::Value& value) {
    if (const auto* text = value.asString(); text != nullptr && text->starts_with('/')) call(node, *text);
  };
  for (const auto& node : plan.nodes) {
    if (node.type == nullptr) continue;
    for (const auto& setting : node.type->settings) {
      const bool list = setting.type == SettingType::list && setting.items.size() == 1;
      const auto* value = node.settings.find(setting.name);
      if ((list ? setting.items.front().type : setting.type) != SettingType::path || value == nullptr) continue;
      offer(node, *value);
      if (const auto* items = value->asArray()) {
        for (const auto& item : *items) offer(node, item);
      }
    }
  }
}

std::string folderIn(const std::string& path) { return path.substr(0, path.rfind('/') + 1); }

}  // namespace

FlowVersions::FlowVersions(const Catalogue& catalogue, flow::PlanOptions planning, std::string file, const Plan& first,
                           RunHas has)
    : catalogue_(catalogue), planning_(std::move(planning)), file_(std::move(file)), has_(has) {
  eachAbsolutePath(first, [this](const PlannedNode&, const std::string& path) { folders_.push_back(folderIn(path)); });
}

Result<Plan> FlowVersions::planOf(std::string_view document) const {
  const auto problemsIn = [this](const flow::Problems& problems) {
    std::string text = "the new version is not valid, and the run goes on as it was:";
    for (const auto& problem : problems) text += "\n" + flow::describe(problem, file_);
    return text;
  };
  const auto parsed = flow::parseFlow(document);
  if (!parsed) return fail("flow.invalid", problemsIn(parsed.error()));
  auto plan = flow::makePlan(*parsed, catalogue_, planning_);
  if (!plan) return fail("flow.invalid", problemsIn(plan.error()));
  if (has_.preview) keepInMemory(*plan);
  const auto whenDone = std::ranges::find_if(plan->nodes, answersWhenDone);
  if (whenDone != plan->nodes.end() && !has_.checkpoints) {
    return fail("host.missing", "the run goes on as it was: node '" + whenDone->id +
                                    "' answers requests when a checkpoint has passed (reply whenDone), and the run "
                                    "has none; stop it and start the new version");
  }
  std::string missing;
  eachAbsolutePath(*plan, [&](const PlannedNode& node, const std::string& path) {
    const bool known = std::ranges::any_of(folders_, [&](const auto& folder) { return path.starts_with(folder); });
    if (!known && missing.empty()) missing = "node '" + node.id + "' names '" + path + "'";
  });
  if (!missing.empty()) {
    return fail("flow.mount_missing", "the run goes on as it was: " + missing +
                                          ", and the run was not given that folder when it started; stop it and start "
                                          "the new version");
  }
  return std::move(*plan);
}

FlowWatch::FlowWatch(const FlowVersions& versions, ChangeOptions options, Screen& screen)
    : versions_(versions), options_(options), screen_(screen) {
  seen_ = moving_ = stampNow();
  if (auto text = readText(versions_.file())) text_ = std::move(*text);
}

FlowWatch::Stamp FlowWatch::stampNow() const {
  std::error_code error;
  const auto when = fs::last_write_time(versions_.file(), error);
  if (error) return {0, -1};
  const auto length = fs::file_size(versions_.file(), error);
  return {static_cast<std::int64_t>(when.time_since_epoch().count()), error ? -1 : static_cast<std::int64_t>(length)};
}

void FlowWatch::tellError(const Error& error) {
  // The problems of a document say their codes themselves.
  const auto code = error.code == "flow.invalid" ? std::string() : " [" + std::string(error.code) + "]";
  screen_.lines("not changed: " + error.message + code + "\n");
}

void FlowWatch::tell(const ChangeView& view) {
  if (view.error) return tellError(*view.error);
  if (view.steps.empty()) screen_.lines("changed: nothing that the run would notice\n");
  for (const auto& step : view.steps) screen_.lines("changed: " + printable(step) + "\n");
}

void FlowWatch::apply(Run& run) {
  auto plan = versions_.planOf(text_);
  if (!plan) return tellError(plan.error());
  const auto begun = run.change(std::move(*plan), options_);
  again_ = !begun && begun.error().code == "change.busy";
  if (begun) {
    waitsFor_ = *begun;
  } else if (!again_ && begun.error().code != "change.run_over") {
    tellError(begun.error());
  }
}

void FlowWatch::look(Run& run) {
  if (waitsFor_ != 0) {
    const auto view = run.lastChange();
    if (view.number == waitsFor_ && view.state == ChangeState::underWay) return;
    waitsFor_ = 0;
    tell(view);
  }
  if (++looks_ % kLooks != 0) return;
  if (again_) return apply(run);
  // While somebody writes, it is not whole yet.
  const auto now = stampNow();
  const bool moves = std::exchange(moving_, now) != now;
  if (moves || now == seen_ || now.second < 0) return;
  seen_ = now;
  auto text = readText(versions_.file());
  if (!text || *text == text_) return;
  text_ = std::move(*text);
  apply(run);
}

}  // namespace weir::cli
