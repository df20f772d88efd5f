// Values of measures, and when a rule holds.
#include "engine/runtime/alerts.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace weir {
namespace {

using flow::Measure;
using flow::MeasuredThing;

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
  for (std::size_t place = 0; place < plan.alerts.size(); ++place) {
    const auto& rule = plan.alerts[place];
    const auto metric = flow::parseAlertMetric(rule.metric);
    if (!metric) continue;
    Watch watch;
    watch.rule = rule;
    watch.place = place;
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
    if (!there) continue;
    if (!rule.key.empty() || !rule.where.empty()) {
      if (rule.key.empty()) keyOf(watch, {}, 0);
    }
    watches_.push_back(std::move(watch));
  }
}

std::optional<double> Alerts::rate(Watch& watch, Sample now, bool perSecond) {
  auto& samples = watch.samples;
  // A clock that was set back begins anew.
  if (!samples.empty() && now.atMicros < samples.back().atMicros) samples.clear();
  samples.push_back(now);
  while (samples.size() > 2 && samples[1].atMicros <= now.atMicros - watch.rule.windowMs * 1000) samples.pop_front();
  const auto& first = samples.front();
  const auto count = static_cast<double>(now.count - first.count);
  if (!perSecond) return now.of > first.of ? count / static_cast<double>(now.of - first.of) : 0.0;
  const auto took = now.atMicros - first.atMicros;
  // What is said about a second needs one.
  return took < 1'000'000 ? std::nullopt : std::optional(count * 1e6 / static_cast<double>(took));
}

