// Looking at what a node gives.
#include <array>
#include <utility>

#include "engine/flow/make-plan.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "service/api/flow-text.h"
#include "service/api/folder-name.h"
#include "service/api/handlers.h"
#include "service/api/outlets.h"
#include "service/api/publishing.h"
#include "service/api/run-request.h"
#include "service/auth/secret-text.h"
#include "service/engines/previews.h"
#include "service/engines/process-runner.h"
#include "service/resources/folders/folder-routes.h"
#include "service/resources/previews/previews.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

using auth::Permission;

constexpr std::int64_t kMostRows = 1'000, kMostSourceRows = 1'000'000;

struct Asked {
  PreviewPart part;
  std::int64_t rows = 100;
  std::string parameters = "{}", environment, document;
};

Expected<std::int64_t> countIn(const json::Value& root, std::string_view key, std::int64_t otherwise,
                               std::int64_t most) {
  const auto* given = root.find(key);
  if (given == nullptr) return otherwise;
  if (given->asInt64() == nullptr || *given->asInt64() < 1 || *given->asInt64() > most)
    return refuse(400, "api.body", "'" + std::string(key) + "' is a number from 1 to " + std::to_string(most));
  return *given->asInt64();
}

Expected<std::string> textIn(const json::Value& root, std::string_view key) {
  const auto* given = root.find(key);
  if (given == nullptr) return std::string();
  if (!given->isString()) return refuse(400, "api.body", "'" + std::string(key) + "' is a text");
  return *given->asString();
}

Expected<Asked> askedOf(const std::string& body) {
  const auto parsed = jsonOf(body);
  if (!parsed) return std::unexpected(parsed.error());
  const auto& root = parsed->root();
  if (!root.isObject()) return refuse(400, "api.body", "the body is an object that names a node");
  if (auto known = checkMembers(root, "node port rows sourceRows parameters environment document effects"); !known)
    return std::unexpected(std::move(known.error()));
  Asked asked;
  for (const auto& [key, into] : {std::pair("node", &asked.part.node), std::pair("port", &asked.part.port),
                                  std::pair("environment", &asked.environment)}) {
    auto text = textIn(root, key);
    if (!text) return std::unexpected(std::move(text.error()));
    *into = std::move(*text);
  }
  if (asked.part.node.empty()) return refuse(400, "api.body", "'node' is the id of the node that is looked at");
  auto rows = countIn(root, "rows", asked.rows, kMostRows);
  if (!rows) return std::unexpected(std::move(rows.error()));
  asked.rows = *rows;
  auto sourceRows = countIn(root, "sourceRows", asked.part.sourceRows, kMostSourceRows);
  if (!sourceRows) return std::unexpected(std::move(sourceRows.error()));
  asked.part.sourceRows = *sourceRows;
  if (const auto* parameters = root.find("parameters")) {
    if (!parameters->isObject()) return refuse(400, "api.body", "'parameters' is an object of names and values");
    asked.parameters = json::write(*parameters);
  }
  if (const auto* document = root.find("document")) {
    if (!document->isObject()) return refuse(400, "api.body", "'document' is a flow document");
    asked.document = json::write(*document);
  }
  if (const auto* effects = root.find("effects")) {
    if (effects->asBool() == nullptr) return refuse(400, "api.body", "'effects' is true or false");
    asked.part.effects = *effects->asBool();
  }
  return asked;
}

/// Said at once, before a process is asked.
Expected<void> checkPlan(const Call& call, const std::string& folder, const std::string& text,
                         const std::string& parameters, const PreviewPart& part) {
  auto document = flowOf(text);
  if (!document) return std::unexpected(document.error());
  const auto options = json::parse("{\"parameters\":" + parameters + "}");
  if (!options) return std::unexpected(refusalOf(options.error()));
  auto asked = RunRequest::of(options->root(), engines::engineHosts());
  if (!asked) return std::unexpected(refusalOf(asked.error()));
  auto& mounts = asked->planning.mounts.emplace();
  if (const auto book = bookOf(call)) {
    for (auto& mount : (*book)->mountsFor(folder)) mounts.push_back(std::move(mount.name));
  }
  const auto plan = flow::makePlan(*document, call.services.catalogue, asked->planning);
  if (!plan) return std::unexpected(refusalOf(plan.error()));
  for (const auto& node : plan->nodes) {
    if (node.id != part.node) continue;
    const auto named = [&part](const PortSpec& port) { return port.name == part.port; };
    if (std::ranges::none_of(node.outputs, named))
      return refuse(422, "preview.node", "the node '" + part.node + "' has no output '" + part.port + "'");
  }
  return {};
}

