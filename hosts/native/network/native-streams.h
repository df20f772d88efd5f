// NativeStreams: lasting connections through Boost.Asio and Beast.
#pragma once

#include <memory>

#include "engine/host/streams.h"

namespace weir::native {

class AsioCore;

class NativeStreams final : public Streams {
 public:
  explicit NativeStreams(std::shared_ptr<AsioCore> core);
  ~NativeStreams() override;

  Operation<StreamOpened> open(StreamTarget target, Waker waker) override;
  Operation<std::vector<StreamPiece>> read(StreamId stream, Waker waker) override;
  Operation<Unit> write(StreamId stream, std::vector<StreamPiece> pieces, Waker waker) override;
  void close(StreamId stream) override;
  Result<ListenerId> listen(ListenTarget target) override;
  std::string address(ListenerId listener) override;
  Operation<StreamOpened> accept(ListenerId listener, Waker waker) override;
  void stop(ListenerId listener) override;

 private:
  class Hub;
  std::shared_ptr<Hub> hub_;
};

}  // namespace weir::native
