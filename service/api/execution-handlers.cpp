// Executing flows, and reading what executions tell.
#include <charconv>
#include <utility>

#include "engine/flow/document.h"
#include "engine/json/writer.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"
#include "service/api/outlets.h"

namespace weir::api {
namespace {

constexpr std::string_view kMembers =
    "flow parameters mode seed runId outlets files flows mounts memoryBytes maxErrors traceRows allFields";

Response eventsOf(const Execution& execution, std::int64_t after) {
  Response response;
  response.with("content-type", std::string(kEvents)).with("cache-control", "no-store");
  response.with("x-execution-id", execution.id());
  response.stream = EventRing::read(execution.ring(), after);
  return response;
}

Expected<std::vector<PortName>> outletsOf(const json::Value& given) {
  const auto* list = given.asArray();
  if (list == nullptr) return refuse(400, "api.body", "'outlets' is a list of {node, port}");
  std::vector<PortName> outlets;
  for (const auto& one : *list) {
    const auto* node = one.find("node");
    const auto* port = one.find("port");
    if (node == nullptr || !node->isString() || port == nullptr || !port->isString()) {
      return refuse(400, "api.body", "an outlet is {node, port}, both texts");
    }
    outlets.push_back({*node->asString(), *port->asString()});
  }
  return outlets;
}

Expected<std::vector<GivenFile>> filesOf(const json::Value& given) {
  const auto* members = given.asObject();
  std::vector<GivenFile> files;
  for (const auto& member : members == nullptr ? json::Value::Object() : *members) {
    if (!member.value.isString()) return refuse(400, "api.body", "file '" + member.key + "': its content is a text");
    files.push_back({member.key, *member.value.asString()});
  }
  if (members == nullptr) return refuse(400, "api.body", "'files' is an object from path to text");
  return files;
}

/// The members that the runner reads by itself.
std::string optionsOf(const json::Value& root) {
  auto options = json::Value::object();
  for (const auto& member : *root.asObject()) {
    if (member.key != "flow" && member.key != "outlets" && member.key != "files") options.set(member.key, member.value);
  }
  return json::write(options);
}

Expected<RunOrder> orderOf(const std::string& body) {
  auto parsed = jsonOf(body);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  const auto& root = parsed->root();
  RunOrder order;
  order.options = "{}";
  if (root.find("nodes") != nullptr) {
    order.flow = body;
    return order;
  }
  const auto* flow = root.find("flow");
  if (flow == nullptr || !flow->isObject()) {
    return refuse(400, "api.body", "the body is a flow document, or an object with one as 'flow'");
  }
  if (auto known = checkMembers(root, kMembers); !known) return std::unexpected(std::move(known.error()));
  order.flow = json::write(*flow);
  order.options = optionsOf(root);
  if (const auto* id = root.find("runId")) {
    if (!id->isString() || id->asString()->empty() || id->asString()->size() > 100) {
      return refuse(400, "api.body", "'runId' is a text of 1 to 100 bytes");
    }
    order.runId = *id->asString();
  }
  if (const auto* outlets = root.find("outlets")) {
    auto read = outletsOf(*outlets);
    if (!read) return std::unexpected(std::move(read.error()));
    order.outlets = std::move(*read);
  }
  if (const auto* files = root.find("files")) {
    auto read = filesOf(*files);
    if (!read) return std::unexpected(std::move(read.error()));
    order.files = std::move(*read);
  }
  return order;
}

Expected<Execution*> started(Call& call) {
  auto order = orderOf(call.body);
  if (!order) return std::unexpected(std::move(order.error()));
  auto document = flowOf(order->flow);
  if (!document) return std::unexpected(std::move(document.error()));
  const auto nodes = std::ssize(document->nodes);
  if (nodes > call.services.place.mostNodes) {
    return refuse(422, "flow.too_many_nodes",
                  "the flow has " + std::to_string(nodes) + " nodes; here it may have " +
                      std::to_string(call.services.place.mostNodes));
  }
  if (!order->runId.empty() && call.services.executions.find(order->runId) != nullptr) {
    return refuse(409, "run.exists",
                  "there is an execution '" + order->runId + "' already; give another runId, or none");
  }
  if (order->outlets.empty()) order->outlets = endsOf(*document, call.services.catalogue);
  auto execution = call.services.executions.start(std::move(*order), std::move(document->id));
  if (execution) (*execution)->belongTo(call.principal.user);
  return execution;
}

/// An execution is its caller's own, whatever anybody else may do; a token also needs the route's permission.
bool seen(const Call& call, const Execution& execution) {
  if (call.services.gate == nullptr) return true;
  return execution.owner() == call.principal.user && call.holdsSomewhere();
}

Expected<Execution*> found(const Call& call) {
  const auto& id = call.parameters.front();
  if (auto* execution = call.services.executions.find(id); execution != nullptr && seen(call, *execution)) {
    return execution;
  }
  return refuse(404, "run.not_found", "there is no execution '" + id + "' here, or it is not kept any more");
}

/// The number behind which a reader goes on: of Last-Event-ID, or of the query, or 0.
Expected<std::int64_t> afterOf(const Call& call) {
  const auto* header = call.header("last-event-id");
  if (header == nullptr || header->empty()) return call.query.number("after", 0);
  std::int64_t after = -1;
  const auto [end, error] = std::from_chars(header->data(), header->data() + header->size(), after);
  if (error == std::errc() && end == header->data() + header->size() && after >= 0) return after;
  return refuse(400, "api.query", "Last-Event-ID is '" + *header + "'; it is the number of an event");
}

}  // namespace

Job<Response> execute(Call& call) {
  const auto execution = started(call);
  if (!execution) return toResponse(execution.error());
  auto response = eventsOf(**execution, 0);
  response.with("location", std::string(kPrefix) + "/executions/" + (*execution)->id());
  return response;
}

Job<Response> listExecutions(Call& call) {
  std::string body = "{\"executions\":[";
  for (const auto& one : call.services.executions.all()) {
    if (!seen(call, *one)) continue;
    if (body.back() != '[') body += ',';
    body += one->json();
  }
  return jsonAnswer(body + "]}");
}

Job<Response> listRuns(Call& call) {
  std::string body = "{\"runs\":[";
  for (const auto& one : call.services.executions.all()) {
    if (one->over() || !seen(call, *one)) continue;
    if (body.back() != '[') body += ',';
    body += one->json();
  }
  return jsonAnswer(body + "]}");
}

Job<Response> getExecution(Call& call) {
  const auto execution = found(call);
  if (!execution) return toResponse(execution.error());
  return jsonAnswer((*execution)->json());
}

Job<Response> readExecution(Call& call) {
  const auto execution = found(call);
  if (!execution) return toResponse(execution.error());
  const auto after = afterOf(call);
  if (!after) return toResponse(after.error());
  if ((*execution)->ring()->has(*after)) return eventsOf(**execution, *after);
  return toResponse({410, "live.gone",
                     "the events of execution '" + (*execution)->id() + "' behind number " + std::to_string(*after) +
                         " are not kept; it has told " + std::to_string((*execution)->ring()->last())});
}

Job<Response> cancelExecution(Call& call) {
  const auto execution = found(call);
  if (!execution) return toResponse(execution.error());
  (*execution)->cancel();
  return Response{.status = 204};
}

}  // namespace weir::api
