// Auditor: keeps for good who did what, where a place does so.
#pragma once

#include <string_view>

#include "service/api/http.h"
#include "service/api/job.h"
#include "service/api/refusal.h"

namespace weir::api {

struct Call;

/// One thread, that of the Api. Asked when a call has been handled or refused, before its answer is sent.
class Auditor {
 public:
  virtual ~Auditor() = default;
  /// The change that the store is asked for next is that of this call.
  virtual void changing(Call& call) = 0;
  /// A call begins: what is known of an earlier one in its place is forgotten.
  virtual void begins(const Call& /*call*/) {}
  /// The change of records that is asked for next is that of this call; `made`: where what it makes is; `was`: what it
  /// changes or deletes, as JSON without secrets. Where the place can, what is said of it is kept in the transaction of
  /// the change; else as that of any call.
  virtual void note(Call& /*call*/, std::string_view /*made*/, std::string_view /*was*/) {}
  /// Whether there is something to keep of a call with that outcome.
  [[nodiscard]] virtual bool wants(const Call& call, int status) = 0;
  /// Keeps it. What cannot be kept is not answered as if it had been.
  [[nodiscard]] virtual Job<Expected<Unit>> keep(Call& call, const Response& response) = 0;
};

/// For a handler, right before it asks a store to change records: what the audit log says of the call, and the key of
/// the request, are in the transaction of the change.
void noteChange(Call& call, std::string_view made = {}, std::string_view was = {});

}  // namespace weir::api
