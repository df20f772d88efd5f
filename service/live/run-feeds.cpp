// Asks engines for what is read, and sorts what they send into streams.
#include "service/live/run-feeds.h"

#include <utility>

#include "engine/json/document.h"
#include "engine/json/writer.h"

namespace weir::stream {
namespace {

constexpr std::string_view kIdPrefix = "live-";
constexpr std::int64_t kLostNanos = 30'000'000'000;
constexpr std::int64_t kPaidBack = 64 << 10;

std::int64_t numberIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asInt64() != nullptr ? *found->asInt64() : 0;
}

std::string textIn(const json::Value& value, std::string_view key) {
  const auto* found = value.find(key);
  return found != nullptr && found->asString() != nullptr ? *found->asString() : std::string();
}

/// How far a run is, of its figures: what its nodes say of their work, and how many are done.
std::string progressOf(const json::Value& metrics) {
  std::int64_t nodes = 0, done = 0, workDone = 0, workTotal = 0;
  const auto* list = metrics.find("nodes");
  if (list != nullptr && list->asArray() != nullptr) {
    for (const auto& node : *list->asArray()) {
      ++nodes;
      const auto* ended = node.find("done");
      done += ended != nullptr && ended->asBool() != nullptr && *ended->asBool() ? 1 : 0;
      workDone += numberIn(node, "progressDone");
      workTotal += numberIn(node, "progressTotal");
    }
  }
  std::string text;
  json::Writer out(text);
  out.beginObject().key("nodes").value(nodes).key("nodesDone").value(done);
  out.key("progressDone").value(workDone).key("progressTotal").value(workTotal);
  out.key("errors").value(numberIn(metrics, "errors")).key("deadLetters").value(numberIn(metrics, "deadLetters"));
  out.endObject();
  return text;
}

json::Value askedOf(const Topic& topic, std::uint64_t after) {
  json::Value data;
  if (auto detail = json::parse(topic.detail)) data = std::move(detail->root());
  data.set("kind", topic.kind == Kind::progress ? nameOf(Kind::metrics) : nameOf(topic.kind));
  data.set("reveal", !topic.masked);
  if (topic.kind == Kind::tap) data.set("whole", true);
  if (after > 0 && !isLatestWins(topic.kind)) data.set("after", static_cast<std::int64_t>(after));
  return data;
}

}  // namespace

bool RunFeeds::send(const std::string& run, std::string_view request, json::Value data, std::string id,
                    std::optional<std::uint32_t> number) {
  if (links_ == nullptr) return false;
  live::Control control{"live", std::move(id)};
  control.data.set("run", run);
  control.data.set("ask", request);
  if (number) control.data.set("subscription", std::int64_t{*number});
  if (!data.isNull()) control.data.set("data", std::move(data));
  return links_->send(run, control);
}

void RunFeeds::subscribe(std::uint32_t number, Feed& feed) {
  const auto& topic = feed.stream->topic();
  // A run that was resumed counts its messages anew.
  if (!send(topic.subject, "subscribe", askedOf(topic, 0), std::string(kIdPrefix) + "s" + std::to_string(number),
            number)) {
    feed.stream->end(std::string(kNotRunning));
  }
}

void RunFeeds::open(Stream& stream) {
  if (stream.topic().kind == Kind::alerts) return;  // told by those who watch for them
  const auto number = ++lastNumber_;
  auto& feed = feeds_[number];
  feed.stream = &stream;
  subscribe(number, feed);
}

void RunFeeds::close(Stream& stream) {
  for (auto at = feeds_.begin(); at != feeds_.end(); ++at) {
    if (at->second.stream != &stream) continue;
    if (!stream.ended()) send(stream.topic().subject, "unsubscribe", {}, {}, at->first);
    feeds_.erase(at);
    return;
  }
}

void RunFeeds::resumed(const std::string& run) {
  if (lost_.erase(run) == 0) return;
  for (auto& [number, feed] : feeds_) {
    if (feed.stream->topic().subject == run && !feed.stream->ended()) subscribe(number, feed);
  }
}

void RunFeeds::ended(const std::string& run, std::string_view outcome) {
  for (auto& [number, feed] : feeds_) {
    if (feed.stream->topic().subject == run) feed.stream->end(std::string(outcome));
  }
  lost(run);
  lost_.erase(run);
}

void RunFeeds::tick(std::int64_t nowNanos) {
  std::vector<std::string> given;
  for (auto& [run, since] : lost_) {
    if (since < 0) since = nowNanos;
    if (nowNanos - since > kLostNanos) given.push_back(run);
  }
  for (const auto& run : given) ended(run, "failed");
}

