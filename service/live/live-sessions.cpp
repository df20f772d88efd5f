// Opens connections, looks at them from time to time, and keeps what those that broke had subscribed to.
#include "service/live/live-sessions.h"

#include <algorithm>

#include "service/live/live-session.h"

namespace weir::api {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

}  // namespace

Expected<std::unique_ptr<LiveSession>> LiveSessions::open(Call& call) {
  use(call.services);
  const auto& user = call.principal.user;
  const auto own = connections_.find(user) == connections_.end() ? 0 : connections_.find(user)->second;
  if (allConnections_ >= limits_.connections) {
    return refuse(429, "live.too_many",
                  "the server has " + std::to_string(allConnections_) + " live connections, which is the limit");
  }
  // Without a gate everybody is nobody in particular.
  if (call.services.gate != nullptr && own >= limits_.connectionsOfUser) {
    return refuse(429, "live.too_many",
                  "you have " + std::to_string(own) + " live connections, which is the limit; close one of them");
  }
  auto name = "live-" + std::to_string(call.services.clock.nowMicros()) + "-" + std::to_string(++lastName_);
  ++connections_[user];
  ++allConnections_;
  return std::make_unique<LiveSession>(*this, std::move(name), user, call.request, call.waker());
}

void LiveSessions::leaveSession(const std::string& user) {
  --allConnections_;
  const auto at = connections_.find(user);
  if (at != connections_.end() && --at->second == 0) connections_.erase(at);
}

void LiveSessions::tick(std::int64_t nowNanos) {
  const auto epoch = services_ == nullptr || services_->gate == nullptr ? 0 : services_->gate->epoch();
  const bool recheck = epoch != std::exchange(epoch_, epoch);
  for (auto* waiter : waiters_) waiter->tick(nowNanos, recheck);
  if (nowNanos - hubTickNanos_ < kSecond) return;
  hubTickNanos_ = nowNanos;
  hub_.tick(nowNanos);
  while (!saved_.empty() && nowNanos - saved_.front().sinceNanos > limits_.resumableNanos) saved_.pop_front();
}

void LiveSessions::serverEnds() {
  ending_ = true;
  for (auto* waiter : waiters_) waiter->serverEnds();
}

void LiveSessions::save(Saved saved) {
  saved_.push_back(std::move(saved));
  if (saved_.size() > limits_.resumable) saved_.pop_front();
}

std::optional<LiveSessions::Saved> LiveSessions::take(const std::string& session, const std::string& user) {
  const auto at =
      std::ranges::find_if(saved_, [&](const Saved& saved) { return saved.session == session && saved.user == user; });
  if (at == saved_.end()) return std::nullopt;
  auto found = std::move(*at);
  saved_.erase(at);
  return found;
}

}  // namespace weir::api
