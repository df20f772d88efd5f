// What uses the disk, as JSON.
#include "service/resources/disk/disk-routes.h"

#include <array>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/handlers.h"
#include "service/resources/disk/disk.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

void writeUses(json::Writer& out, std::string_view name, const std::vector<DiskUse>& uses) {
  out.key(name).beginArray();
  for (const auto& use : uses) {
    out.beginObject().key("name").value(use.name).key("what").value(use.what);
    out.key("bytes").value(use.bytes).key("count").value(use.count);
    if (use.keepMs > 0) out.key("keepMs").value(use.keepMs);
    if (use.keepCount > 0) out.key("keepCount").value(use.keepCount);
    if (use.keepBytes > 0) out.key("keepBytes").value(use.keepBytes);
    out.endObject();
  }
  out.endArray();
}

Job<Response> getDisk(Call& call) {
  auto* server = call.services.server;
  if (server == nullptr || server->disk == nullptr) {
    co_return toResponse({404, "api.not_found", "this server keeps nothing on a disk"});
  }
  const auto report = co_await call.of(server->disk->report(call.waker()));
  if (!report) co_return toResponse(refusalOf(report.error()));
  std::string body;
  json::Writer out(body);
  out.beginObject();
  writeUses(out, "records", report->records);
  writeUses(out, "files", report->files);
  out.key("free").value(report->free).key("capacity").value(report->capacity).endObject();
  co_return jsonAnswer(std::move(body));
}

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/disk",
          .operation = "getDisk",
          .permission = "server.admin",
          .summary = "What uses the disk: kinds of records and files, how much of each, and how long it is kept.",
          .takes = "",
          .gives = "Disk",
          .handler = getDisk,
          .object = Object::server},
};

}  // namespace

std::span<const Route> diskRoutes() { return kRoutes; }

}  // namespace weir::api
