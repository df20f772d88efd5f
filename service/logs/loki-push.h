// LokiPush: sends log lines to Grafana Loki, without ever making anybody wait.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/host/http.h"
#include "service/logs/server-log.h"

namespace weir::logs {

struct LokiTarget {
  std::string url;                    // of Loki; without a path /loki/api/v1/push is meant
  std::vector<HttpHeader> headers{};  // such as X-Scope-OrgID; values may hold ${secret:NAME}
  std::string user{}, password{};
  std::string instance{};  // a label of all lines; empty: none
  std::int64_t batchLines = 1000;
  std::int64_t queueBytes = 4 << 20;  // of lines that wait
  std::int64_t gatherMs = 1000;       // a line waits so long for company
  std::int64_t firstWaitMs = 500, longestWaitMs = 30'000;
  std::int64_t timeoutMs = 10'000;
};

/// Lines wait while Loki is away or slow; where there is no room the oldest go, and are counted as
/// weir_log_lines_dropped_total{target="loki"}. What Loki refuses for good is counted too and not sent again. take() is
/// for any thread, all else for one.
class LokiPush final : public LogTarget {
 public:
  /// Both outlive it. Errors: `url.invalid`.
  [[nodiscard]] static Result<std::unique_ptr<LokiPush>> make(Http& http, LokiTarget target,
                                                              metrics::Registry& registry);
  void take(const LogLine& line) override;
  /// Takes an answer, begins the next request if it is due. Call it about ten times a second.
  void tick(std::int64_t nowNanos);
  /// The server ends: what waits is sent at once.
  void hurry() { hurries_ = true; }
  [[nodiscard]] bool idle() const;
  /// Why the last request failed; empty: it did not.
  [[nodiscard]] const std::string& problem() const { return problem_; }

  struct Private;
  LokiPush(const Private&, Http& http, LokiTarget target, metrics::Counter& dropped)
      : http_(http), target_(std::move(target)), dropped_(dropped) {}

 private:
  struct Waiting {
    LogLevel level;
    std::int64_t micros;
    std::string text;
  };
  [[nodiscard]] std::string batch();
  void answered(Result<HttpResponse> answer, std::int64_t nowNanos);
  void failed(std::int64_t nowNanos);

  Http& http_;
  LokiTarget target_;
  metrics::Counter& dropped_;
  mutable std::mutex lock_;  // of the queue
  std::deque<Waiting> queue_;
  std::int64_t queuedBytes_ = 0;
  std::string sending_;  // a batch that is not taken yet
  std::int64_t sendingLines_ = 0;
  Operation<HttpResponse> call_;
  std::int64_t notBefore_ = 0, waitMs_ = 0, gatherSince_ = 0;
  std::string problem_;
  bool hurries_ = false;
};

}  // namespace weir::logs
