// Server-Sent Events as rows, resumed behind the last id.
#include <utility>
#include <vector>

#include "engine/node/message-rows.h"
#include "engine/node/stream-reader.h"
#include "engine/text/url.h"
#include "engine/text/utf8.h"
#include "nodes/http/sse-read/sse-read.gen.h"

namespace weir::nodes::sse_read {
namespace {

/// By WHATWG HTML, 9.2.6: lines end in LF, CR LF or CR; a block ends with an empty line.
class EventReader {
 public:
  explicit EventReader(std::int64_t mostBytes) : most_(static_cast<std::size_t>(mostBytes)) {}

  void clear() {
    line_.clear();
    data_.clear();
    event_.clear();
    pendingId_ = id_;
    hasData_ = afterCr_ = tooLong_ = false;
    first_ = true;
  }
  [[nodiscard]] const std::string& id() const { return id_; }
  void setId(std::string id) { id_ = pendingId_ = std::move(id); }

  /// Calls `event(data, name, id, tooLong)` and `retry(ms)`.
  template <class Event, class Retry>
  void add(std::string_view bytes, Event&& event, Retry&& retry) {
    for (const char c : bytes) {
      if (c == '\n' && std::exchange(afterCr_, false)) continue;
      afterCr_ = c == '\r';
      if (c != '\n' && c != '\r') {
        if (line_.size() + data_.size() < most_) {
          line_ += c;
        } else {
          tooLong_ = true;
        }
        continue;
      }
      if (std::exchange(first_, false) && line_.starts_with("\xEF\xBB\xBF")) line_.erase(0, 3);
      if (line_.empty()) {
        dispatch(event);
      } else {
        field(retry);
      }
      line_.clear();
    }
  }

 private:
  template <class Event>
  void dispatch(Event&& event) {
    id_ = pendingId_;
    if (tooLong_ || hasData_) {
      if (data_.ends_with('\n')) data_.pop_back();
      event(data_, event_.empty() ? std::string_view("message") : std::string_view(event_), id_, tooLong_);
    }
    data_.clear();
    event_.clear();
    hasData_ = tooLong_ = false;
  }
  template <class Retry>
  void field(Retry&& retry) {
    const std::string_view line(line_);
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "data") {
      data_.append(value).push_back('\n');
      hasData_ = true;
    } else if (name == "event") {
      event_ = value;
    } else if (name == "id") {
      if (value.find('\0') == std::string_view::npos) pendingId_ = value;
    } else if (name == "retry" && !value.empty() && value.size() < 10 &&
               value.find_first_not_of("0123456789") == std::string_view::npos) {
      std::int64_t ms = 0;
      for (const char digit : value) ms = ms * 10 + (digit - '0');
      retry(ms);
    }
  }

  std::size_t most_;
  std::string line_, data_, event_, id_, pendingId_;
  bool hasData_ = false, afterCr_ = false, tooLong_ = false, first_ = true;
};

class SseRead final : public Task {
 public:
  SseRead(const Settings& settings, NodeContext& context, Streams& host, StreamTarget target)
      : events_(settings.maxEventBytes),
        rows_(static_cast<streams::MessageForm>(settings.format), {"event", "id"}, context),
        reader_(host, context, std::move(target), settings.reconnect, settings.maxDelay),
        plainHeaders_(reader_.target().headers.size()) {
    startBehind(settings.lastEventId.value_or(""));
  }

  Result<Progress> step(StepIo& io) override {
    using Step = streams::StreamReader::Step;
    while (!draining_) {
      if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, kAllPorts);
      WEIR_ASSIGN(const auto step, reader_.next(io.waker(), pieces_));
      if (step == Step::pending) {
        auto progress = Progress::blockedOn(0);
        progress.wakeAt = reader_.wakeAt();
        return progress;
      }
      if (step == Step::over) return Progress::finished();
      if (step == Step::opened) events_.clear();  // half an event is none
      if (step == Step::pieces) WEIR_TRY(take(io));
      if (io.budgetSpent()) return Progress::yielded();
    }
    return Progress::finished();
  }
  Result<Poll> snapshot(CheckpointId, StateWriter& state) override {
    WEIR_TRY(state.write(Value::bytes(events_.id())));
    WEIR_TRY(state.write(static_cast<std::int64_t>(rows_.place().partition)));
    return state.write(static_cast<std::int64_t>(rows_.place().sequence));
  }
  Result<Poll> restore(StateReader& state) override {
    WEIR_ASSIGN(const auto id, state.readValue());
    std::int64_t partition = 0;
    std::int64_t sequence = 0;
    WEIR_TRY(state.read(partition));
    WEIR_TRY(state.read(sequence));
    if (id.kind() != ValueKind::bytes) return fail("state.mismatch", "the saved state is not that of http/sse-read");
    startBehind(std::string(id.text()));
    // Without an id the server begins with what is new: other rows, and no numbers of earlier ones.
    if (!id.text().empty()) rows_.setPlace({static_cast<Partition>(partition), static_cast<std::uint64_t>(sequence)});
    return Poll::ready;
  }
  /// Without an id the server does not know where to go on.
  [[nodiscard]] bool sendsAgain() const override { return !events_.id().empty(); }
  void drain() override { draining_ = true; }

 private:
  void startBehind(const std::string& id) {
    events_.setId(id);
    resumeBehind(id);
  }
  /// The next connection asks for what comes behind this event.
  void resumeBehind(const std::string& id) {
    auto& headers = reader_.target().headers;
    headers.resize(plainHeaders_);
    if (!id.empty()) headers.push_back({"Last-Event-ID", id});
  }

  Result<Unit> take(StepIo& io) {
    Result<Unit> emitted;
    for (const auto& piece : pieces_) {
      events_.add(
          piece.bytes,
          [&](std::string_view data, std::string_view name, const std::string& id, bool tooLong) {
            if (tooLong) return rows_.fail(data, "the event is larger than maxEventBytes", io);
            if (!utf8::isValid(name) || !utf8::isValid(id))
              return rows_.fail(data, "the event's name or id is no UTF-8", io);
            const std::string_view texts[] = {name, id};
            rows_.add(data, false, texts, io);
            if (rows_.full() && emitted) emitted = rows_.emit(out::rows, io);
          },
          [&](std::int64_t ms) { reader_.backoff().setFirst(ms); });
    }
    resumeBehind(events_.id());
    if (!emitted) return emitted;
    return rows_.emit(out::rows, io);
  }

  EventReader events_;
  streams::MessageRows rows_;
  streams::StreamReader reader_;
  std::size_t plainHeaders_;
  std::vector<StreamPiece> pieces_;
  bool draining_ = false;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* const host, context.host<Streams>());
  const auto url = parseUrl(settings.url);
  if (!url) return fail("settings.type", "/settings/url: " + url.error().message);
  if (url->scheme != "http" && url->scheme != "https")
    return fail("settings.type", "/settings/url: expected http:// or https://");
  StreamTarget target;
  target.url = settings.url;
  target.caFile = settings.caFile.value_or("");
  target.idleTimeoutMs = settings.idleTimeout;
  target.headers = {{"Accept", "text/event-stream"}, {"Cache-Control", "no-store"}};
  if (const auto* members = settings.headers.asObject()) {
    for (const auto& member : *members) {
      const auto* value = member.value.asString();
      if (value == nullptr) return fail("settings.type", "/settings/headers/" + member.key + ": expected a text");
      target.headers.push_back({member.key, *value});
    }
  }
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].makeTask = [settings, &context, host, target]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<SseRead>(settings, context, *host, target);
  };
  return node;
}

}  // namespace weir::nodes::sse_read
