// ServerAuditor: writes what the table says into the audit log, and refusals.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "engine/host/clock.h"
#include "service/api/auditor.h"
#include "service/resources/audit/audited.h"
#include "service/store/audit.h"

namespace weir::api {

struct Route;

/// Of refusals, those of callers who are known, and tokens that are none; of one caller or address at most 60 a
/// minute, and then how many were left out: a log that only grows must not be filled by who may not even come in.
class ServerAuditor final : public Auditor {
 public:
  /// Both outlive it.
  ServerAuditor(store::AuditLog& log, Clock& clock) : log_(log), clock_(clock) {}
  void changing(Call& call) override;
  bool wants(const Call& call, int status) override;
  Job<Expected<Unit>> keep(Call& call, const Response& response) override;

  static constexpr std::int64_t kWindowMs = 60'000, kMostRefusals = 60;
  static constexpr std::size_t kMostCallers = 10'000;

 private:
  struct Window {
    std::int64_t beganMs = 0, refusals = 0, leftOut = 0;
  };
  [[nodiscard]] Window& windowOf(const Call& call);
  /// The row of a route; looked for once.
  [[nodiscard]] const Audited* rowOf(const Route& route);

  store::AuditLog& log_;
  Clock& clock_;
  std::unordered_map<const Route*, const Audited*> rows_;
  std::map<std::string, Window, std::less<>> windows_;  // by credential, or address
};

}  // namespace weir::api
