// What the handlers of runs share.
#pragma once

#include <optional>
#include <string>

#include "engine/json/writer.h"
#include "service/api/handlers.h"
#include "service/metrics/run-totals.h"
#include "service/resources/runs/new-run.h"
#include "service/store/runs.h"

namespace weir::engines {
class Supervisor;
}

namespace weir::api {

struct RunParts {
  store::Runs& runs;
  engines::Supervisor& supervisor;
};
/// 404 where no runs are kept.
[[nodiscard]] Expected<RunParts> runPartsOf(const Call& call);
/// How a stored run stands: what goes on here is known better here. That it is over is true once it is stored: only
/// then do others find it at rest, and no crash takes it back. Refers to one of the two.
[[nodiscard]] const store::RunRecord& knownOf(const engines::Supervisor& supervisor, const store::RunRecord& stored);

/// With parameters, result and metrics.
void writeRun(json::Writer& out, const store::RunRecord& run);
/// With its figures alone, if there are any.
void writeRun(json::Writer& out, const store::RunRecord& run, const std::optional<metrics::RunTotals>& totals);
[[nodiscard]] Response runAnswer(const store::RunRecord& run, int status = 200);
/// The run of the path, if its caller holds the permission where its flow is.
[[nodiscard]] Job<Expected<store::RunRecord>> runAt(Call& call, auth::Permission permission);
/// What nobody has published (a draft, a version that was only kept) has no more than the caller has in its folder. 403
/// `publish.denied`.
[[nodiscard]] Job<Expected<Unit>> mayRun(Call& call, const PreparedRun& run);
/// What the request says of the trace that it belongs to; a run that it starts is in that too. Empty: nothing.
[[nodiscard]] std::string traceparentOf(const Call& call);
/// Checks, stores and begins a run, or finds the one that an earlier request with the same Idempotency-Key has begun.
[[nodiscard]] Job<Response> startPrepared(Call& call, NewRun wish);

}  // namespace weir::api
