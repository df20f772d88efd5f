// OtlpLane: the way of one signal of OpenTelemetry to a collector, which never makes anybody wait.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/http.h"
#include "service/metrics/registry.h"

namespace weir::telemetry {

struct OtlpTarget {
  std::string url;                    // of the collector; /v1/traces, /v1/metrics and /v1/logs are below it
  std::vector<HttpHeader> headers{};  // values may hold ${secret:NAME}
  std::string resource = "{}";        // of all that is sent: a resource of OTLP, as JSON
  std::int64_t queueBytes = 4 << 20;  // that wait, of each signal
  std::int64_t batchItems = 2000;     // in one request
  std::int64_t gatherMs = 1000;       // an item waits so long for company
  std::int64_t metricsEveryMs = 60'000;
  std::int64_t firstWaitMs = 500, longestWaitMs = 30'000;
  std::int64_t timeoutMs = 10'000;
};

/// Items are JSON texts: spans, records of a log, metrics. They wait while the collector is away or slow; what finds no
/// room is dropped, and what the collector refuses for good is not sent again: both are counted as
/// weir_otlp_items_total. put() is for any thread, all else for one.
class OtlpLane {
 public:
  /// `around` is what stands around the items, such as resourceSpans, scopeSpans and spans. All outlive it.
  OtlpLane(Http& http, const OtlpTarget& target, std::string_view signal, std::vector<std::string_view> around,
           metrics::Registry& registry);

  /// Whether there is room: who would have to make an item asks first. What finds none is counted.
  [[nodiscard]] bool hasRoom();
  void put(std::string item);
  /// Takes an answer, begins the next request if it is due.
  void tick(std::int64_t nowNanos);
  /// What waits is sent at once.
  void hurry() { hurries_ = true; }
  [[nodiscard]] bool idle() const;
  /// Why the last request failed; empty: it did not.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  [[nodiscard]] bool gather(std::int64_t nowNanos);
  void answered(const Result<HttpResponse>& answer, std::int64_t nowNanos);

  Http& http_;
  const OtlpTarget& target_;
  std::string url_;
  std::vector<std::string_view> around_;
  metrics::Counter &sent_, &dropped_, &refused_;
  mutable std::mutex lock_;  // of the queue
  std::deque<std::string> queue_;
  std::int64_t queuedBytes_ = 0;
  std::string sending_;  // a request that is not taken yet
  std::int64_t sendingItems_ = 0;
  Operation<HttpResponse> call_;
  std::int64_t notBefore_ = 0, waitMs_ = 0, gatherSince_ = 0;
  std::string problem_;
  bool hurries_ = false;
};

}  // namespace weir::telemetry
