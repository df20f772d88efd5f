// Messages of a WebSocket server as rows.
#include <utility>
#include <vector>

#include "engine/node/message-rows.h"
#include "engine/node/stream-reader.h"
#include "nodes/websocket/read/read.gen.h"
#include "nodes/websocket/socket-target.h"

namespace weir::nodes::websocket_read {
namespace {

class SocketRead final : public Task {
 public:
  SocketRead(const Settings& settings, NodeContext& context, Streams& host, StreamTarget target)
      : host_(host),
        hello_(settings.hello),
        rows_(static_cast<streams::MessageForm>(settings.format), {}, context),
        reader_(host, context, std::move(target), settings.reconnect, settings.maxDelay) {}

  Result<Progress> step(StepIo& io) override {
    using Step = streams::StreamReader::Step;
    while (!draining_) {
      if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, kAllPorts);
      // A connection that breaks while it is greeted is noticed by reading.
      if (greeting_.ready()) static_cast<void>(greeting_.take());
      WEIR_ASSIGN(const auto step, reader_.next(io.waker(), pieces_));
      if (step == Step::pending) {
        auto progress = Progress::blockedOn(0);
        progress.wakeAt = reader_.wakeAt();
        return progress;
      }
      if (step == Step::over) return Progress::finished();
      if (step == Step::opened && !hello_.empty()) {
        std::vector<StreamPiece> messages;
        for (const auto& text : hello_) messages.push_back({text, true});
        greeting_ = host_.write(reader_.stream(), std::move(messages), io.waker());
      }
      if (step == Step::pieces) {
        for (const auto& piece : pieces_) {
          rows_.add(piece.bytes, piece.text, {}, io);
          if (rows_.full()) WEIR_TRY(rows_.emit(out::rows, io));
        }
        WEIR_TRY(rows_.emit(out::rows, io));
      }
      if (io.budgetSpent()) return Progress::yielded();
    }
    return Progress::finished();
  }
  [[nodiscard]] bool sendsAgain() const override { return false; }
  void drain() override { draining_ = true; }

 private:
  Streams& host_;
  std::vector<std::string> hello_;
  streams::MessageRows rows_;
  streams::StreamReader reader_;
  Operation<Unit> greeting_;
  std::vector<StreamPiece> pieces_;
  bool draining_ = false;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* const host, context.host<Streams>());
  WEIR_ASSIGN(auto target, websocket::targetOf(settings.url, settings.headers, settings.caFile.value_or("")));
  target.maxMessageBytes = settings.maxMessageBytes;
  target.idleTimeoutMs = settings.idleTimeout;
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].makeTask = [settings, &context, host, target]() -> Result<std::unique_ptr<Task>> {
    return std::make_unique<SocketRead>(settings, context, *host, target);
  };
  return node;
}

}  // namespace weir::nodes::websocket_read
