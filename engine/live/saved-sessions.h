// SavedSessions: what connections had subscribed to, for those that come back.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/json/value.h"

namespace weir::live {

/// By its number, the `data` of the request that made it.
using SavedSubscriptions = std::vector<std::pair<std::uint32_t, json::Value>>;

class SavedSessions {
 public:
  void save(std::string session, SavedSubscriptions subscriptions, std::int64_t nowNanos) {
    forget(nowNanos);
    saved_.push_back({std::move(session), std::move(subscriptions), nowNanos});
    if (saved_.size() > kMost) saved_.pop_front();
  }
  /// Once.
  [[nodiscard]] std::optional<SavedSubscriptions> take(const std::string& session, std::int64_t nowNanos) {
    forget(nowNanos);
    for (auto it = saved_.begin(); it != saved_.end(); ++it) {
      if (it->session != session) continue;
      auto found = std::move(it->subscriptions);
      saved_.erase(it);
      return found;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kMost = 16;
  static constexpr std::int64_t kKeptNanos = 60'000'000'000;
  struct Saved {
    std::string session;
    SavedSubscriptions subscriptions;
    std::int64_t sinceNanos;
  };
  void forget(std::int64_t nowNanos) {
    while (!saved_.empty() && nowNanos - saved_.front().sinceNanos > kKeptNanos) saved_.pop_front();
  }
  std::deque<Saved> saved_;
};

}  // namespace weir::live
