// RequestLog: a log line for each answered request, with its trace.
#pragma once

#include <vector>

#include "engine/host/clock.h"
#include "service/api/observer.h"
#include "service/logs/server-log.h"

namespace weir::logs {

struct RequestTrace {
  std::string trace, span, parent;  // 32, 16 and 16 hex digits; the parent may be empty
};

/// Who is told of each request with its trace.
class RequestSpans {
 public:
  virtual ~RequestSpans() = default;
  virtual void request(const api::Answered& answered, const RequestTrace& trace) = 0;
};

/// At level info; what was only read at debug, answers 5xx at error. Never the query of a request, nor a header but
/// traceparent.
class RequestLog final : public api::Observer {
 public:
  /// Both outlive it.
  RequestLog(ServerLog& log, Random& random) : log_(log), random_(random) {}
  void answered(const api::Answered& answered) override;
  /// It outlives this.
  void tell(RequestSpans& spans) { spans_ = &spans; }

 private:
  [[nodiscard]] RequestTrace traceOf(const api::Answered& answered);
  [[nodiscard]] std::string digits(int count);
  ServerLog& log_;
  Random& random_;
  RequestSpans* spans_ = nullptr;
};

/// Tells several, in their order.
class Observers final : public api::Observer {
 public:
  explicit Observers(std::vector<api::Observer*> all) : all_(std::move(all)) {}
  void answered(const api::Answered& answered) override {
    for (auto* one : all_) one->answered(answered);
  }

 private:
  std::vector<api::Observer*> all_;
};

}  // namespace weir::logs
