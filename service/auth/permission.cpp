// The tables of permissions and roles.
#include "service/auth/permission.h"

#include <array>
#include <cstddef>

namespace weir::auth {
namespace {

constexpr std::array<std::string_view, kPermissions> kNames{
    "flow.read", "flow.edit",         "flow.publish",    "run.start",   "run.stop",     "run.debug",
    "data.read", "deadletter.replay", "deadletter.edit", "secret.use",  "secret.write", "mount.use",
    "node.code", "folder.grant",      "audit.read",      "server.admin"};

constexpr std::array<std::string_view, 5> kRoles{"viewer", "operator", "editor", "developer", "admin"};

constexpr PermissionSet kViewer{Permission::flowRead};
constexpr PermissionSet kRunner = kViewer | PermissionSet{Permission::dataRead, Permission::runStart,
                                                          Permission::runStop, Permission::deadLetterReplay};
constexpr PermissionSet kEditor =
    kRunner | PermissionSet{Permission::flowEdit,       Permission::flowPublish, Permission::runDebug,
                            Permission::deadLetterEdit, Permission::secretUse,   Permission::mountUse};
constexpr PermissionSet kDeveloper = kEditor | PermissionSet{Permission::nodeCode};
constexpr PermissionSet kAdministrator =
    kDeveloper | PermissionSet{Permission::secretWrite, Permission::folderGrant, Permission::auditRead};

}  // namespace

std::string_view nameOf(Permission permission) { return kNames[static_cast<std::size_t>(permission)]; }

std::optional<Permission> permissionNamed(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Permission>(i);
  }
  return std::nullopt;
}

std::string_view nameOf(Role role) { return kRoles[static_cast<std::size_t>(role)]; }

std::optional<Role> roleNamed(std::string_view name) {
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    if (kRoles[i] == name) return static_cast<Role>(i);
  }
  return std::nullopt;
}

PermissionSet permissionsOf(Role role) {
  switch (role) {
    case Role::viewer:
      return kViewer;
    case Role::runner:
      return kRunner;
    case Role::editor:
      return kEditor;
    case Role::developer:
      return kDeveloper;
    case Role::administrator:
      return kAdministrator;
  }
  return {};
}

}  // namespace weir::auth
