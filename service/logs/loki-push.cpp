// Batches, tries and bounds of the way to Loki.
#include "service/logs/loki-push.h"

#include <algorithm>
#include <map>

#include "engine/json/writer.h"
#include "engine/text/url.h"

namespace weir::logs {

struct LokiPush::Private {};

Result<std::unique_ptr<LokiPush>> LokiPush::make(Http& http, LokiTarget target, metrics::Registry& registry) {
  WEIR_ASSIGN(const auto url, parseUrl(target.url));
  if (url.scheme != "http" && url.scheme != "https") {
    return fail("url.invalid", "Loki is reached by http:// or https://, not by " + url.scheme + "://");
  }
  if (url.target == "/") target.url += target.url.ends_with('/') ? "loki/api/v1/push" : "/loki/api/v1/push";
  auto& dropped = registry.counter("weir_log_lines_dropped_total", {"loki"});
  return std::make_unique<LokiPush>(Private{}, http, std::move(target), dropped);
}

void LokiPush::take(const LogLine& line) {
  Waiting waiting{line.level, line.micros, format(line, LogFormat::json)};
  const std::lock_guard locked(lock_);
  queuedBytes_ += std::ssize(waiting.text);
  queue_.push_back(std::move(waiting));
  while (queuedBytes_ > target_.queueBytes && !queue_.empty()) {
    queuedBytes_ -= std::ssize(queue_.front().text);
    queue_.pop_front();
    dropped_.add();
  }
}

bool LokiPush::idle() const {
  const std::lock_guard locked(lock_);
  return queue_.empty() && sending_.empty();
}

std::string LokiPush::batch() {
  std::map<LogLevel, std::vector<Waiting>> byLevel;
  {
    const std::lock_guard locked(lock_);
    for (sendingLines_ = 0; sendingLines_ < target_.batchLines && !queue_.empty(); ++sendingLines_) {
      queuedBytes_ -= std::ssize(queue_.front().text);
      byLevel[queue_.front().level].push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
  }
  if (byLevel.empty()) return {};
  std::string text;
  json::Writer out(text);
  out.beginObject().key("streams").beginArray();
  for (const auto& [level, lines] : byLevel) {
    out.beginObject().key("stream").beginObject().key("service_name").value("weir").key("level").value(nameOf(level));
    if (!target_.instance.empty()) out.key("instance").value(target_.instance);
    out.endObject().key("values").beginArray();
    for (const auto& line : lines) {
      out.beginArray().value(std::to_string(line.micros) + "000").value(line.text).endArray();
    }
    out.endArray().endObject();
  }
  out.endArray().endObject();
  return text;
}

void LokiPush::tick(std::int64_t nowNanos) {
  if (call_.active()) {
    if (!call_.ready()) return;
    answered(call_.take(), nowNanos);
  }
  if (nowNanos < notBefore_ && !hurries_) return;
  if (sending_.empty()) {
    {
      const std::lock_guard locked(lock_);
      if (queue_.empty()) {
        gatherSince_ = 0;
        return;
      }
      if (gatherSince_ == 0) gatherSince_ = nowNanos;
      const bool full = std::ssize(queue_) >= target_.batchLines;
      if (!full && !hurries_ && nowNanos - gatherSince_ < target_.gatherMs * 1'000'000) return;
    }
    gatherSince_ = 0;
    sending_ = batch();
  }
  HttpRequest request;
  request.method = "POST";
  request.url = target_.url;
  request.headers = target_.headers;
  request.headers.push_back({"Content-Type", "application/json"});
  request.user = target_.user;
  request.password = target_.password;
  request.body = sending_;
  request.timeoutMs = target_.timeoutMs;
  request.maxResponseBytes = 1 << 20;
  request.maxRedirects = 0;
  call_ = http_.send(std::move(request), Waker());
}

void LokiPush::answered(Result<HttpResponse> answer, std::int64_t nowNanos) {
  problem_.clear();
  if (answer && answer->status >= 200 && answer->status < 300) {
    sending_.clear();
    waitMs_ = notBefore_ = 0;
    return;
  }
  problem_ = answer ? target_.url + " answered with status " + std::to_string(answer->status) : answer.error().message;
  const bool again = answer ? answer->status == 429 || answer->status >= 500 : answer.error().recoverable;
  if (again) return failed(nowNanos);
  dropped_.add(sendingLines_);
  sending_.clear();
}

void LokiPush::failed(std::int64_t nowNanos) {
  waitMs_ = waitMs_ == 0 ? target_.firstWaitMs : std::min(target_.longestWaitMs, waitMs_ * 2);
  notBefore_ = nowNanos + waitMs_ * 1'000'000;
}

}  // namespace weir::logs
