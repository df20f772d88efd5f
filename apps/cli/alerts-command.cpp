// weir alerts: the rules of a run that goes on, which of them are raised, and muting.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/command.h"
#include "apps/cli/live-runs.h"
#include "apps/cli/progress.h"
#include "engine/json/writer.h"
#include "engine/text/printable.h"
#include "engine/time/instant.h"

namespace weir::cli {
namespace {

struct AlertArguments {
  std::string run, mute, span = "1h", unmute;
  bool json = false;
};

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? printable(*found->asString()) : std::string();
}

std::int64_t numberIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : 0;
}

/// "raised for 3 keys: a, b, …", "muted until …", "quiet".
std::string stateOf(const json::Value& alert) {
  const auto* flag = alert.find("raised");
  std::string text = flag != nullptr && flag->asBool() != nullptr && *flag->asBool() ? "raised" : "quiet";
  if (const auto count = numberIn(alert, "raisedKeys"); count > 0) {
    text += " for " + grouped(count) + (count == 1 ? " key: " : " keys: ");
    constexpr std::int64_t kMostShown = 5;
    std::int64_t shown = 0;
    for (const auto& key : *alert.find("keys")->asArray()) {
      if (key.asString() == nullptr || shown == kMostShown) break;
      text += (shown++ > 0 ? ", " : "") + printable(*key.asString());
    }
    if (count > shown) text += ", …";
  }
  const auto now =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  if (const auto until = numberIn(alert, "mutedUntil"); until > now) {
    const auto instant = instantFromMicros(until / 1'000'000 * 1'000'000);
    text += ", muted until " + (instant ? formatInstant(*instant) : std::string("later"));
  }
  return text;
}

Result<void> print(native::RunLine& line, bool json) {
  WEIR_ASSIGN(const auto answer, line.ask("alerts"));
  const auto* list = answer.find("alerts");
  if (list == nullptr || list->asArray() == nullptr) return {};
  std::string text;
  if (json) {
    text = json::write(*list, json::Layout::pretty) + "\n";
  } else if (list->asArray()->empty()) {
    text = "the flow has no alerts\n";
  }
  std::size_t widest = 0;
  for (const auto& alert : *list->asArray()) widest = std::max(widest, textIn(alert, "alert").size());
  for (const auto& alert : *list->asArray()) {
    if (json) break;
    const auto* value = alert.find("value");
    text += padded(textIn(alert, "alert"), widest + 2, false) + padded(textIn(alert, "severity"), 10, false) +
            textIn(alert, "metric") +
            (value != nullptr ? " is " + json::write(*value) : std::string(" is not known yet")) + ": " +
            stateOf(alert) + "\n";
  }
  std::fputs(text.c_str(), stdout);
  return {};
}

Result<int> alerts(const AlertArguments& arguments) {
  std::int64_t forMs = 0;
  if (!arguments.mute.empty()) {
    const auto span = parseSpan(arguments.span);
    if (!span || toMicros(*span) < 1000) {
      return fail("settings.invalid", "--for '" + arguments.span + "': give how long, such as 10m, 8h or 3d");
    }
    forMs = toMicros(*span) / 1000;
  }
  WEIR_ASSIGN(auto run, findRun(arguments.run));
  for (const auto* name : {&arguments.mute, &arguments.unmute}) {
    if (name->empty()) continue;
    auto data = json::Value::object();
    data.set("alert", *name);
    data.set("forMs", name == &arguments.mute ? forMs : 0);
    WEIR_TRY(run.line->ask("mute", std::move(data)));
  }
  WEIR_TRY(print(*run.line, arguments.json));
  return kDone;
}

}  // namespace

void addAlerts(CLI::App& app, int& exitCode) {
  auto* command = app.add_subcommand(
      "alerts", "Show the alerts of a run, and mute them.\nWhat each measures now, and which are raised.");
  auto arguments = std::make_shared<AlertArguments>();
  command->add_option("RUN", arguments->run, "The run's id or its beginning; may be left out if only one goes on");
  command->add_option("--mute", arguments->mute, "Do not raise this one for a time")->type_name("NAME");
  command->add_option("--for", arguments->span, "How long, such as 10m, 8h or 3d")
      ->type_name("TIME")
      ->capture_default_str();
  command->add_option("--unmute", arguments->unmute, "Raise this one again when it holds")->type_name("NAME");
  command->add_flag("--json", arguments->json, "One JSON list");
  addFooter(*command, "0 done\n2 wrong usage, no such run, or no such alert",
            "weir alerts\nweir alerts 3f2a --mute 'no orders' --for 8h");
  command->callback([arguments, &exitCode] { finish(alerts(*arguments), exitCode); });
}

}  // namespace weir::cli
