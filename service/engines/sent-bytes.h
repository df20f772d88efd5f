// SentBytes: what a run that is not kept has sent, told on as it grows.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "service/metrics/run-figures.h"

namespace weir::engines {

/// Told from the thread of Engines: quick.
using TellSent = std::function<void(std::int64_t bytes)>;

class SentBytes {
 public:
  explicit SentBytes(TellSent tell) : tell_(std::move(tell)) {}
  /// `json` is what RunListener::metrics is told, with what was sent in all.
  void metrics(std::string_view json) {
    if (!tell_) return;
    const auto figures = metrics::runFiguresOf(json);
    if (!figures || figures->egressBytes <= before_) return;
    tell_(figures->egressBytes - std::exchange(before_, figures->egressBytes));
  }

 private:
  TellSent tell_;
  std::int64_t before_ = 0;
};

}  // namespace weir::engines
