// Looks at metrics for a rule.
#include "service/alerts/rule-watch.h"

#include <algorithm>
#include <charconv>

#include "service/auth/grants.h"
#include "service/metrics/families.h"

namespace weir::alerts {
namespace {

/// `name="value",…` up to the closing brace; escapes undone.
Labels labelsIn(std::string_view text) {
  Labels labels;
  for (std::size_t at = 0; at < text.size();) {
    const auto equals = text.find("=\"", at);
    if (equals == std::string_view::npos) break;
    auto& value = labels[std::string(text.substr(at, equals - at))];
    for (at = equals + 2; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) {
        ++at;
        value += text[at] == 'n' ? '\n' : text[at];
      } else {
        value += text[at];
      }
    }
    at = text.find_first_not_of(',', at + 1);
  }
  return labels;
}

std::map<Labels, double> byLabels(std::string_view text, std::string_view family) {
  std::map<Labels, double> all;
  if (family.empty()) return all;
  for (auto& sample : samplesOf(text, family)) all[std::move(sample.labels)] = sample.value;
  return all;
}

}  // namespace

std::vector<Sample> samplesOf(std::string_view text, std::string_view family) {
  std::vector<Sample> samples;
  const auto head = "# TYPE " + std::string(family) + " ";
  auto at = text.find(head);
  if (at == std::string_view::npos) return samples;
  for (at = text.find('\n', at); at != std::string_view::npos && at + 1 < text.size();) {
    const auto end = std::min(text.find('\n', at + 1), text.size());
    const auto line = text.substr(at + 1, end - at - 1);
    at = end;
    if (line.starts_with('#')) break;
    if (!line.starts_with(family)) continue;
    const auto open = line.find('{');
    const auto space = line.rfind(' ');
    if (space == std::string_view::npos) continue;
    Sample sample;
    sample.name = line.substr(0, std::min(open, space));
    if (open != std::string_view::npos) sample.labels = labelsIn(line.substr(open + 1, space - open - 2));
    std::from_chars(line.data() + space + 1, line.data() + line.size(), sample.value);
    samples.push_back(std::move(sample));
  }
  return samples;
}

bool RuleWatch::covers(const Labels& labels) const {
  for (const auto& [name, value] : rule_.labels) {
    const auto found = labels.find(name);
    if (found == labels.end() || found->second != value) return false;
  }
  const auto folder = labels.find("folder");
  if (folder == labels.end()) return rule_.folder.empty();
  return auth::covers(rule_.folder, folder->second);
}

std::optional<double> RuleWatch::measure(Series& series, Point now, bool counter) const {
  if (!counter) return now.value;
  auto& points = series.points;
  points.push_back(now);
  while (points.size() > 2 && points[1].micros <= now.micros - rule_.windowMs * 1000) points.pop_front();
  const auto& first = points.front();
  if (first.micros == now.micros) return std::nullopt;
  const auto grown = now.value - first.value;
  if (rule_.of.empty()) return grown / (static_cast<double>(now.micros - first.micros) / 1e6);
  const auto of = now.of - first.of;
  if (of <= 0) return grown > 0 ? std::optional(1.0) : std::nullopt;
  return grown / of;
}

std::optional<Change> RuleWatch::settle(const Labels& labels, Series& series, std::optional<double> value,
                                        std::int64_t nowMicros) const {
  const bool holds = value && ((rule_.over && *value > *rule_.over) || (rule_.under && *value < *rule_.under));
  if (value) series.value = *value;
  auto& since = holds ? series.badSince : series.goodSince;
  (holds ? series.goodSince : series.badSince).reset();
  if (!since) since = nowMicros;
  if (holds == series.raised || nowMicros - *since < rule_.forMs * 1000) return std::nullopt;
  series.raised = holds;
  return Change{labels, holds, series.value};
}

std::vector<Change> RuleWatch::look(std::string_view text, std::int64_t nowMicros) {
  const bool counter = metrics::familyNamed(rule_.metric).type == metrics::Type::counter;
  const auto of = byLabels(text, rule_.of);
  std::vector<Change> changes;
  const auto settleOne = [&](const Labels& labels, Series& series, std::optional<double> value) {
    if (auto change = settle(labels, series, value, nowMicros)) changes.push_back(std::move(*change));
  };
  for (auto& sample : samplesOf(text, rule_.metric)) {
    if (!covers(sample.labels)) continue;
    auto& series = series_[sample.labels];
    series.seenMicros = nowMicros;
    // Counters begin at nothing: what one has when it is met for the first time came since the look before.
    if (counter && series.points.empty() && lookedMicros_ > 0) series.points.push_back({lookedMicros_, 0, 0});
    const auto whole = of.find(sample.labels);
    const Point now{nowMicros, sample.value, whole == of.end() ? 0 : whole->second};
    settleOne(sample.labels, series, measure(series, now, counter));
  }
  for (auto at = series_.begin(); at != series_.end();) {
    if (at->second.seenMicros != nowMicros) settleOne(at->first, at->second, std::nullopt);
    const bool gone = at->second.seenMicros != nowMicros && !at->second.raised;
    at = gone ? series_.erase(at) : std::next(at);
  }
  lookedMicros_ = nowMicros;
  return changes;
}

}  // namespace weir::alerts
