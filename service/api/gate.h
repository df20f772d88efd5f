// Gate: who asks, and whether they may. A place of one user has none.
#pragma once

#include <cstdint>

#include "service/api/http.h"
#include "service/api/job.h"
#include "service/api/refusal.h"
#include "service/auth/grants.h"

namespace weir::api {

struct Call;

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
  /// Grows whenever somebody's rights may have changed: whoever holds a stream open then asks permissionsAt again.
  [[nodiscard]] virtual std::uint64_t epoch() const = 0;
};

}  // namespace weir::api
