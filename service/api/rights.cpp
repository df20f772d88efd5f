// What a call asks of the gate about its caller.
#include <utility>

#include "service/api/auditor.h"
#include "service/api/once.h"
#include "service/api/route.h"

namespace weir::api {

auth::PermissionSet Call::permissionsAt(const auth::Place& at) const {
  return services.gate == nullptr ? auth::PermissionSet::all() : services.gate->permissionsAt(principal, at);
}

auth::Reach Call::reachOf(auth::Permission permission) const {
  if (services.gate == nullptr) return {.folders = {std::string()}};
  return services.gate->reachOf(principal, permission);
}

bool Call::holdsSomewhere() const { return services.gate == nullptr || services.gate->holdsSomewhere(*this); }

Job<Expected<Unit>> Call::flowIsNew(std::string flow) {
  if (services.gate == nullptr) co_return Unit{};
  co_return co_await services.gate->flowIsNew(*this, std::move(flow));
}

Expected<void> Call::mustHave(auth::Permission permission, const auth::Place& at, std::string_view what) const {
  if (services.gate == nullptr) return {};
  return services.gate->mustHave(principal, permission, at, what);
}

store::Store& Call::changing() {
  if (services.auditor != nullptr) services.auditor->changing(*this);
  if (services.once != nullptr) services.once->claim(*this);
  return services.store;
}

void noteChange(Call& call, std::string_view made, std::string_view was) {
  if (call.services.auditor != nullptr) call.services.auditor->note(call, made, was);
  if (call.services.once != nullptr) call.services.once->claim(call);
}

}  // namespace weir::api
