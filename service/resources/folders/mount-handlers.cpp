// Mounts: folders of the machine that an administrator gives to folders of flows.
#include <algorithm>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/resources/folders/folder-guard.h"
#include "service/resources/folders/folder-routes.h"
#include "service/resources/folders/keep-settings.h"
#include "service/resources/identity/change.h"
#include "service/resources/paging.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

using auth::Permission;

constexpr std::size_t kMostMounts = 32, kMostPathBytes = 4096;

/// The directory is for those who look after the machine.
void writeMount(json::Writer& out, const store::FolderRecord& record, bool whole) {
  const auto mount = folders::mountOf(record);
  out.beginObject().key("folder").value(mount.folder).key("name").value(mount.name);
  if (whole) out.key("directory").value(mount.directory);
  out.key("writes").value(mount.writes).key("changedAt").value(record.changedAt);
  out.key("changedBy").value(record.changedBy).endObject();
}

bool seesDirectories(const Call& call, const std::string& folder) {
  return call.permissionsAt({folder, {}}).has(Permission::serverAdmin);
}

Expected<FolderGuard*> guardOf(const Call& call) {
  auto* server = call.services.server;
  if (server != nullptr && server->guard != nullptr) return server->guard;
  return refuse(503, "storage.unavailable", "this server gives no folder anything of its machine");
}

struct Asked {
  folders::FolderBook* book = nullptr;
  std::string folder, name;
};

Expected<Asked> askedOf(const Call& call) {
  auto book = bookOf(call);
  if (!book) return std::unexpected(std::move(book.error()));
  auto folder = folderAsked(call);
  if (!folder) return std::unexpected(std::move(folder.error()));
  auto name = settingNamed(call, "mount");
  if (!name) return std::unexpected(std::move(name.error()));
  return Asked{*book, std::move(*folder), std::move(*name)};
}

Expected<void> checkDirectory(const std::string& directory) {
  const bool whole = directory.starts_with('/') && !directory.contains('\0') && directory.size() <= kMostPathBytes;
  if (whole) return {};
  return refuse(422, "mount.refused", "'directory' is the whole path of a folder of the server's machine, from / on");
}

Refusal refusedMount(Error error) {
  auto refusal = refusalOf(std::move(error));
  refusal.status = 422;
  return refusal;
}

store::FolderChange changeOf(const Call& call, const Asked& asked, std::optional<std::string> body) {
  return {asked.folder,    std::string(folders::kMount),           asked.name,
          std::move(body), call.services.clock.nowMicros() / 1000, call.principal.user};
}

}  // namespace

