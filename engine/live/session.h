// Session: the run's end of one connection of the live protocol: requests in, frames out; no sockets, no threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/live/batch-frames.h"
#include "engine/live/control.h"
#include "engine/live/saved-sessions.h"
#include "engine/runtime/run.h"

namespace weir::live {

/// What a run says of itself.
struct About {
  std::string run, flow, version;
  std::string file;  // where the document is, if it is a file
  std::int64_t process = 0;
  /// Plans a new version; without it the run takes none.
  std::function<Result<Plan>(std::string_view document)> planOf{};
};

/// One thread at a time. Requests: hello, subscribe, unsubscribe, credit, resume, break, unbreak, breakpoints, held,
/// act, set, alerts, mute, deploy-graph, change. subscribe may say which number the subscription gets. A subscription
/// (metrics, events, tap) may send as long as it has credit, 256 KiB at first: metrics and taps leave out what they
/// could not send, events wait in the run's history.
class Session {
 public:
  /// `number` is the debugger's client; `name` is what resume asks for. The run and `saved` outlive the session.
  Session(Run& run, const About& about, std::uint64_t number, std::string name, SavedSessions& saved);
  /// What it set in the debugger ends, its subscriptions are saved.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Errors end the connection: `live.frame` (rows from a watcher), `live.too_large` (more than 200 requests a second,
  /// or replies that nobody takes).
  Result<void> receive(const Frame& frame, std::int64_t nowNanos);
  /// Appends what is due.
  void tick(std::int64_t nowNanos);
  /// The run is over: the last rows, figures and events, and how it ended.
  void end(std::string_view outcome, std::int64_t nowNanos);
  /// Bytes for the other side, framed; the transport takes them from the front.
  [[nodiscard]] std::string& outgoing() { return outgoing_; }
  /// Something is to be sent from time to time.
  [[nodiscard]] bool subscribed() const { return !subscriptions_.empty(); }

 private:
  enum class Kind : std::uint8_t { metrics, events, tap };
  struct Subscription {
    Kind kind = Kind::metrics;
    json::Value asked;
    std::int64_t credit = 256 << 10;
    std::uint64_t sequence = 0;  // events: the number of the last one sent
    std::int64_t sentNanos = 0;  // metrics, counts of a tap
    std::uint32_t tap = 0;
    std::unique_ptr<BatchFrames> frames{};
    TapCounts counts{};  // that were told
  };
  using Answer = Result<std::string>;  // data of the reply, as JSON

  Answer answer(const Control& request, std::int64_t nowNanos);
  Answer hello() const;
  Answer subscribe(const json::Value& asked, std::uint32_t number);
  Answer unsubscribe(const Control& request);
  Answer credit(const Control& request);
  Answer resume(const json::Value& data, std::int64_t nowNanos);
  Answer setBreakpoint(const json::Value& data);
  Answer removeBreakpoint(const json::Value& data);
  Answer listBreakpoints() const;
  Answer listHeld(const json::Value& data) const;
  Answer act(const json::Value& data);
  Answer change(const json::Value& data);
  Answer listAlerts() const;
  Answer mute(const json::Value& data);
  /// A new version of the flow; `change` says what became of it.
  Answer deploy(const json::Value& data);
  Answer lastChange() const;

  void send(std::string_view type, const std::string& id, std::optional<std::uint32_t> subscription,
            std::string_view data, std::uint64_t sequence = 0);
  void sendMetrics(std::uint32_t number, Subscription& subscription, std::int64_t nowNanos);
  void sendEvents(std::uint32_t number, Subscription& subscription);
  void sendRows(std::uint32_t number, Subscription& subscription, std::int64_t nowNanos, bool last);
  [[nodiscard]] bool mayBeSent(const Subscription& subscription) const;

  Run& run_;
  const About& about_;
  std::uint64_t number_;
  std::string name_;
  SavedSessions& saved_;
  std::map<std::uint32_t, Subscription> subscriptions_;
  std::uint32_t lastSubscription_ = 0;
  std::string outgoing_;
  std::int64_t second_ = 0, requestsInSecond_ = 0, nowNanos_ = 0;
};

}  // namespace weir::live
