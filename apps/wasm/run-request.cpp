// Reads run requests.
#include "apps/wasm/run-request.h"

#include <algorithm>
#include <map>

#include "apps/wasm/page-rows.h"
#include "apps/wasm/page.h"
#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::wasm {
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

void readOutlets(const json::Value& root, std::vector<OutletRequest>& into) {
  const auto* list = root.find("outlets");
  const auto* elements = list != nullptr ? list->asArray() : nullptr;
  if (elements == nullptr) return;
  for (const auto& one : *elements) into.push_back({textOf(one, "node"), textOf(one, "port")});
}

void readPlanning(const json::Value& root, flow::PlanOptions& planning) {
  planning.hosts = Page::hostNames();
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

Result<void> readCheckpoints(const json::Value& root, RunRequest& request) {
  const auto* how = root.find("checkpoints");
  request.checkpoints = flagOf(root, "checkpoints") || request.run.resume;
  if (how == nullptr || !how->isObject()) return {};
  request.checkpoints = true;
  request.checkpointKey = textOf(*how, "key");
  request.checkpointEveryMs = intOf(*how, "everyMs");
  if (request.checkpointEveryMs.value_or(1) >= 1) return {};
  return fail("settings.invalid",
              "checkpoints: everyMs is " + std::to_string(*request.checkpointEveryMs) + ", and at least 1 is expected");
}

}  // namespace

Result<RunRequest> RunRequest::parse(std::string_view json) {
  WEIR_ASSIGN(const auto parsed, json::parse(json));
  const auto& root = parsed.root();
  if (!root.isObject()) return fail("settings.invalid", "a run request is a JSON object");
  RunRequest request;
  readPlanning(root, request.planning);
  readOutlets(root, request.outlets);
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
  WEIR_TRY(readCheckpoints(root, request));
  return request;
}

std::string addOutlet(flow::FlowDocument& document, const OutletRequest& outlet) {
  const auto drawn = std::ranges::find(document.nodes, outlet.node, &flow::FlowNode::id);
  if (drawn != document.nodes.end() && drawn->typeId == kOutletType) return outlet.node;
  const auto base = "page." + outlet.node + "." + outlet.port;
  auto id = base;
  const auto taken = [&document](const std::string& name) {
    return std::ranges::find(document.nodes, name, &flow::FlowNode::id) != document.nodes.end();
  };
  for (int i = 2; taken(id); ++i) id = base + "-" + std::to_string(i);
  flow::FlowNode node;
  node.id = id;
  node.typeId = kOutletType;
  node.version = "1.0.0";
  node.settings = json::Value::object();
  document.nodes.push_back(std::move(node));
  flow::FlowEdge edge;
  edge.id = id + ".edge";
  edge.source = {outlet.node, outlet.port};
  edge.target = {id, "rows"};
  document.edges.push_back(std::move(edge));
  return id;
}

}  // namespace weir::wasm
