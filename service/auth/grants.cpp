// What follows from grants. Rights are only ever added up and then cut: no grant takes another's rights away.
#include "service/auth/grants.h"

#include <algorithm>

namespace weir::auth {
namespace {

bool isFor(const Grant& grant, const Principal& principal) {
  return grant.toGroup ? std::ranges::contains(principal.groups, grant.subject) : grant.subject == principal.user;
}

bool holdsAt(const Grant& grant, const Place& place) {
  if (!grant.at.flow.empty()) return grant.at.flow == place.flow;
  return covers(grant.at.folder, place.folder);
}

bool inScope(const Scope& scope, const Place& place) {
  return scope.folders.empty() || std::ranges::any_of(scope.folders, [&place](const std::string& folder) {
           return covers(folder, place.folder);
         });
}

}  // namespace

PermissionSet permissionsAt(const Principal& principal, std::span<const Grant> grants, const Place& place) {
  PermissionSet held;
  for (const auto& grant : grants) {
    if (isFor(grant, principal) && holdsAt(grant, place)) held |= permissionsOf(grant.role);
  }
  if (principal.administersServer) held |= PermissionSet{Permission::serverAdmin};
  if (!principal.scope) return held;
  return inScope(*principal.scope, place) ? held & principal.scope->permissions : PermissionSet{};
}

Reach reachOf(const Principal& principal, std::span<const Grant> grants, Permission permission) {
  Reach reach;
  if (principal.scope) {
    if (!principal.scope->permissions.has(permission)) return reach;
    reach.within = principal.scope->folders;
  }
  // An administrator's only right is of the server, not of what is in it, but is held at every place.
  if (principal.administersServer && permission == Permission::serverAdmin) reach.folders.emplace_back();
  for (const auto& grant : grants) {
    if (!isFor(grant, principal) || !permissionsOf(grant.role).has(permission)) continue;
    (grant.at.flow.empty() ? reach.folders : reach.flows)
        .push_back(grant.at.flow.empty() ? grant.at.folder : grant.at.flow);
  }
  return reach;
}

bool mayGrant(const Principal& principal, std::span<const Grant> grants, const Grant& grant) {
  const auto held = permissionsAt(principal, grants, grant.at);
  return held.has(Permission::folderGrant) && held.hasAll(permissionsOf(grant.role));
}

}  // namespace weir::auth
