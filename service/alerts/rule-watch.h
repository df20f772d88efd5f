// RuleWatch: one rule over the series of its metric, look after look.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/alerts/alert-rule.h"

namespace weir::alerts {

using Labels = std::map<std::string, std::string>;

struct Sample {
  Labels labels;
  double value = 0;
  std::string_view name{};  // as the text has it: of a histogram with _bucket, _sum or _count; lives as long as it
};

/// The samples of a family in a text for Prometheus.
[[nodiscard]] std::vector<Sample> samplesOf(std::string_view text, std::string_view family);

/// A series of which the rule holds now, or no longer.
struct Change {
  Labels labels;
  bool raised = false;
  double value = 0;  // the last one
};

class RuleWatch {
 public:
  explicit RuleWatch(AlertRule rule) : rule_(std::move(rule)) {}
  [[nodiscard]] const AlertRule& rule() const { return rule_; }
  /// What has changed since the last look. A rule that held for forMs without a break is raised; it is cleared when it
  /// has not held for as long, or when its series is gone.
  [[nodiscard]] std::vector<Change> look(std::string_view text, std::int64_t nowMicros);
  /// As it was before a restart.
  void assumeRaised(const Labels& labels) { series_[labels].raised = true; }

 private:
  struct Point {
    std::int64_t micros;
    double value, of;
  };
  struct Series {
    std::deque<Point> points;
    std::optional<std::int64_t> badSince, goodSince;
    bool raised = false;
    double value = 0;
    std::int64_t seenMicros = 0;
  };
  [[nodiscard]] bool covers(const Labels& labels) const;
  [[nodiscard]] std::optional<double> measure(Series& series, Point now, bool counter) const;
  [[nodiscard]] std::optional<Change> settle(const Labels& labels, Series& series, std::optional<double> value,
                                             std::int64_t nowMicros) const;

  AlertRule rule_;
  std::int64_t lookedMicros_ = 0;
  std::map<Labels, Series> series_;
};

}  // namespace weir::alerts
