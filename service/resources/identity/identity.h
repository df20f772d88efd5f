// The resources about people: setup, sessions, users, groups, roles, grants and tokens.
#pragma once

#include <span>

#include "service/api/route.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> identityRoutes();

/// Those about the identity provider.
[[nodiscard]] std::span<const Route> providerRoutes();

Job<Response> getSetup(Call& call);
Job<Response> setUp(Call& call);
Job<Response> signIn(Call& call);
Job<Response> getSession(Call& call);
Job<Response> confirmSession(Call& call);
Job<Response> signOut(Call& call);
Job<Response> getSignIn(Call& call);
Job<Response> beginAtProvider(Call& call);
Job<Response> comeFromProvider(Call& call);
Job<Response> signOutFromProvider(Call& call);
Job<Response> confirmAtProvider(Call& call);
Job<Response> linkProvider(Call& call);
Job<Response> unlinkProvider(Call& call);
Job<Response> getMe(Call& call);
Job<Response> changePassword(Call& call);
Job<Response> listSessions(Call& call);
Job<Response> endSession(Call& call);

Job<Response> listUsers(Call& call);
Job<Response> createUser(Call& call);
Job<Response> getUser(Call& call);
Job<Response> changeUser(Call& call);
Job<Response> removeUser(Call& call);
Job<Response> endUserSessions(Call& call);
Job<Response> listGroups(Call& call);
Job<Response> createGroup(Call& call);
Job<Response> replaceGroup(Call& call);
Job<Response> removeGroup(Call& call);

Job<Response> listRoles(Call& call);
Job<Response> listGrants(Call& call);
Job<Response> createGrant(Call& call);
Job<Response> removeGrant(Call& call);

Job<Response> listTokens(Call& call);
Job<Response> createToken(Call& call);
Job<Response> listUserTokens(Call& call);
Job<Response> createUserToken(Call& call);
Job<Response> removeToken(Call& call);

}  // namespace weir::api
