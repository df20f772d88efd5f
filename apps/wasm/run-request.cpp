// Reads run requests.
#include "apps/wasm/run-request.h"

#include "apps/wasm/page.h"
#include "engine/json/document.h"

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

void readOutlets(const json::Value& root, std::vector<api::PortName>& into) {
  const auto* list = root.find("outlets");
  const auto* elements = list != nullptr ? list->asArray() : nullptr;
  if (elements == nullptr) return;
  for (const auto& one : *elements) into.push_back({textOf(one, "node"), textOf(one, "port")});
}

Result<void> readCheckpoints(const json::Value& root, RunRequest& request) {
  const auto* how = root.find("checkpoints");
  request.checkpoints = flagOf(root, "checkpoints") || request.common.run.resume;
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
  RunRequest request;
  WEIR_ASSIGN(request.common, api::RunRequest::of(root, Page::hostNames()));
  readOutlets(root, request.outlets);
  WEIR_TRY(readCheckpoints(root, request));
  return request;
}

}  // namespace weir::wasm
