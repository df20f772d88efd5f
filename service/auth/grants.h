// Grants: who has which role where, and what follows from that for one object.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/auth/permission.h"

namespace weir::auth {

/// Whether `folder` is `above` or lies below it: `team` covers `team/reports`, not `teams`.
[[nodiscard]] inline bool covers(std::string_view above, std::string_view folder) {
  if (above.empty() || above == folder) return true;
  return folder.size() > above.size() && folder.starts_with(above) && folder[above.size()] == '/';
}

/// Folders are written `team/reports`, without slashes at the ends; the root is empty.
struct Place {
  std::string folder;
  std::string flow;  // the server's key of a flow in it; empty: the folder itself
};

/// To a user or to a group; holds in the folder and all below it, or for one flow.
struct Grant {
  std::string subject;  // id of a user or of a group
  bool toGroup = false;
  Role role = Role::viewer;
  Place at{};
};

/// What a token leaves of its owner's rights.
struct Scope {
  PermissionSet permissions{};
  std::vector<std::string> folders{};  // these and those below; empty: all
};

/// Who asks, as the session or the token has told. An absent scope cuts nothing.
struct Principal {
  std::string user;
  std::vector<std::string> groups{};
  bool administersServer = false;
  std::optional<Scope> scope{};
  std::string credential{};  // the id of the session or token, by which a gate knows that it has ended
};

/// Where somebody holds a permission, for queries that list only that.
struct Reach {
  std::vector<std::string> folders{};  // these and all below; one that is empty: everywhere
  std::vector<std::string> flows{};    // these too, by their keys
  std::vector<std::string> within{};   // if there are any: only what is in these or below, flows too

  [[nodiscard]] bool has(const Place& place) const {
    const auto covered = [&place](const std::string& folder) { return covers(folder, place.folder); };
    if (!within.empty() && std::ranges::none_of(within, covered)) return false;
    if (std::ranges::any_of(folders, covered)) return true;
    return !place.flow.empty() && std::ranges::contains(flows, place.flow);
  }
  /// Nothing is to be left out.
  [[nodiscard]] bool everywhere() const { return within.empty() && std::ranges::contains(folders, std::string()); }
  [[nodiscard]] bool operator==(const Reach&) const = default;
};

/// What the principal may do at a place: the union of what is granted there and above, cut by the scope. The server's
/// administrator has serverAdmin everywhere, and nothing else that no grant gives.
[[nodiscard]] PermissionSet permissionsAt(const Principal& principal, std::span<const Grant> grants,
                                          const Place& place);

/// All places where the principal holds the permission: `has` says of each place what permissionsAt says of it.
[[nodiscard]] Reach reachOf(const Principal& principal, std::span<const Grant> grants, Permission permission);

/// Nobody grants more than they hold: `grant` needs folderGrant there, and every permission of its role.
[[nodiscard]] bool mayGrant(const Principal& principal, std::span<const Grant> grants, const Grant& grant);

}  // namespace weir::auth
