// What flows of a folder may connect to, and where they may listen; and what the handlers of folders share.
#include <utility>

#include "engine/json/writer.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/resources/folders/folder-guard.h"
#include "service/resources/folders/folder-routes.h"
#include "service/resources/folders/keep-settings.h"
#include "service/resources/identity/change.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

using auth::Permission;

constexpr std::string_view kName = "policy";
constexpr std::size_t kMostEntries = 200;

std::string networkText(const std::string& folder, const folders::Network& network, const std::string& from) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("folder").value(folder).key("allow").beginArray();
  for (const auto& one : network.allow) out.value(one);
  out.endArray().key("listen").beginArray();
  for (const auto& one : network.listen) out.value(one);
  out.endArray().key("from").value(from).endObject();
  return text;
}

}  // namespace

Expected<folders::FolderBook*> bookOf(const Call& call) { return bookOf(call.services); }

Expected<folders::FolderBook*> bookOf(const Services& services) {
  auto* server = services.server;
  if (server != nullptr && server->folders != nullptr) return server->folders;
  return refuse(503, "storage.unavailable", "this server keeps no settings of folders");
}

Expected<std::string> folderAsked(const Call& call) {
  auto folder = call.query.text("folder");
  if (auto good = checkFolder(folder); !good) return std::unexpected(std::move(good.error()));
  return folder;
}

Expected<std::string> settingNamed(const Call& call, std::string_view what) {
  const auto& name = call.parameters.front();
  if (folders::isSettingName(name)) return name;
  return refuse(422, "api.body",
                "'" + name + "' is no name of " + (what.starts_with('e') ? "an " : "a ") + std::string(what) +
                    ": a letter, then letters, digits, _ and -, two to 64 of them; 'project' is there by itself");
}

Refusal noSetting(std::string_view what, std::string_view name, std::string_view folder) {
  return {404, "storage.not_found",
          std::string(folderInWords(folder)) + " has no " + std::string(what) + " '" + std::string(name) + "'"};
}

Job<Response> getNetwork(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  const auto folder = folderAsked(call);
  if (!folder) co_return toResponse(folder.error());
  if (!call.permissionsAt({*folder, {}}).has(Permission::serverAdmin)) {
    const auto may = call.mustHave(Permission::flowRead, {*folder, {}}, folderInWords(*folder));
    if (!may) co_return toResponse(may.error());
  }
  std::string from;
  for (const auto& place : folders::foldersAbove(*folder)) {
    if ((*book)->find(place, folders::kNetwork, kName) == nullptr) continue;
    from = place;
    break;
  }
  co_return jsonAnswer(networkText(*folder, (*book)->networkFor(*folder), from));
}

Job<Response> putNetwork(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  const auto folder = folderAsked(call);
  if (!folder) co_return toResponse(folder.error());
  Body given(call, "allow listen");
  const folders::Network network{given.texts("allow"), given.texts("listen")};
  if (given.refused()) co_return toResponse(*given.refused());
  if (network.allow.size() > kMostEntries || network.listen.size() > kMostEntries)
    co_return toResponse({422, "network.policy", "'allow' and 'listen' have 200 entries at most"});
  if (auto* guard = call.services.server->guard) {
    if (auto good = guard->check(network); !good) co_return toResponse({422, good.error().code, good.error().message});
  }
  auto text = folders::toJson(network);
  std::vector<store::AuditEntry> entries;
  entries.push_back(entryOf(call, "network.changed", "network:" + *folder, text, *folder));
  std::vector<store::FolderChange> changes;
  changes.push_back({*folder, std::string(folders::kNetwork), std::string(kName), std::move(text),
                     call.services.clock.nowMicros() / 1000, call.principal.user});
  const auto kept = co_await keepSettings(call, **book, std::move(changes), std::move(entries));
  if (!kept) co_return toResponse(kept.error());
  co_return jsonAnswer(networkText(*folder, network, *folder));
}

}  // namespace weir::api
