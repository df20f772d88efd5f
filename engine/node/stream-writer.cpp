// Opening, writing, losing, opening again.
#include "engine/node/stream-writer.h"

namespace weir::streams {

void StreamWriter::close() {
  if (stream_ >= 0) streams_.close(stream_);
  stream_ = -1;
  reading_ = {};
  writing_ = {};
}

Result<bool> StreamWriter::lost(Error error) {
  close();
  if (!error.recoverable) return std::unexpected(std::move(error));
  const auto wait = backoff_.take();
  retryAt_ = context_.nowMicros() + wait * 1000;
  context_.log(LogLevel::warning, error.message + "; tries again in " + std::to_string(wait) + " ms");
  return false;
}

Result<bool> StreamWriter::run(const Waker& waker) {
  if (retryAt_ > 0) {
    if (context_.nowMicros() < retryAt_) return false;
    retryAt_ = 0;
  }
  if (stream_ < 0) {
    if (!opening_.active()) opening_ = streams_.open(target_, waker);
    if (!opening_.ready()) return false;
    auto opened = opening_.take();
    if (!opened) return lost(std::move(opened.error()));
    stream_ = opened->stream;
  }
  if (!reading_.active()) reading_ = streams_.read(stream_, waker);
  if (reading_.ready()) {
    const auto said = reading_.take();
    if (!said) return lost(said.error());
    if (said->empty()) return lost({"network.closed", "the other side has ended the connection", true});
  }
  if (!writing_.active()) writing_ = streams_.write(stream_, waiting_, waker);
  if (!writing_.ready()) return false;
  const auto written = writing_.take();
  if (!written) return lost(written.error());
  backoff_.reset();
  waiting_.clear();
  return true;
}

}  // namespace weir::streams
