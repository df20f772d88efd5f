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

/// Of a flow whose document has come to harm, so that it can be deleted or written anew: lists read no documents.
api::Job<api::Expected<std::optional<std::string>>> folderIn(api::Call& call, const std::string& flow) {
  for (const bool bin : {false, true}) {
    store::FlowQuery query;
    query.search = flow;
    query.bin = bin;
    query.limit = 500;
    do {
      const auto page = co_await call.of(call.services.store.list(query, call.waker()));
      if (!page) co_return std::unexpected(api::refusalOf(page.error()));
      for (const auto& head : page->flows) {
        if (head.id == flow) co_return head.folder;
      }
      query.cursor = page->cursor;
    } while (!query.cursor.empty());
  }
  co_return std::nullopt;
}

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
    if (found.error().code != "storage.corrupt") co_return std::unexpected(api::refusalOf(found.error()));
    auto folder = co_await folderIn(call, flow);
    if (!folder) co_return std::unexpected(folder.error());
    if (!*folder) co_return std::nullopt;
    co_return Place{std::move(**folder), std::move(flow)};
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
