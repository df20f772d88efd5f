// ProviderSettings: which identity provider people may sign in with, and what its claims give them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "service/auth/grants.h"

namespace weir::auth {

/// A value of the claim, and what who has it holds: a role in a folder, or the server's administration.
struct ClaimRole {
  std::string value;
  bool administersServer = false;
  Role role = Role::viewer;
  std::string folder;  // empty: the root
  [[nodiscard]] bool operator==(const ClaimRole&) const = default;
};

/// `VALUE=ROLE`, `VALUE=ROLE:FOLDER` or `VALUE=server.admin`; a value may have `=` itself. `settings.invalid`.
[[nodiscard]] Result<ClaimRole> readClaimRole(std::string_view text);

struct ProviderSettings {
  std::string issuer;  // as the provider writes itself, without a slash that it does not write
  std::string clientId, clientSecret;
  std::string label = "the identity provider";  // on the button
  std::string scopes = "openid profile";
  std::string claim;  // whose values are groups and roles; empty: none
  std::vector<ClaimRole> roles;
  std::string caFile;     // PEM; empty: the machine's
  std::string returnUrl;  // where people reach this server, without a slash at its end
};

/// `settings.invalid`: an issuer or address that is no https:// URL (http:// to loopback alone), no client id, scopes
/// without `openid`, roles without a claim.
[[nodiscard]] Result<Unit> check(const ProviderSettings& settings);

/// Whether requests with secrets may go there: over TLS, or to this machine.
[[nodiscard]] bool isSafeAddress(std::string_view url);

}  // namespace weir::auth
