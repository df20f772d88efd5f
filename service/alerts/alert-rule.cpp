// Reads and writes rules.
#include "service/alerts/alert-rule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/json/writer.h"
#include "service/metrics/families.h"

namespace weir::alerts {
namespace {

constexpr std::array<std::string_view, 3> kSeverities = {"info", "warning", "critical"};
constexpr std::int64_t kDayMs = 86'400'000;

std::unexpected<Error> wrong(std::string_view member, std::string_view why) {
  return fail("alert.rule", "'" + std::string(member) + "' of the rule " + std::string(why));
}

Result<std::string> textAt(const json::Value& document, std::string_view key, std::string otherwise) {
  const auto* found = document.find(key);
  if (found == nullptr || found->isNull()) return otherwise;
  if (!found->isString()) return wrong(key, "is " + std::string(json::nameOf(found->kind())) + "; give a text");
  return *found->asString();
}

Result<std::optional<double>> numberAt(const json::Value& document, std::string_view key) {
  const auto* found = document.find(key);
  if (found == nullptr || found->isNull()) return std::nullopt;
  double number = 0;
  if (!found->toDouble(number)) return wrong(key, "is no number");
  return number;
}

Result<std::int64_t> timeAt(const json::Value& document, std::string_view key, std::int64_t otherwise,
                            std::int64_t least) {
  WEIR_ASSIGN(const auto number, numberAt(document, key));
  if (!number) return otherwise;
  if (*number < static_cast<double>(least) || *number > static_cast<double>(kDayMs) || *number != std::trunc(*number)) {
    return wrong(key, "is no number of milliseconds from " + std::to_string(least) + " to a day");
  }
  return static_cast<std::int64_t>(*number);
}

const metrics::Family* familyOf(std::string_view name) {
  const auto all = metrics::families();
  const auto found = std::ranges::find(all, name, &metrics::Family::name);
  return found == all.end() ? nullptr : &*found;
}

Result<void> checkMetric(const AlertRule& rule) {
  const auto check = [](std::string_view member, const std::string& name) -> Result<void> {
    const auto* family = familyOf(name);
    if (family == nullptr) return wrong(member, "is '" + name + "', which is no metric; GET /metrics tells all");
    if (family->type == metrics::Type::histogram) return wrong(member, "is a histogram; name a counter or a gauge");
    return {};
  };
  WEIR_TRY(check("metric", rule.metric));
  if (rule.of.empty()) return {};
  WEIR_TRY(check("of", rule.of));
  const auto* family = familyOf(rule.metric);
  const auto* of = familyOf(rule.of);
  if (family->type != metrics::Type::counter || of->type != metrics::Type::counter || family->labels != of->labels) {
    return wrong("of", "must be a counter with the labels of 'metric', which is one too");
  }
  return {};
}

Result<void> checkMembers(const json::Value& document) {
  static constexpr std::array<std::string_view, 12> kMembers = {
      "id", "name", "folder", "metric", "of", "labels", "over", "under", "forMs", "windowMs", "severity", "seeded"};
  for (const auto& member : *document.asObject()) {
    if (std::ranges::find(kMembers, member.key) == kMembers.end()) {
      return fail("alert.rule", "a rule has no member '" + member.key + "'");
    }
  }
  return {};
}

}  // namespace

std::string_view nameOf(Severity severity) { return kSeverities[static_cast<std::size_t>(severity)]; }

std::optional<Severity> severityNamed(std::string_view name) {
  const auto found = std::ranges::find(kSeverities, name);
  if (found == kSeverities.end()) return std::nullopt;
  return static_cast<Severity>(found - kSeverities.begin());
}

bool isName(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Result<AlertRule> ruleOf(std::string_view id, const json::Value& document) {
  if (!document.isObject()) return fail("alert.rule", "a rule is an object");
  WEIR_TRY(checkMembers(document));
  AlertRule rule;
  rule.id = id;
  if (!isName(id)) return wrong("id", "is '" + rule.id + "'; use letters, digits and dashes, 64 at most");
  WEIR_ASSIGN(rule.name, textAt(document, "name", rule.id));
  WEIR_ASSIGN(rule.folder, textAt(document, "folder", ""));
  WEIR_ASSIGN(rule.metric, textAt(document, "metric", ""));
  WEIR_ASSIGN(rule.of, textAt(document, "of", ""));
  WEIR_TRY(checkMetric(rule));
  WEIR_ASSIGN(rule.over, numberAt(document, "over"));
  WEIR_ASSIGN(rule.under, numberAt(document, "under"));
  if (!rule.over && !rule.under) return wrong("over", "and 'under' are not there; give a bound");
  WEIR_ASSIGN(rule.windowMs, timeAt(document, "windowMs", rule.windowMs, 1000));
  WEIR_ASSIGN(rule.forMs, timeAt(document, "forMs", rule.forMs, 0));
  WEIR_ASSIGN(const auto severity, textAt(document, "severity", "warning"));
  const auto known = severityNamed(severity);
  if (!known) return wrong("severity", "is '" + severity + "'; use info, warning or critical");
  rule.severity = *known;
  if (const auto* labels = document.find("labels"); labels != nullptr && !labels->isNull()) {
    if (!labels->isObject()) return wrong("labels", "is no object of texts");
    for (const auto& member : *labels->asObject()) {
      if (!member.value.isString()) return wrong("labels", "holds something else than texts");
      rule.labels[member.key] = *member.value.asString();
    }
  }
  return rule;
}

std::string jsonOf(const AlertRule& rule) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("id").value(rule.id).key("name").value(rule.name).key("folder").value(rule.folder);
  out.key("metric").value(rule.metric);
  if (!rule.of.empty()) out.key("of").value(rule.of);
  if (!rule.labels.empty()) {
    out.key("labels").beginObject();
    for (const auto& [name, value] : rule.labels) out.key(name).value(value);
    out.endObject();
  }
  if (rule.over) out.key("over").value(*rule.over);
  if (rule.under) out.key("under").value(*rule.under);
  out.key("windowMs").value(rule.windowMs).key("forMs").value(rule.forMs);
  out.key("severity").value(nameOf(rule.severity)).endObject();
  return text;
}

std::vector<AlertRule> firstRules() {
  return {{.id = "rows-fail",
           .name = "More than 5 % of the rows of a flow fail",
           .metric = "weir_flow_rows_failed_total",
           .of = "weir_flow_rows_in_total",
           .over = 0.05,
           .severity = Severity::critical},
          {.id = "run-stuck",
           .name = "Rows have waited in a run for five minutes and none moved",
           .metric = "weir_flow_stuck_seconds",
           .over = 300,
           .forMs = 0,
           .severity = Severity::critical},
          {.id = "run-silent",
           .name = "An engine has not told for a minute how a run stands",
           .metric = "weir_flow_report_age_seconds",
           .over = 60,
           .forMs = 0},
          {.id = "engine-restarts",
           .name = "The engine process of a folder had to be started again",
           .metric = "weir_engine_restarts_total",
           .over = 0,
           .forMs = 0}};
}

}  // namespace weir::alerts
