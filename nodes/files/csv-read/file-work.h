// FileParse: the second stage of csv-read: whole files and pieces of files become batches, on any worker.
#pragma once

#include <memory>

#include "engine/node/task.h"
#include "nodes/files/csv-read/file-planner.h"

namespace weir::nodes::csv_read {

class FileParse final : public ParallelWork {
 public:
  explicit FileParse(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  std::unique_ptr<Work> begin(Batch input) const override;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace weir::nodes::csv_read
