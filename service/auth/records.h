// What a server keeps of people: users, groups, sessions, tokens and grants, and the texts they are stored as.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "service/auth/grants.h"

namespace weir::auth {

/// Who somebody is at a provider (OpenID Connect): never by e-mail.
struct Identity {
  std::string issuer, subject;
  [[nodiscard]] bool operator==(const Identity&) const = default;
};

struct User {
  std::string id;
  std::string name;  // by which they sign in; unique whatever the case
  std::string fullName;
  std::string password;  // its hash; empty: none, so that nobody signs in with one
  bool disabled = false;
  bool administersServer = false;
  bool administersByClaim = false;  // because a provider's claim says so, and only as long as it does
  bool service = false;             // a program: it has tokens and never signs in
  std::int64_t createdAt = 0;
  std::vector<Identity> identities;
};

struct Group {
  std::string id, name;
  std::vector<std::string> members;  // ids of users
  std::string claim;                 // members come and go with this value of a provider's claim; empty: by hand
};

struct Session {
  std::string id;  // the hash of what the cookie holds
  std::string user;
  std::int64_t createdAt = 0, seenAt = 0;
  std::int64_t provedAt = 0;  // when the password was given last
  std::string address, client;
  std::string issuer, providerSession;  // of one that came from a provider
};

struct Token {
  std::string id, hash, user, name;
  std::vector<std::string> permissions, folders;  // by their names; no folders: everywhere
  std::int64_t createdAt = 0, expiresAt = 0, usedAt = 0;
};

/// Grants that follow from a provider's claim, and go with it.
inline constexpr std::string_view kByProvider = "provider";

struct KeptGrant {
  std::string id;
  Grant grant;
  std::string by;  // the user who gave it, or kByProvider
  std::int64_t createdAt = 0;
};

/// How each is stored; its id stands beside it.
[[nodiscard]] std::string toJson(const User& user);
[[nodiscard]] std::string toJson(const Group& group);
[[nodiscard]] std::string toJson(const Session& session);
[[nodiscard]] std::string toJson(const Token& token);
[[nodiscard]] std::string toJson(const KeptGrant& grant);

/// `storage.corrupt` for what toJson has not written; members that are not known are left out.
template <class T>
[[nodiscard]] Result<T> recordOf(std::string_view id, std::string_view text);
template <>
Result<User> recordOf<User>(std::string_view id, std::string_view text);
template <>
Result<Group> recordOf<Group>(std::string_view id, std::string_view text);
template <>
Result<Session> recordOf<Session>(std::string_view id, std::string_view text);
template <>
Result<Token> recordOf<Token>(std::string_view id, std::string_view text);
template <>
Result<KeptGrant> recordOf<KeptGrant>(std::string_view id, std::string_view text);

/// Names of permissions as a set; those that are not known give nothing.
[[nodiscard]] PermissionSet permissionsNamed(const std::vector<std::string>& names);

}  // namespace weir::auth
