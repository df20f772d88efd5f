// Pulls messages of streams as somebody reads them.
#include "service/live/event-stream.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/json/writer.h"

namespace weir::api {
namespace {

constexpr std::string_view kGoingAway =
    R"({"v":1,"type":"going-away","data":{"message":"the server ends; resume when it is back"}})";

/// A comment that often keeps proxies from ending a quiet connection.
constexpr std::int64_t kQuietNanos = 15'000'000'000;

class EventStream final : public BodyStream, private LiveWaiter, public stream::Watcher {
 public:
  EventStream(LiveSessions& all, const Request& caller) : all_(all), caller_(caller), saidNanos_(all.nowNanos()) {
    all_.join(*this);
  }
  ~EventStream() override { all_.leave(*this); }

  bool add(EventSubscription subscription) {
    auto stream = all_.hub().of(subscription.topic);
    if (!stream) return false;
    auto reader = std::make_unique<stream::Reader>(std::move(stream), *this, subscription.after);
    parts_.push_back({std::move(subscription), std::move(reader)});
    return true;
  }

  Next next(std::string& into, const Waker& waker) override {
    waiting_ = waker;
    into.clear();
    if (over_) return Next::end;
    if (all_.ending()) {
      over_ = true;
      write(into, "going-away", kGoingAway);
      return Next::piece;
    }
    if (!look(into)) return Next::piece;
    bool open = false;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      at_ = (at_ + 1) % parts_.size();
      if (tell(parts_[at_], at_, into)) return said();
      open = open || !parts_[at_].told;
    }
    if (!open) return Next::end;
    if (!quiet_) return Next::wait;
    into = ":\n\n";
    return said();
  }

 private:
  struct Part {
    EventSubscription asked;
    std::unique_ptr<stream::Reader> reader;
    bool told = false;  // that it has ended
  };
  struct Check {
    Strand strand;
    Job<Expected<stream::Topic>> job{};
    std::size_t part = 0;
    explicit Check(const Waker& waker) : strand(waker) {}
  };

  Next said() {
    saidNanos_ = all_.nowNanos();
    quiet_ = false;
    return Next::piece;
  }

  bool tell(Part& part, std::size_t index, std::string& into) {
    const auto number = static_cast<std::uint32_t>(index + 1);
    const auto message = part.reader->next();
    if (!message) {
      if (part.told || !part.reader->stream().ended()) return false;
      part.told = true;
      std::string data;
      json::Writer out(data);
      out.beginObject().key("v").value(1).key("type").value("ended").key("subscription").value(std::int64_t{number});
      out.key("data").beginObject().key("outcome").value(part.reader->stream().outcome()).endObject().endObject();
      write(into, "ended", data);
      return true;
    }
    if (const auto missed = part.reader->takeMissed(); missed > 0) {
      write(into, "missed",
            R"({"v":1,"type":"missed","subscription":)" + std::to_string(number) + R"(,"data":{"messages":)" +
                std::to_string(missed) + "}}");
    }
    write(into, message->isRows() ? "rows" : message->type, message->json(number, part.reader->rowsShed()));
    return true;
  }

  void write(std::string& into, std::string_view type, std::string_view data) const {
    into += "id: ";
    for (const auto& part : parts_) {
      if (&part != parts_.data()) into += ',';
      into += std::to_string(part.reader->at());
    }
    into.append("\nevent: ").append(type).append("\ndata: ").append(data).append("\n\n");
  }

  /// Whether all may still be read; false: it has said why not.
  bool look(std::string& into) {
    if (recheck_ && checks_.empty()) {
      recheck_ = false;
      for (std::size_t i = 0; i < parts_.size(); ++i) {
        auto& check = *checks_.emplace_back(std::make_unique<Check>(waiting_));
        check.part = i;
        check.job = admittedTo(all_.services(), parts_[i].asked.asked, caller_, check.strand, true);
        check.job.start();
      }
    }
    for (auto& check : checks_) {
      check->strand.step();
      if (!check->job.done()) continue;
      const auto topic = check->job.take();
      if (!topic || *topic != parts_[check->part].asked.topic) {
        over_ = true;
        std::string data;
        json::Writer out(data);
        out.beginObject().key("v").value(1).key("type").value("closed").key("data").beginObject();
        out.key("code").value("auth.revoked").key("message");
        out.value(topic ? "your rights have changed; read the stream anew" : std::string_view(topic.error().detail));
        out.endObject().endObject();
        write(into, "closed", data);
        return false;
      }
      check.reset();
    }
    std::erase(checks_, nullptr);
    return true;
  }

  void moved() override { waiting_.wake(); }
  void serverEnds() override { waiting_.wake(); }
  void tick(std::int64_t nowNanos, bool recheck) override {
    recheck_ = recheck_ || recheck;
    quiet_ = quiet_ || nowNanos - saidNanos_ > kQuietNanos;
    if (recheck_ || quiet_) waiting_.wake();
  }

  LiveSessions& all_;
  Request caller_;
  std::vector<Part> parts_;
  std::vector<std::unique_ptr<Check>> checks_;
  Waker waiting_;
  std::size_t at_ = 0;
  std::int64_t saidNanos_;
  bool recheck_ = false, over_ = false, quiet_ = false;
};

class UntilServerEnds final : public BodyStream, private LiveWaiter {
 public:
  UntilServerEnds(LiveSessions& all, std::unique_ptr<BodyStream> inner) : all_(all), inner_(std::move(inner)) {
    all_.join(*this);
  }
  ~UntilServerEnds() override { all_.leave(*this); }
  UntilServerEnds(const UntilServerEnds&) = delete;
  UntilServerEnds& operator=(const UntilServerEnds&) = delete;

  Next next(std::string& into, const Waker& waker) override {
    if (!inner_) return Next::end;
    waiting_ = waker;
    if (!all_.ending()) return inner_->next(into, waker);
    // What was told before is read first.
    const auto rest = inner_->next(into, waker);
    if (rest != Next::wait) return rest;
    inner_.reset();
    into.assign("event: going-away\ndata: ").append(kGoingAway).append("\n\n");
    return Next::piece;
  }

 private:
  void tick(std::int64_t /*nowNanos*/, bool /*recheck*/) override {}
  void serverEnds() override { waiting_.wake(); }

  LiveSessions& all_;
  std::unique_ptr<BodyStream> inner_;  // null: it has ended
  Waker waiting_;
};

}  // namespace

std::unique_ptr<BodyStream> untilServerEnds(LiveSessions& all, std::unique_ptr<BodyStream> inner) {
  return std::make_unique<UntilServerEnds>(all, std::move(inner));
}

std::vector<std::uint64_t> positionsOf(std::string_view id, std::size_t count) {
  std::vector<std::uint64_t> positions;
  while (!id.empty()) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    if (error != std::errc()) return {};
    positions.push_back(number);
    id.remove_prefix(static_cast<std::size_t>(end - id.data()));
    if (id.empty()) break;
    if (id.front() != ',') return {};
    id.remove_prefix(1);
  }
  return positions.size() == count ? positions : std::vector<std::uint64_t>{};
}

std::unique_ptr<BodyStream> eventStream(LiveSessions& all, const Request& caller,
                                        std::vector<EventSubscription> subscriptions) {
  auto made = std::make_unique<EventStream>(all, caller);
  for (auto& one : subscriptions) {
    if (!made->add(std::move(one))) return nullptr;
  }
  return made;
}

}  // namespace weir::api
