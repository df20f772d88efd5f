// A map with a bound.
#include "engine/host/memory-state-store.h"

#include <utility>

namespace weir {

std::unexpected<Error> stateLimit(std::int64_t wantedBytes, std::int64_t limitBytes) {
  return fail("state.limit", "the flow's state would take " + std::to_string(wantedBytes) + " bytes, and may take " +
                                 std::to_string(limitBytes) +
                                 "; raise the limit, keep fewer keys, or let them live less long");
}

std::unexpected<Error> stateFenced(std::uint64_t epoch, std::uint64_t newerEpoch) {
  return fail("state.fenced", "this run has epoch " + std::to_string(epoch) + ", and an owner with epoch " +
                                  std::to_string(newerEpoch) + " has taken the flow over; nothing was written");
}

Result<Unit> MemoryStateStore::commitNow(std::vector<StateChange>& changes, std::uint64_t epoch) {
  if (epoch < epoch_) return stateFenced(epoch, epoch_);
  const auto now = clock_.nowMicros();
  // Later changes of one key win, so the sum is taken over what will be there.
  std::map<std::string_view, const StateChange*> last;
  for (const auto& change : changes) last[change.key] = &change;
  const auto sum = [&] {
    auto bytes = bytes_;
    for (const auto& [key, change] : last) {
      const auto old = entries_.find(key);
      if (old != entries_.end()) bytes -= stateBytes(key, old->second.value);
      if (change->value) bytes += stateBytes(key, *change->value);
    }
    return bytes;
  };
  auto bytes = sum();
  if (bytes > limitBytes_) {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      if (!expired(entry->second, now)) {
        ++entry;
        continue;
      }
      bytes_ -= stateBytes(entry->first, entry->second.value);
      entry = entries_.erase(entry);
    }
    bytes = sum();
  }
  if (bytes > limitBytes_) return stateLimit(bytes, limitBytes_);
  for (auto& change : changes) {
    if (change.value) {
      entries_[change.key] = Entry{std::move(*change.value), change.expiresAtMicros};
    } else {
      entries_.erase(change.key);
    }
  }
  bytes_ = bytes;
  epoch_ = epoch;
  return Unit{};
}

Operation<Unit> MemoryStateStore::commit(std::vector<StateChange> changes, std::uint64_t epoch, Waker) {
  const Locked locked(lock_);
  return Operation<Unit>::finished(commitNow(changes, epoch));
}

Operation<std::optional<std::string>> MemoryStateStore::get(std::string_view key, Waker) {
  const Locked locked(lock_);
  const auto found = entries_.find(key);
  std::optional<std::string> value;
  if (found != entries_.end() && !expired(found->second, clock_.nowMicros())) value = found->second.value;
  return Operation<std::optional<std::string>>::finished(std::move(value));
}

Operation<std::vector<StateEntry>> MemoryStateStore::list(std::string_view prefix, std::string_view after,
                                                          std::int64_t most, Waker) {
  const Locked locked(lock_);
  const auto now = clock_.nowMicros();
  std::vector<StateEntry> found;
  auto entry = after > prefix ? entries_.upper_bound(after) : entries_.lower_bound(prefix);
  // A key that equals `after` does not come after it.
  if (entry != entries_.end() && !after.empty() && entry->first == after) ++entry;
  for (; entry != entries_.end() && entry->first.starts_with(prefix); ++entry) {
    if (static_cast<std::int64_t>(found.size()) >= most) break;
    if (!expired(entry->second, now)) found.push_back({entry->first, entry->second.value});
  }
  return Operation<std::vector<StateEntry>>::finished(std::move(found));
}

}  // namespace weir
