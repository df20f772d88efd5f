// KeptRows: recordings and traces in the folders of runs of a server.
#pragma once

#include <string>

#include "apps/cli/sealed-text.h"
#include "service/resources/runs/row-shelf.h"

namespace weir::cli {

/// Recordings lie in RUN/recordings/000001 and so on, a folder for each time that the run began, as `weir replay` takes
/// it; traces in RUN/traces/000001.ndjson and so on.
class KeptRows final : public api::RowShelf {
 public:
  /// `runs` has a folder for each run. `keys`, called from any thread: of those that are sealed; not set: none is.
  KeptRows(std::string runs, ChainKeys keys) : runs_(std::move(runs)), keys_(std::move(keys)) {}

  Result<std::shared_ptr<api::ShelfFile>> recording(const std::string& run, const Asker& asker) override;
  Result<std::string> trace(const api::TraceWish& wish, const Asker& asker) override;
  Result<std::int64_t> discardRecording(const std::string& run) override;
  Result<std::int64_t> discardTrace(const std::string& run) override;

 private:
  std::string runs_;
  ChainKeys keys_;
};

}  // namespace weir::cli
