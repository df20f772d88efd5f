// Opens connections of the live protocol, and streams as events.
#include <algorithm>
#include <optional>
#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"
#include "engine/live/control.h"
#include "service/api/handlers.h"
#include "service/live/event-stream.h"
#include "service/live/live-session.h"
#include "service/resources/live/live-routes.h"
#include "service/resources/live/live-server.h"

namespace weir::api {
namespace {

/// A page of another site may open a WebSocket with the cookies of this one, unless it is looked at where it stands.
bool isOfOtherSite(const Call& call) {
  const auto* origin = call.header("origin");
  if (origin == nullptr) return false;
  const auto* host = call.header("host");
  const auto scheme = origin->find("://");
  return host == nullptr || scheme == std::string::npos || origin->substr(scheme + 3) != *host;
}

Refusal tooMany() { return {429, "live.too_many", "too many streams are read on this server; try again later"}; }

Response eventsAnswer(std::unique_ptr<BodyStream> body) {
  if (!body) return toResponse(tooMany());
  Response response;
  response.with("content-type", std::string(kEvents)).with("cache-control", "no-store");
  response.stream = std::move(body);
  return response;
}

/// Where a reader goes on, of Last-Event-ID.
Expected<std::vector<std::uint64_t>> positions(const Call& call, std::size_t count) {
  const auto* header = call.header("last-event-id");
  if (header == nullptr || header->empty()) return std::vector<std::uint64_t>(count, 0);
  auto found = positionsOf(*header, count);
  if (!found.empty()) return found;
  return refuse(400, "api.query",
                "Last-Event-ID is '" + *header + "'; it is an id of this stream: a number for each subscription");
}

/// Wakes who waits for rows, or when the time is over.
class FirstRows final : private stream::Watcher, private LiveWaiter {
 public:
  FirstRows(LiveSessions& all, std::shared_ptr<stream::Stream> stream, std::int64_t untilNanos, Waker waker)
      : all_(all), untilNanos_(untilNanos), done_(std::move(waker)), reader_(std::move(stream), *this) {
    all_.join(*this);
  }
  ~FirstRows() override { all_.leave(*this); }
  FirstRows(const FirstRows&) = delete;
  FirstRows& operator=(const FirstRows&) = delete;

  [[nodiscard]] Operation<Unit> operation() {
    auto operation = done_.operation();
    moved();
    return operation;
  }
  /// What came, and what has come since.
  [[nodiscard]] const std::vector<stream::MessageRef>& messages() {
    while (auto message = reader_.next()) messages_.push_back(std::move(message));
    return messages_;
  }
  [[nodiscard]] const stream::Reader& reader() const { return reader_; }

 private:
  void moved() override {
    if (finished_) return;
    const auto& all = messages();
    const bool rows = std::ranges::any_of(all, [](const auto& message) { return message->isRows(); });
    if (rows || reader_.stream().ended()) finish();
  }
  void tick(std::int64_t nowNanos, bool) override {
    if (nowNanos >= untilNanos_) finish();
  }
  void finish() {
    if (!std::exchange(finished_, true)) done_.complete(Unit{});
  }

