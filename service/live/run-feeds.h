// RunFeeds: the streams of runs, from the engine processes in which they run.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/operation.h"
#include "engine/live/batch-frames.h"
#include "engine/live/control.h"
#include "engine/live/frame.h"
#include "service/live/hub.h"

namespace weir::stream {

/// The way to the engine processes; whoever owns them implements it.
class EngineLinks {
 public:
  virtual ~EngineLinks() = default;
  /// To the process in which the run goes on. False: there is none.
  virtual bool send(const std::string& run, const live::Control& control) = 0;
};

/// Speaks with live::Relay. One thread, that of the hub.
class RunFeeds final : public Source {
 public:
  /// Outlives it; null: no run goes on anywhere.
  void attach(EngineLinks* links) { links_ = links; }

  void open(Stream& stream) override;
  void close(Stream& stream) override;

  // What the owner of the processes tells.
  /// Whether the frame was of the live protocol; others are the owner's. Beside those of live::Relay there are control
  /// frames with data {run}: `live-lost`, its process has gone; `live-resumed`, it goes on in another one.
  bool receive(const live::Frame& frame);
  /// From time to time: streams of runs that were lost and do not come back within half a minute end.
  void tick(std::int64_t nowNanos);
  /// The run's process has gone: whoever waits for its answers is told. Its streams stay for half a minute.
  void lost(const std::string& run);
  /// It goes on in another process: what is read of it is asked for anew.
  void resumed(const std::string& run);
  /// Nothing comes of the run any more.
  void ended(const std::string& run, std::string_view outcome);

  /// A request of live::Session, answered as JSON. Errors: those of the run, `run.not_found`, `live.gone`.
  [[nodiscard]] Operation<std::string> ask(const std::string& run, std::string_view request, json::Value data,
                                           Waker waker);

 private:
  struct Feed {
    Stream* stream = nullptr;
    std::int64_t owed = 0;  // bytes since the last credit
    RowParts parts{};       // of the batch that is on its way
    std::string progress{};
  };
  struct Question {
    std::string run;
    Completion<std::string> completion;
  };

  bool send(const std::string& run, std::string_view request, json::Value data, std::string id = {},
            std::optional<std::uint32_t> number = {});
  void subscribe(std::uint32_t number, Feed& feed);
  void takeRows(Feed& feed, const live::Frame& frame);
  void takeMessage(Feed& feed, live::Control message, std::uint64_t sequence);
  [[nodiscard]] bool takeAnswer(live::Control& answer);
  void payBack(std::uint32_t number, Feed& feed, std::size_t bytes);

  EngineLinks* links_ = nullptr;
  std::map<std::uint32_t, Feed> feeds_;
  std::map<std::string, Question, std::less<>> questions_;
  std::map<std::string, std::int64_t, std::less<>> lost_;  // when it was first looked at; -1: not yet
  std::uint32_t lastNumber_ = 0;
  std::uint64_t lastQuestion_ = 0;
};

}  // namespace weir::stream
