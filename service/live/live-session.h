// LiveSession: the service's end of one connection of the live protocol: requests in, streams out.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/host/web-socket.h"
#include "engine/live/control.h"
#include "service/api/api.h"
#include "service/live/hub.h"
#include "service/live/live-sessions.h"

namespace weir::api {

/// Control frames are texts. Requests: hello; ping; subscribe {kind, run, …, as: frames | json}; unsubscribe and credit
/// {bytes} (subscription); resume {session, last: {subscription: sequence}}; deploy-graph {document | flow and changes,
/// ifMatch, folder?}, run, stop, break, unbreak, breakpoints, held, step, continue, next, drop, set; request {method,
/// path, query?, headers?, body?} for every other route. Each is done as the request of a route of the table, by the
/// rights of who opened the connection; one with an id is answered by `ok` or `error`. A subscription may send as long
/// as it has credit, 256 KiB at first. What is too slow misses something of its own: `rowsShed` counts the rows,
/// `missed` the messages.
class LiveSession final : public WebSocketHandler, public LiveWaiter, public stream::Watcher {
 public:
  /// `request` opened the connection, `user` made it, `waker` brings work() about.
  LiveSession(LiveSessions& all, std::string name, std::string user, Request request, Waker waker);
  /// What it has subscribed to is kept for a while, for resume; its breakpoints end.
  ~LiveSession() override;

  void opened(WebSocketSender& sender) override;
  void text(std::string_view message) override;
  void binary(std::string_view message) override;
  void work() override;
  void drained() override {
    if (std::exchange(full_, false)) pump();
  }
  void goingAway() override;
  [[nodiscard]] bool takesMessages() const override { return unread_.empty() && !reading_.active(); }

  void tick(std::int64_t nowNanos, bool recheck) override;

 private:
  struct Subscription {
    json::Value asked{};
    stream::Topic topic{};
    std::unique_ptr<stream::Reader> reader{};
    std::int64_t credit = 0;
    bool asJson = false;
    const std::string* schema = nullptr;  // that the other side has
  };
  /// Whether somebody may read a stream; the answer comes later.
  struct Admission {
    std::uint32_t number = 0;  // 0: the connection itself
    std::string id{};          // of the request
    json::Value asked{};
    std::uint64_t after = 0;
    bool again = false;  // of a subscription that is there
    Strand strand;
    Job<Expected<stream::Topic>> job{};
    explicit Admission(Waker waker) : strand(std::move(waker)) {}
  };
  /// The request of a route, and its body.
  struct Asked {
    Request request;
    std::string body;
  };
  /// A frame as it was read: what it asks, or why it asks nothing.
  struct Heard {
    live::Control control{};
    std::optional<Expected<Asked>> asked{};  // of what a route does
    std::string_view code{};                 // empty: it asks something
    std::string message{};
  };
  /// Those that change something are begun one after the other, in the order in which they came; one that reads is
  /// begun when those before it that change something are done.
  struct Question {
    live::Control asked;
    Request request{};
    std::string body{};
    std::unique_ptr<Exchange> exchange{};  // null: not begun
    bool changes = false;
  };

  void moved() override { pump(); }
  /// Sends what is due, one message of each subscription in turn, while the other side takes it.
  void pump();
  bool sendNext(std::uint32_t number, Subscription& subscription);
  void sendRows(std::uint32_t number, Subscription& subscription, const stream::Message& message);
  [[nodiscard]] bool isFlooded(std::int64_t nowNanos);

  /// From the text alone: that of a large frame is read elsewhere.
  [[nodiscard]] static Heard hear(const RouteTable& routes, std::string_view message);
  [[nodiscard]] static Expected<Asked> requestOf(const RouteTable& routes, const live::Control& control);
  /// Whether the frame was taken; else it is tried again.
  [[nodiscard]] bool listen(std::string& message);
  /// Frames that wait for a large one before them.
  void readOn();
  void take(Heard heard);
  void answer(Heard heard);
  /// `data` as JSON; nothing if nobody waits for it.
  void ok(const std::string& id, std::string_view data);
  void refuse(const std::string& id, std::string_view code, std::string_view message);
  void send(std::string_view type, std::uint32_t subscription, std::string_view data);
  void sendText(std::string_view text);

  void hello(const live::Control& control);
  void subscribe(live::Control control);
  void admit(std::uint32_t number, json::Value asked, std::string id, std::uint64_t after, bool again);
  void admitted(Admission& admission);
  void lose(std::uint32_t number, const Refusal& why);
  void credit(const live::Control& control);
  void resume(const live::Control& control);
  void ask(Heard heard);
  void begin(Question& question);
  void answered(Question& question);
  /// Which member of a frame or of its data is none that there is, in words; empty: all are.
  [[nodiscard]] static std::string unknownIn(std::string_view message, const live::Control& control);
  /// The id of what may be a frame that cannot be met; empty if none can be read.
  [[nodiscard]] static std::string idIn(std::string_view message);
  void noteBreakpoint(const Question& question, const json::Value& answer);

  LiveSessions& all_;
  std::string name_, user_;
  Request request_;
  Waker waker_;
  WebSocketSender* sender_ = nullptr;
  std::map<std::uint32_t, Subscription> subscriptions_;
  std::vector<std::unique_ptr<Admission>> admissions_;
  std::vector<Question> questions_;
  Operation<Heard> reading_;                                       // a large frame
  std::shared_ptr<void> wanted_;                                   // its text, while nobody has begun to read it
  std::deque<std::string> unread_;                                 // those behind it
  std::vector<std::pair<std::string, std::int64_t>> breakpoints_;  // run, number
  std::uint32_t lastNumber_ = 0, lastSent_ = 0;
  std::int64_t second_ = 0, inSecond_ = 0;
  bool full_ = false;  // nothing more was sent because so much was on its way
  bool hearing_ = false, pumping_ = false, closed_ = false, recheck_ = false;
};

}  // namespace weir::api
