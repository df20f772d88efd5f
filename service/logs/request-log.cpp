// Logs requests.
#include "service/logs/request-log.h"

#include "service/api/route.h"

namespace weir::logs {
namespace {

LogLevel levelOf(const api::Answered& answered) {
  if (answered.status >= 500) return LogLevel::error;
  const auto& method = answered.request.method;
  const bool reads = method == "GET" || method == "HEAD" || method == "OPTIONS";
  return reads && answered.status < 400 ? LogLevel::debug : LogLevel::info;
}

}  // namespace

std::string RequestLog::digits(int count) {
  std::string text;
  while (std::ssize(text) < count) {
    auto number = random_.next();
    for (int i = 0; i < 16 && std::ssize(text) < count; ++i, number >>= 4U) text += "0123456789abcdef"[number & 15U];
  }
  return text;
}

RequestTrace RequestLog::traceOf(const api::Answered& answered) {
  const auto* header = api::headerOf(answered.request.headers, "traceparent");
  const auto given = header == nullptr ? std::nullopt : parseTraceparent(*header);
  return {given ? given->trace : digits(32), digits(16), given ? given->parent : std::string()};
}

void RequestLog::answered(const api::Answered& answered) {
  const auto level = levelOf(answered);
  if (!log_.tells(level) && spans_ == nullptr) return;
  const auto trace = traceOf(answered);
  if (spans_ != nullptr) spans_->request(answered, trace);
  if (!log_.tells(level)) return;
  const auto& request = answered.request;
  LogLine line{.level = level, .part = "http", .message = request.method + " " + request.path};
  auto& fields = line.fields;
  fields.push_back({"status", std::int64_t{answered.status}});
  fields.push_back({"tookMs", static_cast<double>(answered.nanos / 1000) / 1000.0});
  if (answered.route != nullptr) fields.push_back({"operation", std::string(answered.route->operation)});
  if (answered.call != nullptr && !answered.call->principal.user.empty()) {
    fields.push_back({"user", answered.call->principal.user});
  }
  if (!request.id.empty()) fields.push_back({"request", request.id});
  if (!request.remote.empty()) fields.push_back({"remote", request.remote});
  fields.push_back({"traceId", trace.trace});
  fields.push_back({"spanId", trace.span});
  if (!trace.parent.empty()) fields.push_back({"parentSpanId", trace.parent});
  log_.tell(std::move(line));
}

}  // namespace weir::logs
