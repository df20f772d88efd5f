// Batches, tries and bounds of one signal.
#include "service/telemetry/otlp-lane.h"

#include <algorithm>
#include <utility>

#include "engine/node/version.h"

namespace weir::telemetry {
namespace {

metrics::Counter& counterOf(metrics::Registry& registry, std::string_view signal, std::string_view outcome) {
  return registry.counter("weir_otlp_items_total", {std::string(signal), std::string(outcome)});
}

/// Which answers say: later (OTLP, "Failures").
bool saysLater(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

}  // namespace

OtlpLane::OtlpLane(Http& http, const OtlpTarget& target, std::string_view signal, std::vector<std::string_view> around,
                   metrics::Registry& registry)
    : http_(http),
      target_(target),
      url_(target.url + "/v1/" + std::string(signal)),
      around_(std::move(around)),
      sent_(counterOf(registry, signal, "sent")),
      dropped_(counterOf(registry, signal, "dropped")),
      refused_(counterOf(registry, signal, "refused")) {}

bool OtlpLane::hasRoom() {
  const std::lock_guard locked(lock_);
  if (queuedBytes_ < target_.queueBytes) return true;
  dropped_.add();
  return false;
}

void OtlpLane::put(std::string item) {
  const std::lock_guard locked(lock_);
  if (queuedBytes_ >= target_.queueBytes) return dropped_.add();
  queuedBytes_ += std::ssize(item);
  queue_.push_back(std::move(item));
}

bool OtlpLane::idle() const {
  const std::lock_guard locked(lock_);
  return queue_.empty() && sending_.empty();
}

bool OtlpLane::gather(std::int64_t nowNanos) {
  const std::lock_guard locked(lock_);
  if (queue_.empty()) {
    gatherSince_ = 0;
    return false;
  }
  if (gatherSince_ == 0) gatherSince_ = nowNanos;
  const bool full = std::ssize(queue_) >= target_.batchItems;
  if (!full && !hurries_ && nowNanos - gatherSince_ < target_.gatherMs * 1'000'000) return false;
  gatherSince_ = 0;
  sending_ = "{\"" + std::string(around_[0]) + "\":[{\"resource\":" + target_.resource + ",\"" +
             std::string(around_[1]) + R"(":[{"scope":{"name":"weir","version":")" + std::string(kEngineVersion) +
             "\"},\"" + std::string(around_[2]) + "\":[";
  for (sendingItems_ = 0; sendingItems_ < target_.batchItems && !queue_.empty(); ++sendingItems_) {
    if (sendingItems_ > 0) sending_ += ',';
    queuedBytes_ -= std::ssize(queue_.front());
    sending_ += queue_.front();
    queue_.pop_front();
  }
  sending_ += "]}]}]}";
  return true;
}

void OtlpLane::tick(std::int64_t nowNanos) {
  if (call_.active()) {
    if (!call_.ready()) return;
    answered(call_.take(), nowNanos);
  }
  if (nowNanos < notBefore_ && !hurries_) return;
  if (sending_.empty() && !gather(nowNanos)) return;
  HttpRequest request;
  request.method = "POST";
  request.url = url_;
  request.headers = target_.headers;
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = sending_;
  request.timeoutMs = target_.timeoutMs;
  request.maxResponseBytes = 1 << 20;
  request.maxRedirects = 0;
  call_ = http_.send(std::move(request), Waker());
}

void OtlpLane::answered(const Result<HttpResponse>& answer, std::int64_t nowNanos) {
  if (answer && answer->status >= 200 && answer->status < 300) {
    problem_.clear();
    sent_.add(sendingItems_);
    sending_.clear();
    waitMs_ = notBefore_ = 0;
    return;
  }
  problem_ = answer ? url_ + " answered with status " + std::to_string(answer->status) : answer.error().message;
  if (answer ? saysLater(answer->status) : answer.error().recoverable) {
    waitMs_ = waitMs_ == 0 ? target_.firstWaitMs : std::min(target_.longestWaitMs, waitMs_ * 2);
    notBefore_ = nowNanos + waitMs_ * 1'000'000;
    return;
  }
  refused_.add(sendingItems_);
  sending_.clear();
}

}  // namespace weir::telemetry
