// Quotas of folders: read by who may read the folder, set by who administers the server.
#include "service/resources/quotas/quota-routes.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "engine/json/writer.h"
#include "service/api/auditor.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/engines/supervisor.h"
#include "service/metrics/run-figures.h"
#include "service/resources/identity/body.h"
#include "service/resources/paging.h"
#include "service/resources/quotas/folder-use.h"
#include "service/resources/server.h"
#include "service/store/quotas.h"
#include "service/store/runs.h"

namespace weir::api {
namespace {

/// Of which is looked at what they take.
constexpr std::int64_t kMostRuns = 1'000;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

Expected<store::Quotas*> quotasOf(const Call& call) {
  auto* server = call.services.server;
  if (server != nullptr && server->quotas != nullptr) return server->quotas;
  return refuse(404, "api.not_found", "this server keeps no runs, and so no quotas");
}

/// What the runs of a folder take now.
struct Used {
  FolderUsed disk;
  std::int64_t memory = 0, time = 0, connections = 0, sent = 0;  // of the run that takes most
  std::int64_t totalConnections = 0;                             // of all
};

void writeUsed(json::Writer& out, const store::QuotaRecord& record, const Used& used) {
  out.key("used").beginObject().key("runs").value(record.going);
  out.key("startedPerMinute").value(record.startedLately).key("totalDiskBytes").value(used.disk.bytes);
  out.key("memoryBytes").value(used.memory).key("diskBytes").value(used.disk.largestRun);
  out.key("maxRunMs").value(used.time).key("connections").value(used.connections);
  out.key("totalConnections").value(used.totalConnections).key("egressBytes").value(used.sent);
  out.key("egressBytesPerDay").value(record.sentToday).key("documents").value(record.documents);
  out.key("versions").value(record.versions).key("documentBytes").value(record.documentBytes);
  out.key("disk").beginObject();
  for (const auto& [part, bytes] : used.disk.parts) out.key(part).value(bytes);
  out.endObject().endObject();
}

void writeQuota(json::Writer& out, const store::QuotaRecord& record, const Used* used = nullptr) {
  const auto& quota = record.quota;
  out.beginObject().key("folder").value(record.folder);
  const auto write = [&out](std::string_view name, std::int64_t value) {
    if (value > 0) out.key(name).value(value);
  };
  write("runs", quota.runs);
  write("startedPerMinute", quota.startedPerMinute);
  write("totalDiskBytes", quota.totalDiskBytes);
  write("memoryBytes", quota.memoryBytes);
  write("diskBytes", quota.diskBytes);
  write("maxRunMs", quota.maxRunMs);
  write("threads", quota.threads);
  write("descriptors", quota.descriptors);
  write("connections", quota.connections);
  write("totalConnections", quota.totalConnections);
  write("egressBytes", quota.egressBytes);
  write("egressBytesPerDay", quota.egressBytesPerDay);
  write("documents", quota.documents);
  write("versions", quota.versions);
  write("documentBytes", quota.documentBytes);
  out.key("changedBy").value(record.changedBy).key("changedAt").value(record.changedAt);
  out.key("going").value(record.going).key("startedLately").value(record.startedLately);
  if (used != nullptr) writeUsed(out, record, *used);
  out.endObject();
}

using UsedBy = std::map<std::string, Used, std::less<>>;

/// Of runs that go on here, to each quota that they are held to.
Job<Expected<Unit>> addRuns(Call& call, UsedBy& all) {
  auto* server = call.services.server;
  if (server->runs == nullptr || server->supervisor == nullptr) co_return Unit{};
  store::RunQuery query;
  query.state = store::RunState::running;
  query.limit = kMostRuns;
  const auto page = co_await call.of(server->runs->list(query, call.waker()));
  if (!page) co_return std::unexpected(refusalOf(page.error()));
  const auto now = call.services.clock.nowMicros() / 1000;
  for (const auto& run : page->runs) {
    const auto* here = server->supervisor->record(run.id);
    if (here == nullptr) continue;
    const auto figures = metrics::runFiguresOf(here->metrics).value_or(metrics::RunFigures());
    const auto time = here->startedAt > 0 ? now - here->startedAt : 0;
    for (auto& [folder, used] : all) {
      if (!auth::covers(folder, run.folder)) continue;
      used.memory = std::max(used.memory, figures.usedBytes);
      used.connections = std::max(used.connections, figures.connections);
      used.totalConnections += figures.connections;
      used.sent = std::max(used.sent, figures.egressBytes);
      used.time = std::max(used.time, time);
    }
  }
  co_return Unit{};
}

Expected<std::string> folderOf(const Call& call) {
  auto folder = call.query.text("folder");
  if (auto good = checkFolder(folder); !good) return std::unexpected(std::move(good.error()));
  return folder;
}

Job<Response> listQuotas(Call& call) {
  const auto quotas = quotasOf(call);
  if (!quotas) co_return toResponse(quotas.error());
  auto folder = folderOf(call);
  if (!folder) co_return toResponse(folder.error());
  auto asked = pageAsked(call.query, "quotas");
  if (!asked) co_return toResponse(asked.error());
  store::QuotaQuery query{
      .folder = std::move(*folder), .visible = {}, .after = std::move(asked->after), .limit = asked->limit};
  if (call.services.gate != nullptr) query.visible = call.reachOf(auth::Permission::flowRead);
  const auto page = co_await call.of((*quotas)->page(std::move(query), call.waker()));
  if (!page) co_return toResponse(refusalOf(page.error()));
  UsedBy used;
  const auto* disk = call.services.server->folderUse;
  for (const auto& one : page->quotas) {
    used[one.folder].disk = disk == nullptr ? FolderUsed() : disk->usedIn(one.folder);
  }
  if (!used.empty()) {
    if (auto added = co_await addRuns(call, used); !added) co_return toResponse(added.error());
  }
  std::string body;
  json::Writer out(body);
  out.beginObject().key("quotas").beginArray();
  for (const auto& one : page->quotas) writeQuota(out, one, &used[one.folder]);
  out.endArray();
  if (page->more) out.key("next").value(cursorBehind("quotas", page->quotas.back().folder));
  out.endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> putQuota(Call& call) {
  const auto quotas = quotasOf(call);
  if (!quotas) co_return toResponse(quotas.error());
  auto folder = folderOf(call);
  if (!folder) co_return toResponse(folder.error());
  Body body(call,
            "runs startedPerMinute totalDiskBytes memoryBytes diskBytes maxRunMs threads descriptors connections "
            "totalConnections egressBytes egressBytesPerDay documents versions documentBytes");
  store::QuotaRecord record;
  record.folder = std::move(*folder);
  record.quota.runs = body.number("runs", 0, 1, 1'000'000);
  record.quota.startedPerMinute = body.number("startedPerMinute", 0, 1, 1'000'000);
  record.quota.memoryBytes = body.number("memoryBytes", 0, 1 << 20, kMost);
  record.quota.diskBytes = body.number("diskBytes", 0, 1 << 20, kMost);
  record.quota.maxRunMs = body.number("maxRunMs", 0, 1'000, kMost);
  record.quota.totalDiskBytes = body.number("totalDiskBytes", 0, 1 << 20, kMost);
  record.quota.threads = body.number("threads", 0, 1, 1'024);
  record.quota.descriptors = body.number("descriptors", 0, 64, 1'000'000);
  record.quota.connections = body.number("connections", 0, 1, 1'000'000);
  record.quota.totalConnections = body.number("totalConnections", 0, 1, 1'000'000);
  record.quota.egressBytes = body.number("egressBytes", 0, 1, kMost);
  record.quota.egressBytesPerDay = body.number("egressBytesPerDay", 0, 1, kMost);
  record.quota.documents = body.number("documents", 0, 1, 1'000'000'000);
  record.quota.versions = body.number("versions", 0, 1, 1'000'000'000);
  record.quota.documentBytes = body.number("documentBytes", 0, 1, kMost);
  if (body.refused()) co_return toResponse(*body.refused());
  record.changedBy = call.principal.user;
  record.changedAt = call.services.clock.nowMicros() / 1000;
  noteChange(call);
  const auto kept = co_await call.of((*quotas)->put(std::move(record), call.waker()));
  if (!kept) co_return toResponse(refusalOf(kept.error()));
  std::string text;
  json::Writer out(text);
  writeQuota(out, *kept);
  co_return jsonAnswer(std::move(text));
}

Job<Response> deleteQuota(Call& call) {
  const auto quotas = quotasOf(call);
  if (!quotas) co_return toResponse(quotas.error());
  auto folder = folderOf(call);
  if (!folder) co_return toResponse(folder.error());
  noteChange(call);
  const auto gone = co_await call.of((*quotas)->remove(std::move(*folder), call.waker()));
  if (!gone) co_return toResponse(refusalOf(gone.error()));
  co_return Response{.status = 204};
}

constexpr QueryRule kListQuery[] = {
    {.name = "folder", .help = "Only those of this folder and below."}, kLimitRule, kCursorRule};
constexpr QueryRule kFolder[] = {
    {.name = "folder", .help = "Such as team/reports; left out: the root, and with it all."}};

constexpr Route kRoutes[] = {
    Route{.method = "GET",
          .pattern = "/quotas",
          .operation = "listQuotas",
          .permission = "flow.read",
          .summary = "What the runs and documents of folders may take, with how much of it is taken now, by folder.",
          .takes = "",
          .gives = "Quotas",
          .handler = listQuotas,
          .query = kListQuery,
          .object = Object::inside},
    Route{.method = "PUT",
          .pattern = "/quotas",
          .operation = "putQuota",
          .permission = "server.admin",
          .summary = "Bounds what the runs and documents of a folder and of all below it may take; what is left out "
                     "has no bound.",
          .takes = "QuotaChange",
          .gives = "Quota",
          .handler = putQuota,
          .query = kFolder,
          .object = Object::server},
    Route{.method = "DELETE",
          .pattern = "/quotas",
          .operation = "deleteQuota",
          .permission = "server.admin",
          .summary = "Takes the bounds of a folder away; those of folders above it stay.",
          .takes = "",
          .gives = "",
          .status = 204,
          .handler = deleteQuota,
          .query = kFolder,
          .object = Object::server},
};

constexpr Shape kShapes[] = {
    Shape{"QuotaChange", R"({
      "type": "object", "additionalProperties": false,
      "description": "runs, startedPerMinute, totalDiskBytes, totalConnections, egressBytesPerDay, documents, versions and documentBytes are of the folder and all below it; the others bound each run, beside config.limits of its flow.",
      "properties": {
        "runs": {"type": "integer", "minimum": 1, "maximum": 1000000, "description": "That go on at a time."},
        "startedPerMinute": {"type": "integer", "minimum": 1, "maximum": 1000000},
        "memoryBytes": {"type": "integer", "minimum": 1048576}, "diskBytes": {"type": "integer", "minimum": 1048576},
        "maxRunMs": {"type": "integer", "minimum": 1000},
        "totalDiskBytes": {"type": "integer", "minimum": 1048576, "description": "Of the files of all its runs and the logs of operations of its drafts. From 90 % on their sources give nothing, until it is less than 85 %."},
        "threads": {"type": "integer", "minimum": 1, "maximum": 1024},
        "descriptors": {"type": "integer", "minimum": 64, "maximum": 1000000, "description": "Files and connections that the process of the run may have open."},
        "connections": {"type": "integer", "minimum": 1, "maximum": 1000000, "description": "That a run may have open at a time to others. One more waits, and fails with network.limit when its time is over."},
        "totalConnections": {"type": "integer", "minimum": 1, "maximum": 1000000, "description": "That all its runs in one engine process may have open at a time."},
        "egressBytes": {"type": "integer", "minimum": 1, "description": "That a run may send in all; above it the run ends with run.egress_limit."},
        "egressBytesPerDay": {"type": "integer", "minimum": 1, "description": "That all its runs may send on a day (UTC). Above it their sources give nothing until the next."},
        "documents": {"type": "integer", "minimum": 1, "maximum": 1000000000, "description": "Flows, also those in the bin."},
        "versions": {"type": "integer", "minimum": 1, "maximum": 1000000000, "description": "Of all its flows."},
        "documentBytes": {"type": "integer", "minimum": 1, "description": "Of documents and their versions, as they are written."}}})"},
    Shape{"Quota", R"({
      "type": "object", "required": ["folder"],
      "properties": {
        "folder": {"type": "string"}, "runs": {"type": "integer"}, "startedPerMinute": {"type": "integer"},
        "memoryBytes": {"type": "integer"}, "diskBytes": {"type": "integer"}, "maxRunMs": {"type": "integer"},
        "totalDiskBytes": {"type": "integer"}, "threads": {"type": "integer"}, "descriptors": {"type": "integer"},
        "connections": {"type": "integer"}, "totalConnections": {"type": "integer"},
        "egressBytes": {"type": "integer"}, "egressBytesPerDay": {"type": "integer"},
        "documents": {"type": "integer"}, "versions": {"type": "integer"}, "documentBytes": {"type": "integer"},
        "changedBy": {"type": "string"}, "changedAt": {"type": "integer"},
        "going": {"type": "integer", "description": "Runs that go on now."},
        "startedLately": {"type": "integer", "description": "Runs that were started within the last minute."},
        "used": {
          "type": "object", "description": "In a list: what is taken now of each bound, whether it is set or not.",
          "required": ["runs", "startedPerMinute", "totalDiskBytes", "memoryBytes", "diskBytes", "maxRunMs", "connections", "totalConnections", "egressBytes", "egressBytesPerDay", "documents", "versions", "documentBytes", "disk"],
          "properties": {
            "runs": {"type": "integer"}, "startedPerMinute": {"type": "integer"}, "totalDiskBytes": {"type": "integer"},
            "memoryBytes": {"type": "integer", "description": "By the run that takes most."},
            "diskBytes": {"type": "integer", "description": "By the run that takes most."},
            "maxRunMs": {"type": "integer", "description": "By the run that goes on longest."},
            "connections": {"type": "integer", "description": "Of the run that has most open."},
            "totalConnections": {"type": "integer", "description": "Of all its runs."},
            "egressBytes": {"type": "integer", "description": "By the run that has sent most."},
            "egressBytesPerDay": {"type": "integer", "description": "Today, by UTC; some seconds late."},
            "documents": {"type": "integer"}, "versions": {"type": "integer"}, "documentBytes": {"type": "integer"},
            "disk": {"type": "object", "additionalProperties": {"type": "integer"},
                     "description": "totalDiskBytes by what the files are for: journal, state, dead-letters and so on."}}}}})"},
    Shape{"Quotas", R"({
      "type": "object", "required": ["quotas"],
      "properties": {"quotas": {"type": "array", "items": {"$ref": "#/components/schemas/Quota"}},
                     "next": {"type": "string", "description": "The cursor of the page behind; missing: there is none."}}})"},
};

}  // namespace

std::span<const Route> quotaRoutes() { return kRoutes; }
std::span<const Shape> quotaShapes() { return kShapes; }

}  // namespace weir::api
