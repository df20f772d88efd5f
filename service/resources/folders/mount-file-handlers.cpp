// Files that are put into a mount of a folder, or among the folder's own: what a flow is to read here.
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/elsewhere.h"
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

constexpr std::string_view kOwn = "project";  // the mount that every folder has
constexpr std::size_t kMostPathBytes = 1024, kMostPartBytes = 200, kMostParts = 32;

std::unexpected<Refusal> badPath(const std::string& path, std::string_view why) {
  return refuse(422, "files.outside_mount", "'" + path.substr(0, 200) + "' " + std::string(why));
}

/// Parts with / between: none leads up or away, none is hidden.
Expected<void> checkPath(const std::string& path) {
  if (path.size() > kMostPathBytes) return badPath(path, "is longer than 1,024 bytes");
  if (std::ranges::any_of(path, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\'; }))
    return badPath(path, "has a control character or a \\ in it; give the path with / between its parts");
  std::size_t parts = 0;
  for (std::size_t from = 0; from <= path.size(); ++parts) {
    const auto end = std::min(path.find('/', from), path.size());
    const auto part = std::string_view(path).substr(from, end - from);
    if (part.empty()) return badPath(path, "has a part without a name");
    if (part.front() == '.') return badPath(path, "leads elsewhere or is hidden: no part may begin with a dot");
    if (part.size() > kMostPartBytes) return badPath(path, "has a name of more than 200 bytes");
    from = end + 1;
  }
  if (parts > kMostParts) return badPath(path, "goes through more than 32 folders");
  return {};
}

struct Asked {
  folders::FolderBook* book = nullptr;
  FolderGuard* guard = nullptr;
  FileToPut file;
  std::string folder;
};

/// Who may change flows there and use mounts could write the same with a flow.
Expected<Asked> askedOf(const Call& call) {
  auto book = bookOf(call);
  if (!book) return std::unexpected(std::move(book.error()));
  auto folder = folderAsked(call);
  if (!folder) return std::unexpected(std::move(folder.error()));
  for (const auto permission : {Permission::flowEdit, Permission::mountUse}) {
    if (auto may = call.mustHave(permission, {*folder, {}}, folderInWords(*folder)); !may)
      return std::unexpected(std::move(may.error()));
  }
  auto* server = call.services.server;
  if (server == nullptr || server->guard == nullptr)
    return refuse(503, "storage.unavailable", "this server gives no folder anything of its machine");
  const auto& name = call.parameters.front();
  const auto& path = call.parameters.back();
  if (auto good = checkPath(path); !good) return std::unexpected(std::move(good.error()));
  Asked asked{*book, server->guard, {.folder = *folder, .path = path}, *folder};
  if (name == kOwn) return asked;
  if (auto known = settingNamed(call, "mount"); !known) return std::unexpected(std::move(known.error()));
  const auto mounts = (*book)->mountsFor(*folder);
  const auto found = std::ranges::find(mounts, name, &folders::Mount::name);
  if (found == mounts.end()) return std::unexpected(noSetting("mount", name, *folder));
  if (!found->writes) {
    return refuse(422, "files.read_only",
                  "the mount '" + name +
                      "' is given to be read only; an administrator of the server can change that, "
                      "or take the mount 'project', which is the folder's own");
  }
  asked.file.directory = found->directory;
  return asked;
}

Refusal refusedFile(Error error) {
  auto refusal = refusalOf(std::move(error));
  refusal.status = refusal.code == "storage.exists"    ? 412
                   : refusal.code == "files.disk_full" ? 507
                   : refusal.code == "api.busy"        ? 503
                                                       : 422;
  return refusal;
}

std::string told(const std::string& path, std::size_t bytes) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("path").value(path).key("bytes").value(static_cast<std::int64_t>(bytes)).endObject();
  return text;
}

}  // namespace

Job<Response> putMountFile(Call& call) {
  auto asked = askedOf(call);
  if (!asked) co_return toResponse(asked.error());
  const auto* none = call.header("if-none-match");
  asked->file.onlyNew = none != nullptr && *none == "*";
  asked->file.bytes = std::move(call.body);
  const auto bytes = asked->file.bytes.size();
  const auto path = asked->file.path;
  // It is in the log before it is on the disk: no file comes there without a word.
  std::vector<store::AuditEntry> entries;
  entries.push_back(
      entryOf(call, "mount.file_put", "mount:" + call.parameters.front(), told(path, bytes), asked->folder));
  const auto kept = co_await keepSettings(call, *asked->book, {}, std::move(entries));
  if (!kept) co_return toResponse(kept.error());
  auto put = [guard = asked->guard, file = std::move(asked->file)]() -> Expected<bool> {
    auto made = guard->put(file);
    if (!made) return std::unexpected(refusedFile(std::move(made.error())));
    return *made;
  };
  const auto made = co_await call.aside(std::max(bytes, kLargeBytes), std::move(put));
  if (!made) co_return toResponse(made.error());
  co_return jsonAnswer(told(path, bytes), *made ? 201 : 200);
}

}  // namespace weir::api
