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

/// An order, and its document as it was read: once.
struct Ordered {
  RunOrder order;
  flow::FlowDocument document;
};

Expected<Ordered> orderOf(const std::string& body) {
  auto parsed = jsonOf(body);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  auto& root = parsed->root();
  Ordered read;
  auto& order = read.order;
  order.options = "{}";
  const auto documentIn = [&read](json::Document given) -> Expected<void> {
    auto document = flowOf(std::move(given));
    if (!document) return std::unexpected(std::move(document.error()));
    read.document = std::move(*document);
    return {};
  };
  if (root.find("nodes") != nullptr) {
    order.flow = body;
    if (auto good = documentIn(std::move(*parsed)); !good) return std::unexpected(std::move(good.error()));
    return read;
  }
  auto* flow = root.find("flow");
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
    auto named = outletsOf(*outlets);
    if (!named) return std::unexpected(std::move(named.error()));
    order.outlets = std::move(*named);
  }
  if (const auto* files = root.find("files")) {
    auto given = filesOf(*files);
    if (!given) return std::unexpected(std::move(given.error()));
    order.files = std::move(*given);
  }
  // What is wrong with it is told with its place in the body.
  auto good = documentIn(json::Document(std::string(parsed->text()), std::move(*flow)));
  if (!good) return std::unexpected(std::move(good.error()));
  return read;
}

/// The order of a body whose document can be read, and which the runner takes.
Expected<std::shared_ptr<const ReadOrder>> readOrder(const std::string& body, const Services& services) {
  auto ordered = orderOf(body);
  if (!ordered) return std::unexpected(std::move(ordered.error()));
  auto& [order, document] = *ordered;
  const auto nodes = std::ssize(document.nodes);
  if (nodes > services.place.mostNodes) {
    return refuse(422, "flow.too_many_nodes",
                  "the flow has " + std::to_string(nodes) + " nodes; here it may have " +
                      std::to_string(services.place.mostNodes));
  }
  if (auto good = checkOutlets(order.outlets, document, services.catalogue); !good) {
    return std::unexpected(std::move(good.error()));
  }
  if (order.outlets.empty()) order.outlets = endsOf(document, services.catalogue);
  auto seen = services.executions.runner().look(order, document);
  if (!seen) return std::unexpected(refusalOf(seen.error()));
  order.seen = std::move(*seen);
  return std::make_shared<const ReadOrder>(std::move(order), std::move(document.id));
}

Job<Expected<Execution*>> started(Call& call) {
  auto& executions = call.services.executions;
  auto read = executions.orders().find(call.body);
  if (!read) {
    if (auto room = executions.haveRoom(call.principal.user); !room) co_return std::unexpected(std::move(room.error()));
    auto fresh = co_await call.ofBody(
        [&services = std::as_const(call.services)](const std::string& body) { return readOrder(body, services); });
    if (!fresh) co_return std::unexpected(std::move(fresh.error()));
    read = std::move(*fresh);
    if (!call.body.empty()) executions.orders().add(call.body, read, sizeof(ReadOrder) + 2 * call.body.size());
  }
  auto order = read->order;
  if (!order.runId.empty() && executions.find(order.runId) != nullptr) {
    co_return refuse(409, "run.exists",
                     "there is an execution '" + order.runId + "' already; give another runId, or none");
  }
  co_return executions.start(std::move(order), read->flow, call.principal.user, call.principal.credential);
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
  const auto execution = co_await started(call);
  if (!execution) co_return toResponse(execution.error());
  auto response = eventsOf(call, **execution, 0);
  response.with("location", std::string(kPrefix) + "/executions/" + percentEncoded((*execution)->id()));
  co_return response;
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
