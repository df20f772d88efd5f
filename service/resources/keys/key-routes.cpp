// Reads and changes them.
#include <utility>

#include "engine/json/writer.h"
#include "service/api/handlers.h"
#include "service/resources/keys/keys.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

Expected<KeyRoom*> roomOf(const Call& call) {
  const auto* server = call.services.server;
  if (server != nullptr && server->keys != nullptr) return server->keys;
  return refuse(503, "storage.unavailable", "this server keeps nothing on a disk, so it has no keys");
}

Response told(const KeyReport& report) {
  std::string body;
  json::Writer out(body);
  out.beginObject().key("instance").value(report.instance).key("encrypted").value(!report.master.empty());
  if (!report.master.empty()) out.key("master").value(report.master);
  out.key("database").beginObject().key("kind").value(report.databaseElsewhere ? "postgresql" : "sqlite");
  out.key("encrypted").value(!report.databaseElsewhere && !report.master.empty()).endObject();
  out.key("keys").value(report.keys).key("old").value(report.old).endObject();
  return jsonAnswer(std::move(body));
}

Job<Response> getKeys(Call& call) {
  const auto room = roomOf(call);
  if (!room) co_return toResponse(room.error());
  co_return told((*room)->report());
}

Job<Response> rotateKeys(Call& call) {
  const auto room = roomOf(call);
  if (!room) co_return toResponse(room.error());
  const auto report = (*room)->rotate();
  if (!report && report.error().code == "key.not_encrypted")
    co_return toResponse({409, report.error().code, report.error().message});
  if (!report) co_return toResponse(refusalOf(report.error()));
  co_return told(*report);
}

constexpr Route kRoutes[] = {
    Route{.method = "GET",
          .pattern = "/keys",
          .operation = "getKeys",
          .permission = "server.admin",
          .summary = "Which master key the data folder needs, and how many keys it has: names and numbers.",
          .takes = "",
          .gives = "Keys",
          .handler = getKeys,
          .object = Object::server},
    Route{.method = "POST",
          .pattern = "/keys/rotate",
          .operation = "rotateKeys",
          .permission = "server.admin",
          .summary = "New keys for all files that are made from now on; what there is stays under the old ones.",
          .takes = "",
          .gives = "Keys",
          .handler = rotateKeys,
          .object = Object::server,
          .asksPassword = true,
          .also = "409"},
};

constexpr Shape kShapes[] = {
    Shape{"Keys", R"({
      "type": "object", "required": ["instance", "encrypted", "database", "keys", "old"],
      "properties": {
        "instance": {"type": "string", "description": "Of the data folder; a restored one is another."},
        "encrypted": {"type": "boolean", "description": "The files of the data folder."},
        "database": {
          "type": "object", "required": ["kind", "encrypted"],
          "properties": {
            "kind": {"enum": ["sqlite", "postgresql"]},
            "encrypted": {"type": "boolean", "description":
              "By this server: false on PostgreSQL, where secrets alone are sealed, and the disk is its operator's."}}},
        "master": {"type": "string", "description": "The name of the master key; its key is told nobody."},
        "keys": {"type": "integer"},
        "old": {"type": "integer", "description": "Those that nothing is written with any more."}}})"},
};

}  // namespace

std::span<const Route> keyRoutes() { return kRoutes; }
std::span<const Shape> keyShapes() { return kShapes; }

}  // namespace weir::api
