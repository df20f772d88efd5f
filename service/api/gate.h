// Gate: who asks, and whether they may. A place of one user has none.
#pragma once

#include <cstdint>
#include <string>

#include "service/api/http.h"
#include "service/api/job.h"
#include "service/api/refusal.h"
#include "service/auth/grants.h"

namespace weir::api {

struct Call;

/// Who holds something open that rights allow.
class RightsWatcher {
 public:
  virtual ~RightsWatcher() = default;
  /// Somebody's rights may have changed. It may not end itself or another.
  virtual void rightsChanged() = 0;
};

/// One thread, that of the Api.
class Gate {
 public:
  virtual ~Gate() = default;
  /// Before the handler, when the body is whole: fills in call.principal and checks the permission of the route on its
  /// object. Refusals: 401 `auth.required`, 403 `auth.denied`, 404 for what the caller may not see, 429.
  [[nodiscard]] virtual Job<Expected<Unit>> admit(Call& call) = 0;
  /// What somebody may do at a place as things are now: nothing once their session or token has ended.
  [[nodiscard]] virtual auth::PermissionSet permissionsAt(const auth::Principal& who, const auth::Place& at) = 0;
  /// Refuses what permissionsAt does not allow: 404 for who may not even read there, else 403 `auth.denied`. `what` is
  /// the thing in words: "the flow 'orders'".
  [[nodiscard]] virtual Expected<void> mustHave(const auth::Principal& who, auth::Permission permission,
                                                const auth::Place& at, std::string_view what) = 0;
  /// Where they hold a permission as things are now, for queries that list only that.
  [[nodiscard]] virtual auth::Reach reachOf(const auth::Principal& who, auth::Permission permission) = 0;
  /// Whether the caller holds the permission of the route anywhere.
  [[nodiscard]] virtual bool holdsSomewhere(const Call& call) = 0;
  /// Asked before a flow is made, and when one was deleted for good: rights to an earlier flow of that id end.
  [[nodiscard]] virtual Job<Expected<Unit>> flowIsNew(Call&, std::string) { co_return Unit{}; }
  /// Grows whenever somebody's rights may have changed: whoever holds a stream open then asks permissionsAt again.
  [[nodiscard]] virtual std::uint64_t epoch() const = 0;
  /// Tells a watcher whenever epoch() grows, until it leaves. Where rights never change nobody need be told.
  virtual void join(RightsWatcher&) {}
  virtual void leave(RightsWatcher&) {}
};

}  // namespace weir::api
