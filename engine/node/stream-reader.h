// StreamReader: a connection that is read for as long as the run lasts, made anew whenever it ends.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/host/streams.h"
#include "engine/node/backoff.h"
#include "engine/node/contract.h"

namespace weir::streams {

/// Failures that trying again may help are logged and followed by another try; others are the run's.
class StreamReader {
 public:
  enum class Step : std::uint8_t {
    pending,  // after a wake, or at wakeAt()
    opened,   // a new connection: nothing of the old one is to be expected
    pieces,
    over  // it has ended, and is not made anew
  };
  StreamReader(Streams& streams, NodeContext& context, StreamTarget target, bool reconnect, std::int64_t mostDelayMs)
      : streams_(streams),
        context_(context),
        target_(std::move(target)),
        reconnect_(reconnect),
        backoff_(context, 500, mostDelayMs) {}
  ~StreamReader() { close(); }
  StreamReader(const StreamReader&) = delete;
  StreamReader& operator=(const StreamReader&) = delete;

  [[nodiscard]] Result<Step> next(const Waker& waker, std::vector<StreamPiece>& pieces);
  [[nodiscard]] std::optional<Timestamp> wakeAt() const {
    return retryAt_ > 0 ? std::optional<Timestamp>(retryAt_) : std::nullopt;
  }
  /// What the next connection is made with.
  [[nodiscard]] StreamTarget& target() { return target_; }
  [[nodiscard]] Backoff& backoff() { return backoff_; }
  [[nodiscard]] StreamId stream() const { return stream_; }
  [[nodiscard]] const std::string& remote() const { return remote_; }
  /// Ends this connection; the next is made after a pause.
  void drop(const std::string& why);

 private:
  [[nodiscard]] Result<Step> failed(Error error);
  void close();

  Streams& streams_;
  NodeContext& context_;
  StreamTarget target_;
  bool reconnect_;
  Backoff backoff_;
  Operation<StreamOpened> opening_;
  Operation<std::vector<StreamPiece>> reading_;
  StreamId stream_ = -1;
  std::string remote_;
  Timestamp retryAt_ = 0;
  bool lost_ = false;  // was said
};

}  // namespace weir::streams
