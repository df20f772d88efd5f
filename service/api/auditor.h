// Auditor: keeps for good who did what, where a place does so.
#pragma once

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
  /// Whether there is something to keep of a call with that outcome.
  [[nodiscard]] virtual bool wants(const Call& call, int status) = 0;
  /// Keeps it. What cannot be kept is not answered as if it had been.
  [[nodiscard]] virtual Job<Expected<Unit>> keep(Call& call, const Response& response) = 0;
};

}  // namespace weir::api
