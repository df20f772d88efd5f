// Asks again and again.
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/data/batch-builder.h"
#include "engine/data/hash.h"
#include "engine/node/backoff.h"
#include "engine/node/node-time.h"
#include "engine/node/start-partition.h"
#include "engine/text/url.h"
#include "nodes/http/poll/poll.gen.h"
#include "nodes/http/response-body.h"
#include "nodes/http/retry-after.h"

namespace weir::nodes::poll {
namespace {

SchemaRef rowSchema() {
  return Schema::of({{"status", Type::int64(), false, false},
                     {"headers", Type::any(), false, false},
                     {"body", Type::any(), true, false},
                     {"url", Type::string(), false, false}});
}

class Poller final : public Task {
 public:
  Poller(const Settings& settings, NodeContext& context, Http& http, HttpRequest request)
      : settings_(settings),
        context_(context),
        time_(context),
        http_(http),
        request_(std::move(request)),
        schema_(rowSchema()),
        backoff_(context, std::min<std::int64_t>(settings.interval, 1000),
                 std::max<std::int64_t>(settings.interval, 60'000)) {}

  Result<Progress> step(StepIo& io) override {
    for (;;) {
      if (draining_ || (settings_.times > 0 && asked_ >= settings_.times && !asking_.active()))
        return Progress::finished();
      if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, kAllPorts);
      const auto now = time_.now();
      if (!asking_.active()) {
        if (now < nextAt_) return Progress::until(time_.wakeAt(nextAt_));
        nextAt_ = now + settings_.interval * 1000;
        asking_ = http_.send(withValidators(), io.waker());
        ++asked_;
      }
      if (!asking_.ready()) return Progress::blockedOn(0);
      WEIR_TRY(take(asking_.take(), io));
      if (io.budgetSpent()) return Progress::yielded();
    }
  }

  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    WEIR_TRY(state.write(Value::string(etag_)));
    WEIR_TRY(state.write(Value::string(modified_)));
    WEIR_TRY(state.write(static_cast<std::int64_t>(lastHash_)));
    WEIR_TRY(state.write(seen_ ? 1 : 0));
    // A request that is under way is made again.
    return state.write(asked_ - (asking_.active() ? 1 : 0));
  }
  Result<Poll> restore(StateReader& state) override {
    WEIR_ASSIGN(const auto etag, state.readValue());
    WEIR_ASSIGN(const auto modified, state.readValue());
    if (etag.kind() != ValueKind::string || modified.kind() != ValueKind::string)
      return fail("state.mismatch", "the saved state is not that of http/poll");
    etag_ = etag.text();
    modified_ = modified.text();
    std::int64_t lastHash = 0;
    std::int64_t seen = 0;
    WEIR_TRY(state.read(lastHash));
    WEIR_TRY(state.read(seen));
    WEIR_TRY(state.read(asked_));
    lastHash_ = static_cast<std::uint64_t>(lastHash);
    seen_ = seen != 0;
    return Poll::ready;
  }
  [[nodiscard]] bool sendsAgain() const override { return false; }
  void drain() override { draining_ = true; }

 private:
  [[nodiscard]] HttpRequest withValidators() const {
    auto request = request_;
    if (settings_.onlyWhenChanged && !etag_.empty()) request.headers.push_back({"If-None-Match", etag_});
    if (settings_.onlyWhenChanged && !modified_.empty()) request.headers.push_back({"If-Modified-Since", modified_});
    return request;
  }

  /// The next try comes sooner than the interval, but not at once.
  void tryAgain(const std::string& why, std::string_view retryAfter = {}) {
    constexpr std::int64_t kMostMs = 3'600'000;
    const auto asked = http::retryAfterMs(retryAfter, context_.nowMicros(), kMostMs);
    const auto wait = std::max(backoff_.take(), asked.value_or(0));
    nextAt_ = time_.now() + wait * 1000;
    context_.log(LogLevel::warning, why + "; asks again in " + std::to_string(wait) + " ms");
  }

  Result<Unit> take(Result<HttpResponse> response, StepIo& io) {
    if (!response) {
      if (!response.error().recoverable) return std::unexpected(std::move(response.error()));
      tryAgain(response.error().message);
      return Unit{};
    }
    if (response->status == 304) {
      backoff_.reset();
      return Unit{};
    }
    if (response->status >= 400) {
      auto text = request_.url.substr(0, request_.url.find('?')) + " was answered with status " +
                  std::to_string(response->status);
      const int status = response->status;
      if (status != 408 && status != 425 && status != 429 && status < 500) return fail("http.status", std::move(text));
      tryAgain(text, response->header("retry-after"));
      return Unit{};
    }
    backoff_.reset();
    etag_ = response->header("etag");
    modified_ = response->header("last-modified");
    const auto bodyHash = hash::ofBytes(response->body);
    if (settings_.onlyWhenChanged && seen_ && bodyHash == lastHash_) return Unit{};
    seen_ = true;
    lastHash_ = bodyHash;
    return emit(*response, io);
  }

  Result<Unit> emit(const HttpResponse& response, StepIo& io) {
    auto body = http::bodyOf(response, static_cast<http::BodyKind>(settings_.response));
    if (!body) {
      MapBuilder row;
      row.set(Value::string("url"), Value::string(response.url));
      io.failValue(std::move(row).build(), std::move(body.error()));
      return Unit{};
    }
    BatchBuilder builder(schema_, context_.account());
    const Value values[] = {Value::int64(response.status), http::headersOf(response), std::move(*body),
                            Value::string(response.url)};
    WEIR_TRY(builder.append(values));
    // What is asked for again may have changed: no row has the number of one from before a restart.
    if (sequence_ == 0) partition_ = startPartition(context_);
    Envelope envelope;
    envelope.partition = partition_;
    envelope.firstSequence = ++sequence_;
    envelope.timestampMicros = context_.nowMicros();
    WEIR_ASSIGN(auto batch, builder.finish(std::move(envelope)));
    io.emit(out::rows, std::move(batch));
    return Unit{};
  }

  Settings settings_;
  NodeContext& context_;
  NodeTime time_;
  Http& http_;
  HttpRequest request_;
  SchemaRef schema_;
  streams::Backoff backoff_;
  Operation<HttpResponse> asking_;
  std::string etag_, modified_;
  std::uint64_t lastHash_ = 0, sequence_ = 0;
  Partition partition_ = 0;
  std::int64_t asked_ = 0, nextAt_ = 0;
  bool seen_ = false, draining_ = false;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* const http, context.host<Http>());
  const auto url = parseUrl(settings.url);
  if (!url) return fail("settings.type", "/settings/url: " + url.error().message);
  if (url->scheme != "http" && url->scheme != "https")
    return fail("settings.type", "/settings/url: expected http:// or https://");
  HttpRequest request;
  request.url = settings.url;
  request.timeoutMs = settings.timeout;
  request.maxResponseBytes = settings.maxResponseBytes;
  request.caFile = settings.caFile.value_or("");
  if (const auto* members = settings.headers.asObject()) {
    for (const auto& member : *members) {
      const auto* text = member.value.asString();
      if (text == nullptr) return fail("settings.type", "/settings/headers/" + member.key + ": expected a text");
      request.headers.push_back({member.key, *text});
    }
  }
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].makeTask = [settings, &context, http, request]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<Poller>(settings, context, *http, request);
  };
  return node;
}

}  // namespace weir::nodes::poll