Job<Response> listMounts(Call& call) {
  const auto book = bookOf(call);
  if (!book) co_return toResponse(book.error());
  const auto folder = folderAsked(call);
  if (!folder) co_return toResponse(folder.error());
  auto asked = pageAsked(call.query, "mounts");
  if (!asked) co_return toResponse(asked.error());
  PageOf<store::FolderRecord> page(std::move(*asked));
  for (const auto* record : (*book)->in(*folder, folders::kMount, true)) {
    const auto held = call.permissionsAt({record->folder, {}});
    if (held.has(Permission::mountUse) || held.has(Permission::serverAdmin)) page.add(placeInList(*record), *record);
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("mounts").beginArray();
  page.write(out, "mounts",
             [&](const store::FolderRecord& record) { writeMount(out, record, seesDirectories(call, record.folder)); });
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getMount(Call& call) {
  const auto asked = askedOf(call);
  if (!asked) co_return toResponse(asked.error());
  const bool administers = seesDirectories(call, asked->folder);
  if (!administers) {
    const auto may = call.mustHave(Permission::mountUse, {asked->folder, {}}, folderInWords(asked->folder));
    if (!may) co_return toResponse(may.error());
  }
  const auto* record = asked->book->find(asked->folder, folders::kMount, asked->name);
  if (record == nullptr) co_return toResponse(noSetting("mount", asked->name, asked->folder));
  std::string body;
  json::Writer out(body);
  writeMount(out, *record, administers);
  co_return jsonAnswer(std::move(body));
}

Job<Response> putMount(Call& call) {
  const auto asked = askedOf(call);
  if (!asked) co_return toResponse(asked.error());
  const auto guard = guardOf(call);
  if (!guard) co_return toResponse(guard.error());
  Body given(call, "directory writes");
  folders::Mount mount{asked->folder, asked->name, given.needed("directory"), given.flag("writes", false)};
  if (given.refused()) co_return toResponse(*given.refused());
  if (auto good = checkDirectory(mount.directory); !good) co_return toResponse(good.error());
  const auto* before = asked->book->find(asked->folder, folders::kMount, asked->name);
  const auto count = asked->book->in(asked->folder, folders::kMount, false).size();
  if (before == nullptr && count >= kMostMounts) {
    co_return toResponse({422, "mount.refused",
                          std::string(folderInWords(asked->folder)) + " has " + std::to_string(count) +
                              " mounts, and may have no more; delete one that nobody uses"});
  }
  auto report = (*guard)->look(mount.directory, mount.writes);
  if (!report) co_return toResponse(refusedMount(std::move(report.error())));
  const bool made = before == nullptr;
  auto entry = entryOf(call, made ? "mount.created" : "mount.changed", "mount:" + asked->name, folders::toJson(mount),
                       asked->folder);
  std::vector<store::FolderChange> changes;
  changes.push_back(changeOf(call, *asked, folders::toJson(mount)));
  std::vector<store::AuditEntry> entries;
  entries.push_back(std::move(entry));
  const auto kept = co_await keepSettings(call, *asked->book, std::move(changes), std::move(entries));
  if (!kept) co_return toResponse(kept.error());
  const auto* record = asked->book->find(asked->folder, folders::kMount, asked->name);
  if (record == nullptr) co_return toResponse(noSetting("mount", asked->name, asked->folder));
  std::string body;
  json::Writer out(body);
  writeMount(out, *record, true);
  co_return jsonAnswer(std::move(body), made ? 201 : 200);
}

Job<Response> deleteMount(Call& call) {
  const auto asked = askedOf(call);
  if (!asked) co_return toResponse(asked.error());
  const auto* before = asked->book->find(asked->folder, folders::kMount, asked->name);
  if (before == nullptr) co_return toResponse(noSetting("mount", asked->name, asked->folder));
  std::vector<store::FolderChange> changes;
  changes.push_back(changeOf(call, *asked, std::nullopt));
  std::vector<store::AuditEntry> entries;
  entries.push_back(
      entryOf(call, "mount.removed", "mount:" + asked->name, R"({"was":)" + before->body + "}", asked->folder));
  const auto kept = co_await keepSettings(call, *asked->book, std::move(changes), std::move(entries));
  if (!kept) co_return toResponse(kept.error());
  co_return Response{.status = 204};
}

Job<Response> testMount(Call& call) {
  const auto asked = askedOf(call);
  if (!asked) co_return toResponse(asked.error());
  const auto guard = guardOf(call);
  if (!guard) co_return toResponse(guard.error());
  const auto* record = asked->book->find(asked->folder, folders::kMount, asked->name);
  if (record == nullptr) co_return toResponse(noSetting("mount", asked->name, asked->folder));
  const auto mount = folders::mountOf(*record);
  auto report = (*guard)->look(mount.directory, mount.writes);
  std::string body;
  json::Writer out(body);
  out.beginObject().key("usable").value(report.has_value() && report->problem.empty());
  out.key("reads").value(report.has_value() && report->reads).key("writes").value(report.has_value() && report->writes);
  if (report) out.key("entries").value(report->entries);
  const auto problem = report ? report->problem : report.error().message;
  if (!problem.empty()) out.key("problem").value(problem);
  if (!report) out.key("code").value(report.error().code);
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

}  // namespace weir::api
