// Roles, and who has which where.
#include <algorithm>
#include <utility>

#include "service/api/folder-name.h"
#include "service/api/once.h"
#include "service/auth/secret-text.h"
#include "service/resources/identity/change.h"
#include "service/resources/identity/identity.h"
#include "service/resources/identity/people.h"
#include "service/resources/paging.h"

namespace weir::api {
namespace {

constexpr std::string_view kRoleNames = "viewer, operator, editor, developer, admin";

std::string grantText(const auth::KeptGrant& kept, const auth::Directory& directory) {
  std::string text;
  json::Writer out(text);
  writeGrant(out, kept, directory);
  return text;
}

std::string inWords(const auth::Place& at) {
  return at.flow.empty() ? folderInWords(at.folder) : "the flow '" + at.flow + "'";
}

Refusal tooMuch(const auth::Grant& grant) {
  return {403, "auth.grant",
          "the role " + std::string(auth::nameOf(grant.role)) + " for " + inWords(grant.at) +
              " has rights that you do not hold there; ask somebody who does"};
}

/// Where a flow lies now, whatever anybody says; nothing: there is no such flow.
Job<Expected<std::optional<auth::Place>>> placeOfFlow(Call& call, std::string flow) {
  const auto found = co_await call.of(call.services.store.read(flow, call.waker()));
  if (found) co_return auth::Place{found->head.folder, std::move(flow)};
  if (found.error().code == "storage.not_found") co_return std::nullopt;
  co_return std::unexpected(refusalOf(found.error()));
}

/// What a grant that is kept is about: its flow lies where it lies now. Of a flow that has gone only the folder is
/// left.
Job<Expected<auth::Place>> placeOf(Call& call, auth::Place at) {
  if (at.flow.empty()) co_return at;
  auto found = co_await placeOfFlow(call, at.flow);
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return *found ? std::move(**found) : auth::Place{std::move(at.folder), {}};
}

/// What a new grant is about; the caller may have read there.
Job<Expected<auth::Place>> placeNamed(Call& call, std::optional<std::string> folder, std::string flow) {
  if (flow.empty()) co_return auth::Place{std::move(*folder), {}};
  const auto words = inWords({{}, flow});
  auto found = co_await placeOfFlow(call, std::move(flow));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return refuse(404, "storage.not_found", words + " is not there");
  if (auto may = call.mustHave(auth::Permission::flowRead, **found, words); !may) {
    co_return std::unexpected(std::move(may.error()));
  }
  if (folder && *folder != (*found)->folder) {
    co_return refuse(422, "api.body",
                     words + " lies in " + folderInWords((*found)->folder) + ", not in " + folderInWords(*folder) +
                         "; leave 'folder' out, or name its own");
  }
  co_return std::move(**found);
}

/// Whether a grant is of the user, group, role and flow that a list is asked for.
bool isOf(const Call& call, const auth::Grant& grant) {
  const auto is = [&call](std::string_view name, std::string_view value) {
    const auto* wanted = call.query.find(name);
    return wanted == nullptr || *wanted == value;
  };
  return is("user", grant.toGroup ? "" : grant.subject) && is("group", grant.toGroup ? grant.subject : "") &&
         is("role", auth::nameOf(grant.role)) && is("flow", grant.at.flow);
}

const auth::KeptGrant* sameAs(const auth::Directory& directory, const auth::Grant& wanted) {
  for (const auto& [id, kept] : directory.grants()) {
    const auto& grant = kept.grant;
    // What a provider's claim has given goes with the claim.
    if (kept.by == auth::kByProvider || grant.toGroup != wanted.toGroup || grant.subject != wanted.subject ||
        grant.role != wanted.role || grant.at.flow != wanted.at.flow) {
      continue;
    }
    if (!wanted.at.flow.empty() || grant.at.folder == wanted.at.folder) return &kept;
  }
  return nullptr;
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
  const auto asked = pageAsked(call.query, "grants");
  if (!asked) co_return toResponse(asked.error());
  const auto& directory = directoryOf(call);
  const auto reach = call.reachOf(auth::Permission::folderGrant);
  const auto* folder = call.query.find("folder");
  // By their ids, each looked at only as the page comes to it: where a flow lies is asked of the store.
  std::vector<auth::KeptGrant> grants;
  for (const auto& [id, kept] : directory.grants()) {
    if ((!asked->after || id > *asked->after) && isOf(call, kept.grant)) grants.push_back(kept);
  }
  std::int64_t count = 0;
  std::string body, last;
  json::Writer out(body);
  out.beginObject().key("grants").beginArray();
  for (auto& kept : grants) {
    auto at = co_await placeOf(call, kept.grant.at);
    if (!at) co_return toResponse(at.error());
    if (!reach.has(*at) || (folder != nullptr && !auth::covers(*folder, at->folder))) continue;
    if (++count > asked->limit) break;
    kept.grant.at.folder = std::move(at->folder);
    writeGrant(out, kept, directory);
    last = kept.id;
  }
  out.endArray();
  if (count > asked->limit) out.key("next").value(cursorBehind("grants", last));
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> createGrant(Call& call) {
  Body body(call, "user group role folder flow");
  const auto user = body.text("user");
  const auto group = body.text("group");
  const auto role = auth::roleNamed(body.needed("role"));
  const auto folder = body.has("folder") ? std::optional(body.text("folder")) : std::nullopt;
  const auto flow = body.text("flow");
  if (!folder && flow.empty()) {
    body.refuseOnce("a grant needs 'folder' (\"\" is the root, and so everything) or 'flow': say where it holds");
  }
  if (body.refused()) co_return toResponse(*body.refused());
  if (!role) {
    co_return toResponse({422, "api.body", "'role' is one of " + std::string(kRoleNames)});
  }
  if (user.empty() == group.empty()) {
    co_return toResponse({422, "api.body", "a grant is to a user or to a group: give the id of one of them"});
  }
  if (folder) {
    if (auto good = checkFolder(*folder); !good) co_return toResponse(std::move(good.error()));
  }
  auth::KeptGrant kept{.id = auth::newId(), .grant = {}, .by = call.principal.user};
  kept.grant.toGroup = user.empty();
  kept.grant.subject = user.empty() ? group : user;
  kept.grant.role = *role;
  auto at = co_await placeNamed(call, folder, flow);
  if (!at) co_return toResponse(at.error());
  kept.grant.at = std::move(*at);
  co_await turnOf(call);
  auto& directory = directoryOf(call);
  kept.createdAt = directory.nowMs();
  if (!directory.mayGrant(call.principal, kept.grant)) {
    auto may = call.mustHave(auth::Permission::folderGrant, kept.grant.at, inWords(kept.grant.at));
    co_return toResponse(may ? tooMuch(kept.grant) : may.error());
  }
  const bool known = kept.grant.toGroup ? directory.group(group) != nullptr : directory.user(user) != nullptr;
  if (!known) co_return toResponse({422, "api.body", "'" + kept.grant.subject + "' is the id of no user or group"});
  if (const auto* same = sameAs(directory, kept.grant)) co_return jsonAnswer(grantText(*same, directory));
  const auto text = grantText(kept, directory);
  answering<Unit>(call, [text](const Unit&) { return jsonAnswer(text, 201); });
  const auto done = co_await keep(call, {.grants = {kept}},
                                  entryOf(call, "grant.created", "grant:" + kept.id, text, kept.grant.at.folder));
  if (!done) co_return toResponse(done.error());
  co_return jsonAnswer(text, 201);
}

Job<Response> removeGrant(Call& call) {
  const auto id = call.parameters.front();
  auto& directory = directoryOf(call);
  std::optional<auth::Place> at;
  if (const auto* known = directory.grant(id)) {
    auto place = co_await placeOf(call, known->grant.at);
    if (!place) co_return toResponse(place.error());
    at = std::move(*place);
  }
  co_await turnOf(call);
  const auto* found = directory.grant(id);
  if (found == nullptr || !at || !call.permissionsAt(*at).has(auth::Permission::folderGrant)) {
    co_return toResponse(notThere("grant", id));
  }
  auto grant = found->grant;
  grant.at = *at;
  if (!directory.mayGrant(call.principal, grant)) co_return toResponse(tooMuch(grant));
  if (isLastOfRoot(directory, *found)) {
    co_return toResponse(
        {409, "auth.last_administrator",
         "nobody else could grant anything at the root any more; give somebody else the role admin there "
         "first"});
  }
  const auto done =
      co_await keep(call, {.goneGrants = {id}},
                    entryOf(call, "grant.removed", "grant:" + id, grantText(*found, directory), at->folder));
  if (!done) co_return toResponse(done.error());
  co_return Response{.status = 204};
}

}  // namespace weir::api
