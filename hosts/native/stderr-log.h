// Log lines on standard error.
#pragma once

#include <mutex>

#include "engine/host/log.h"

namespace weir::native {

class StderrLog final : public Log {
 public:
  explicit StderrLog(LogLevel least = LogLevel::info) : least_(least) {}
  void write(LogLevel level, std::string_view node, std::string_view message) override;

 private:
  LogLevel least_;
  std::mutex mutex_;
};

}  // namespace weir::native
