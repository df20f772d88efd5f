// NewRun: what it takes for a run of a kept flow to begin, whoever starts it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "service/api/job.h"
#include "service/api/refusal.h"
#include "service/api/services.h"
#include "service/resources/runs/rows-kept.h"
#include "service/store/runs.h"

namespace weir::api {

struct NewRun {
  std::string flow;
  std::optional<std::int64_t> version{};  // 0: the draft; not set: what is published
  std::string parameters = "{}";
  std::string environment{};  // of its folder; none: empty
  std::string starter{};
  std::string replay{};  // RunRecord::replay
  RowsKept rows{};
  /// Goes on with what this run of the flow has left: only if the flow is the one that it was, where it was. 409
  /// `run.other_flow`.
  std::optional<store::RunRecord> after{};
  std::string traceparent{};  // of the request
  std::string owner{};        // of its lease
  std::int64_t leaseMs = 0;
};

struct PreparedRun : store::StoredRun {
  bool published = false;  // somebody has published what it runs: it has the rights of its folder
};

/// Whether the flow is the one whose run that was, where it was then; what is left of a run belongs to nobody else. 409
/// `run.other_flow`.
[[nodiscard]] Expected<void> isFlowOf(const store::RunRecord& run, const Result<store::Flow>& flow);

/// Reads the flow and its version, and plans it with the parameters: the run that may be stored. Refusals:
/// `run.no_version`, those of the store, and all problems of a document that cannot run.
[[nodiscard]] Job<Expected<PreparedRun>> prepareRun(Services& services, Strand& strand, NewRun wish);

}  // namespace weir::api
