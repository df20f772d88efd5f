// Reads limits of the network, and makes the meter that holds a run to them.
#include "apps/cli/network-limits.h"

#include <utility>

#include "engine/live/control.h"

namespace weir::cli {
namespace {

std::string quotaName(std::string_view what, const std::string& folder) {
  return std::string(what) + " of the quota of " + (folder.empty() ? "the server" : "the folder '" + folder + "'");
}

Result<void> cut(NetworkLimit& limit, const json::Value& quota, const std::string& key) {
  WEIR_ASSIGN(const auto most, live::intOf(quota, key, 0));
  if (most <= 0 || (limit.most > 0 && limit.most <= most)) return {};
  WEIR_ASSIGN(const auto folder, live::textOf(quota, key + "Of", ""));
  limit = {most, quotaName(key, folder)};
  return {};
}

}  // namespace

Result<NetworkLimits> networkLimitsOf(const json::Value& flow, const json::Value* quota) {
  NetworkLimits limits;
  if (const auto* said = flow.findPointer("/config/limits"); said != nullptr && said->isObject()) {
    WEIR_ASSIGN(limits.connections.most, live::intOf(*said, "connections", 0));
    WEIR_ASSIGN(limits.egressBytes.most, live::intOf(*said, "egressBytes", 0));
  }
  limits.connections.name = "connections of config.limits";
  limits.egressBytes.name = "egressBytes of config.limits";
  if (quota == nullptr) return limits;
  WEIR_TRY(cut(limits.connections, *quota, "connections"));
  WEIR_TRY(cut(limits.egressBytes, *quota, "egressBytes"));
  const auto* folders = quota->find("totalConnections");
  if (folders == nullptr || !folders->isArray()) return limits;
  for (const auto& one : *folders->asArray()) {
    NetworkLimits::Folder folder;
    WEIR_ASSIGN(folder.folder, live::textOf(one, "folder", ""));
    WEIR_ASSIGN(folder.connections, live::intOf(one, "most", 0));
    limits.folders.push_back(std::move(folder));
  }
  return limits;
}

std::shared_ptr<native::OpenConnections> FolderConnections::of(const std::string& folder) {
  const std::lock_guard locked(mutex_);
  auto& kept = counts_[folder];
  auto count = kept.lock();
  if (!count) {
    count = std::make_shared<native::OpenConnections>();
    kept = count;
  }
  return count;
}

std::shared_ptr<native::NetworkMeter> meterOf(const NetworkLimits& limits, FolderConnections& folders) {
  native::NetworkBounds bounds;
  if (limits.connections.most > 0)
    bounds.connections.push_back({.most = limits.connections.most, .name = limits.connections.name});
  for (const auto& one : limits.folders) {
    if (one.connections <= 0) continue;
    bounds.connections.push_back({one.connections, quotaName("totalConnections", one.folder), folders.of(one.folder)});
  }
  bounds.egressBytes = limits.egressBytes.most;
  bounds.egressName = limits.egressBytes.name;
  bounds.sentBefore = limits.sentBefore;
  return native::NetworkMeter::make(std::move(bounds));
}

void endAtLimit(RunResult& result, const std::optional<Error>& error) {
  if (!error || result.outcome != Outcome::cancelled) return;
  result.outcome = Outcome::limit;
  result.error = error;
}

}  // namespace weir::cli
