// AlertRule: what must hold of a metric for an alert to be raised.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "engine/json/value.h"

namespace weir::alerts {

enum class Severity : std::uint8_t { info, warning, critical };
[[nodiscard]] std::string_view nameOf(Severity severity);
[[nodiscard]] std::optional<Severity> severityNamed(std::string_view name);

/// A gauge is taken as it is; a counter by what it has grown a second in the window; with `of`, by its growth against
/// that of another counter. Each series that the rule looks at is watched by itself.
struct AlertRule {
  std::string id{};                             // letters, digits, dashes
  std::string name{};                           // for people
  std::string folder{};                         // series of it and those below; those without a folder only in the root
  std::string metric{}, of{};                   // families of the metrics
  std::map<std::string, std::string> labels{};  // that a series must have
  std::optional<double> over{}, under{};        // it holds beyond these
  std::int64_t windowMs = 300'000, forMs = 60'000;
  Severity severity = Severity::warning;
};

/// `alert.rule` with the member that is wrong and what is expected there.
[[nodiscard]] Result<AlertRule> ruleOf(std::string_view id, const json::Value& document);
[[nodiscard]] std::string jsonOf(const AlertRule& rule);

/// What a server begins with: rows that fail, runs that are stuck or silent, engines that die.
[[nodiscard]] std::vector<AlertRule> firstRules();

/// Letters, digits, dashes and underscores, at most 64.
[[nodiscard]] bool isName(std::string_view text);

}  // namespace weir::alerts
