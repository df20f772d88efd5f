// TraceExport: what `weir run --otlp URL` does beside the run: takes its traces and sends them to a collector.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/cli/screen.h"
#include "engine/host/clock.h"
#include "engine/host/hosts.h"
#include "engine/runtime/otlp-export.h"
#include "engine/runtime/run.h"

namespace weir::cli {

/// Whether --otlp names a collector, and not a file.
[[nodiscard]] bool isCollector(const std::string& target);

/// One thread at a time. A collector that is away is said once, and once when it is back; it never fails a run.
class TraceExport {
 public:
  /// `headers`: NAME=VALUE, where a value may hold ${secret:NAME}. Errors `url.invalid`, `settings.invalid`.
  [[nodiscard]] static Result<TraceExport> make(const std::string& url, const std::vector<std::string>& headers,
                                                const Hosts& hosts, const std::string& runId, Screen& screen);
  /// About ten times a second.
  void look(const Run& run);
  /// After the run: what is left is sent within a few seconds, or counted as dropped.
  void finish(const Run& run);
  [[nodiscard]] const OtlpCounts& counts() const { return export_.counts(); }

 private:
  TraceExport(OtlpExport made, Clock& clock, Screen& screen)
      : export_(std::move(made)), clock_(&clock), screen_(&screen) {}
  void collect(const Run& run);
  void tell();

  OtlpExport export_;
  Clock* clock_;
  Screen* screen_;
  bool away_ = false;
};

}  // namespace weir::cli