/// 99 % of what came within the window took no longer; 0 if nothing came.
double Alerts::lately(Watch& watch, const LatencyHistogram& latency, std::int64_t nowMicros) {
  auto& before = watch.latencies;
  if (!before.empty() && nowMicros < before.back().first) before.clear();
  const auto window = watch.rule.windowMs * 1000;
  while (before.size() > 1 && before[1].first <= nowMicros - window) before.pop_front();
  const auto since = before.empty() ? latency : latency.since(before.front().second);
  if (before.empty() || nowMicros - before.back().first >= window / 10) before.emplace_back(nowMicros, latency);
  return static_cast<double>(since.quantile(0.99)) / 1e6;
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
      return lately(watch, node().step, nowMicros);
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
      return lately(watch, edge().wait, nowMicros);
    case Measure::underPressure:
      return edge().pressed ? 1.0 : 0.0;
    case Measure::rows: {
      const auto ready = rate(watch, {nowMicros, edge().offered, 0}, true).has_value();
      const auto& samples = watch.samples;
      const auto came = static_cast<double>(samples.back().count - samples.front().count);
      // That there are too few is known when the time is over.
      const bool whole = nowMicros - samples.front().atMicros >= watch.rule.windowMs * 1000;
      return whole || (ready && watch.rule.over) ? std::optional(came) : std::nullopt;
    }
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

// Rows.

void Alerts::turn(Key& key, const Watch& watch, std::int64_t nowMicros) {
  const auto each = std::max<std::int64_t>(1, watch.rule.windowMs * 100);
  const auto now = nowMicros / each;
  const auto count = std::ssize(key.tenths);
  // A clock that was set back begins anew.
  const auto steps = now < key.tenth ? count : std::min<std::int64_t>(now - key.tenth, count);
  for (std::int64_t step = 1; step <= steps; ++step) {
    auto& oldest = key.tenths[static_cast<std::size_t>((key.tenth + step) % count)];
    key.sum -= oldest;
    oldest = 0;
  }
  if (now < key.tenth) key.firstMicros = key.lastMicros = nowMicros;
  key.tenth = now;
}

Alerts::Key* Alerts::keyOf(Watch& watch, const std::string& key, std::int64_t nowMicros) {
  if (const auto known = watch.keys.find(key); known != watch.keys.end()) return &known->second;
  if (watch.keys.size() >= kMostKeys) {
    auto longest = watch.keys.end();
    for (auto it = watch.keys.begin(); it != watch.keys.end(); ++it) {
      if (it->second.state.raised || it->second.sum > 0) continue;
      if (longest == watch.keys.end() || it->second.lastMicros < longest->second.lastMicros) longest = it;
    }
    if (longest == watch.keys.end()) return nullptr;
    watch.keys.erase(longest);
  }
  auto& made = watch.keys[key];
  made.firstMicros = made.lastMicros = nowMicros;
  return &made;
}

void Alerts::take(Watch& watch, const runtime::RowTally& came, std::int64_t nowMicros, Changes& changes) {
  const auto say = [&](std::string kind, std::string message) {
    changes.events.push_back(
        RunEvent{0, nowMicros, EventSeverity::warning, std::move(kind), watch.rule.name, std::move(message)});
  };
  bool full = came.beyond > 0;
  for (const auto& [name, rows] : came.rows) {
    auto* key = keyOf(watch, name, nowMicros);
    full |= key == nullptr;
    if (key == nullptr) continue;
    turn(*key, watch, nowMicros);
    key->tenths[static_cast<std::size_t>(key->tenth % std::ssize(key->tenths))] += rows;
    key->sum += rows;
    key->lastMicros = nowMicros;
  }
  if (full && !std::exchange(watch.saidFull, true)) {
    say("alert.keys", "more than " + std::to_string(kMostKeys) + " keys came; the others are not watched");
  }
  if (came.failed > 0 && !std::exchange(watch.saidFailed, true)) {
    say("alert.failed",
        "its condition or key cannot be computed for some rows, which are not counted: " + came.problem);
  }
}

std::optional<double> Alerts::valueOf(const Watch& watch, const Key& key, std::int64_t nowMicros) {
  const auto window = watch.rule.windowMs * 1000;
  const auto age = nowMicros - key.firstMicros;
  const auto sum = static_cast<double>(key.sum);
  if (watch.measure == Measure::idleMs) return static_cast<double>(nowMicros - key.lastMicros) / 1000;
  // That there are too few is known when the time is over.
  const bool few = watch.rule.under && age < window;
  if (watch.measure == Measure::rows) return few && !watch.rule.over ? std::nullopt : std::optional(sum);
  if (age < 1'000'000 || few) return std::nullopt;
  return sum * 1e6 / static_cast<double>(std::min(age, window));
}

void Alerts::lookAtRows(Watch& watch, const runtime::RowTally& came, std::int64_t nowMicros,
                        std::vector<RunEvent>& events) {
  Changes changes;
  if (watch.rule.key.empty() && watch.keys.begin()->second.firstMicros == 0) {
    auto& only = watch.keys.begin()->second;
    only.firstMicros = only.lastMicros = nowMicros;
  }
  take(watch, came, nowMicros, changes);
  watch.value.reset();
  const bool worstIsMost = watch.rule.over.has_value();
  for (auto it = watch.keys.begin(); it != watch.keys.end();) {
    auto& key = it->second;
    turn(key, watch, nowMicros);
    const auto value = valueOf(watch, key, nowMicros);
    if (value) {
      if (!watch.value || (worstIsMost ? *value > *watch.value : *value < *watch.value)) watch.value = value;
      settle(watch, key.state, *value, it->first, nowMicros, changes);
    }
    // What is over a bound comes back by itself; who is absent or too few has to be remembered.
    const bool over = nowMicros >= key.state.quietUntil && !key.state.raised && key.sum == 0;
    const bool forgettable = !watch.rule.key.empty() && !watch.rule.under && watch.measure != Measure::idleMs;
    it = over && forgettable ? watch.keys.erase(it) : std::next(it);
  }
  const auto others = [&](const std::vector<std::string>& keys, std::string_view what, EventSeverity severity) {
    if (keys.empty()) return;
    std::string names;
    for (std::size_t i = 0; i < std::min(keys.size(), kMostAtOnce); ++i) names += (i > 0 ? "', '" : "'") + keys[i];
    changes.events.push_back(RunEvent{0, nowMicros, severity, "alert." + std::string(what), watch.rule.name,
                                      "and of " + std::to_string(keys.size()) + " more keys: " + names + "'" +
                                          (keys.size() > kMostAtOnce ? ", …" : "")});
  };
  others(changes.raised, "raised", severityOf(watch.rule.severity));
  others(changes.cleared, "cleared", EventSeverity::info);
  std::ranges::move(changes.events, std::back_inserter(events));
}

// All rules.

void Alerts::goOnFrom(Alerts& before) {
  for (auto& watch : watches_) {
    const auto known = std::ranges::find_if(before.watches_, [&](const Watch& old) { return old.rule == watch.rule; });
    if (known == before.watches_.end()) continue;
    const auto place = watch.place;
    const auto index = watch.index;
    watch = std::move(*known);
    watch.place = place;
    watch.index = index;
  }
}

void Alerts::settle(const Watch& watch, State& state, double value, std::string_view key, std::int64_t nowMicros,
                    Changes& changes) {
  const auto since = [nowMicros](std::optional<std::int64_t>& from, bool holds) {
    if (!holds) {
      from.reset();
    } else if (!from || *from > nowMicros) {
      from = nowMicros;
    }
    return from ? nowMicros - *from : -1;
  };
  const auto& rule = watch.rule;
  const auto badFor = since(state.badSince, beyond(rule, value));
  const auto goodFor = since(state.goodSince, wellWithin(rule, value));
  const auto enough = rule.forMs * 1000;
  const bool raises = !state.raised && badFor >= enough && badFor >= 0 && nowMicros >= state.quietUntil &&
                      nowMicros >= rule.mutedUntilMicros;
  const bool clears = state.raised && goodFor >= std::max<std::int64_t>(enough, 1'000'000);
  if (!raises && !clears) return;
  state.raised = raises;
  if (clears) state.quietUntil = nowMicros + rule.quietMs * 1000;
  auto& beyondThese = raises ? changes.raised : changes.cleared;
  const auto kind = raises ? "alert.raised" : "alert.cleared";
  const auto same = std::ranges::count(changes.events, kind, &RunEvent::kind);
  if (static_cast<std::size_t>(same) >= kMostAtOnce) {
    beyondThese.emplace_back(key);
    return;
  }
  auto what = rule.metric + (rule.where.empty() ? "" : " where " + rule.where) +
              (rule.key.empty() ? "" : " of '" + std::string(key) + "'") + " is " + numberText(value);
  if (raises) {
    what += rule.over && value > *rule.over ? ", over " + numberText(*rule.over)
                                            : ", under " + numberText(rule.under.value_or(0));
    if (rule.forMs > 0) what += " for " + std::to_string(rule.forMs) + " ms";
  }
  changes.events.push_back(RunEvent{0, nowMicros, raises ? severityOf(rule.severity) : EventSeverity::info, kind,
                                    rule.name, std::move(what), rule.key.empty() ? std::string() : std::string(key),
                                    value});
}

void Alerts::lookAtFigure(Watch& watch, const RunMetrics& metrics, std::int64_t nowMicros,
                          std::vector<RunEvent>& events) {
  watch.value = valueOf(watch, metrics, nowMicros);
  if (!watch.value) return;
  Changes changes;
  settle(watch, watch.state, *watch.value, {}, nowMicros, changes);
  std::ranges::move(changes.events, std::back_inserter(events));
}

std::vector<RunEvent> Alerts::look(const RunMetrics& metrics, std::int64_t nowMicros,
                                   std::map<std::size_t, runtime::RowTally> rows) {
  std::vector<RunEvent> events;
  for (auto& watch : watches_) {
    if (watch.rule.where.empty() && watch.rule.key.empty()) {
      lookAtFigure(watch, metrics, nowMicros, events);
    } else {
      lookAtRows(watch, rows[watch.place], nowMicros, events);
    }
  }
  return events;
}

bool Alerts::mute(std::string_view name, std::int64_t untilMicros) {
  bool any = false;
  for (auto& watch : watches_) {
    if (watch.rule.name != name) continue;
    watch.rule.mutedUntilMicros = untilMicros;
    any = true;
  }
  return any;
}

std::vector<AlertView> Alerts::view() const {
  constexpr std::int64_t kMostShown = 100;
  std::vector<AlertView> views;
  for (const auto& watch : watches_) {
    AlertView view;
    view.name = watch.rule.name;
    view.metric = watch.rule.metric;
    view.severity = nameOf(severityOf(watch.rule.severity));
    view.value = watch.value;
    view.mutedUntil = watch.rule.mutedUntilMicros;
    view.raised = watch.state.raised;
    for (const auto& [name, key] : watch.keys) {
      if (!key.state.raised) continue;
      view.raised = true;
      if (watch.rule.key.empty()) continue;
      if (++view.raisedKeys <= kMostShown) view.keys.push_back(name);
    }
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace weir
