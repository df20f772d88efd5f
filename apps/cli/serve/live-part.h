// LivePart: what a server tells live, put together, and the way from engine processes to it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/host/waker.h"
#include "engine/live/frame.h"
#include "service/live/hub.h"
#include "service/live/live-sessions.h"
#include "service/live/run-feeds.h"

namespace weir::cli {

class LivePart {
 public:
  stream::RunFeeds feeds;
  stream::Hub hub{feeds};
  api::LiveSessions sessions{hub, feeds};

  /// Wakes the thread that calls work(). Before the first frame.
  void wakes(Waker waker) { waker_ = std::move(waker); }
  /// A frame of an engine, from any thread.
  void post(live::Frame frame) {
    bool first = false;
    {
      const std::lock_guard locked(mutex_);
      first = frames_.empty();
      frames_.push_back(std::move(frame));
    }
    if (first) waker_.wake();
  }
  /// On the API's thread: what has come, and what is due. Gives how many milliseconds there are until it is due again.
  int work(std::int64_t nowNanos) {
    std::vector<live::Frame> frames;
    {
      const std::lock_guard locked(mutex_);
      frames.swap(frames_);
    }
    for (const auto& frame : frames) feeds.receive(frame);
    if (nowNanos - tickedNanos_ >= kTickNanos) {
      tickedNanos_ = nowNanos;
      sessions.tick(nowNanos);
      feeds.tick(nowNanos);
    }
    if (sessions.idle()) return 1'000;
    return static_cast<int>(std::max<std::int64_t>(1, (tickedNanos_ + kTickNanos - nowNanos) / 1'000'000));
  }

 private:
  static constexpr std::int64_t kTickNanos = 100'000'000;

  Waker waker_;
  std::mutex mutex_;
  std::vector<live::Frame> frames_;
  std::int64_t tickedNanos_ = 0;
};

}  // namespace weir::cli
