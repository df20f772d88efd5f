// ServerAuditor: writes what the table says into the audit log, and refusals.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "engine/host/clock.h"
#include "service/api/auditor.h"
#include "service/resources/audit/audited.h"
#include "service/store/audit.h"

namespace weir::api {

struct Route;

/// Of refusals, those of callers who are known, and tokens that are none; of one caller or address at most 60 a
/// minute, and then how many were left out: a log that only grows must not be filled by who may not even come in. Who
/// reads the same thing again and again has an entry a minute for it, the next of which says how many reads it stands
/// for: nobody can read what they did before out of the log.
class ServerAuditor final : public Auditor {
 public:
  /// The change that this thread asks the database for next takes the entry along.
  using TakeAlong = std::function<void(store::AuditEntry entry)>;
  /// Both outlive it, as does what `takeAlong` uses; without it entries are appended when a change was made.
  ServerAuditor(store::AuditLog& log, Clock& clock, TakeAlong takeAlong = {})
      : log_(log), clock_(clock), takeAlong_(std::move(takeAlong)) {}
  void changing(Call& call) override;
  void begins(const Call& call) override { noted_.erase(&call); }
  void note(Call& call, std::string_view made, std::string_view was) override;
  bool wants(const Call& call, int status) override;
  Job<Expected<Unit>> keep(Call& call, const Response& response) override;

  static constexpr std::int64_t kWindowMs = 60'000, kMostRefusals = 60;
  static constexpr std::size_t kMostCallers = 10'000;

 private:
  struct Window {
    std::int64_t beganMs = 0, refusals = 0, leftOut = 0;
  };
  struct Reading {
    std::int64_t beganMs = 0, repeated = 0;
  };
  [[nodiscard]] Window& windowOf(const Call& call);
  /// How many reads before this one were left out; nothing: this one is, too.
  [[nodiscard]] std::optional<std::int64_t> readsBefore(const Call& call, const Audited& audited);
  /// The row of a route; looked for once.
  [[nodiscard]] const Audited* rowOf(const Route& route);

  store::AuditLog& log_;
  Clock& clock_;
  TakeAlong takeAlong_;
  std::unordered_map<const Route*, const Audited*> rows_;
  std::set<const Call*> noted_;                           // whose entries are on their way with their changes
  std::map<std::string, Window, std::less<>> windows_;    // by credential, or address
  std::map<std::string, Reading, std::less<>> readings_;  // by that, operation and object
};

}  // namespace weir::api
