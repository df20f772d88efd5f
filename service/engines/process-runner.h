// ProcessRunner: runs flows for the API in an engine process of their own, away from all kept flows.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "engine/host/clock.h"
#include "engine/host/waker.h"
#include "engine/node/catalogue.h"
#include "service/api/runner.h"
#include "service/engines/engines.h"

namespace weir::engines {

/// What nodes may ask of an engine process.
[[nodiscard]] std::vector<std::string> engineHosts();
/// The same of a run of a kept flow, which requests can reach.
[[nodiscard]] std::vector<std::string> keptHosts();

/// Documents are checked here, so that what is wrong is said at once; an engine is only given what can run.
class ProcessRunner final : public api::Runner {
 public:
  /// `moved` is woken, from any thread, when a run has told something. All of them outlive the runner and its runs.
  ProcessRunner(Engines& engines, const Catalogue& catalogue, Clock& clock, Waker moved)
      : engines_(engines), catalogue_(catalogue), clock_(clock), moved_(std::move(moved)) {}
  [[nodiscard]] std::expected<std::unique_ptr<api::FlowRun>, flow::Problems> start(api::RunOrder order) override;

 private:
  Engines& engines_;
  const Catalogue& catalogue_;
  Clock& clock_;
  Waker moved_;
  std::uint64_t started_ = 0;
};

}  // namespace weir::engines
