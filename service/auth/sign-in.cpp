// Who can come in.
#include "service/auth/sign-in.h"

#include <algorithm>

#include "service/auth/provider.h"

namespace weir::auth {

bool SignIn::letsIn(const User& user) const {
  if (!user.password.empty() && takesPasswordOf(user.name)) return true;
  return provider != nullptr && std::ranges::any_of(user.identities, [this](const Identity& identity) {
           return identity.issuer == provider->settings().issuer;
         });
}

}  // namespace weir::auth
