// OtlpExport: sends the traces of a run to a collector over HTTP, without ever making the run wait.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/flow/plan.h"
#include "engine/host/http.h"
#include "engine/runtime/otlp.h"

namespace weir {

struct OtlpTarget {
  std::string url;                     // of the collector; without a path /v1/traces is meant
  std::vector<HttpHeader> headers{};   // values may hold ${secret:NAME}
  std::int64_t batchSpans = 512;       // about so many in one request
  std::int64_t queueBytes = 16 << 20;  // of documents that wait
  std::int64_t firstWaitMs = 500, longestWaitMs = 30'000;
  std::int64_t timeoutMs = 10'000;
};

struct OtlpCounts {
  std::int64_t sent = 0;       // spans that the collector took
  std::int64_t dropped = 0;    // spans that found no room, were refused, or were left at the end
  std::int64_t forgotten = 0;  // executions that the run had no room to keep until they were looked at
  std::int64_t requests = 0, retries = 0;
  std::string problem;  // why the last request failed; empty: it did not
};

/// One thread. A collector that is away or slow is tried again, later and later; meanwhile documents wait, and when
/// there is no room the oldest of them go and are counted. What it refuses for good is not sent again.
class OtlpExport {
 public:
  /// The host outlives it. Errors: `url.invalid`.
  [[nodiscard]] static Result<OtlpExport> make(Http& http, OtlpTarget target, std::string_view runId);

  /// The step that collect() is to begin with (Run::tracesFrom), and how many it takes at once.
  [[nodiscard]] std::int64_t nextStep() const { return nextStep_; }
  static constexpr std::size_t kStepsAtOnce = 4096;
  /// Takes steps over. False: there may be more of them.
  bool collect(const TracedRun& traces, const Plan& plan);
  /// Takes an answer, begins the next request if it is due.
  void tick(std::int64_t nowNanos);
  /// The run is over: no more waiting between tries.
  void hurry() { notBefore_ = 0; }
  /// Nothing waits and nothing is under way.
  [[nodiscard]] bool idle() const { return queue_.empty() && !call_.active(); }
  /// What is left is not sent any more.
  void giveUp();
  [[nodiscard]] const OtlpCounts& counts() const { return counts_; }
  [[nodiscard]] const std::string& url() const { return target_.url; }

 private:
  struct Document {
    std::string text;
    std::int64_t spans = 0;
  };
  OtlpExport(Http& http, OtlpTarget target, std::string_view runId)
      : http_(&http), target_(std::move(target)), spans_(runId) {}
  void add(Document document);
  void answered(Result<HttpResponse> answer, std::int64_t nowNanos);
  void accepted(const HttpResponse& response);
  void refused(std::string why);
  void failed(std::string why, std::int64_t waitMs, std::int64_t nowNanos);

  Http* http_;
  OtlpTarget target_;
  OtlpSpans spans_;
  OtlpCounts counts_;
  std::int64_t nextStep_ = 0;
  std::deque<Document> queue_;  // the first one is under way while a call is
  std::int64_t queuedBytes_ = 0;
  Operation<HttpResponse> call_;
  std::int64_t notBefore_ = 0, waitMs_ = 0;
};

}  // namespace weir
