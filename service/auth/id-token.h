// ID tokens of OpenID Connect, and the keys that providers publish: checked as pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/openssl/signature.h"
#include "engine/data/error.h"

namespace weir::auth {

struct ProviderKey {
  std::string id;         // `kid`
  std::string algorithm;  // `alg`; empty: whatever its type allows
  openssl::JsonWebKey key;
};

/// The signing keys of a JSON Web Key Set; those of kinds that we do not take are left out. `auth.provider`.
[[nodiscard]] Result<std::vector<ProviderKey>> readKeys(std::string_view text);

/// What a token must say.
struct IdTokenRules {
  std::string issuer, audience, nonce;
  std::int64_t nowSeconds = 0;
  std::string groupsClaim{};  // empty: none
};

struct IdToken {
  std::string subject, name, fullName;
  std::vector<std::string> groups;
  std::string session;             // the provider's own, `sid`
  std::int64_t provedSeconds = 0;  // when they gave their password there; 0: it is not said
};

/// What a provider says when somebody has signed out there (OpenID Connect Back-Channel Logout).
struct LogoutToken {
  std::string id, subject, session;  // `jti`; of the others one may be empty
};

/// The `kid` of a token's head; empty if there is none. Nothing of it has been checked.
[[nodiscard]] std::string keyIdOf(std::string_view token);

/// Checks signature, algorithm (RS256, PS256, ES256, EdDSA), issuer, audience and `azp`, times with 60 s of skew, and
/// the nonce. Keys come from `keys` alone: `jku`, `jwk` and `x5u` of a token are never looked at. `auth.provider` with
/// what was wrong.
[[nodiscard]] Result<IdToken> readIdToken(std::string_view token, const std::vector<ProviderKey>& keys,
                                          const IdTokenRules& rules);
/// The same of a logout token, which has no nonce, names the event, and was made within the last five minutes.
[[nodiscard]] Result<LogoutToken> readLogoutToken(std::string_view token, const std::vector<ProviderKey>& keys,
                                                  const IdTokenRules& rules);

}  // namespace weir::auth
