// Save, and what stands in its way.
#include "service/resources/project/project.h"

#include <array>

#include "engine/json/writer.h"
#include "service/api/flow-answers.h"
#include "service/api/handlers.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

Expected<ProjectFiles*> projectOf(const Call& call) {
  auto* project = call.services.server == nullptr ? nullptr : call.services.server->project;
  if (project != nullptr) return project;
  return refuse(409, "host.missing", "this server has no project: start it with --project DIR, or publish a version");
}

Job<Response> saveFlow(Call& call) {
  const auto project = projectOf(call);
  if (!project) co_return toResponse(project.error());
  const auto given = co_await ifGiven(call);
  if (!given) co_return toResponse(given.error());
  const auto& id = call.parameters.front();
  const auto flow = co_await call.of(call.services.store.read(id, call.waker()));
  if (!flow) co_return toResponse(refusalOf(flow.error()));
  if (given->value_or(flow->head.revision) != flow->head.revision) {
    co_return toResponse({412, "storage.changed", "the flow '" + id + "' was changed elsewhere; read it again"});
  }
  const auto saved = (*project)->save(*flow, call.query.text("take") == "draft");
  if (!saved) co_return toResponse(refusalOf(saved.error()));
  std::string body;
  json::Writer out(body);
  out.beginObject().key("path").value(saved->path).key("changed").value(saved->changed).endObject();
  co_return jsonAnswer(std::move(body));
}

Job<Response> getFlowFile(Call& call) {
  const auto project = projectOf(call);
  if (!project) co_return toResponse(project.error());
  const auto flow = co_await call.of(call.services.store.read(call.parameters.front(), call.waker()));
  if (!flow) co_return toResponse(refusalOf(flow.error()));
  const auto file = (*project)->fileOf(flow->head);
  std::string body;
  json::Writer out(body);
  out.beginObject().key("path").value(file.path).key("conflicts").beginArray();
  for (const auto& conflict : file.conflicts) out.value(conflict);
  out.endArray().key("problem").value(file.problem).endObject();
  co_return jsonAnswer(std::move(body));
}

constexpr std::array kSaving = {
    QueryRule{.name = "take",
              .kind = QueryRule::Kind::choice,
              .help = "Where the file has something else that the draft would write over: write the draft",
              .choices = "draft"},
};

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/flows/{flow}/file",
          .operation = "getFlowFile",
          .permission = "flow.read",
          .summary = "The flow's file, on a server over a folder (--project), and where it and the draft conflict.",
          .takes = "",
          .gives = "FlowFile",
          .handler = getFlowFile,
          .object = Object::flow,
          .also = "409"},
    Route{.method = "POST",
          .pattern = "/flows/{flow}/save",
          .operation = "saveFlow",
          .permission = "flow.edit",
          .summary = "Makes the flow's file what the draft is, on a server over a folder (--project): writes, moves or "
                     "removes it.",
          .takes = "",
          .gives = "Saved",
          .handler = saveFlow,
          .query = kSaving,
          .object = Object::flow,
          .headers = "if-match"},
};

}  // namespace

std::span<const Route> projectRoutes() { return kRoutes; }

}  // namespace weir::api
