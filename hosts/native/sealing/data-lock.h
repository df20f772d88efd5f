// DataLock: one process at a time changes a data folder.
#pragma once

#include <string>
#include <utility>

#include "engine/data/error.h"
#include "hosts/native/descriptor.h"

namespace weir::native {

class DataLock {
 public:
  static constexpr const char* kFile = "lock";
  /// `server.busy` while another process has it, which is named; `files.*`. Ends with the process, however that ends.
  [[nodiscard]] static Result<DataLock> take(const std::string& dataFolder);

 private:
  explicit DataLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace weir::native
