// Lists the audit log for those who may read it where it happened.
#include "service/resources/audit/audit.h"

#include <array>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/resources/server.h"
#include "service/store/audit.h"

namespace weir::api {
namespace {

void write(json::Writer& out, const store::AuditRecord& record) {
  const auto& entry = record.entry;
  out.beginObject().key("number").value(record.number).key("at").value(entry.at).key("actor").value(entry.actor);
  out.key("credential").value(entry.credential).key("address").value(entry.address);
  out.key("request").value(entry.request).key("action").value(entry.action).key("object").value(entry.object);
  out.key("folder").value(entry.folder);
  if (!entry.detail.empty()) out.key("detail").raw(entry.detail);
  out.key("hash").value(record.hash).endObject();
}

Job<Response> listAudit(Call& call) {
  store::AuditQuery query;
  query.visible = call.reachOf(auth::Permission::auditRead);
  query.actor = call.query.text("actor");
  query.action = call.query.text("action");
  query.object = call.query.text("object");
  if (const auto* folder = call.query.find("folder")) {
    if (auto good = checkFolder(*folder); !good) co_return toResponse(good.error());
    query.folder = *folder;
  }
  query.from = call.query.number("from", 0);
  query.until = call.query.number("to", 0);
  if (query.until > 0 && query.from > query.until) {
    co_return toResponse({400, "api.query", "'from' is later than 'to', and so no entry can fit; exchange them"});
  }
  query.before = call.query.number("before", 0);
  query.limit = call.query.number("limit", 100);
  const auto found = co_await call.of(call.services.server->audit->list(std::move(query), call.waker()));
  if (!found) co_return toResponse(refusalOf(found.error()));
  std::string body;
  json::Writer out(body);
  out.beginObject().key("entries").beginArray();
  for (const auto& record : *found) write(out, record);
  out.endArray().endObject();
  co_return jsonAnswer(std::move(body));
}

constexpr std::array kQuery = {
    QueryRule{.name = "actor", .help = "only what this user has done, by id"},
    QueryRule{.name = "action", .help = "only this action; with a dot at its end all that begin so, such as user."},
    QueryRule{.name = "object", .help = "only what was done to this, such as user:ID"},
    QueryRule{.name = "folder", .help = "only what was done in this folder and below it"},
    QueryRule{.name = "from",
              .kind = QueryRule::Kind::number,
              .help = "only what was done then or later, in milliseconds since 1970"},
    QueryRule{.name = "to",
              .kind = QueryRule::Kind::number,
              .help = "only what was done then or earlier, in milliseconds since 1970"},
    QueryRule{
        .name = "before", .kind = QueryRule::Kind::number, .help = "only older ones than this number", .least = 1},
    QueryRule{.name = "limit", .kind = QueryRule::Kind::number, .help = "100 unless said", .least = 1, .most = 1000}};

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/audit",
          .operation = "listAudit",
          .permission = "audit.read",
          .summary = "Who did what, newest first, in those folders whose log the caller may read.",
          .takes = "",
          .gives = "AuditEntries",
          .handler = listAudit,
          .query = kQuery,
          .object = Object::inside}};

}  // namespace

std::span<const Route> auditRoutes() { return kRoutes; }

}  // namespace weir::api
