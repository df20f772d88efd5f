// LiveSessions: all connections of the live protocol, and what is kept of those that broke.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/api/route.h"
#include "service/live/hub.h"
#include "service/live/run-feeds.h"

namespace weir::api {

class LiveSession;

/// What is looked at from time to time: a connection, a stream of events, somebody who waits for rows.
class LiveWaiter {
 public:
  virtual ~LiveWaiter() = default;
  /// Ten times a second; `recheck`: rights may have changed since the last time. It may not end itself or another.
  virtual void tick(std::int64_t nowNanos, bool recheck) = 0;
  /// The server ends. It may not end itself or another here either.
  virtual void serverEnds() {}
};

struct LiveLimits {
  std::size_t connections = 16'384, connectionsOfUser = 256;
  std::size_t subscriptions = 100;       // of a connection
  std::int64_t framesPerSecond = 200;    // that a connection may send
  std::size_t questions = 32;            // requests of a connection under way
  std::int64_t creditBytes = 256 << 10;  // of a subscription, at first
  std::size_t queuedBytes = 64 << 10;    // on their way to a client before it counts as slow
  std::size_t resumable = 1024;          // connections whose subscriptions are kept
  std::int64_t resumableNanos = 60'000'000'000;
};

/// One thread, that of the Api. Outlives all sessions.
class LiveSessions {
 public:
  LiveSessions(stream::Hub& hub, stream::RunFeeds& feeds, LiveLimits limits = {})
      : hub_(hub), feeds_(feeds), limits_(limits) {}
  LiveSessions(const LiveSessions&) = delete;
  LiveSessions& operator=(const LiveSessions&) = delete;

  /// A connection for who has called; 429 `live.too_many`.
  [[nodiscard]] Expected<std::unique_ptr<LiveSession>> open(Call& call);
  /// Ten times a second.
  void tick(std::int64_t nowNanos);

  /// The server ends: streams that would go on for ever have their last event and end, so that nobody waits for them.
  void serverEnds();
  [[nodiscard]] bool ending() const { return ending_; }

  /// Nobody waits for anything: a tick a second will do.
  [[nodiscard]] bool idle() const { return waiters_.empty(); }
  /// Whose rights are asked about; the same for all calls.
  void use(Services& services) { services_ = &services; }
  [[nodiscard]] stream::Hub& hub() { return hub_; }
  [[nodiscard]] stream::RunFeeds& feeds() { return feeds_; }
  [[nodiscard]] const LiveLimits& limits() const { return limits_; }
  [[nodiscard]] Services& services() { return *services_; }
  [[nodiscard]] std::int64_t nowNanos() const { return services_ == nullptr ? 0 : services_->clock.steadyNanos(); }

  struct Saved {
    std::string session, user;
    struct One {
      std::uint32_t number = 0;
      json::Value asked;
      std::uint64_t at = 0;  // the last message that was sent
    };
    std::vector<One> subscriptions;
    std::int64_t sinceNanos = 0;
  };
  // Of those who wait alone.
  void join(LiveWaiter& waiter) { waiters_.push_back(&waiter); }
  void leave(LiveWaiter& waiter) { std::erase(waiters_, &waiter); }

  // Of sessions alone.
  void leaveSession(const std::string& user);
  void save(Saved saved);
  /// Once, and for the same user.
  [[nodiscard]] std::optional<Saved> take(const std::string& session, const std::string& user);

 private:
  stream::Hub& hub_;
  stream::RunFeeds& feeds_;
  LiveLimits limits_;
  Services* services_ = nullptr;  // of the first call
  std::vector<LiveWaiter*> waiters_;
  std::map<std::string, std::size_t, std::less<>> connections_;  // by user
  std::size_t allConnections_ = 0;
  std::deque<Saved> saved_;
  std::uint64_t epoch_ = 0, lastName_ = 0;
  std::int64_t hubTickNanos_ = 0;
  bool ending_ = false;
};

}  // namespace weir::api
