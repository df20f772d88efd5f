// OtlpPush: traces, metrics and logs of a server and its runs to an OpenTelemetry collector, over HTTP with JSON.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/host/clock.h"
#include "service/logs/request-log.h"
#include "service/logs/server-log.h"
#include "service/telemetry/otlp-items.h"
#include "service/telemetry/otlp-lane.h"

namespace weir::telemetry {

/// Never waits. take() is for any thread, all else for that of the Api.
class OtlpPush final : public logs::LogTarget, public logs::RequestSpans {
 public:
  /// All outlive it. `url.invalid`, `config.value`.
  [[nodiscard]] static Result<std::unique_ptr<OtlpPush>> make(Http& http, OtlpTarget target, Clock& clock,
                                                              metrics::Registry& registry);
  void take(const logs::LogLine& line) override;
  void request(const api::Answered& answered, const logs::RequestTrace& trace) override;
  /// Such as that of a run.
  void span(const Span& span) { traces_.put(spanJson(span)); }

  /// Again and again, about ten times a second.
  void tick();
  /// The server ends: what waits is sent at once, with the last figures.
  void hurry();
  [[nodiscard]] bool idle() const { return traces_.idle() && metrics_.idle() && logs_.idle(); }
  /// Why the last request failed; empty: it did not.
  [[nodiscard]] std::string problem() const;

  struct Private;
  OtlpPush(const Private&, Http& http, OtlpTarget target, Clock& clock, metrics::Registry& registry);

 private:
  void putMetrics();

  OtlpTarget target_;
  Clock& clock_;
  metrics::Registry& registry_;
  OtlpLane traces_, metrics_, logs_;
  std::int64_t beganMicros_, metricsAt_ = 0;
};

}  // namespace weir::telemetry
