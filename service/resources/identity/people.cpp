// People in answers.
#include "service/resources/identity/people.h"

#include <algorithm>

#include "service/auth/easy-password.h"

namespace weir::api {
namespace {

constexpr std::size_t kShortest = 12, kLongest = 1000;

}  // namespace

void writeUser(json::Writer& out, const auth::User& user) {
  out.beginObject().key("id").value(user.id).key("name").value(user.name).key("fullName").value(user.fullName);
  out.key("disabled").value(user.disabled).key("administersServer").value(user.administersServer);
  out.key("service").value(user.service).key("hasPassword").value(!user.password.empty());
  out.key("createdAt").value(user.createdAt).key("providers").beginArray();
  for (const auto& identity : user.identities) out.value(identity.issuer);
  out.endArray().endObject();
}

void writeGroup(json::Writer& out, const auth::Group& group) {
  out.beginObject().key("id").value(group.id).key("name").value(group.name).key("claim").value(group.claim);
  out.key("members").beginArray();
  for (const auto& member : group.members) out.value(member);
  out.endArray().endObject();
}

void writeGrant(json::Writer& out, const auth::KeptGrant& kept, const auth::Directory& directory) {
  const auto& grant = kept.grant;
  out.beginObject().key("id").value(kept.id).key(grant.toGroup ? "group" : "user").value(grant.subject);
  std::string name;
  if (const auto* group = directory.group(grant.subject); group != nullptr && grant.toGroup) name = group->name;
  if (const auto* user = directory.user(grant.subject); user != nullptr && !grant.toGroup) name = user->name;
  out.key("name").value(name).key("role").value(auth::nameOf(grant.role)).key("folder").value(grant.at.folder);
  if (!grant.at.flow.empty()) out.key("flow").value(grant.at.flow);
  out.key("by").value(kept.by).key("createdAt").value(kept.createdAt).endObject();
}

void writeToken(json::Writer& out, const auth::Token& token) {
  out.beginObject().key("id").value(token.id).key("user").value(token.user).key("name").value(token.name);
  out.key("permissions").beginArray();
  for (const auto& permission : token.permissions) out.value(permission);
  out.endArray().key("folders").beginArray();
  for (const auto& folder : token.folders) out.value(folder);
  out.endArray().key("createdAt").value(token.createdAt).key("expiresAt").value(token.expiresAt);
  out.key("usedAt").value(token.usedAt).endObject();
}

Expected<void> checkName(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == '@';
  };
  if (!name.empty() && name.size() <= 100 && std::ranges::all_of(name, good)) return {};
  return refuse(422, "auth.name",
                "a name has 1 to 100 letters, digits, dots, dashes, underscores and @, and '" +
                    std::string(name.substr(0, 100)) + "' is none");
}

Expected<void> checkPassword(std::string_view password, std::string_view name) {
  if (password.size() < kShortest || password.size() > kLongest) {
    return refuse(422, "auth.password",
                  "a password has 12 to 1000 bytes, and this one has " + std::to_string(password.size()));
  }
  if (auth::isEasyPassword(password, name)) {
    return refuse(422, "auth.password", "everybody would try this password; take one that nobody can guess");
  }
  return {};
}

std::string named(std::string_view name) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("name").value(name.substr(0, 200)).endObject();
  return text;
}

std::string userText(const auth::User& user) {
  std::string text;
  json::Writer out(text);
  writeUser(out, user);
  return text;
}

}  // namespace weir::api
