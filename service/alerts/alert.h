// Alert: something that is, or was, not as it should be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/alerts/rule-watch.h"

namespace weir::alerts {

/// Times are milliseconds since 1970.
struct Alert {
  std::int64_t number = 0;  // grows; never two of one
  /// What is raised again has the same: a rule and its series, or a flow's alert.
  std::string key{};
  std::string name{}, message{};
  std::string rule{};  // its id; empty: a flow's own alert
  std::string folder{}, flow{};
  Labels labels{};
  Severity severity = Severity::warning;
  double value = 0;
  std::int64_t raisedAt = 0;
  std::optional<std::int64_t> clearedAt{}, acknowledgedAt{};
  std::string acknowledgedBy{};
};

/// The key of what a test of a channel sends; no other alert has it.
inline constexpr std::string_view kTestKey = "test";

/// {number, state: raised | cleared, name, …}, and `silencedUntil` if that is not 0.
[[nodiscard]] std::string jsonOf(const Alert& alert, std::int64_t silencedUntil = 0);
/// What jsonOf has written. `storage.corrupt`.
[[nodiscard]] Result<Alert> alertOf(std::string_view json);

}  // namespace weir::alerts
