// MemoryStateStore: a StateStore that lives as long as its process.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/data/lock.h"
#include "engine/host/clock.h"
#include "engine/host/state-store.h"

namespace weir {

/// What one entry counts besides its key and value, in every store.
inline constexpr std::int64_t kStateEntryBytes = 64;
/// Bound of a store that was given none.
inline constexpr std::int64_t kStateLimitBytes = std::int64_t{256} << 20;

[[nodiscard]] constexpr std::int64_t stateBytes(std::string_view key, std::string_view value) {
  return static_cast<std::int64_t>(key.size() + value.size()) + kStateEntryBytes;
}
/// `state.limit`, with figures.
[[nodiscard]] std::unexpected<Error> stateLimit(std::int64_t wantedBytes, std::int64_t limitBytes);
/// `state.fenced`, with both epochs.
[[nodiscard]] std::unexpected<Error> stateFenced(std::uint64_t epoch, std::uint64_t newerEpoch);

class MemoryStateStore final : public StateStore {
 public:
  explicit MemoryStateStore(Clock& clock, std::int64_t limitBytes = kStateLimitBytes)
      : clock_(clock), limitBytes_(limitBytes) {}

  Operation<Unit> commit(std::vector<StateChange> changes, std::uint64_t epoch, Waker waker) override;
  Operation<std::optional<std::string>> get(std::string_view key, Waker waker) override;
  Operation<std::vector<StateEntry>> list(std::string_view prefix, std::string_view after, std::int64_t most,
                                          Waker waker) override;

 private:
  struct Entry {
    std::string value;
    std::int64_t expiresAtMicros = 0;
  };
  [[nodiscard]] Result<Unit> commitNow(std::vector<StateChange>& changes, std::uint64_t epoch);
  [[nodiscard]] static bool expired(const Entry& entry, std::int64_t now) {
    return entry.expiresAtMicros != 0 && entry.expiresAtMicros <= now;
  }

  Clock& clock_;
  std::int64_t limitBytes_;
  Lock lock_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::int64_t bytes_ = 0;
  std::uint64_t epoch_ = 0;
};

}  // namespace weir
