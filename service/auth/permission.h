// Permission: what somebody may do, and Role: the sets of permissions that people are given.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace weir::auth {

/// The one list of permissions; routes name them, and the authorisation matrix is made of both.
enum class Permission : std::uint8_t {
  flowRead,
  flowEdit,
  flowPublish,
  runStart,
  runStop,
  runDebug,
  dataRead,
  deadLetterReplay,
  deadLetterEdit,
  secretUse,
  secretWrite,
  mountUse,
  nodeCode,
  folderGrant,
  auditRead,
  /// Of the server as a whole: users, configuration, backup. Gives no right to any folder by itself.
  serverAdmin,
};
inline constexpr int kPermissions = 16;

/// `flow.read`, `deadletter.edit` and so on, as documents and answers write them.
[[nodiscard]] std::string_view nameOf(Permission permission);
[[nodiscard]] std::optional<Permission> permissionNamed(std::string_view name);

class PermissionSet {
 public:
  constexpr PermissionSet() = default;
  constexpr PermissionSet(std::initializer_list<Permission> permissions) {
    for (const auto permission : permissions) bits_ |= bitOf(permission);
  }
  [[nodiscard]] static constexpr PermissionSet all() { return PermissionSet((std::uint32_t{1} << kPermissions) - 1); }
  [[nodiscard]] constexpr bool has(Permission permission) const { return (bits_ & bitOf(permission)) != 0; }
  [[nodiscard]] constexpr bool hasAll(PermissionSet others) const { return (others.bits_ & ~bits_) == 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr PermissionSet operator|(PermissionSet others) const {
    return PermissionSet(bits_ | others.bits_);
  }
  [[nodiscard]] constexpr PermissionSet operator&(PermissionSet others) const {
    return PermissionSet(bits_ & others.bits_);
  }
  constexpr PermissionSet& operator|=(PermissionSet others) {
    bits_ |= others.bits_;
    return *this;
  }
  [[nodiscard]] constexpr bool operator==(const PermissionSet&) const = default;

 private:
  constexpr explicit PermissionSet(std::uint32_t bits) : bits_(bits) {}
  [[nodiscard]] static constexpr std::uint32_t bitOf(Permission permission) {
    return std::uint32_t{1} << static_cast<unsigned>(permission);
  }
  std::uint32_t bits_ = 0;
};

/// Each has what the one before has, and more. `administrator` has all of a folder.
enum class Role : std::uint8_t { viewer, runner, editor, developer, administrator };

/// `viewer operator editor developer admin`.
[[nodiscard]] std::string_view nameOf(Role role);
[[nodiscard]] std::optional<Role> roleNamed(std::string_view name);
[[nodiscard]] PermissionSet permissionsOf(Role role);

}  // namespace weir::auth
