// BrowserStreams: WebSockets, and answers of fetch() that are read as they come.
#pragma once

#include "engine/host/streams.h"
#include "hosts/browser/calls.h"

namespace weir::browser {

/// ws, wss, http and https only; a page cannot open raw sockets, nor listen (`host.missing`).
class BrowserStreams final : public Streams {
 public:
  explicit BrowserStreams(Calls& calls) : calls_(calls) {}

  Operation<StreamOpened> open(StreamTarget target, Waker waker) override;
  Operation<std::vector<StreamPiece>> read(StreamId stream, Waker waker) override;
  Operation<Unit> write(StreamId stream, std::vector<StreamPiece> pieces, Waker waker) override;
  void close(StreamId stream) override;
  [[nodiscard]] Result<ListenerId> listen(ListenTarget target) override;
  [[nodiscard]] std::string address(ListenerId listener) override;
  Operation<StreamOpened> accept(ListenerId listener, Waker waker) override;
  void stop(ListenerId listener) override;

 private:
  Calls& calls_;
};

}  // namespace weir::browser
