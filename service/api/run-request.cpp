// Reads what a caller asks of a run; writes how it ended.
#include "service/api/run-request.h"

#include <algorithm>
#include <map>

#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::api {
namespace {

std::string textOf(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

std::optional<std::int64_t> intOf(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asInt64() != nullptr ? std::optional(*found->asInt64()) : std::nullopt;
}

bool flagOf(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asBool() != nullptr && *found->asBool();
}

void readPlanning(const json::Value& root, std::vector<std::string> hosts, flow::PlanOptions& planning) {
  planning.hosts = std::move(hosts);
  planning.needsCode = true;
  planning.allFields = flagOf(root, "allFields");
  planning.memoryBytes = intOf(root, "memoryBytes");
  if (const auto* given = root.find("parameters"); given != nullptr && given->asObject() != nullptr) {
    for (const auto& member : *given->asObject()) planning.parameters.insert_or_assign(member.key, member.value);
  }
  if (const auto* mounts = root.find("mounts"); mounts != nullptr && mounts->asArray() != nullptr) {
    auto& names = planning.mounts.emplace();
    for (const auto& name : *mounts->asArray()) {
      if (name.asString() != nullptr) names.push_back(*name.asString());
    }
  }
  std::map<std::string, std::string, std::less<>> flows;
  if (const auto* given = root.find("flows"); given != nullptr && given->asObject() != nullptr) {
    for (const auto& member : *given->asObject()) flows[member.key] = json::write(member.value);
  }
  planning.loadFlow = [flows = std::move(flows)](std::string_view id) -> Result<std::string> {
    const auto found = flows.find(id);
    if (found == flows.end()) return fail("files.not_found", "there is no flow '" + std::string(id) + "' here");
    return found->second;
  };
}

void writeError(json::Writer& out, const Error& error) {
  out.beginObject().key("code").value(error.code).key("message").value(error.message).key("recoverable");
  out.value(error.recoverable).endObject();
}

}  // namespace

Result<RunRequest> RunRequest::of(const json::Value& root, std::vector<std::string> hosts) {
  if (!root.isObject()) return fail("settings.invalid", "a run request is a JSON object");
  RunRequest request;
  readPlanning(root, std::move(hosts), request.planning);
  const auto mode = textOf(root, "mode");
  if (!mode.empty() && mode != "async" && mode != "sync" && mode != "step") {
    return fail("settings.invalid", "mode '" + mode + "': it is async, sync or step");
  }
  auto& run = request.run;
  run.mode = mode == "sync" ? RunMode::sync : mode == "step" ? RunMode::step : RunMode::async;
  run.seed = static_cast<std::uint64_t>(intOf(root, "seed").value_or(0));
  run.runId = textOf(root, "runId");
  run.maxErrors = intOf(root, "maxErrors");
  run.traceEvery = std::max<std::int64_t>(0, intOf(root, "traceRows").value_or(0));
  run.resume = flagOf(root, "resume");
  run.resumeChanged = flagOf(root, "resumeChanged");
  return request;
}

std::string addOutlet(flow::FlowDocument& document, const PortName& port, std::string_view type) {
  const auto drawn = std::ranges::find(document.nodes, port.node, &flow::FlowNode::id);
  if (drawn != document.nodes.end() && drawn->typeId == type) return port.node;
  const auto base = std::string(type.substr(0, type.find('/'))) + "." + port.node + "." + port.port;
  auto id = base;
  const auto taken = [&document](const std::string& name) {
    return std::ranges::find(document.nodes, name, &flow::FlowNode::id) != document.nodes.end();
  };
  for (int i = 2; taken(id); ++i) id = base + "-" + std::to_string(i);
  flow::FlowNode node;
  node.id = id;
  node.typeId = type;
  node.version = "1.0.0";
  node.settings = json::Value::object();
  document.nodes.push_back(std::move(node));
  flow::FlowEdge edge;
  edge.id = id + ".edge";
  edge.source = {port.node, port.port};
  edge.target = {id, "rows"};
  document.edges.push_back(std::move(edge));
  return id;
}

std::string_view nameOf(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::failed:
      return "failed";
    case Outcome::tooManyErrors:
      return "tooManyErrors";
    case Outcome::limit:
      return "limit";
    case Outcome::deadlock:
      return "deadlock";
    case Outcome::cancelled:
      return "cancelled";
    case Outcome::syncFailed:
      return "syncFailed";
  }
  return "failed";
}

std::string resultJson(const RunResult& result) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("outcome").value(nameOf(result.outcome)).key("exitCode").value(result.exitCode());
  if (result.error) writeError(out.key("error"), *result.error);
  if (!result.node.empty()) out.key("node").value(result.node);
  out.key("elapsedMicros").value(result.elapsedMicros).key("deadLetters").value(result.deadLetters);
  out.key("errorsByCode").beginObject();
  for (const auto& [code, count] : result.errorsByCode) out.key(code).value(count);
  out.endObject().endObject();
  return text;
}

}  // namespace weir::api
