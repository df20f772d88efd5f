// Clock, randomness and log of the page.
#pragma once

#include "engine/host/clock.h"
#include "engine/host/load.h"
#include "engine/host/log.h"
#include "hosts/browser/imports.h"

namespace weir::browser {

class BrowserClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t nowMicros() override { return static_cast<std::int64_t>(weirNow()); }
  [[nodiscard]] std::int64_t steadyNanos() override { return static_cast<std::int64_t>(weirSteady()); }
};

class BrowserRandom final : public Random {
 public:
  [[nodiscard]] std::uint64_t next() override {
    std::uint64_t value = 0;
    weirRandom(&value, sizeof value);
    return value;
  }
};

class BrowserLog final : public Log {
 public:
  void write(LogLevel level, std::string_view node, std::string_view message) override {
    weirLog(static_cast<std::uint32_t>(level), node.data(), static_cast<std::uint32_t>(node.size()), message.data(),
            static_cast<std::uint32_t>(message.size()));
  }
};

/// What the page has said last of itself.
class BrowserLoad final : public Load {
 public:
  void tell(const LoadSample& sample) { sample_ = sample; }
  [[nodiscard]] LoadSample sample() override { return sample_; }

 private:
  LoadSample sample_;
};

}  // namespace weir::browser
