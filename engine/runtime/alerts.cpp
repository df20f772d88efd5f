// Values of measures, and when a rule holds.
#include "engine/runtime/alerts.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace weir {
namespace {

using flow::Measure;
using flow::MeasuredThing;

constexpr std::int64_t kWindowMicros = 10'000'000;

EventSeverity severityOf(std::string_view name) {
  for (const auto severity : {EventSeverity::info, EventSeverity::error, EventSeverity::critical}) {
    if (nameOf(severity) == name) return severity;
  }
  return EventSeverity::warning;
}

/// With two digits, without a formatter.
std::string numberText(double value) {
  const auto hundredths = static_cast<std::int64_t>(std::rint(std::clamp(value, -9e15, 9e15) * 100));
  auto text = std::to_string(hundredths / 100);
  const auto rest = (hundredths < 0 ? -hundredths : hundredths) % 100;
  if (rest == 0) return text;
  return text + (rest < 10 ? ".0" : ".") + std::to_string(rest);
}

bool beyond(const PlannedAlert& rule, double value) {
  return (rule.over && value > *rule.over) || (rule.under && value < *rule.under);
}

/// A tenth on the good side, so that a value at the bound does not flutter.
bool wellWithin(const PlannedAlert& rule, double value) {
  const auto slack = [](double bound) { return (bound < 0 ? -bound : bound) / 10; };
  if (rule.over && value > *rule.over - slack(*rule.over)) return false;
  return !rule.under || value >= *rule.under + slack(*rule.under);
}

}  // namespace

Alerts::Alerts(const Plan& plan) {
  for (const auto& rule : plan.alerts) {
    const auto metric = flow::parseAlertMetric(rule.metric);
    if (!metric) continue;
    Watch watch;
    watch.rule = rule;
    watch.measure = metric->measure.measure;
    const auto found = [&](const auto& things) {
      const auto at = std::ranges::find_if(things, [&](const auto& thing) { return thing.id == metric->subject; });
      watch.index = static_cast<std::size_t>(at - things.begin());
      return at != things.end();
    };
    const auto of = metric->measure.of;
    const bool there = of == MeasuredThing::run    ? metric->subject == "run"
                       : of == MeasuredThing::node ? found(plan.nodes)
                                                   : found(plan.edges);
    if (there) watches_.push_back(std::move(watch));
  }
}

std::optional<double> Alerts::rate(Watch& watch, Sample now, bool perSecond) {
  auto& samples = watch.samples;
  // A clock that was set back begins anew.
  if (!samples.empty() && now.atMicros < samples.back().atMicros) samples.clear();
  samples.push_back(now);
  while (samples.size() > 2 && samples[1].atMicros <= now.atMicros - kWindowMicros) samples.pop_front();
  const auto& first = samples.front();
  const auto count = static_cast<double>(now.count - first.count);
  if (!perSecond) return now.of > first.of ? count / static_cast<double>(now.of - first.of) : 0.0;
  const auto took = now.atMicros - first.atMicros;
  // What is said about a second needs one.
  return took < 1'000'000 ? std::nullopt : std::optional(count * 1e6 / static_cast<double>(took));
}

double Alerts::unchangedMs(Watch& watch, std::int64_t count, std::int64_t nowMicros) {
  if (count != watch.lastCount || nowMicros < watch.changedAt) watch.changedAt = nowMicros;
  watch.lastCount = count;
  return static_cast<double>(nowMicros - watch.changedAt) / 1000;
}

std::optional<double> Alerts::valueOf(Watch& watch, const RunMetrics& metrics, std::int64_t nowMicros) {
  const auto node = [&]() -> const NodeMetrics& { return metrics.nodes[watch.index]; };
  const auto edge = [&]() -> const EdgeMetrics& { return metrics.edges[watch.index]; };
  const auto share = [](std::int64_t part, std::int64_t whole) {
    return whole <= 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  switch (watch.measure) {
    case Measure::errorRate:
      return rate(watch, {nowMicros, node().failed, std::max(node().rowsIn, node().rowsOut + node().failed)}, false);
    case Measure::latencyMs:
      return static_cast<double>(node().step.quantile(0.99)) / 1e6;
    case Measure::retriesPerSecond:
      return rate(watch, {nowMicros, node().retries, 0}, true);
    case Measure::stalledMs: {
      bool waiting = false;
      for (const auto& each : metrics.edges) waiting |= each.target == node().id && each.held > 0;
      return waiting ? unchangedMs(watch, node().rowsIn, nowMicros) : (watch.lastCount = -1, 0.0);
    }
    case Measure::breakerOpen:
      return node().breaker.empty() || node().breaker == "closed" ? 0.0 : 1.0;
    case Measure::fill:
      return std::max(share(edge().held, edge().capacityRows), share(edge().heldBytes, edge().capacityBytes));
    case Measure::waitMs:
      return static_cast<double>(edge().wait.quantile(0.99)) / 1e6;
    case Measure::rowsPerSecond:
      return rate(watch, {nowMicros, edge().offered, 0}, true);
    case Measure::dropsPerSecond:
      return rate(watch, {nowMicros, edge().dropped, 0}, true);
    case Measure::idleMs:
      return unchangedMs(watch, edge().offered, nowMicros);
    case Measure::deadLetters:
      return static_cast<double>(metrics.deadLetters);
    case Measure::errorsPerSecond:
      return rate(watch, {nowMicros, metrics.errors, 0}, true);
    case Measure::memoryBytes:
      return static_cast<double>(metrics.usedBytes);
  }
  return std::nullopt;
}

std::vector<RunEvent> Alerts::look(const RunMetrics& metrics, std::int64_t nowMicros) {
  std::vector<RunEvent> events;
  const auto since = [nowMicros](std::optional<std::int64_t>& from, bool holds) {
    if (!holds) {
      from.reset();
    } else if (!from || *from > nowMicros) {
      from = nowMicros;
    }
    return from ? nowMicros - *from : -1;
  };
  for (auto& watch : watches_) {
    const auto value = valueOf(watch, metrics, nowMicros);
    if (!value) continue;
    const auto& rule = watch.rule;
    const auto badFor = since(watch.badSince, beyond(rule, *value));
    const auto goodFor = since(watch.goodSince, wellWithin(rule, *value));
    const auto enough = rule.forMs * 1000;
    const auto what = rule.metric + " is " + numberText(*value);
    if (!watch.raised && badFor >= enough && badFor >= 0 && nowMicros >= watch.quietUntil) {
      watch.raised = true;
      const auto bound = rule.over && *value > *rule.over ? "over " + numberText(*rule.over)
                                                          : "under " + numberText(rule.under.value_or(0));
      events.push_back(RunEvent{
          0, nowMicros, severityOf(rule.severity), "alert.raised", rule.name,
          what + ", " + bound + (rule.forMs > 0 ? " for " + std::to_string(rule.forMs) + " ms" : std::string())});
    } else if (watch.raised && goodFor >= std::max<std::int64_t>(enough, 1'000'000)) {
      watch.raised = false;
      watch.quietUntil = nowMicros + rule.quietMs * 1000;
      events.push_back(RunEvent{0, nowMicros, EventSeverity::info, "alert.cleared", rule.name, what});
    }
  }
  return events;
}

}  // namespace weir
