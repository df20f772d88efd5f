// Validating and formatting documents that are not kept.
#include "engine/flow/format.h"
#include "engine/flow/validate.h"
#include "engine/json/writer.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"

namespace weir::api {
namespace {

void writeProblems(json::Writer& out, const flow::Problems& problems) {
  out.key("problems").beginArray();
  for (const auto& problem : problems) out.value(flow::toJson(problem));
  out.endArray();
}

/// Nodes of the flow that this place cannot run, with the places that can.
void writeElsewhere(json::Writer& out, const flow::FlowDocument& document, const Services& services) {
  out.key("elsewhere").beginArray();
  for (const auto& node : document.nodes) {
    const auto* type = services.catalogue.find(node.typeId, node.version);
    if (type == nullptr || runsOn(*type, services.place.host)) continue;
    out.beginObject().key("node").value(node.id).key("typeId").value(type->id).key("hosts").beginArray();
    for (const auto& host : type->hosts) out.value(host);
    out.endArray().endObject();
  }
  out.endArray();
}

}  // namespace

Job<Response> validateFlow(Call& call) {
  std::string body;
  json::Writer out(body);
  out.beginObject();
  const auto document = flow::parseFlow(call.body);
  if (!document) {
    out.key("valid").value(false);
    writeProblems(out, document.error());
  } else {
    flow::ValidateOptions options;
    options.parametersOpen = true;
    const auto found = flow::validate(*document, call.services.catalogue, options);
    out.key("valid").value(!found.failed());
    writeProblems(out, found.problems);
    out.key("deterministic").value(found.deterministic).key("whyNotDeterministic").beginArray();
    for (const auto& why : found.whyNotDeterministic) out.value(why);
    out.endArray();
    writeElsewhere(out, *document, call.services);
  }
  out.endObject();
  return jsonAnswer(std::move(body));
}

Job<Response> formatFlow(Call& call) {
  const auto document = flowOf(call.body);
  if (!document) return toResponse(document.error());
  return jsonAnswer(flow::formatFlow(*document));
}

}  // namespace weir::api
