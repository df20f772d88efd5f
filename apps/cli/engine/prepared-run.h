// PreparedRun: a document and what is asked of its run, read and planned; the same order is not planned twice.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/engine/run-ordered.h"
#include "apps/cli/network-limits.h"
#include "engine/data/recent.h"
#include "engine/data/seen-before.h"
#include "engine/flow/flow-test.h"
#include "engine/flow/plan.h"
#include "engine/node/catalogue.h"
#include "service/api/run-request.h"
#include "service/resources/runs/rows-kept.h"

namespace weir::cli {

/// Nothing in it is of one run alone: a run takes copies.
struct PreparedRun {
  api::RunRequest request;
  Plan plan;
  PlanLimits most;               // of its folder; 0: no bound
  std::int64_t descriptors = 0;  // of the process that runs it; 0: no bound
  NetworkLimits network;
  std::optional<flow::FlowTest> test;
  api::RowsKept rows;                // of a run that is kept
  std::vector<std::string> outlets;  // ids of the nodes behind them

  /// To what its folder may take.
  void cutLimits(Plan& other) const;
};

/// One thread.
class PreparedRuns {
 public:
  /// It outlives this, and never changes.
  explicit PreparedRuns(const Catalogue& catalogue) : catalogue_(catalogue) {}
  /// Errors: what is wrong with the document, or the request.
  [[nodiscard]] Result<std::shared_ptr<const PreparedRun>> of(const RunOrdered& order);

 private:
  static constexpr std::size_t kMostBytes = std::size_t{8} << 20;

  [[nodiscard]] Result<PreparedRun> make(const RunOrdered& order) const;

  const Catalogue& catalogue_;
  SeenBefore seen_;
  Recent<PreparedRun> recent_{kMostBytes};
};

}  // namespace weir::cli
