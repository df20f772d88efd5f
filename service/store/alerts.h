// AlertStore: rules, channels and silences, and the alerts that there were.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/host/operation.h"

namespace weir::store {

/// Everything is a JSON document under a key; what it means is its owner's (service/alerts).
class AlertStore {
 public:
  struct Entry {
    std::string kind, id, document;  // kind: rule, channel, silence, state
  };
  struct Kept {
    std::int64_t number = 0;
    std::string document;
  };
  struct All {
    std::vector<Entry> entries;
    std::vector<Kept> alerts;  // the newest, newest first
    bool shared = false;       // other servers may keep theirs in the same place: numbers are of reserve()
  };
  /// All that is set, because another server on the same database has changed something of it.
  struct News {
    std::vector<Entry> entries;
    std::int64_t epoch = 0;  // how far it goes
  };
  virtual ~AlertStore() = default;
  virtual Operation<All> load(std::int64_t mostAlerts, Waker waker) = 0;
  virtual Operation<Unit> put(Entry entry, Waker waker) = 0;
  virtual Operation<Unit> remove(std::string kind, std::string id, Waker waker) = 0;
  /// Keeps an alert as it is now, and forgets those with numbers below `oldest`.
  virtual Operation<Unit> keep(Kept alert, std::int64_t oldest, Waker waker) = 0;
  /// Numbers for so many alerts, which nobody else gets: gives the first.
  virtual Operation<std::int64_t> reserve(std::int64_t, Waker) {
    return Operation<std::int64_t>::finished(fail("host.missing", "there are no other servers here"));
  }
  /// With all changes that were begun here before. Nothing: no other server has changed anything since what saw() said.
  /// With `all` what there is, in any case.
  virtual Operation<std::optional<News>> changed(bool, Waker) {
    return Operation<std::optional<News>>::finished(std::optional<News>());
  }
  /// These are known from now on.
  virtual void saw(const News&) {}
};

}  // namespace weir::store
