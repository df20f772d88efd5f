// RedisStateStore: a flow's state in a Redis, which several machines can reach.
#pragma once

#include <cstdint>
#include <string>

#include "engine/host/clock.h"
#include "engine/host/memory-state-store.h"
#include "hosts/native/broker/redis-client.h"
#include "hosts/native/job-thread.h"

namespace weir::native {

struct RedisStateOptions {
  RedisTarget target;
  std::string flow;  // its keys begin with `weir:{flow}:`
  std::int64_t limitBytes = kStateLimitBytes;
};

/// A commit is one script: the epoch is checked, what has expired goes, the bound holds, all changes or none. It lasts
/// as that Redis does. A server that is away gives `state.unavailable` within the timeout; later calls connect again.
class RedisStateStore final : public StateStore {
 public:
  /// `clock` and `network` outlive it. Connects with the first call.
  RedisStateStore(RedisStateOptions options, const NetworkSettings& network, Clock& clock);
  ~RedisStateStore() override;
  RedisStateStore(const RedisStateStore&) = delete;
  RedisStateStore& operator=(const RedisStateStore&) = delete;

  Operation<Unit> commit(std::vector<StateChange> changes, std::uint64_t epoch, Waker waker) override;
  Operation<std::optional<std::string>> get(std::string_view key, Waker waker) override;
  Operation<std::vector<StateEntry>> list(std::string_view prefix, std::string_view after, std::int64_t most,
                                          Waker waker) override;

 private:
  [[nodiscard]] Result<redis::Reply> script(std::string_view text, const std::vector<std::string>& arguments);
  [[nodiscard]] Result<Unit> commitNow(std::vector<StateChange>& changes, std::uint64_t epoch);

  std::int64_t limitBytes_;
  Clock& clock_;
  std::string prefix_;
  RedisClient client_;
  JobThread thread_;  // the last member: its jobs use the others
};

}  // namespace weir::native