  LiveSessions& all_;
  std::int64_t untilNanos_;
  Completion<Unit> done_;
  stream::Reader reader_;
  std::vector<stream::MessageRef> messages_;
  bool finished_ = false;
};

/// Why an edge cannot be looked at, if that is so: there is none, or the condition is none.
std::optional<Refusal> refusalIn(const std::vector<stream::MessageRef>& messages) {
  const auto found = std::ranges::find(messages, "error", [](const auto& message) { return message->type; });
  if (found == messages.end()) return std::nullopt;
  const auto data = json::parse((*found)->data());
  if (!data) return Refusal{422, "live.control", "the run does not say why"};
  auto error = live::errorOf(data->root());
  const int status = error.code == "debug.unknown" ? 404 : error.code == "debug.limit" ? 429 : 422;
  return Refusal{status, error.code, std::move(error.message)};
}

/// What the newest count says of rows whose condition could not be computed.
void writeFailed(json::Writer& out, const std::vector<stream::MessageRef>& messages) {
  for (auto at = messages.rbegin(); at != messages.rend(); ++at) {
    if ((*at)->type != "tapped") continue;
    const auto counts = json::parse((*at)->data());
    const auto* failed = counts ? counts->root().find("failed") : nullptr;
    if (failed == nullptr || failed->asInt64() == nullptr || *failed->asInt64() == 0) return;
    out.key("failed").value(*failed);
    if (const auto* problem = counts->root().find("problem")) out.key("problem").value(*problem);
    return;
  }
}

/// {edge, rows, rowsShed, failed?, problem?, outcome?}: the newest of what there is to read.
std::string previewOf(FirstRows& first, const std::string& edge, std::int64_t most) {
  std::vector<std::string> rows;
  const auto& messages = first.messages();
  for (const auto& message : messages) {
    if (!message->isRows()) continue;
    const auto data = json::parse(message->data());
    if (!data) continue;
    for (const auto& row : *data->root().find("rows")->asArray()) rows.push_back(json::write(row));
  }
  const auto skipped = std::max<std::int64_t>(0, std::ssize(rows) - most);
  std::string text;
  json::Writer out(text);
  out.beginObject().key("edge").value(edge).key("rows").beginArray();
  for (auto i = skipped; i < std::ssize(rows); ++i) out.raw(rows[static_cast<std::size_t>(i)]);
  out.endArray().key("rowsShed").value(first.reader().rowsShed() + static_cast<std::uint64_t>(skipped));
  writeFailed(out, messages);
  if (first.reader().stream().ended()) out.key("outcome").value(first.reader().stream().outcome());
  out.endObject();
  return text;
}

}  // namespace

Job<Response> openLive(Call& call) {
  auto* live = liveOf(call);
  if (live == nullptr) return toResponse(noLive());
  if (isOfOtherSite(call)) {
    return toResponse({403, "auth.denied",
                       "a page of '" + *call.header("origin") +
                           "' may not open a connection here; only this server's own pages and programs may"});
  }
  auto session = live->open(call);
  if (!session) return toResponse(session.error());
  Response response{.status = 101};
  response.socket = std::move(*session);
  return response;
}

Job<Response> readStreams(Call& call) {
  auto* live = liveOf(call);
  if (live == nullptr) co_return toResponse(noLive());
  live->use(call.services);
  const auto named = call.query.all("subscribe");
  if (named.empty() || named.size() > live->limits().subscriptions) {
    co_return toResponse({400, "api.query",
                          "'subscribe' is there 1 to " + std::to_string(live->limits().subscriptions) +
                              " times, such as subscribe=metrics:RUN"});
  }
  const auto after = positions(call, named.size());
  if (!after) co_return toResponse(after.error());
  std::vector<EventSubscription> subscriptions;
  for (std::size_t i = 0; i < named.size(); ++i) {
    auto asked = askedBy(named[i]);
    if (!asked) co_return toResponse(asked.error());
    auto request = streamRequest(*asked);
    if (!request) co_return toResponse(request.error());
    auto topic = co_await admittedTo(call.services, *request, call.request, call.strand);
    if (!topic) co_return toResponse(topic.error());
    subscriptions.push_back({std::move(*request), std::move(*topic), (*after)[i]});
  }
  co_return eventsAnswer(eventStream(*live, call.request, std::move(subscriptions)));
}

Job<Response> readStream(Call& call) {
  auto* live = liveOf(call);
  if (live == nullptr) co_return toResponse(noLive());
  live->use(call.services);
  const auto after = positions(call, 1);
  if (!after) co_return toResponse(after.error());
  auto topic = co_await topicOf(call);
  if (!topic) co_return toResponse(topic.error());
  std::vector<EventSubscription> one;
  one.push_back({call.request, std::move(*topic), after->front()});
  co_return eventsAnswer(eventStream(*live, call.request, std::move(one)));
}

Job<Response> previewRows(Call& call) {
  auto* live = liveOf(call);
  if (live == nullptr) co_return toResponse(noLive());
  live->use(call.services);
  auto topic = co_await tapTopicOf(call);
  if (!topic) co_return toResponse(topic.error());
  auto stream = live->hub().of(*topic);
  if (!stream) co_return toResponse(tooMany());
  const auto untilNanos = call.services.clock.steadyNanos() + call.query.number("waitMs", 1'000) * 1'000'000;
  FirstRows first(*live, std::move(stream), untilNanos, call.waker());
  const auto waited = co_await call.of(first.operation());
  if (!waited) co_return toResponse(refusalOf(waited.error()));
  if (first.reader().stream().outcome() == stream::kNotRunning) {
    co_return toResponse(
        {409, "live.gone", "the run '" + call.parameters.front() + "' does not go on, so that no rows pass"});
  }
  if (auto refusal = refusalIn(first.messages())) co_return toResponse(std::move(*refusal));
  co_return jsonAnswer(previewOf(first, call.parameters[1], call.query.number("rows", 20)));
}

}  // namespace weir::api
