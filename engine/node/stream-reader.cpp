// Opening, reading, losing, opening again.
#include "engine/node/stream-reader.h"

namespace weir::streams {

void StreamReader::close() {
  if (stream_ >= 0) streams_.close(stream_);
  stream_ = -1;
  reading_ = {};
}

void StreamReader::drop(const std::string& why) {
  close();
  const auto wait = backoff_.take();
  retryAt_ = context_.nowMicros() + wait * 1000;
  lost_ = true;
  context_.log(LogLevel::warning, why + "; tries again in " + std::to_string(wait) + " ms");
}

Result<StreamReader::Step> StreamReader::failed(Error error) {
  if (!error.recoverable) return std::unexpected(std::move(error));
  if (!reconnect_) {
    close();
    return std::unexpected(std::move(error));
  }
  drop(error.message);
  return Step::pending;
}

Result<StreamReader::Step> StreamReader::next(const Waker& waker, std::vector<StreamPiece>& pieces) {
  if (retryAt_ > 0) {
    if (context_.nowMicros() < retryAt_) return Step::pending;
    retryAt_ = 0;
  }
  if (stream_ < 0) {
    if (!opening_.active()) opening_ = streams_.open(target_, waker);
    if (!opening_.ready()) return Step::pending;
    auto opened = opening_.take();
    if (!opened) return failed(std::move(opened.error()));
    stream_ = opened->stream;
    remote_ = opened->remote;
    if (lost_) context_.log(LogLevel::info, "is connected to " + remote_ + " again");
    lost_ = false;
    reading_ = streams_.read(stream_, waker);
    return Step::opened;
  }
  if (!reading_.active()) reading_ = streams_.read(stream_, waker);
  if (!reading_.ready()) return Step::pending;
  auto arrived = reading_.take();
  if (!arrived) return failed(std::move(arrived.error()));
  if (arrived->empty()) {
    if (!reconnect_) {
      close();
      return Step::over;
    }
    drop(remote_ + " has ended the connection");
    return Step::pending;
  }
  backoff_.reset();
  pieces = std::move(*arrived);
  return Step::pieces;
}

}  // namespace weir::streams
