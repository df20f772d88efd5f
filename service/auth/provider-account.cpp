// Accounts of people who come from a provider.
#include "service/auth/provider-account.h"

#include <algorithm>
#include <utility>

#include "service/auth/secret-text.h"

namespace weir::auth {
namespace {

constexpr std::size_t kLongestName = 80;

bool mayStandInName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_' || c == '@';
}

/// A name that nobody has. It only shows who it is: whoever had it elsewhere gets nothing by it here.
std::string freeName(const Directory& directory, std::string_view wanted) {
  std::string name;
  for (const char c : wanted.substr(0, kLongestName)) {
    if (mayStandInName(c)) name += c;
  }
  if (name.empty()) name = "user";
  if (directory.userNamed(name) == nullptr) return name;
  for (int i = 2;; ++i) {
    auto other = name + "-" + std::to_string(i);
    if (directory.userNamed(other) == nullptr) return other;
  }
}

void applyGroups(const Directory& directory, const IdToken& token, const std::string& user, DirectoryChange& change) {
  for (const auto& [id, group] : directory.groups()) {
    if (group.claim.empty()) continue;
    const bool wanted = std::ranges::contains(token.groups, group.claim);
    if (wanted == std::ranges::contains(group.members, user)) continue;
    change.groups.push_back(group);
    auto& members = change.groups.back().members;
    if (wanted) {
      members.push_back(user);
    } else {
      std::erase(members, user);
    }
  }
}

void applyGrants(const Directory& directory, const std::vector<ClaimRole>& roles, const std::string& user,
                 std::int64_t nowMs, DirectoryChange& change) {
  std::vector<Grant> missing;
  for (const auto& role : roles) {
    if (!role.administersServer) missing.push_back({user, false, role.role, {role.folder, {}}});
  }
  for (const auto& [id, kept] : directory.grants()) {
    if (kept.by != kByProvider || kept.grant.toGroup || kept.grant.subject != user) continue;
    const auto same = std::ranges::find_if(missing, [&kept](const Grant& one) {
      return one.role == kept.grant.role && one.at.folder == kept.grant.at.folder;
    });
    if (same == missing.end()) {
      change.goneGrants.push_back(id);
    } else {
      missing.erase(same);
    }
  }
  for (auto& grant : missing) {
    change.grants.push_back(
        {.id = newId(), .grant = std::move(grant), .by = std::string(kByProvider), .createdAt = nowMs});
  }
}

}  // namespace

void applyClaims(const Directory& directory, const ProviderSettings& settings, const IdToken& token, std::int64_t nowMs,
                 ProviderAccount& account) {
  auto& user = account.user;
  const auto before = user;
  if (user.fullName.empty()) user.fullName = token.fullName.substr(0, 200);
  if (!settings.claim.empty()) {
    std::vector<ClaimRole> roles;
    for (const auto& role : settings.roles) {
      if (std::ranges::contains(token.groups, role.value)) roles.push_back(role);
    }
    applyGroups(directory, token, user.id, account.change);
    applyGrants(directory, roles, user.id, nowMs, account.change);
    const bool administers = std::ranges::any_of(roles, &ClaimRole::administersServer);
    if (administers && !user.administersServer) {
      user.administersServer = user.administersByClaim = true;
    } else if (!administers && user.administersByClaim && directory.otherAdministrators(user.id) > 0) {
      user.administersServer = user.administersByClaim = false;
    }
  }
  if (account.isNew || toJson(user) != toJson(before)) account.change.users.push_back(user);
}

ProviderAccount accountOf(const Directory& directory, const ProviderSettings& settings, const IdToken& token,
                          std::int64_t nowMs) {
  ProviderAccount account;
  const Identity identity{settings.issuer, token.subject};
  if (const auto* known = directory.userOf(identity)) {
    account.user = *known;
  } else {
    account.isNew = true;
    account.user.id = newId();
    account.user.name = freeName(directory, token.name);
    account.user.createdAt = nowMs;
    account.user.identities.push_back(identity);
  }
  applyClaims(directory, settings, token, nowMs, account);
  return account;
}

}  // namespace weir::auth
