// Pressure, memory and running tasks of a Linux machine.
#include "hosts/native/native-load.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <thread>

namespace weir::native {
namespace {

constexpr std::int64_t kEveryNanos = 500'000'000;

/// The first few kilobytes of a file of /proc; empty if it cannot be read.
std::string headOf(const std::string& path) {
  std::string text(4096, '\0');
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return {};
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

/// The number behind `name`; negative if it is not there.
double numberAfter(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  if (at == std::string_view::npos) return -1;
  text.remove_prefix(at + name.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  double number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::int64_t steadyNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

double pressureShare(std::string_view text) {
  const auto some = text.find("some ");
  if (some == std::string_view::npos) return -1;
  const auto percent = numberAfter(text.substr(some), "avg10=");
  return percent < 0 ? -1 : std::min(percent / 100, 1.0);
}

double memoryShare(std::string_view text) {
  const auto total = numberAfter(text, "MemTotal:");
  const auto free = numberAfter(text, "MemAvailable:");
  return total <= 0 || free < 0 ? 0 : std::clamp(1 - free / total, 0.0, 1.0);
}

double loadShare(std::string_view text, int processors) {
  const auto running = numberAfter(text, "");
  if (running <= 0 || processors <= 0) return 0;
  const auto each = running / processors;
  return each <= 1 ? each / 2 : 1 - 0.5 / each;
}

LoadSample NativeLoad::sample() {
  const std::lock_guard locked(mutex_);
  const auto now = steadyNanos();
  if (readNanos_ != 0 && now - readNanos_ < kEveryNanos) return last_;
  readNanos_ = now;
  const auto cpu = pressureShare(headOf(folder_ + "/pressure/cpu"));
  last_.cpu =
      cpu >= 0 ? cpu : loadShare(headOf(folder_ + "/loadavg"), static_cast<int>(std::thread::hardware_concurrency()));
  last_.memory =
      std::max(pressureShare(headOf(folder_ + "/pressure/memory")), memoryShare(headOf(folder_ + "/meminfo")));
  return last_;
}

}  // namespace weir::native
