// Health, capabilities, and the catalogue of nodes.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "engine/data/hash.h"
#include "engine/json/writer.h"
#include "engine/node/version.h"
#include "engine/text/base64.h"
#include "service/api/handlers.h"

namespace weir::api {
namespace {

constexpr std::array kFeatures = {"execute", "server-sent-events"};

/// What a place does that has a route for it.
struct RouteFeature {
  std::string_view feature, operation;
};
constexpr std::array kRouteFeatures = {
    RouteFeature{"last-event-id", "readExecution"},
    RouteFeature{"flows", "createFlow"},
    RouteFeature{"versions", "appendVersion"},
    RouteFeature{"runs", "startRun"},
    RouteFeature{"schedules", "createSchedule"},
    RouteFeature{"secrets", "putSecret"},
    RouteFeature{"dead-letters", "replayDeadLetters"},
    RouteFeature{"previews", "previewFlow"},
    RouteFeature{"alerts", "listAlerts"},
    RouteFeature{"audit", "listAudit"},
    RouteFeature{"apply", "apply"},
    RouteFeature{"live-streams", "openLive"},
};

/// An entity tag of the content itself.
std::string tagOf(std::string_view content) {
  const auto hash = hash::ofBytes(content);
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[(hash >> static_cast<unsigned>(shift)) & 15U];
  return "\"" + text + "\"";
}

/// With an entity tag, and without the content if the caller has it already.
Response tagged(const Call& call, std::string body) {
  auto tag = tagOf(body);
  const auto* known = call.header("if-none-match");
  if (known != nullptr && (*known == "*" || known->contains(tag))) {
    return Response{.status = 304}.with("etag", std::move(tag)).with("cache-control", "no-cache");
  }
  Response response{.status = 200, .headers = {}, .body = std::move(body), .stream = nullptr};
  response.with("content-type", std::string(kJson)).with("cache-control", "no-cache").with("etag", std::move(tag));
  return response;
}

void writeLimits(json::Writer& out, const Services& services) {
  const auto& limits = services.executions.limits();
  out.key("limits").beginObject().key("maxBodyBytes").value(services.place.mostBodyBytes);
  if (std::ranges::any_of(services.routes.all(), [](const Route* route) { return route->wide; })) {
    out.key("maxApplyBytes").value(services.place.mostWideBytes);
  }
  // null: as long as it takes.
  out.key("executionTimeout");
  if (limits.longestMs > 0)
    out.value(limits.longestMs);
  else
    out.null();
  out.key("maxConcurrentExecutions").value(limits.running).key("keptExecutions").value(limits.kept);
  if (limits.ofOne > 0) out.key("executionsOfOne").value(limits.ofOne);
  if (limits.memoryBytes > 0) out.key("memoryBytes").value(limits.memoryBytes);
  out.key("readerTimeout").value(limits.lingerMs).endObject();
}

}  // namespace

Job<Response> getHealth(Call& call) {
  const auto& place = call.services.place;
  std::string body;
  json::Writer out(body);
  out.beginObject().key("status").value("ok").key("where").value(place.where).key("version").value(kEngineVersion);
  if (!place.application.empty()) out.key("application").value(place.application);
  out.endObject();
  return jsonAnswer(std::move(body));
}

Job<Response> getCapabilities(Call& call) {
  const auto& services = call.services;
  std::string body;
  json::Writer out(body);
  out.beginObject().key("maxNodes").value(services.place.mostNodes).key("supportedNodeTypes").beginArray();
  std::string_view before;
  for (const auto* type : services.catalogue.all()) {
    if (runsOn(*type, services.place) && type->id != before) out.value(type->id);
    before = type->id;
  }
  out.endArray().key("features").beginArray();
  for (const auto* feature : kFeatures) out.value(feature);
  for (const auto& [feature, operation] : kRouteFeatures) {
    const auto has = [&operation](const Route* route) { return route->operation == operation; };
    if (std::ranges::any_of(services.routes.all(), has)) out.value(feature);
  }
  out.endArray().key("estimatedLatency").value(services.latencyMs);
  writeLimits(out, services);
  out.endObject();
  return jsonAnswer(std::move(body));
}

Job<Response> listNodes(Call& call) {
  const auto& services = call.services;
  const auto everywhere = call.query.text("where") == "everywhere";
  std::string body;
  json::Writer out(body);
  out.beginObject().key("nodes").beginArray();
  for (const auto* type : services.catalogue.all()) {
    if (everywhere || runsOn(*type, services.place)) out.value(type->document.root());
  }
  out.endArray().endObject();
  return tagged(call, std::move(body));
}

Job<Response> getNode(Call& call) {
  const auto& catalogue = call.services.catalogue;
  const auto& id = call.parameters.front();
  const auto* version = call.query.find("version");
  const auto* type = version == nullptr ? catalogue.newestOf(id) : catalogue.find(id, *version);
  if (type != nullptr) return tagged(call, json::write(type->document.root()));
  std::string detail = "there is no node '" + id + "'";
  const auto versions = catalogue.versionsOf(id);
  if (!versions.empty()) {
    detail += " of version " + *version + "; there is";
    for (const auto* one : versions) detail += " " + one->version;
  } else if (const auto near = catalogue.nearest(id); !near.empty()) {
    detail += "; did you mean '" + std::string(near) + "'?";
  }
  return toResponse({404, "api.no_node", std::move(detail)});
}

}  // namespace weir::api
