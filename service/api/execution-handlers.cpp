// Executing flows, and reading what executions tell.
#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/flow/document.h"
#include "engine/json/writer.h"
#include "engine/text/url.h"
#include "service/api/flow-text.h"
#include "service/api/guarded-stream.h"
#include "service/api/handlers.h"
#include "service/api/oldest-event.h"
#include "service/api/outlets.h"
#include "service/api/run-options.h"

namespace weir::api {
namespace {

constexpr std::string_view kMembers =
    "flow parameters mode seed runId outlets files flows mounts memoryBytes maxErrors traceRows allFields";

Response eventsOf(const Call& call, const Execution& execution, std::int64_t after) {
  Response response;
  response.with("content-type", std::string(kEvents)).with("cache-control", "no-store");
  response.with("x-execution-id", execution.id());
  // The table of names is a server's alone.
  const auto permission =
      call.route.permission == "run.start" ? auth::Permission::runStart : auth::Permission::dataRead;
  response.stream = guardedStream(call, EventRing::read(execution.ring(), after), {permission}, execution.id());
  return response;
}

/// A run's id is part of paths and headers.
bool isRunId(std::string_view id) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_' || c == ':';
  };
  return !id.empty() && id.size() <= 100 && id.front() != '.' && std::ranges::all_of(id, good);
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
  if (auto good = checkRunOptions(root); !good) return std::unexpected(std::move(good.error()));
  order.flow = json::write(*flow);
  order.options = optionsOf(root);
  if (const auto* id = root.find("runId")) {
    if (!id->isString() || !isRunId(*id->asString())) {
      return refuse(400, "api.body",
                    "'runId' has 1 to 100 letters and digits of ASCII, dots, dashes, underscores and colons, and no "
                    "dot at its beginning");
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

/// The order of a body whose document can be read.
Expected<std::shared_ptr<const ReadOrder>> readOrder(const Call& call) {
  auto& recent = call.services.executions.orders();
  if (auto known = recent.find(call.body)) return known;
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
  if (auto good = checkOutlets(order->outlets, *document, call.services.catalogue); !good) {
    return std::unexpected(std::move(good.error()));
  }
  if (auto good = checkOutlets(order->outlets, *document, call.services.catalogue); !good) {
    return std::unexpected(std::move(good.error()));
  }
  if (auto good = checkOutlets(order->outlets, *document, call.services.catalogue); !good) {
    return std::unexpected(std::move(good.error()));
  }
  if (order->outlets.empty()) order->outlets = endsOf(*document, call.services.catalogue);
  auto read = std::make_shared<const ReadOrder>(std::move(*order), std::move(document->id));
  recent.add(call.body, read, sizeof(ReadOrder) + 2 * call.body.size());
  return read;
}

Expected<Execution*> started(Call& call) {
  const auto read = readOrder(call);
  if (!read) return std::unexpected(read.error());
  auto order = (*read)->order;
  if (!order.runId.empty() && call.services.executions.find(order.runId) != nullptr) {
    return refuse(409, "run.exists",
                  "there is an execution '" + order.runId + "' already; give another runId, or none");
  }
  auto execution = call.services.executions.start(std::move(order), (*read)->flow);
  if (execution) (*execution)->belongTo(call.principal.user, call.principal.credential);
  return execution;
}

/// An execution is its caller's own, whatever anybody else may do; a token also needs the route's permission. It lies
/// in no folder, so one that is cut to folders sees only what was begun with it.
bool seen(const Call& call, const Execution& execution) {
  if (call.services.gate == nullptr) return true;
  const auto& scope = call.principal.scope;
  if (scope && !scope->folders.empty() && execution.credential() != call.principal.credential) return false;
  return execution.owner() == call.principal.user && call.holdsSomewhere();
}

Expected<Execution*> found(const Call& call) {
  const auto& id = call.parameters.front();
  if (auto* execution = call.services.executions.find(id); execution != nullptr && seen(call, *execution)) {
    return execution;
  }
  return refuse(404, "run.not_found", "there is no execution '" + id + "' here, or it is not kept any more");
}

/// The number behind which a reader goes on: of Last-Event-ID, or of the query, or that before the oldest event.
Expected<std::int64_t> afterOf(const Call& call, const EventRing& events) {
  const auto* header = call.header("last-event-id");
  if (header == nullptr || header->empty()) return call.query.number("after", beforeOldest(events));
  std::int64_t after = -1;
  const auto [end, error] = std::from_chars(header->data(), header->data() + header->size(), after);
  if (error == std::errc() && end == header->data() + header->size() && after >= 0) return after;
  return refuse(400, "api.query", "Last-Event-ID is '" + *header + "'; it is the number of an event");
}

}  // namespace

Job<Response> execute(Call& call) {
  const auto execution = started(call);
  if (!execution) return toResponse(execution.error());
  auto response = eventsOf(call, **execution, 0);
  response.with("location", std::string(kPrefix) + "/executions/" + percentEncoded((*execution)->id()));
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
  const auto after = afterOf(call, *(*execution)->ring());
  if (!after) return toResponse(after.error());
  if ((*execution)->ring()->has(*after)) return eventsOf(call, **execution, *after);
  return toResponse({410, "live.gone",
                     "the events of execution '" + (*execution)->id() + "' behind number " + std::to_string(*after) +
                         " are not kept; ask for those behind " + std::to_string(beforeOldest(*(*execution)->ring())) +
                         " to " + std::to_string((*execution)->ring()->last()) +
                         ", or leave 'after' out for all that are"});
}

Job<Response> cancelExecution(Call& call) {
  const auto execution = found(call);
  if (!execution) return toResponse(execution.error());
  (*execution)->cancel();
  return Response{.status = 204};
}

}  // namespace weir::api
