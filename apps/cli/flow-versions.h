// FlowVersions: new versions of a flow that runs, from its file as it is edited or from somebody who sends them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/cli/flow-file.h"
#include "apps/cli/screen.h"
#include "engine/node/catalogue.h"
#include "engine/runtime/run.h"

namespace weir::cli {

/// Plans documents as the run's own was planned. Thread-safe.
class FlowVersions {
 public:
  struct RunHas {
    bool preview = false, checkpoints = false;
  };
  /// The catalogue outlives it; `first` is what the place of the run was made for. A preview keeps nothing in a
  /// journal.
  FlowVersions(const Catalogue& catalogue, flow::PlanOptions planning, std::string file, const Plan& first, RunHas has);
  /// Errors: `flow.invalid`, with each problem on a line of its own; `flow.mount_missing` for a path that the run was
  /// not given the folder of; `host.missing` for a node that needs checkpoints in a run without any.
  [[nodiscard]] Result<Plan> planOf(std::string_view document) const;
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  const Catalogue& catalogue_;
  flow::PlanOptions planning_;
  std::string file_;
  RunHas has_;
  std::vector<std::string> folders_;  // of absolute paths
};

/// Looks at the file from time to time and gives the run what is new in it, once it has been left alone for a moment.
class FlowWatch {
 public:
  FlowWatch(const FlowVersions& versions, ChangeOptions options, Screen& screen);
  /// About ten times a second.
  void look(Run& run);

 private:
  using Stamp = std::pair<std::int64_t, std::int64_t>;  // when it was written, and how long it is
  [[nodiscard]] Stamp stampNow() const;
  void apply(Run& run);
  void tell(const ChangeView& view);
  void tellError(const Error& error);

  const FlowVersions& versions_;
  ChangeOptions options_;
  Screen& screen_;
  std::string text_;  // as it was applied last
  Stamp seen_, moving_;
  int looks_ = 0;
  std::int64_t waitsFor_ = 0;  // the change under way
  bool again_ = false;
};

}  // namespace weir::cli
