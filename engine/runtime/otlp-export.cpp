// Batches, tries and bounds of the export.
#include "engine/runtime/otlp-export.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/json/document.h"
#include "engine/text/url.h"

namespace weir {
namespace {

/// OTLP names these; every other status is an answer for good.
bool mayPass(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

/// Seconds only: a collector that gives a date is tried again after the usual time.
std::int64_t retryAfterMs(const HttpResponse& response) {
  const auto text = response.header("retry-after");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t kMost = 3600;
  return error == std::errc() && end == text.data() + text.size() ? std::clamp<std::int64_t>(seconds, 0, kMost) * 1000
                                                                  : 0;
}

/// How many spans the collector says that it did not take.
std::int64_t rejectedOf(const json::Value& answer) {
  const auto* partial = answer.find("partialSuccess");
  const auto* rejected = partial != nullptr ? partial->find("rejectedSpans") : nullptr;
  if (rejected == nullptr) return 0;
  if (rejected->asInt64() != nullptr) return *rejected->asInt64();
  std::int64_t count = 0;
  if (const auto* text = rejected->asString()) std::from_chars(text->data(), text->data() + text->size(), count);
  return count;
}

}  // namespace

Result<OtlpExport> OtlpExport::make(Http& http, OtlpTarget target, std::string_view runId) {
  WEIR_ASSIGN(const auto url, parseUrl(target.url));
  if (url.scheme != "http" && url.scheme != "https") {
    return fail("url.invalid", "a collector is reached by http:// or https://");
  }
  if (url.target == "/") target.url += target.url.ends_with('/') ? "v1/traces" : "/v1/traces";
  return OtlpExport(http, std::move(target), runId);
}

void OtlpExport::add(Document document) {
  queuedBytes_ += static_cast<std::int64_t>(document.text.size());
  queue_.push_back(std::move(document));
  const std::size_t first = call_.active() ? 1 : 0;  // what is under way stays
  while (queuedBytes_ > target_.queueBytes && queue_.size() > first + 1) {
    const auto oldest = queue_.begin() + static_cast<std::ptrdiff_t>(first);
    queuedBytes_ -= static_cast<std::int64_t>(oldest->text.size());
    counts_.dropped += oldest->spans;
    queue_.erase(oldest);
  }
}

bool OtlpExport::collect(const TracedRun& traces, const Plan& plan) {
  counts_.forgotten += std::max<std::int64_t>(0, traces.forgotten - nextStep_);
  nextStep_ = std::max(nextStep_, traces.forgotten) + static_cast<std::int64_t>(traces.steps.size());
  TracedRun part;
  part.epochNanos = traces.epochNanos;
  part.callers = traces.callers;
  std::int64_t spans = 0;
  const auto flush = [&] {
    if (spans > 0) add({spans_.document(part, plan), spans});
    part.steps.clear();
    spans = 0;
  };
  for (const auto& step : traces.steps) {
    part.steps.push_back(step);
    spans += OtlpSpans::countOf(step);
    if (spans >= target_.batchSpans) flush();
  }
  flush();
  return traces.steps.size() < kStepsAtOnce;
}

void OtlpExport::tick(std::int64_t nowNanos) {
  if (call_.active()) {
    if (!call_.ready()) return;
    answered(call_.take(), nowNanos);
  }
  if (queue_.empty() || nowNanos < notBefore_) return;
  HttpRequest request;
  request.method = "POST";
  request.url = target_.url;
  request.headers = target_.headers;
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = queue_.front().text;
  request.timeoutMs = target_.timeoutMs;
  request.maxResponseBytes = 1 << 20;
  request.maxRedirects = 0;
  ++counts_.requests;
  call_ = http_->send(std::move(request), Waker());
}

void OtlpExport::answered(Result<HttpResponse> answer, std::int64_t nowNanos) {
  if (!answer) {
    const auto& error = answer.error();
    return error.recoverable ? failed(error.message, 0, nowNanos) : refused(error.message);
  }
  if (answer->status >= 200 && answer->status < 300) return accepted(*answer);
  const auto why = target_.url + " answered with status " + std::to_string(answer->status);
  mayPass(answer->status) ? failed(why, retryAfterMs(*answer), nowNanos) : refused(why);
}

void OtlpExport::accepted(const HttpResponse& response) {
  const auto spans = queue_.front().spans;
  const auto document = json::parse(response.body);
  const auto rejected = document ? std::clamp<std::int64_t>(rejectedOf(document->root()), 0, spans) : 0;
  counts_.sent += spans - rejected;
  counts_.dropped += rejected;
  counts_.problem = rejected > 0 ? target_.url + " did not take all spans" : "";
  queuedBytes_ -= static_cast<std::int64_t>(queue_.front().text.size());
  queue_.pop_front();
  waitMs_ = notBefore_ = 0;
}

void OtlpExport::refused(std::string why) {
  counts_.problem = std::move(why);
  counts_.dropped += queue_.front().spans;
  queuedBytes_ -= static_cast<std::int64_t>(queue_.front().text.size());
  queue_.pop_front();
  notBefore_ = 0;
}

void OtlpExport::failed(std::string why, std::int64_t waitMs, std::int64_t nowNanos) {
  counts_.problem = std::move(why);
  ++counts_.retries;
  waitMs_ = waitMs_ == 0 ? target_.firstWaitMs : std::min(target_.longestWaitMs, waitMs_ * 2);
  notBefore_ = nowNanos + std::max(waitMs_, waitMs) * 1'000'000;
}

void OtlpExport::giveUp() {
  call_ = {};
  for (const auto& document : queue_) counts_.dropped += document.spans;
  queue_.clear();
  queuedBytes_ = 0;
}

}  // namespace weir
