// Users and groups, for the administrators of the server.
#include <algorithm>
#include <utility>

#include "engine/text/utf8.h"
#include "service/api/once.h"
#include "service/auth/secret-text.h"
#include "service/resources/identity/change.h"
#include "service/resources/identity/identity.h"
#include "service/resources/identity/people.h"
#include "service/resources/paging.h"

namespace weir::api {
namespace {

Response userAnswer(const auth::User& user, int status = 200) { return jsonAnswer(userText(user), status); }

Refusal nameTaken(std::string_view what, std::string_view name) {
  return {409, "storage.exists", "there is a " + std::string(what) + " '" + std::string(name) + "' already"};
}

Refusal lastOne() {
  return {409, "auth.last_administrator",
          "this would leave the server without an administrator who can sign in; make somebody else one first"};
}

/// The hash of a password that was given; empty: none was.
Job<Expected<std::string>> hashed(Call& call, std::string password, std::string name) {
  if (password.empty()) co_return std::string();
  if (!signInOf(call).takesPasswordOf(name)) {
    co_return refuse(403, "auth.passwords_off", "passwords are switched off here; people sign in through the provider");
  }
  if (auto good = checkPassword(password, name); !good) co_return std::unexpected(good.error());
  auto hash = co_await call.of(signInOf(call).passwords.hash(std::move(password), call.waker()));
  if (!hash) co_return std::unexpected(refusalOf(hash.error()));
  co_return std::move(*hash);
}

/// All that ends with a user, or when they may no longer come in.
void endAll(const auth::Directory& directory, const std::string& user, bool tokens, auth::DirectoryChange& change) {
  for (const auto& [id, session] : directory.sessions()) {
    if (session.user == user) change.goneSessions.push_back(id);
  }
  if (!tokens) return;
  for (const auto& [id, token] : directory.tokens()) {
    if (token.user == user) change.goneTokens.push_back(id);
  }
}

std::string groupText(const auth::Group& group) {
  std::string text;
  json::Writer out(text);
  writeGroup(out, group);
  return text;
}

/// Whoever comes into a group gets what it was granted: nobody gives more than they hold.
Expected<void> mayFill(Call& call, const auth::Group& before, const auth::Group& after) {
  auto& directory = directoryOf(call);
  const auto isOld = [&before](const std::string& member) { return std::ranges::contains(before.members, member); };
  if (std::ranges::all_of(after.members, isOld)) return {};
  for (const auto& [id, kept] : directory.grants()) {
    if (!kept.grant.toGroup || kept.grant.subject != after.id) continue;
    if (directory.mayGrant(call.principal, kept.grant)) continue;
    return refuse(403, "auth.grant",
                  "the group has rights in '" + kept.grant.at.folder + "' that you do not hold; ask somebody who does");
  }
  return {};
}

Expected<void> checkMembers(const auth::Directory& directory, const std::vector<std::string>& members) {
  for (const auto& member : members) {
    if (directory.user(member) == nullptr) {
      return refuse(422, "api.body", "'members' names '" + member + "', which is the id of no user");
    }
  }
  return {};
}

const auth::Group* groupNamed(const auth::Directory& directory, std::string_view name) {
  for (const auto& [id, group] : directory.groups()) {
    if (group.name == name) return &group;
  }
  return nullptr;
}

}  // namespace

Job<Response> listUsers(Call& call) {
  auto asked = pageAsked(call.query, "users");
  if (!asked) co_return toResponse(asked.error());
  const auto& directory = directoryOf(call);
  const auto search = call.query.text("search");
  const auto* group = call.query.find("group");
  const auto* in = group == nullptr ? nullptr : directory.group(*group);
  PageOf<auth::User> page(std::move(*asked));
  for (const auto& [id, user] : directory.users()) {
    if (group != nullptr && (in == nullptr || !std::ranges::contains(in->members, id))) continue;
    if (holdsWords(search, {user.name, user.fullName})) page.add(utf8::lowerAscii(user.name), user);
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("users").beginArray();
  page.write(out, "users", [&out](const auth::User& user) { writeUser(out, user); });
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getUser(Call& call) {
  const auto* user = directoryOf(call).user(call.parameters.front());
  co_return user == nullptr ? toResponse(notThere("user", call.parameters.front())) : userAnswer(*user);
}

Job<Response> createUser(Call& call) {
  Body body(call, "name fullName password administersServer service");
  auth::User user;
  user.id = auth::newId();
  user.name = body.needed("name");
  user.fullName = body.text("fullName");
  user.administersServer = body.flag("administersServer", false);
  user.service = body.flag("service", false);
  auto password = body.text("password");
  if (body.refused()) co_return toResponse(*body.refused());
  if (auto good = checkName(user.name); !good) co_return toResponse(good.error());
  if (user.service && !password.empty()) {
    co_return toResponse({422, "auth.password", "a service account has no password; make a token for it instead"});
  }
  auto hash = co_await hashed(call, std::move(password), user.name);
  if (!hash) co_return toResponse(hash.error());
  co_await turnOf(call);
  auto& directory = directoryOf(call);
  if (directory.userNamed(user.name) != nullptr) co_return toResponse(nameTaken("user", user.name));
  user.password = std::move(*hash);
  user.createdAt = directory.nowMs();
  const auto answer = [user](const Unit&) {
    return userAnswer(user, 201).with("location", std::string(kPrefix) + "/users/" + user.id);
  };
  answering<Unit>(call, answer);
  const auto kept =
      co_await keep(call, {.users = {user}}, entryOf(call, "user.created", "user:" + user.id, userText(user)));
  co_return kept ? answer(*kept) : toResponse(kept.error());
}

Job<Response> changeUser(Call& call) {
  Body body(call, "fullName password administersServer disabled");
  const auto& id = call.parameters.front();
  auto password = body.text("password");
  static_cast<void>(body.flag("disabled", false));
  static_cast<void>(body.flag("administersServer", false));
  static_cast<void>(body.text("fullName"));
  if (body.refused()) co_return toResponse(*body.refused());
  auto& directory = directoryOf(call);
  const auto* found = directory.user(id);
  if (found == nullptr) co_return toResponse(notThere("user", id));
  if (found->service && !password.empty()) {
    co_return toResponse({422, "auth.password", "a service account has no password; make a token for it instead"});
  }
  const auto name = found->name;
  auto hash = co_await hashed(call, std::move(password), name);
  if (!hash) co_return toResponse(hash.error());
  co_await turnOf(call);
  found = directory.user(id);
  if (found == nullptr) co_return toResponse(notThere("user", id));
  auth::DirectoryChange change{.users = {*found}};
  auto& user = change.users.front();
  user.fullName = body.text("fullName", user.fullName);
  user.administersServer = body.flag("administersServer", user.administersServer);
  // What somebody has said by hand no longer comes and goes with a claim.
  if (body.has("administersServer")) user.administersByClaim = false;
  user.disabled = body.flag("disabled", user.disabled);
  if (!hash->empty()) user.password = std::move(*hash);
  const bool ends = directory.isAdministrator(*found) && !directory.isAdministrator(user);
  if (ends && directory.otherAdministrators(id) == 0) co_return toResponse(lastOne());
  // Another password, fewer rights, or none at all: whoever sits at one of their sessions has to come in anew.
  const auto loses = user.disabled || body.has("password") || user.administersServer != found->administersServer;
  if (loses) endAll(directory, id, false, change);
  const auto text = userText(user);
  const auto answer = user;
  const auto kept = co_await keep(
      call, std::move(change),
      entryOf(call, "user.changed", "user:" + id, R"({"before":)" + userText(*found) + R"(,"after":)" + text + "}"));
  if (!kept) co_return toResponse(kept.error());
  co_return userAnswer(answer);
}

Job<Response> removeUser(Call& call) {
  const auto id = call.parameters.front();
  co_await turnOf(call);
  auto& directory = directoryOf(call);
  const auto* user = directory.user(id);
  if (user == nullptr) co_return toResponse(notThere("user", id));
  if (directory.isAdministrator(*user) && directory.otherAdministrators(id) == 0) co_return toResponse(lastOne());
  auth::DirectoryChange change{.goneUsers = {id}};
  endAll(directory, id, true, change);
  for (const auto& [group, kept] : directory.groups()) {
    if (!std::ranges::contains(kept.members, id)) continue;
    change.groups.push_back(kept);
    std::erase(change.groups.back().members, id);
  }
  for (const auto& [grant, kept] : directory.grants()) {
    if (!kept.grant.toGroup && kept.grant.subject == id) change.goneGrants.push_back(grant);
  }
  const auto kept =
      co_await keep(call, std::move(change), entryOf(call, "user.removed", "user:" + id, userText(*user)));
  if (!kept) co_return toResponse(kept.error());
  co_return Response{.status = 204};
}

Job<Response> endUserSessions(Call& call) {
  const auto id = call.parameters.front();
  co_await turnOf(call);
  auto& directory = directoryOf(call);
  if (directory.user(id) == nullptr) co_return toResponse(notThere("user", id));
  auth::DirectoryChange change;
  endAll(directory, id, false, change);
  const auto kept = co_await keep(call, std::move(change), entryOf(call, "session.ended", "user:" + id));
  if (!kept) co_return toResponse(kept.error());
  co_return Response{.status = 204};
}

Job<Response> listGroups(Call& call) {
  auto asked = pageAsked(call.query, "groups");
  if (!asked) co_return toResponse(asked.error());
  const auto search = call.query.text("search");
  const auto* member = call.query.find("user");
  PageOf<auth::Group> page(std::move(*asked));
  for (const auto& [id, group] : directoryOf(call).groups()) {
    if (member != nullptr && !std::ranges::contains(group.members, *member)) continue;
    // Names that differ in their case alone are two.
    if (holdsWords(search, {group.name})) page.add(utf8::lowerAscii(group.name) + "\n" + id, group);
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("groups").beginArray();
  page.write(out, "groups", [&out](const auth::Group& group) { writeGroup(out, group); });
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> createGroup(Call& call) {
  Body body(call, "name members claim");
  auth::Group group{
      .id = auth::newId(), .name = body.needed("name"), .members = body.texts("members"), .claim = body.text("claim")};
  if (body.refused()) co_return toResponse(*body.refused());
  if (auto good = checkName(group.name); !good) co_return toResponse(good.error());
  co_await turnOf(call);
  const auto& directory = directoryOf(call);
  if (auto known = checkMembers(directory, group.members); !known) co_return toResponse(known.error());
  if (groupNamed(directory, group.name) != nullptr) co_return toResponse(nameTaken("group", group.name));
  const auto text = groupText(group);
  const auto answer = [text, id = group.id](const Unit&) {
    return jsonAnswer(text, 201).with("location", std::string(kPrefix) + "/groups/" + id);
  };
  answering<Unit>(call, answer);
  const auto kept = co_await keep(call, {.groups = {group}}, entryOf(call, "group.created", "group:" + group.id, text));
  co_return kept ? answer(*kept) : toResponse(kept.error());
}

Job<Response> replaceGroup(Call& call) {
  Body body(call, "name members claim");
  const auto id = call.parameters.front();
  auth::Group group{
      .id = id, .name = body.needed("name"), .members = body.texts("members"), .claim = body.text("claim")};
  if (body.refused()) co_return toResponse(*body.refused());
  if (auto good = checkName(group.name); !good) co_return toResponse(good.error());
  co_await turnOf(call);
  const auto& directory = directoryOf(call);
  const auto* before = directory.group(id);
  if (before == nullptr) co_return toResponse(notThere("group", id));
  if (auto known = checkMembers(directory, group.members); !known) co_return toResponse(known.error());
  if (const auto* same = groupNamed(directory, group.name); same != nullptr && same->id != id) {
    co_return toResponse(nameTaken("group", group.name));
  }
  if (auto may = mayFill(call, *before, group); !may) co_return toResponse(may.error());
  const auto text = groupText(group);
  const auto kept = co_await keep(call, {.groups = {group}},
                                  entryOf(call, "group.changed", "group:" + id,
                                          R"({"before":)" + groupText(*before) + R"(,"after":)" + text + "}"));
  if (!kept) co_return toResponse(kept.error());
  co_return jsonAnswer(text);
}

Job<Response> removeGroup(Call& call) {
  const auto id = call.parameters.front();
  co_await turnOf(call);
  const auto& directory = directoryOf(call);
  const auto* group = directory.group(id);
  if (group == nullptr) co_return toResponse(notThere("group", id));
  auth::DirectoryChange change{.goneGroups = {id}};
  for (const auto& [grant, kept] : directory.grants()) {
    if (kept.grant.toGroup && kept.grant.subject == id) change.goneGrants.push_back(grant);
  }
  const auto kept =
      co_await keep(call, std::move(change), entryOf(call, "group.removed", "group:" + id, groupText(*group)));
  if (!kept) co_return toResponse(kept.error());
  co_return Response{.status = 204};
}

}  // namespace weir::api
