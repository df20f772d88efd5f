// AlertStore: rules, channels and silences, and the alerts that there were.
#pragma once

#include <cstdint>
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
  };
  virtual ~AlertStore() = default;
  virtual Operation<All> load(std::int64_t mostAlerts, Waker waker) = 0;
  virtual Operation<Unit> put(Entry entry, Waker waker) = 0;
  virtual Operation<Unit> remove(std::string kind, std::string id, Waker waker) = 0;
  /// Keeps an alert as it is now, and forgets those with numbers below `oldest`.
  virtual Operation<Unit> keep(Kept alert, std::int64_t oldest, Waker waker) = 0;
};

}  // namespace weir::store
