// One line a message, whole lines only.
#include "hosts/native/stderr-log.h"

#include <cstdio>
#include <string>

namespace weir::native {

void StderrLog::write(LogLevel level, std::string_view node, std::string_view message) {
  if (level < least_) return;
  static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
  std::string line = kNames[static_cast<int>(level)];
  if (!node.empty()) line.append(" [").append(node).append("]");
  line.append(" ").append(message).append("\n");
  const std::lock_guard locked(mutex_);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace weir::native
