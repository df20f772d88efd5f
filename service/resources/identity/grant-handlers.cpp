// Roles, and who has which where.
#include <algorithm>
#include <utility>

#include "service/auth/secret-text.h"
#include "service/resources/identity/change.h"
#include "service/resources/identity/identity.h"
#include "service/resources/identity/people.h"

namespace weir::api {
namespace {

constexpr std::string_view kRoleNames = "viewer, operator, editor, developer, admin";

std::string grantText(const auth::KeptGrant& kept, const auth::Directory& directory) {
  std::string text;
  json::Writer out(text);
  writeGrant(out, kept, directory);
  return text;
}

bool isFolder(std::string_view folder) {
  return folder.empty() ||
         (folder.front() != '/' && folder.back() != '/' && !folder.contains("//") && folder.size() <= 500);
}

Refusal tooMuch(const auth::Grant& grant) {
  return {403, "auth.grant",
          "the role " + std::string(auth::nameOf(grant.role)) + " in '" + grant.at.folder +
              "' has rights that you do not hold there; ask somebody who does"};
}

/// Whether nobody would be left who may grant at the root.
bool isLastOfRoot(const auth::Directory& directory, const auth::KeptGrant& wanted) {
  const auto holdsRoot = [](const auth::Grant& grant) {
    return grant.role == auth::Role::administrator && grant.at.folder.empty() && grant.at.flow.empty();
  };
  if (!holdsRoot(wanted.grant)) return false;
  const auto comesIn = [&directory](const std::string& id) {
    const auto* user = directory.user(id);
    return user != nullptr && !user->disabled && !user->service;
  };
  return std::ranges::none_of(directory.grants(), [&](const auto& entry) {
    const auto& grant = entry.second.grant;
    if (entry.first == wanted.id || !holdsRoot(grant)) return false;
    if (!grant.toGroup) return comesIn(grant.subject);
    const auto* group = directory.group(grant.subject);
    return group != nullptr && std::ranges::any_of(group->members, comesIn);
  });
}

}  // namespace

Job<Response> listRoles(Call&) {
  std::string body;
  json::Writer out(body);
  out.beginObject().key("roles").beginArray();
  for (const auto role :
       {auth::Role::viewer, auth::Role::runner, auth::Role::editor, auth::Role::developer, auth::Role::administrator}) {
    out.beginObject().key("name").value(auth::nameOf(role)).key("permissions").beginArray();
    for (int i = 0; i < auth::kPermissions; ++i) {
      const auto permission = static_cast<auth::Permission>(i);
      if (auth::permissionsOf(role).has(permission)) out.value(auth::nameOf(permission));
    }
    out.endArray().endObject();
  }
  out.endArray().endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> listGrants(Call& call) {
  const auto& directory = directoryOf(call);
  const auto reach = call.reachOf(auth::Permission::folderGrant);
  const auto* folder = call.query.find("folder");
  std::string body;
  json::Writer out(body);
  out.beginObject().key("grants").beginArray();
  for (const auto& [id, kept] : directory.grants()) {
    if (!reach.has(kept.grant.at) || (folder != nullptr && !auth::covers(*folder, kept.grant.at.folder))) continue;
    writeGrant(out, kept, directory);
  }
  out.endArray().endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> createGrant(Call& call) {
  Body body(call, "user group role folder flow");
  const auto user = body.text("user");
  const auto group = body.text("group");
  const auto role = auth::roleNamed(body.needed("role"));
  auth::KeptGrant kept{.id = auth::newId(), .grant = {}, .by = call.principal.user};
  kept.grant.at = {body.text("folder"), body.text("flow")};
  if (body.refused()) co_return toResponse(*body.refused());
  if (!role) {
    co_return toResponse({422, "api.body", "'role' is one of " + std::string(kRoleNames)});
  }
  if (user.empty() == group.empty()) {
    co_return toResponse({422, "api.body", "a grant is to a user or to a group: give the id of one of them"});
  }
  if (!isFolder(kept.grant.at.folder)) {
    co_return toResponse({422, "api.body", "'folder' is a path such as team/reports, without slashes at its ends"});
  }
  kept.grant.toGroup = user.empty();
  kept.grant.subject = user.empty() ? group : user;
  kept.grant.role = *role;
  co_await turnOf(call);
  auto& directory = directoryOf(call);
  kept.createdAt = directory.nowMs();
  if (!directory.mayGrant(call.principal, kept.grant)) {
    auto may = call.mustHave(auth::Permission::folderGrant, kept.grant.at, "the folder '" + kept.grant.at.folder + "'");
    co_return toResponse(may ? tooMuch(kept.grant) : may.error());
  }
  const bool known = kept.grant.toGroup ? directory.group(group) != nullptr : directory.user(user) != nullptr;
  if (!known) co_return toResponse({422, "api.body", "'" + kept.grant.subject + "' is the id of no user or group"});
  const auto text = grantText(kept, directory);
  const auto done = co_await keep(call, {.grants = {kept}},
                                  entryOf(call, "grant.created", "grant:" + kept.id, text, kept.grant.at.folder));
  if (!done) co_return toResponse(done.error());
  co_return jsonAnswer(text, 201);
}

Job<Response> removeGrant(Call& call) {
  const auto id = call.parameters.front();
  co_await turnOf(call);
  auto& directory = directoryOf(call);
  const auto* found = directory.grant(id);
  if (found == nullptr || !call.permissionsAt(found->grant.at).has(auth::Permission::folderGrant)) {
    co_return toResponse(notThere("grant", id));
  }
  if (!directory.mayGrant(call.principal, found->grant)) co_return toResponse(tooMuch(found->grant));
  if (isLastOfRoot(directory, *found)) {
    co_return toResponse(
        {409, "auth.last_administrator",
         "nobody else could grant anything at the root any more; give somebody else the role admin there "
         "first"});
  }
  const auto done = co_await keep(
      call, {.goneGrants = {id}},
      entryOf(call, "grant.removed", "grant:" + id, grantText(*found, directory), found->grant.at.folder));
  if (!done) co_return toResponse(done.error());
  co_return Response{.status = 204};
}

}  // namespace weir::api
