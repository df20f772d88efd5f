// Records as JSON. Each kind names its members once, for writing and for reading.
#include "service/auth/records.h"

#include <optional>

#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::auth {
namespace {

class Write {
 public:
  explicit Write(json::Writer& out) : out_(out) {}
  void operator()(std::string_view key, std::string& text) { out_.key(key).value(text); }
  void operator()(std::string_view key, bool& flag) { out_.key(key).value(flag); }
  void operator()(std::string_view key, std::int64_t& number) { out_.key(key).value(number); }
  void operator()(std::string_view key, std::vector<std::string>& texts) {
    out_.key(key).beginArray();
    for (const auto& text : texts) out_.value(text);
    out_.endArray();
  }
  void operator()(std::string_view key, std::vector<Identity>& identities) {
    out_.key(key).beginArray();
    for (const auto& one : identities) out_.beginArray().value(one.issuer).value(one.subject).endArray();
    out_.endArray();
  }
  void operator()(std::string_view key, Role& role) { out_.key(key).value(nameOf(role)); }

 private:
  json::Writer& out_;
};

class Read {
 public:
  explicit Read(const json::Value& from) : from_(from) {}
  void operator()(std::string_view key, std::string& text) {
    if (const auto* found = from_.find(key); found != nullptr && found->isString()) text = *found->asString();
  }
  void operator()(std::string_view key, bool& flag) {
    if (const auto* found = from_.find(key); found != nullptr && found->asBool() != nullptr) flag = *found->asBool();
  }
  void operator()(std::string_view key, std::int64_t& number) {
    const auto* found = from_.find(key);
    if (found != nullptr && found->asInt64() != nullptr) number = *found->asInt64();
  }
  void operator()(std::string_view key, std::vector<std::string>& texts) {
    const auto* found = from_.find(key);
    if (found == nullptr || found->asArray() == nullptr) return;
    for (const auto& one : *found->asArray()) {
      if (one.isString()) texts.push_back(*one.asString());
    }
  }
  void operator()(std::string_view key, std::vector<Identity>& identities) {
    const auto* found = from_.find(key);
    if (found == nullptr || found->asArray() == nullptr) return;
    for (const auto& one : *found->asArray()) {
      const auto* issuer = one.at(0);
      const auto* subject = one.at(1);
      if (issuer == nullptr || subject == nullptr || !issuer->isString() || !subject->isString()) continue;
      identities.push_back({*issuer->asString(), *subject->asString()});
    }
  }
  void operator()(std::string_view key, Role& role) {
    std::string name;
    (*this)(key, name);
    if (const auto known = roleNamed(name)) role = *known;
  }

 private:
  const json::Value& from_;
};

template <class Visit>
void members(User& user, Visit visit) {
  visit("name", user.name);
  visit("fullName", user.fullName);
  visit("password", user.password);
  visit("disabled", user.disabled);
  visit("administersServer", user.administersServer);
  visit("administersByClaim", user.administersByClaim);
  visit("service", user.service);
  visit("createdAt", user.createdAt);
  visit("identities", user.identities);
}

template <class Visit>
void members(Group& group, Visit visit) {
  visit("name", group.name);
  visit("members", group.members);
  visit("claim", group.claim);
}

template <class Visit>
void members(Session& session, Visit visit) {
  visit("user", session.user);
  visit("createdAt", session.createdAt);
  visit("seenAt", session.seenAt);
  visit("provedAt", session.provedAt);
  visit("address", session.address);
  visit("client", session.client);
  visit("issuer", session.issuer);
  visit("providerSession", session.providerSession);
}

template <class Visit>
void members(Token& token, Visit visit) {
  visit("hash", token.hash);
  visit("user", token.user);
  visit("name", token.name);
  visit("permissions", token.permissions);
  visit("folders", token.folders);
  visit("createdAt", token.createdAt);
  visit("expiresAt", token.expiresAt);
  visit("usedAt", token.usedAt);
}

template <class Visit>
void members(KeptGrant& kept, Visit visit) {
  visit("subject", kept.grant.subject);
  visit("toGroup", kept.grant.toGroup);
  visit("role", kept.grant.role);
  visit("folder", kept.grant.at.folder);
  visit("flow", kept.grant.at.flow);
  visit("by", kept.by);
  visit("createdAt", kept.createdAt);
}

template <class T>
std::string written(T record) {
  std::string text;
  json::Writer out(text);
  out.beginObject();
  members(record, Write(out));
  out.endObject();
  return text;
}

template <class T>
Result<T> read(std::string_view id, std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed || !parsed->root().isObject()) {
    return fail("storage.corrupt", "the record '" + std::string(id) + "' of the database is no JSON object");
  }
  T record;
  record.id = id;
  members(record, Read(parsed->root()));
  return record;
}

}  // namespace

std::string toJson(const User& user) { return written(user); }
std::string toJson(const Group& group) { return written(group); }
std::string toJson(const Session& session) { return written(session); }
std::string toJson(const Token& token) { return written(token); }
std::string toJson(const KeptGrant& grant) { return written(grant); }

template <>
Result<User> recordOf<User>(std::string_view id, std::string_view text) {
  return read<User>(id, text);
}
template <>
Result<Group> recordOf<Group>(std::string_view id, std::string_view text) {
  return read<Group>(id, text);
}
template <>
Result<Session> recordOf<Session>(std::string_view id, std::string_view text) {
  return read<Session>(id, text);
}
template <>
Result<Token> recordOf<Token>(std::string_view id, std::string_view text) {
  return read<Token>(id, text);
}
template <>
Result<KeptGrant> recordOf<KeptGrant>(std::string_view id, std::string_view text) {
  return read<KeptGrant>(id, text);
}

PermissionSet permissionsNamed(const std::vector<std::string>& names) {
  PermissionSet set;
  for (const auto& name : names) {
    if (const auto permission = permissionNamed(name)) set |= PermissionSet{*permission};
  }
  return set;
}

}  // namespace weir::auth
