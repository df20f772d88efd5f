// weir schedule: when the schedules of a flow, or a cron line, come next.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "apps/cli/arguments.h"
#include "apps/cli/flow-file.h"
#include "apps/cli/zone-files.h"
#include "engine/json/writer.h"
#include "engine/node/setting-values.h"
#include "engine/time/schedule.h"
#include "hosts/native/native-clock.h"

namespace weir::cli {
namespace {

struct ScheduleArguments {
  std::string flow, cron, every, zone = "UTC", from;
  std::vector<std::string> sets;
  int count = 5;
  bool json = false;
};

/// One schedule and where it stands.
struct Named {
  std::string node;  // empty: of the command line
  Schedule schedule;
  std::shared_ptr<const TimeZone> zone;
};

std::string textOf(const json::Value& settings, std::string_view name) {
  const auto* found = settings.find(name);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

Result<Named> scheduleOf(std::string node, const json::Value& settings, std::int64_t from, TimeZones& zones) {
  WEIR_ASSIGN(auto zone, zones.zone(textOf(settings, "timeZone")));
  if (const auto cron = textOf(settings, "cron"); !cron.empty()) {
    WEIR_ASSIGN(const auto parsed, Cron::parse(cron));
    return Named{std::move(node), Schedule::ofCron(parsed, zone), zone};
  }
  std::int64_t millis = 60'000, anchor = from;
  if (const auto* every = setting::find(settings, "every"); every != nullptr) {
    WEIR_ASSIGN(millis, setting::readDuration(*every, "--every", {1.0, {}}));
  }
  if (const auto start = textOf(settings, "startTime"); !start.empty()) {
    WEIR_ASSIGN(const auto instant, parseInstant(start));
    anchor = toMicros(instant);
  }
  return Named{std::move(node), Schedule::ofInterval(millis * 1000, anchor), zone};
}

Result<std::vector<Named>> schedulesOf(const ScheduleArguments& arguments, const Shared& shared, std::int64_t from,
                                       TimeZones& zones) {
  std::vector<Named> all;
  if (arguments.flow.empty()) {
    auto settings = json::Value::object();
    settings.set("timeZone", arguments.zone);
    if (!arguments.cron.empty()) settings.set("cron", arguments.cron);
    if (!arguments.every.empty()) settings.set("every", arguments.every);
    WEIR_ASSIGN(auto one, scheduleOf({}, settings, from, zones));
    all.push_back(std::move(one));
    return all;
  }
  WEIR_ASSIGN(auto catalogue, loadCatalogue(shared));
  const auto document = readFlow(arguments.flow);
  if (!document) return fail("flow.invalid", "'" + arguments.flow + "' is not valid");
  WEIR_ASSIGN(const auto options, planOptions(arguments.flow, arguments.sets));
  const auto plan = flow::makePlan(*document, catalogue, options);
  if (!plan) {
    printProblems(plan.error(), arguments.flow);
    return fail("flow.invalid", "'" + arguments.flow + "' is not valid");
  }
  for (const auto& node : plan->nodes) {
    if (node.type->id != "flow/schedule") continue;
    WEIR_ASSIGN(auto one, scheduleOf(node.id, node.settings, from, zones));
    all.push_back(std::move(one));
  }
  if (all.empty())
    return fail("flow.no_schedule", "'" + arguments.flow + "' has no schedule; flow/schedule is the node for it.");
  return all;
}

/// RFC 3339 with the offset that the zone has then.
std::string localText(std::int64_t micros, const TimeZone& zone) {
  const auto instant = instantFromMicros(micros).value_or(Instant{});
  const auto offset = zone.offsetAt(instant.seconds);
  auto text = formatInstant(Instant{instant.seconds + offset, instant.nanos});
  if (offset == 0) return text;
  text.pop_back();
  char end[16];
  const auto minutes = (offset < 0 ? -offset : offset) / 60;
  std::snprintf(end, sizeof end, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return text + end;
}

Result<int> showTimes(const ScheduleArguments& arguments, const Shared& shared) {
  const int ways =
      (arguments.flow.empty() ? 0 : 1) + (arguments.cron.empty() ? 0 : 1) + (arguments.every.empty() ? 0 : 1);
  if (ways != 1) return fail("cli.usage", "give either a FLOW, --cron or --every");
  if (arguments.count < 1 || arguments.count > 1'000'000) return fail("cli.usage", "--count must be 1 to 1000000");
  std::int64_t from = native::NativeClock().nowMicros();
  if (!arguments.from.empty()) {
    WEIR_ASSIGN(const auto instant, parseInstant(arguments.from));
    from = toMicros(instant);
  }
  MachineZones zones;
  WEIR_ASSIGN(const auto schedules, schedulesOf(arguments, shared, from, zones));
  auto list = json::Value::array();
  for (const auto& each : schedules) {
    auto next = std::optional(from);
    for (int i = 0; i < arguments.count; ++i) {
      next = each.schedule.next(*next);
      if (!next) break;
      const auto local = localText(*next, *each.zone);
      const auto utc = formatInstant(instantFromMicros(*next).value_or(Instant{}));
      if (arguments.json) {
        auto row = json::Value::object();
        row.set("node", each.node);
        row.set("at", utc);
        row.set("local", local);
        list.push(std::move(row));
      } else {
        std::printf("%s%s%s%s%s\n", each.node.c_str(), each.node.empty() ? "" : "  ", local.c_str(),
                    local == utc ? "" : "  ", local == utc ? "" : utc.c_str());
      }
    }
    if (!arguments.json && arguments.count > 0 && !next) std::printf("and never again\n");
  }
  if (arguments.json) std::printf("%s\n", json::write(list, json::Layout::pretty).c_str());
  return kDone;
}

}  // namespace

void addSchedule(CLI::App& app, Shared& shared, int& exitCode) {
  auto* command = app.add_subcommand(
      "schedule", "Show when schedules come next.\nThose of a flow's flow/schedule nodes, or of a cron line.");
  auto arguments = std::make_shared<ScheduleArguments>();
  command->add_option("FLOW", arguments->flow, "The flow document");
  command->add_option("--cron", arguments->cron, "A cron line instead of a flow")->type_name("LINE");
  command->add_option("--every", arguments->every, "An interval instead of a flow, such as 90s")->type_name("DURATION");
  command->add_option("--zone", arguments->zone, "Time zone of --cron")->type_name("ZONE")->capture_default_str();
  command->add_option("--from", arguments->from, "Times after this one, such as 2026-01-31T10:00:00Z (default: now)")
      ->type_name("TIME");
  command->add_option("--count", arguments->count, "How many, 1 to 1000000")->type_name("N")->capture_default_str();
  command->add_flag("--json", arguments->json, "A list of objects: node, at, local");
  addParameters(*command, arguments->sets);
  addNodeFolders(*command, shared);
  addFooter(*command, "0 done\n2 the document, the cron line or the zone is not valid",
            "weir schedule reports.flow.json\nweir schedule --cron '0 9 * * MON-FRI' --zone Europe/Paris");
  command->callback([arguments, &shared, &exitCode] { finish(showTimes(*arguments, shared), exitCode); });
}

}  // namespace weir::cli
