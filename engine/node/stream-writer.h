// StreamWriter: a connection that is written to, made anew when it is lost.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/host/streams.h"
#include "engine/node/backoff.h"
#include "engine/node/task.h"

namespace weir::streams {

/// What was handed over while the connection was lost is sent again: at least once, not exactly once.
class StreamWriter {
 public:
  StreamWriter(Streams& streams, NodeContext& context, StreamTarget target, std::int64_t mostDelayMs)
      : streams_(streams), context_(context), target_(std::move(target)), backoff_(context, 500, mostDelayMs) {}
  ~StreamWriter() { close(); }
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  /// Pieces that go out next; only when idle().
  void give(std::vector<StreamPiece> pieces) { waiting_ = std::move(pieces); }
  [[nodiscard]] bool idle() const { return waiting_.empty(); }
  /// True when all that was given is written; false: after a wake, or at wakeAt().
  [[nodiscard]] Result<bool> run(const Waker& waker);
  [[nodiscard]] std::optional<Timestamp> wakeAt() const {
    return retryAt_ > 0 ? std::optional<Timestamp>(retryAt_) : std::nullopt;
  }

 private:
  [[nodiscard]] Result<bool> lost(Error error);
  void close();

  Streams& streams_;
  NodeContext& context_;
  StreamTarget target_;
  Backoff backoff_;
  Operation<StreamOpened> opening_;
  Operation<Unit> writing_;
  Operation<std::vector<StreamPiece>> reading_;  // what the other side says is not wanted, but its end is noticed
  std::vector<StreamPiece> waiting_;
  StreamId stream_ = -1;
  Timestamp retryAt_ = 0;
};

/// A sink over a StreamWriter: `Encode` makes pieces of a batch.
template <class Encode>
class WritingTask final : public Task {
 public:
  WritingTask(Encode encode, Streams& streams, NodeContext& context, StreamTarget target, std::int64_t mostDelayMs)
      : encode_(std::move(encode)), writer_(streams, context, std::move(target), mostDelayMs) {}

  Result<Progress> step(StepIo& io) override {
    for (;;) {
      if (!writer_.idle()) {
        WEIR_ASSIGN(const bool done, writer_.run(io.waker()));
        if (!done) return waiting();
      }
      if (io.peek(0) == nullptr) {
        if (io.ended(0)) return Progress::finished();
        return Progress::blockedOn(portSet(0));
      }
      const auto batch = io.take(0, kMaxBatchRows);
      WEIR_ASSIGN(auto pieces, encode_(batch, io));
      writer_.give(std::move(pieces));
      // The rows are this task's now: an error from here on must not give them back.
      return Progress::yielded();
    }
  }

 private:
  [[nodiscard]] Progress waiting() const {
    auto progress = Progress::blockedOn(0);
    progress.wakeAt = writer_.wakeAt();
    return progress;
  }
  Encode encode_;
  StreamWriter writer_;
};

}  // namespace weir::streams
