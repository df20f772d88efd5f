// FileParse: the second stage of json-read: files and ranges of files become batches, on any worker.
#pragma once

#include <memory>

#include "engine/node/task.h"
#include "nodes/files/json-read/file-planner.h"

namespace weir::nodes::json_read {

class FileParse final : public ParallelWork {
 public:
  explicit FileParse(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  std::unique_ptr<Work> begin(Batch input) const override;

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace weir::nodes::json_read