std::string answerOf(const PreviewPart& part, const engines::PreviewRows& found, std::int64_t most) {
  std::string body;
  json::Writer out(body);
  out.beginObject().key("node").value(part.node).key("port").value(part.port);
  out.key("schema").raw(found.schema.empty() ? "[]" : found.schema).key("rows").beginArray();
  std::string_view lines = found.lines;
  while (!lines.empty()) {
    const auto end = lines.find('\n');
    out.raw(lines.substr(0, end));
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  }
  out.endArray().key("complete").value(found.rows < most && found.end && found.end->outcome == "done");
  if (found.end && found.end->outcome != "done") {
    out.key("outcome").value(found.end->outcome);
    if (!found.end->code.empty()) {
      out.key("error").beginObject().key("code").value(found.end->code);
      out.key("message").value(found.end->message).endObject();
    }
  }
  out.endObject();
  return body;
}

Job<Response> previewFlow(Call& call) {
  auto* server = call.services.server;
  if (server == nullptr || server->previews == nullptr)
    co_return toResponse({404, "api.not_found", "this server looks at no flows"});
  auto asked = askedOf(call.body);
  if (!asked) co_return toResponse(asked.error());
  const auto& id = call.parameters.front();
  const auto flow = co_await call.of(call.services.store.read(id, call.waker()));
  if (!flow) co_return toResponse(refusalOf(flow.error()));
  const auto& folder = flow->head.folder;
  const auto what = "the flow '" + id + "'";
  const bool posted = !asked->document.empty();
  for (const auto permission : {Permission::dataRead, posted ? Permission::flowEdit : Permission::dataRead}) {
    if (auto may = call.mustHave(permission, {folder, id}, what); !may) co_return toResponse(may.error());
  }
  const auto document = flowOf(posted ? asked->document : flow->document);
  if (!document) co_return toResponse(document.error());
  auto text = previewOf(*document, call.services.catalogue, asked->part);
  if (!text) co_return toResponse(text.error());
  const auto part = flowOf(*text);
  if (!part) co_return toResponse(part.error());
  // It has what its folder has and its caller may use there.
  if (auto* publishing = call.services.publishing) {
    if (auto may = co_await publishing->mayUse(call, folder, *part); !may) co_return toResponse(may.error());
  }
  auto parameters = parametersIn(call.services, folder, asked->environment, *text, asked->parameters);
  if (!parameters) co_return toResponse(parameters.error());
  if (auto runs = checkPlan(call, folder, *text, *parameters, asked->part); !runs) co_return toResponse(runs.error());
  engines::EngineOrder order;
  order.run = "preview-" + auth::newId();
  order.flow = std::move(*text);
  order.outlets = {{asked->part.node, asked->part.port}};
  auto started = server->previews->start(folder, std::move(order), *parameters, asked->rows, call.waker());
  if (!started) co_return toResponse(refusalOf(started.error()));
  const auto& preview = **started;
  co_await call.strand.until(preview);
  const auto found = (*started)->take();
  if (found.rows == 0 && found.end && found.end->outcome == "failed" && found.end->crashed)
    co_return toResponse({503, "engine.crashed", found.end->message});
  co_return jsonAnswer(answerOf(asked->part, found, asked->rows));
}

constexpr std::array kRoutes = {
    Route{.method = "POST",
          .pattern = "/flows/{flow}/preview",
          .operation = "previewFlow",
          .permission = "run.start",
          .summary = "The rows that a node gives, from the first ones of its sources; nothing behind it runs, and "
                     "nothing is written or kept.",
          .takes = "PreviewRequest",
          .gives = "PreviewRows",
          .handler = previewFlow,
          .object = Object::flow},
};

constexpr std::array kShapes = {
    Shape{"PreviewRequest", R"({
      "type": "object", "additionalProperties": false, "required": ["node"],
      "properties": {
        "node": {"type": "string", "minLength": 1}, "port": {"type": "string", "description": "Its first output unless said."},
        "rows": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100},
        "sourceRows": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 10000, "description": "So many rows of each source."},
        "parameters": {"type": "object"}, "environment": {"type": "string"},
        "document": {"type": "object", "description": "In place of the draft, for who may change it."},
        "effects": {"type": "boolean", "description": "true: nodes on the way that may change something elsewhere run too."}}})"},
    Shape{"PreviewRows", R"({
      "type": "object", "required": ["node", "port", "schema", "rows", "complete"],
      "properties": {
        "node": {"type": "string"}, "port": {"type": "string"},
        "schema": {"type": "array", "items": {"type": "object", "required": ["name", "type"],
          "properties": {"name": {"type": "string"}, "type": {"type": "string"}}}},
        "rows": {"type": "array"},
        "complete": {"type": "boolean", "description": "These are all the rows that the node gives for those of its sources."},
        "outcome": {"type": "string"},
        "error": {"type": "object", "properties": {"code": {"type": "string"}, "message": {"type": "string"}}}}})"},
};

}  // namespace

std::span<const Route> previewRoutes() { return kRoutes; }
std::span<const Shape> previewShapes() { return kShapes; }

}  // namespace weir::api
