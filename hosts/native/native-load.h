// The load of the machine, from what Linux says of pressure, memory and running tasks.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "engine/host/clock.h"
#include "engine/host/load.h"

namespace weir::native {

/// Reads again twice a second at most. Where a file is missing, its number is 0.
class NativeLoad final : public Load {
 public:
  explicit NativeLoad(std::string folder = "/proc") : folder_(std::move(folder)) {}
  [[nodiscard]] LoadSample sample() override;

 private:
  std::string folder_;
  std::mutex mutex_;
  LoadSample last_;
  std::int64_t readNanos_ = 0;
};

/// `avg10` of the line `some` of a pressure file, as a share of 1; negative if there is none.
[[nodiscard]] double pressureShare(std::string_view text);
/// The share of the memory that is taken, from meminfo; 0 if it does not say.
[[nodiscard]] double memoryShare(std::string_view text);
/// Runnable tasks beyond the processors, from loadavg: 0.5 when all are busy, nearer to 1 the more wait.
[[nodiscard]] double loadShare(std::string_view text, int processors);

}  // namespace weir::native
