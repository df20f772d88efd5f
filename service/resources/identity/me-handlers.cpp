// What somebody sees of themselves.
#include <algorithm>
#include <utility>
#include <vector>

#include "service/resources/identity/cookies.h"
#include "service/resources/identity/identity.h"
#include "service/resources/identity/people.h"
#include "service/resources/paging.h"

namespace weir::api {
namespace {

/// What may be seen of a session's id.
std::string shortId(const auth::Session& session) { return session.id.substr(0, 16); }

void writeHeld(json::Writer& out, const auth::PermissionSet& held) {
  out.key("permissions").beginArray();
  for (int i = 0; i < auth::kPermissions; ++i) {
    const auto permission = static_cast<auth::Permission>(i);
    if (held.has(permission)) out.value(auth::nameOf(permission));
  }
  out.endArray();
}

}  // namespace

Job<Response> getMe(Call& call) {
  const auto& directory = directoryOf(call);
  const auto* user = directory.user(call.principal.user);
  if (user == nullptr) co_return toResponse(notThere("user", call.principal.user));
  std::string body;
  json::Writer out(body);
  out.beginObject().key("user");
  writeUser(out, *user);
  out.key("groups").beginArray();
  for (const auto& id : call.principal.groups) {
    if (const auto* group = directory.group(id)) {
      out.beginObject().key("id").value(id).key("name").value(group->name).endObject();
    }
  }
  std::vector<auth::Place> places;
  out.endArray().key("grants").beginArray();
  for (const auto& [id, kept] : directory.grants()) {
    const auto& grant = kept.grant;
    const bool own = grant.toGroup ? std::ranges::contains(call.principal.groups, grant.subject)
                                   : grant.subject == call.principal.user;
    if (!own) continue;
    writeGrant(out, kept, directory);
    const auto same = [&grant](const auth::Place& at) {
      return at.folder == grant.at.folder && at.flow == grant.at.flow;
    };
    if (std::ranges::none_of(places, same)) places.push_back(grant.at);
  }
  out.endArray();
  writeHeld(out, call.permissionsAt({}));
  // What holds at a place holds below it too, where nothing more is granted.
  out.key("places").beginArray();
  for (const auto& at : places) {
    out.beginObject().key("folder").value(at.folder);
    if (!at.flow.empty()) out.key("flow").value(at.flow);
    writeHeld(out, call.permissionsAt(at));
    out.endObject();
  }
  out.endArray().endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> listSessions(Call& call) {
  auto asked = pageAsked(call.query, "sessions");
  if (!asked) co_return toResponse(asked.error());
  const auto* own = sessionOf(call);
  PageOf<auth::Session> page(std::move(*asked));
  for (const auto& [id, session] : directoryOf(call).sessions()) {
    if (session.user == call.principal.user) page.add(shortId(session), session);
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("sessions").beginArray();
  page.write(out, "sessions", [&out, own](const auth::Session& session) {
    out.beginObject().key("id").value(shortId(session)).key("current").value(own != nullptr && own->id == session.id);
    out.key("createdAt").value(session.createdAt).key("seenAt").value(session.seenAt);
    out.key("address").value(session.address).key("client").value(session.client).endObject();
  });
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> endSession(Call& call) {
  const auto& wanted = call.parameters.front();
  for (const auto& [id, session] : directoryOf(call).sessions()) {
    if (session.user != call.principal.user || shortId(session) != wanted) continue;
    const auto kept =
        co_await keep(call, {.goneSessions = {id}}, entryOf(call, "session.ended", "user:" + call.principal.user));
    if (!kept) co_return toResponse(kept.error());
    co_return Response{.status = 204};
  }
  co_return toResponse(notThere("session", wanted));
}

}  // namespace weir::api
