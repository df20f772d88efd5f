// Folders of flows.
#include "service/auth/store-places.h"

#include <utility>

#include "service/resources/server.h"
#include "service/store/runs.h"

namespace weir::auth {
namespace {

/// Longer than any request that moves a flow is under way.
constexpr std::int64_t kChangingMs = 10 * 60'000;
constexpr std::size_t kMost = 100'000;

}  // namespace

void StorePlaces::changing(const std::string& flow, std::int64_t nowMs) {
  folders_.erase(flow);
  if (changing_.size() >= kMost) std::erase_if(changing_, [nowMs](const auto& one) { return one.second <= nowMs; });
  changing_[flow] = nowMs + kChangingMs;
}

bool StorePlaces::mayRemember(const std::string& flow, std::int64_t nowMs) {
  if (folders_.size() >= kMost) folders_.clear();
  const auto at = changing_.find(flow);
  if (at == changing_.end()) return true;
  if (at->second > nowMs) return false;
  changing_.erase(at);
  return true;
}

api::Job<api::Expected<std::optional<Place>>> StorePlaces::ofFlow(api::Call& call, std::string flow) {
  const auto& method = call.request.method;
  const auto nowMs = call.services.clock.steadyNanos() / 1'000'000;
  if (method != "GET" && method != "HEAD") changing(flow, nowMs);
  if (const auto known = folders_.find(flow); known != folders_.end()) co_return Place{known->second, std::move(flow)};
  const auto found = co_await call.of(call.services.store.read(flow, call.waker()));
  if (!found) {
    if (found.error().code == "storage.not_found") co_return std::nullopt;
    co_return std::unexpected(api::refusalOf(found.error()));
  }
  if (mayRemember(flow, nowMs)) folders_[flow] = found->head.folder;
  co_return Place{found->head.folder, std::move(flow)};
}

api::Job<api::Expected<std::optional<Place>>> StorePlaces::ofRun(api::Call& call, std::string run) {
  // An execution is its owner's, and its handler knows whose.
  if (call.services.executions.find(run) != nullptr) co_return Place{};
  auto* runs = call.services.server == nullptr ? nullptr : call.services.server->runs;
  if (runs == nullptr) co_return std::nullopt;
  auto found = co_await call.of(runs->read(std::move(run), call.waker()));
  if (found) co_return Place{std::move(found->folder), std::move(found->flow)};
  if (found.error().code == "storage.not_found") co_return std::nullopt;
  co_return std::unexpected(api::refusalOf(found.error()));
}

}  // namespace weir::auth
