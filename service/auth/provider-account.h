// What a token of an identity provider makes of an account: who it is, and the groups and roles of its claim.
#pragma once

#include <string>

#include "service/auth/directory.h"
#include "service/auth/id-token.h"
#include "service/auth/provider-settings.h"

namespace weir::auth {

struct ProviderAccount {
  User user;
  bool isNew = false;
  DirectoryChange change;  // with the user in it, if anything of them is another
};

/// Who somebody is follows from issuer and subject alone. A first sign-in makes an account that may do nothing by
/// itself. Membership in groups with a claim, and grants that came by the claim, are as the token says afterwards; the
/// last administrator of the server stays one. Nothing may be under way in the directory (Directory::idle).
[[nodiscard]] ProviderAccount accountOf(const Directory& directory, const ProviderSettings& settings,
                                        const IdToken& token, std::int64_t nowMs);
/// The same for a user who is known: adds to `account.change`.
void applyClaims(const Directory& directory, const ProviderSettings& settings, const IdToken& token, std::int64_t nowMs,
                 ProviderAccount& account);

}  // namespace weir::auth
