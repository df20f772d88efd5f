// Relay: the engine's end of what a service watches: all runs of one process behind one stream of frames.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/lock.h"
#include "engine/data/packet.h"
#include "engine/host/log.h"
#include "engine/live/session.h"

namespace weir::live {

/// The service asks with control frames of type `live`, data {run, ask, subscription?, data?}: `ask` is a request of
/// Session, whose answer comes as `ok` or `error` under the id of the frame; subscriptions are numbered by the service,
/// uniquely among all runs. Beside the kinds of Session there are `errors` and `logs`, with data {after?, reveal?}:
/// messages `node-execution-error` (an ErrorPacket) and `log` {at, level, node, message}, with data.number counting up
/// from 1. A run that is over: `live-ended` {run, outcome}. One thread, but for failed and logged.
class Relay {
 public:
  /// Until end(). The run is called `about.run`.
  void add(Run& run, About about);
  /// Its last figures and messages go out, if anybody has asked for anything of it.
  void end(const std::string& run, std::string_view outcome, std::int64_t nowNanos);

  void receive(const Control& control, std::int64_t nowNanos);
  /// To be called some fifty times a second while watched(): appends what is due.
  void tick(std::int64_t nowNanos);
  [[nodiscard]] bool watched() const;
  /// Bytes for the service, framed; the transport takes them from the front.
  [[nodiscard]] std::string& outgoing() { return outgoing_; }

  // Of any run that was added; of others they do nothing. Thread-safe. The newest 1,000 of a run are kept.
  void failed(std::string_view run, std::span<const ErrorPacket> packets);
  void logged(std::string_view run, std::int64_t atMicros, LogLevel level, std::string_view node,
              std::string_view message);

 private:
  enum class Kind : std::uint8_t { errors, logs };
  struct Note {
    std::string whole, masked;  // JSON; masked is empty where it says the same
  };
  struct Notes {
    std::deque<Note> kept;
    std::size_t bytes = 0;
    std::uint64_t total = 0;
    void add(Note note);
  };
  struct Watch {
    Kind kind = Kind::errors;
    bool reveal = false;
    std::uint64_t told = 0;
  };
  struct Watched {
    About about;
    SavedSessions saved{};
    std::unique_ptr<Session> session{};
    SensitiveNames sensitive{};
    std::map<std::uint32_t, Watch> watches{};
    bool asked = false;      // somebody on the other side knows of it
    Notes errors{}, logs{};  // under lock_
  };

  using Answer = Result<std::string>;
  /// Nothing: the session has answered.
  [[nodiscard]] std::optional<Answer> answer(const Control& control, std::int64_t nowNanos);
  [[nodiscard]] std::optional<Answer> notesAnswer(Watched& watched, const Control& inner);
  void send(const Control& control);
  void tellNotes(Watched& watched);

  Lock lock_;
  std::map<std::string, std::unique_ptr<Watched>, std::less<>> runs_;
  std::uint64_t lastSession_ = 0;
  std::string outgoing_;
};

}  // namespace weir::live
