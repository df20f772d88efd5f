// Tests of roles, grants and scopes.
#include "service/auth/grants.h"

#include <doctest/doctest.h>

#include <array>

namespace weir::auth {
namespace {

const Principal kAnna{.user = "anna", .groups = {"sales"}};

Grant grant(std::string subject, Role role, Place at, bool toGroup = false) {
  return {std::move(subject), toGroup, role, std::move(at)};
}

TEST_CASE("each role has what the one before has, and names go both ways") {
  PermissionSet before;
  for (const auto* name : {"viewer", "operator", "editor", "developer", "admin"}) {
    const auto role = roleNamed(name);
    REQUIRE(role);
    CHECK(nameOf(*role) == name);
    CHECK(permissionsOf(*role).hasAll(before));
    CHECK(permissionsOf(*role) != before);
    before = permissionsOf(*role);
  }
  CHECK(!before.has(Permission::serverAdmin));
  CHECK(!roleNamed("root"));
  for (int i = 0; i < kPermissions; ++i) {
    const auto permission = static_cast<Permission>(i);
    CHECK(permissionNamed(nameOf(permission)) == permission);
  }
  CHECK(!permissionNamed("flow.reed"));
}

TEST_CASE("a folder covers itself and what is below it, not names that begin alike") {
  CHECK(covers("", "team"));
  CHECK(covers("team", "team"));
  CHECK(covers("team", "team/reports/old"));
  CHECK(!covers("team", "teams"));
  CHECK(!covers("team/reports", "team"));
}

TEST_CASE("grants add up downwards, for users and their groups") {
  const std::array grants{grant("anna", Role::viewer, {"team", {}}),
                          grant("sales", Role::runner, {"team/reports", {}}, true),
                          grant("bob", Role::administrator, {}), grant("anna", Role::editor, {"other", "flow-7"})};
  CHECK(permissionsAt(kAnna, grants, {"team", "x"}) == permissionsOf(Role::viewer));
  CHECK(permissionsAt(kAnna, grants, {"team/reports", "x"}) == permissionsOf(Role::runner));
  CHECK(permissionsAt(kAnna, grants, {"other", "flow-7"}) == permissionsOf(Role::editor));
  CHECK(permissionsAt(kAnna, grants, {"other", "flow-8"}).empty());
  CHECK(permissionsAt({.user = "sales"}, grants, {"team/reports", {}}).empty());  // the name of a group is no user
}

TEST_CASE("the server's administrator has no data by that alone") {
  const Principal root{.user = "root", .administersServer = true};
  const auto held = permissionsAt(root, {}, {"team", "x"});
  CHECK(held.has(Permission::serverAdmin));
  CHECK(!held.has(Permission::dataRead));
  CHECK(!held.has(Permission::flowRead));
}

TEST_CASE("a scope only ever takes away, also from the server's administrator") {
  const std::array grants{grant("anna", Role::administrator, {})};
  auto token = kAnna;
  token.administersServer = true;
  token.scope = Scope{{Permission::flowRead, Permission::nodeCode}, {"team"}};
  CHECK(permissionsAt(token, grants, {"team/a", "x"}) == PermissionSet{Permission::flowRead, Permission::nodeCode});
  CHECK(permissionsAt(token, grants, {"other", "x"}).empty());
  token.scope = Scope{permissionsOf(Role::administrator), {}};
  CHECK(permissionsAt(token, {}, {"team", "x"}).empty());
}

TEST_CASE("what a query may list is what permissionsAt says of each place, whatever the grants and scopes") {
  const std::array<std::string, 6> folders{"", "team", "team/a", "team/a/b", "teams", "other"};
  std::uint32_t state = 7;
  const auto pick = [&state](std::uint32_t most) {
    state = state * 1664525 + 1013904223;
    return (state >> 16) % most;
  };
  for (int round = 0; round < 3'000; ++round) {
    std::vector<Grant> grants;
    for (std::uint32_t i = pick(5); i > 0; --i) {
      const auto toGroup = pick(2) == 0;
      grants.push_back(grant(toGroup        ? "sales"
                             : pick(2) == 0 ? "anna"
                                            : "bob",
                             static_cast<Role>(pick(5)),
                             {folders[pick(6)], pick(3) == 0 ? "flow-" + std::to_string(pick(2)) : ""}, toGroup));
    }
    auto who = kAnna;
    who.administersServer = pick(4) == 0;
    if (pick(2) == 0) {
      who.scope.emplace();
      for (std::uint32_t i = pick(8); i > 0; --i) {
        who.scope->permissions |= PermissionSet{static_cast<Permission>(pick(kPermissions))};
      }
      for (std::uint32_t i = pick(3); i > 0; --i) who.scope->folders.push_back(folders[pick(6)]);
    }
    const auto permission = static_cast<Permission>(pick(kPermissions));
    const auto reach = reachOf(who, grants, permission);
    for (const auto& folder : folders) {
      for (const auto* flow : {"", "flow-0", "flow-1"}) {
        const Place place{folder, flow};
        CHECK(reach.has(place) == permissionsAt(who, grants, place).has(permission));
        if (reach.everywhere()) CHECK(reach.has(place));
      }
    }
  }
}

TEST_CASE("nobody grants more than they hold") {
  const std::array grants{grant("anna", Role::administrator, {"team", {}}), grant("bob", Role::editor, {"team", {}})};
  CHECK(mayGrant(kAnna, grants, grant("carl", Role::administrator, {"team/a", {}})));
  CHECK(!mayGrant(kAnna, grants, grant("carl", Role::viewer, {"other", {}})));
  CHECK(!mayGrant({.user = "bob"}, grants, grant("carl", Role::viewer, {"team", {}})));
  auto token = kAnna;
  token.scope = Scope{{Permission::flowRead, Permission::folderGrant}, {}};
  CHECK(mayGrant(token, grants, grant("carl", Role::viewer, {"team", {}})));
  CHECK(!mayGrant(token, grants, grant("carl", Role::editor, {"team", {}})));
}

}  // namespace
}  // namespace weir::auth
