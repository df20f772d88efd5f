// What is told to a collector, and when.
#include "service/telemetry/otlp-push.h"

#include <utility>

#include "engine/text/url.h"
#include "service/api/route.h"

namespace weir::telemetry {

struct OtlpPush::Private {};

Result<std::unique_ptr<OtlpPush>> OtlpPush::make(Http& http, OtlpTarget target, Clock& clock,
                                                 metrics::Registry& registry) {
  WEIR_ASSIGN(const auto url, parseUrl(target.url));
  if (url.scheme != "http" && url.scheme != "https") {
    return fail("url.invalid", "a collector is reached by http:// or https://, not by " + url.scheme + "://");
  }
  while (target.url.ends_with('/')) target.url.pop_back();
  return std::make_unique<OtlpPush>(Private{}, http, std::move(target), clock, registry);
}

OtlpPush::OtlpPush(const Private&, Http& http, OtlpTarget target, Clock& clock, metrics::Registry& registry)
    : target_(std::move(target)),
      clock_(clock),
      registry_(registry),
      traces_(http, target_, "traces", {"resourceSpans", "scopeSpans", "spans"}, registry),
      metrics_(http, target_, "metrics", {"resourceMetrics", "scopeMetrics", "metrics"}, registry),
      logs_(http, target_, "logs", {"resourceLogs", "scopeLogs", "logRecords"}, registry),
      beganMicros_(clock.nowMicros()) {}

void OtlpPush::take(const logs::LogLine& line) {
  if (logs_.hasRoom()) logs_.put(logRecordJson(line));
}

void OtlpPush::request(const api::Answered& answered, const logs::RequestTrace& trace) {
  if (!traces_.hasRoom()) return;
  const auto& request = answered.request;
  const auto route = answered.route == nullptr ? std::string() : std::string(answered.route->pattern);
  Span span{.trace = trace.trace, .id = trace.span, .parent = trace.parent, .name = request.method};
  if (!route.empty()) span.name += " " + route;
  span.server = true;
  span.beginMicros = clock_.nowMicros() - answered.nanos / 1000;
  span.endNanosLater = answered.nanos;
  span.attributes = {{"http.request.method", request.method},
                     {"url.path", request.path},
                     {"http.response.status_code", std::int64_t{answered.status}}};
  if (!route.empty()) span.attributes.emplace_back("http.route", route);
  if (answered.call != nullptr && !answered.call->principal.user.empty()) {
    span.attributes.emplace_back("user.id", answered.call->principal.user);
  }
  if (answered.status >= 500) span.problem = "status " + std::to_string(answered.status);
  traces_.put(spanJson(span));
}

void OtlpPush::putMetrics() {
  for (auto& item : metricItems(registry_.text(), beganMicros_, clock_.nowMicros())) metrics_.put(std::move(item));
}

void OtlpPush::tick() {
  const auto now = clock_.steadyNanos();
  if (metricsAt_ == 0) metricsAt_ = now;
  if (now >= metricsAt_) {
    metricsAt_ = now + target_.metricsEveryMs * 1'000'000;
    // Figures that still wait say the same, only older.
    if (metrics_.idle()) putMetrics();
  }
  for (auto* lane : {&traces_, &metrics_, &logs_}) lane->tick(now);
}

void OtlpPush::hurry() {
  putMetrics();
  for (auto* lane : {&traces_, &metrics_, &logs_}) lane->hurry();
}

std::string OtlpPush::problem() const {
  for (const auto* lane : {&traces_, &metrics_, &logs_}) {
    if (!lane->problem().empty()) return lane->problem();
  }
  return {};
}

}  // namespace weir::telemetry
