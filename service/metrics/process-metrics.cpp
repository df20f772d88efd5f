// Reads /proc/self.
#include "service/metrics/process-metrics.h"

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "engine/node/version.h"

namespace weir::metrics {
namespace {

/// The first number of the line of `file` that begins with `key`.
std::optional<double> numberIn(const char* file, std::string_view key) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(key)) continue;
    const auto begin = line.find_first_of("0123456789", key.size());
    std::int64_t number = 0;
    if (begin == std::string::npos) return std::nullopt;
    std::from_chars(line.data() + begin, line.data() + line.size(), number);
    return static_cast<double>(number);
  }
  return std::nullopt;
}

double openFiles() {
  double count = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end; at.increment(error)) {
    ++count;
  }
  return count - 1;  // the folder itself was open
}

}  // namespace

void ProcessMetrics::write(Exposition& out) {
  const auto tell = [&out](std::string_view family, std::optional<double> value) {
    if (!value) return;
    out.begin(family);
    out.sample({}, *value);
  };
  tell("process_cpu_seconds_total", static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
  if (const auto kilobytes = numberIn("/proc/self/status", "VmRSS:")) {
    tell("process_resident_memory_bytes", *kilobytes * 1024);
  }
  tell("process_open_fds", openFiles());
  tell("process_max_fds", numberIn("/proc/self/limits", "Max open files"));
  tell("process_threads", numberIn("/proc/self/status", "Threads:"));
  tell("process_start_time_seconds", static_cast<double>(beganMicros_) / 1e6);
  out.begin("weir_build_info");
  out.sample({kEngineVersion}, 1);
}

}  // namespace weir::metrics