void RunFeeds::lost(const std::string& run) {
  lost_.emplace(run, -1);
  for (auto& [number, feed] : feeds_) {
    if (feed.stream->topic().subject == run) feed.parts = {};
  }
  for (auto at = questions_.begin(); at != questions_.end();) {
    const auto here = at++;
    if (here->second.run != run) continue;
    auto completion = std::move(here->second.completion);
    questions_.erase(here);
    completion.complete(fail("live.gone", "the run '" + run + "' is over, or its process has ended"));
  }
}

Operation<std::string> RunFeeds::ask(const std::string& run, std::string_view request, json::Value data, Waker waker) {
  auto id = std::string(kIdPrefix) + "q" + std::to_string(++lastQuestion_);
  Completion<std::string> completion(std::move(waker));
  auto operation = completion.operation();
  questions_.emplace(id, Question{run, completion});
  if (!send(run, request, std::move(data), id)) {
    questions_.erase(id);
    return Operation<std::string>::finished(fail("run.not_found", "the run '" + run + "' does not go on"));
  }
  return operation;
}

bool RunFeeds::receive(const live::Frame& frame) {
  const auto number = frame.header.subscription;
  const auto at = feeds_.find(number);
  if (frame.header.kind != live::FrameKind::control) {
    // Of one that was closed while the frame was on its way.
    if (at == feeds_.end()) return true;
    takeRows(at->second, frame);
    payBack(number, at->second, frame.payload.size());
    return true;
  }
  auto read = live::readControl(frame.payload, live::kMaxFrameBytes);
  if (!read) return false;
  if (read->id.starts_with(kIdPrefix)) return takeAnswer(*read);
  const auto run = textIn(read->data, "run");
  if (read->type == "live-ended") {
    ended(run, textIn(read->data, "outcome"));
    return true;
  }
  if (read->type == "live-lost") {
    lost(run);
    return true;
  }
  if (read->type == "live-resumed") {
    resumed(run);
    return true;
  }
  if (!read->subscription) return read->type == "ended";
  if (at == feeds_.end()) return true;
  takeMessage(at->second, std::move(*read), frame.header.sequence);
  if (const auto still = feeds_.find(number); still != feeds_.end())
    payBack(number, still->second, frame.payload.size());
  return true;
}

void RunFeeds::takeRows(Feed& feed, const live::Frame& frame) {
  switch (frame.header.kind) {
    case live::FrameKind::control:
      return;
    case live::FrameKind::schema: {
      // The same schema stays the same object, so that readers who have it are not sent it again.
      const bool same = feed.parts.schema && *feed.parts.schema == frame.payload;
      if (!same) feed.parts.schema = std::make_shared<const std::string>(frame.payload);
      feed.parts.dictionaries.clear();
      return;
    }
    case live::FrameKind::dictionary:
      feed.parts.dictionaries.push_back(frame.payload);
      return;
    case live::FrameKind::batch:
      break;
  }
  if (!feed.parts.schema) return;
  auto parts = feed.parts;
  parts.batch = frame.payload;
  const auto rows = rowsIn(parts);
  if (rows < 0) return;
  feed.stream->addRows(std::move(parts), rows, frame.header.rowsShed);
}

void RunFeeds::takeMessage(Feed& feed, live::Control message, std::uint64_t sequence) {
  // Gaps in the numbers tell the same.
  if (message.type == "missed") return;
  if (feed.stream->topic().kind == Kind::progress) {
    auto progress = progressOf(message.data);
    if (progress == std::exchange(feed.progress, progress)) return;
    return feed.stream->add("progress", std::move(progress));
  }
  const bool numbered = !isLatestWins(feed.stream->topic().kind);
  feed.stream->add(std::move(message.type), json::write(message.data), numbered ? sequence : 0);
}

bool RunFeeds::takeAnswer(live::Control& answer) {
  if (answer.id.starts_with("live-s")) {
    if (answer.type != "error") return true;
    for (auto& [number, feed] : feeds_) {
      if (answer.id != "live-s" + std::to_string(number)) continue;
      feed.stream->add("error", json::write(answer.data));
      feed.stream->end(textIn(answer.data, "code"));
      break;
    }
    return true;
  }
  const auto at = questions_.find(answer.id);
  if (at == questions_.end()) return true;
  auto completion = std::move(at->second.completion);
  questions_.erase(at);
  if (answer.type == "error") {
    completion.complete(std::unexpected(live::errorOf(answer.data)));
  } else {
    completion.complete(json::write(answer.data));
  }
  return true;
}

void RunFeeds::payBack(std::uint32_t number, Feed& feed, std::size_t bytes) {
  const auto kind = feed.stream->topic().kind;
  if (kind == Kind::errors || kind == Kind::logs) return;
  feed.owed += static_cast<std::int64_t>(bytes + live::kHeaderBytes) + 4;
  if (feed.owed < kPaidBack) return;
  json::Value data;
  data.set("bytes", std::exchange(feed.owed, 0));
  send(feed.stream->topic().subject, "credit", std::move(data), {}, number);
}

}  // namespace weir::stream
