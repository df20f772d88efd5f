// A scenario of load at work: connections that send messages when they are due, a small flow, and a meter at its end.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/flow/bench-suite.h"
#include "engine/node/catalogue.h"
#include "engine/runtime/run.h"

namespace weir::cli {

/// Durations with 64 steps for each power of two: quantiles within 1.6 %.
class FineHistogram {
 public:
  void add(std::int64_t nanos);
  /// Upper bound of the step that holds the quantile (0..1); 0 if empty.
  [[nodiscard]] std::int64_t quantile(double q) const;
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] double meanNanos() const { return count_ > 0 ? sum_ / static_cast<double>(count_) : 0; }
  [[nodiscard]] std::int64_t longest() const { return longest_; }

 private:
  static constexpr std::size_t kSteps = 64, kBuckets = kSteps * 48;
  [[nodiscard]] static std::size_t bucketOf(std::int64_t nanos);
  [[nodiscard]] static std::int64_t upperOf(std::size_t bucket);
  std::array<std::int64_t, kBuckets> counts_{};
  std::int64_t count_ = 0, longest_ = 0;
  double sum_ = 0;
};

/// One point of the charts.
struct BenchMoment {
  std::int64_t messages = 0, longestNanos = 0;
};

struct BenchResult {
  flow::BenchScenario scenario;
  std::int64_t sent = 0, received = 0, errors = 0, lost = 0, pressureEvents = 0, peakBytes = 0, elapsedMicros = 0;
  DroppedRows dropped;
  FineHistogram latency;  // from the moment a message was due to the last node
  std::vector<BenchMoment> moments;
  std::int64_t momentNanos = 0;
  std::vector<std::string> missed;  // what was expected and did not hold
  int stopped = 0;                  // exit code, if a signal ended it
  std::string url;                  // of who was measured; empty: the engine in this process
  std::string problem;              // what went wrong first, of errors

  /// A message has arrived, so long after it was due.
  void add(std::int64_t sinceStartNanos, std::int64_t tookNanos);
  void joinMoments();

  [[nodiscard]] double errorRate() const {
    return sent > 0 ? static_cast<double>(errors + lost) / static_cast<double>(sent) : 0;
  }
  [[nodiscard]] double throughput() const {
    return elapsedMicros > 0 ? static_cast<double>(received) * 1e6 / static_cast<double>(elapsedMicros) : 0;
  }
};

// What all loads share. Times are nanoseconds after the beginning.
[[nodiscard]] BenchResult benchBegin(const flow::BenchScenario& scenario);
[[nodiscard]] double benchValue(const std::string& pattern, std::int64_t id);
/// How many messages a connection sends where there is a rate.
[[nodiscard]] std::int64_t benchTotal(const flow::BenchScenario& scenario, std::int64_t connection);
[[nodiscard]] std::int64_t benchDue(const flow::BenchScenario& scenario, std::int64_t connection, std::int64_t message);
[[nodiscard]] std::string benchPayload(const flow::BenchScenario& scenario);
/// Says what was expected and did not hold.
void judgeBench(BenchResult& result);

/// Runs one scenario on `threads` workers (0: all).
[[nodiscard]] Result<BenchResult> runScenario(const flow::BenchScenario& scenario, const Catalogue& catalogue,
                                              int threads);

}  // namespace weir::cli
