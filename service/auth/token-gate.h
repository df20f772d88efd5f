// TokenGate: lets everybody do everything who has one token, where a server knows no people.
#pragma once

#include <string>

#include "service/api/route.h"

namespace weir::auth {

/// Routes without a permission are open. Without a token only requests to this machine's own names are taken, so that
/// no page of another site reaches it by a name that it made lead here.
class TokenGate final : public api::Gate {
 public:
  /// An empty token: there is none.
  explicit TokenGate(const std::string& token);
  api::Job<api::Expected<Unit>> admit(api::Call& call) override;
  PermissionSet permissionsAt(const Principal& who, const Place&) override {
    return who.credential.empty() ? PermissionSet{} : PermissionSet::all();
  }
  api::Expected<void> mustHave(const Principal&, Permission, const Place&, std::string_view) override { return {}; }
  Reach reachOf(const Principal&, Permission) override { return {.folders = {std::string()}}; }
  bool holdsSomewhere(const api::Call&) override { return true; }
  std::uint64_t epoch() const override { return 1; }

 private:
  std::string kept_;  // its hash; empty: there is none
};

}  // namespace weir::auth
