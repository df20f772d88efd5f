// Frames out: what a session sends from time to time, and its life.
#include "engine/live/session.h"

#include <algorithm>
#include <utility>

#include "engine/json/writer.h"
#include "engine/live/describe.h"

namespace weir::live {
namespace {

constexpr std::int64_t kMetricsNanos = 100'000'000;
constexpr std::int64_t kCountsNanos = 500'000'000;
/// Beyond it subscriptions wait: the transport cannot get rid of what it has.
constexpr std::size_t kMostWaiting = 1 << 20;
constexpr std::size_t kMostReplies = 8 << 20;
constexpr std::int64_t kRequestsPerSecond = 200;

bool same(const TapCounts& a, const TapCounts& b) {
  return a.passed == b.passed && a.seen == b.seen && a.matched == b.matched && a.shown == b.shown &&
         a.failed == b.failed && a.problem == b.problem;
}

}  // namespace

Session::Session(Run& run, const About& about, std::uint64_t number, std::string name, SavedSessions& saved)
    : run_(run), about_(about), number_(number), name_(std::move(name)), saved_(saved) {}

Session::~Session() {
  run_.debugger().releaseClient(number_);
  if (subscriptions_.empty()) return;
  SavedSubscriptions kept;
  for (auto& [number, subscription] : subscriptions_) kept.emplace_back(number, std::move(subscription.asked));
  saved_.save(name_, std::move(kept), nowNanos_);
}

void Session::send(std::string_view type, const std::string& id, std::optional<std::uint32_t> subscription,
                   std::string_view data, std::uint64_t sequence) {
  std::string text;
  json::Writer out(text);
  out.beginObject().key("v").value(1).key("type").value(type);
  if (!id.empty()) out.key("id").value(id);
  if (subscription) out.key("subscription").value(std::int64_t{*subscription});
  out.key("data").raw(data).endObject();
  FrameHeader header;
  header.subscription = subscription.value_or(0);
  header.sequence = sequence;
  appendFrame(outgoing_, header, text);
}

Result<void> Session::receive(const Frame& frame, std::int64_t nowNanos) {
  nowNanos_ = nowNanos;
  if (frame.header.kind != FrameKind::control) {
    return fail("live.frame", "one who watches sends control frames only, no rows");
  }
  if (const auto second = nowNanos / 1'000'000'000; second != std::exchange(second_, second)) requestsInSecond_ = 0;
  if (++requestsInSecond_ > kRequestsPerSecond) {
    return fail("live.too_large", "more than " + std::to_string(kRequestsPerSecond) + " requests came within a second");
  }
  if (outgoing_.size() > kMostReplies) return fail("live.too_large", "replies are not taken");
  auto request = readControl(frame.payload, kMaxDeployBytes);
  if (request && request->type != "deploy-graph" && std::ssize(frame.payload) > kMaxControlBytes) {
    request = fail("live.too_large", "a request has at most " + std::to_string(kMaxControlBytes) + " bytes");
  }
  const auto id = request ? request->id : std::string();
  const auto answered = request ? answer(*request, nowNanos) : Answer(std::unexpected(request.error()));
  if (!answered) {
    std::string text;
    json::Writer out(text);
    out.beginObject().key("code").value(answered.error().code).key("message").value(answered.error().message);
    out.endObject();
    send("error", id, std::nullopt, text);
  } else if (!id.empty()) {
    send("ok", id, std::nullopt, *answered);
  }
  return {};
}

bool Session::mayBeSent(const Subscription& subscription) const {
  return subscription.credit > 0 && outgoing_.size() < kMostWaiting;
}

void Session::sendMetrics(std::uint32_t number, Subscription& subscription, std::int64_t nowNanos) {
  if (!mayBeSent(subscription)) return;
  subscription.sentNanos = nowNanos;
  const auto before = outgoing_.size();
  send("metrics", {}, number, describe(run_.metrics()), ++subscription.sequence);
  subscription.credit -= static_cast<std::int64_t>(outgoing_.size() - before);
}

void Session::sendEvents(std::uint32_t number, Subscription& subscription) {
  if (!mayBeSent(subscription)) return;
  for (const auto& event : run_.events(subscription.sequence)) {
    if (!mayBeSent(subscription)) return;
    const auto before = outgoing_.size();
    if (event.number > subscription.sequence + 1) {
      const auto lost = event.number - subscription.sequence - 1;
      send("missed", {}, number, "{\"events\":" + std::to_string(lost) + "}", event.number - 1);
    }
    send("event", {}, number, describe(event), event.number);
    subscription.sequence = event.number;
    subscription.credit -= static_cast<std::int64_t>(outgoing_.size() - before);
  }
}

void Session::sendRows(std::uint32_t number, Subscription& subscription, std::int64_t nowNanos, bool last) {
  if (!mayBeSent(subscription)) return;
  const auto taken = run_.debugger().take(subscription.tap, nowNanos);
  if (!taken) return;
  const auto before = outgoing_.size();
  const auto& counts = taken->counts;
  const auto shed = counts.passed - counts.seen + counts.matched - counts.shown;
  for (const auto& batch : taken->batches) {
    // What cannot be sent is left out: who watches sees by the counts that rows are missing.
    if (auto sent = subscription.frames->append(outgoing_, batch, static_cast<std::uint64_t>(shed)); !sent) continue;
  }
  const bool due = last || nowNanos - subscription.sentNanos > kCountsNanos;
  if (due && (last || !same(counts, subscription.counts))) {
    subscription.sentNanos = nowNanos;
    subscription.counts = counts;
    send("tapped", {}, number, describe(counts));
  }
  subscription.credit -= static_cast<std::int64_t>(outgoing_.size() - before);
}

void Session::tick(std::int64_t nowNanos) {
  nowNanos_ = nowNanos;
  for (auto& [number, subscription] : subscriptions_) {
    switch (subscription.kind) {
      case Kind::metrics:
        if (nowNanos - subscription.sentNanos >= kMetricsNanos) sendMetrics(number, subscription, nowNanos);
        break;
      case Kind::events:
        sendEvents(number, subscription);
        break;
      case Kind::tap:
        sendRows(number, subscription, nowNanos, false);
        break;
    }
  }
}

void Session::end(std::string_view outcome, std::int64_t nowNanos) {
  nowNanos_ = nowNanos;
  for (auto& [number, subscription] : subscriptions_) {
    switch (subscription.kind) {
      case Kind::metrics:
        sendMetrics(number, subscription, nowNanos);
        break;
      case Kind::events:
        sendEvents(number, subscription);
        break;
      case Kind::tap:
        sendRows(number, subscription, nowNanos, true);
        break;
    }
  }
  std::string text;
  json::Writer out(text);
  out.beginObject().key("outcome").value(outcome).endObject();
  send("ended", {}, std::nullopt, text);
}

}  // namespace weir::live
