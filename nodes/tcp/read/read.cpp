// Messages from one connection that this node makes, or from many that others make.
#include <memory>
#include <utility>
#include <vector>

#include "engine/node/frames.h"
#include "engine/node/message-rows.h"
#include "engine/node/stream-reader.h"
#include "engine/text/url.h"
#include "nodes/tcp/read/read.gen.h"

namespace weir::nodes::tcp_read {
namespace {

using streams::FrameReader;

constexpr std::string_view kListen = "listen://";

/// Turns bytes of one connection into rows. False: the connection is of no more use.
bool takeFrames(FrameReader& frames, streams::MessageRows& rows, const std::string& remote, StepIo& io,
                Result<Unit>& emitted) {
  std::string_view frame;
  const std::string_view texts[] = {remote};
  for (;;) {
    switch (frames.next(frame)) {
      case FrameReader::Step::more:
        return true;
      case FrameReader::Step::frame:
        rows.add(frame, false, texts, io);
        if (rows.full()) {
          emitted = rows.emit(out::rows, io);
          if (!emitted) return false;
        }
        break;
      case FrameReader::Step::tooLong:
        rows.fail({}, "a message from " + remote + " is longer than maxMessageBytes", io);
        return true;
    }
  }
}

class Connecting final : public Task {
 public:
  Connecting(const Settings& settings, NodeContext& context, Streams& host, StreamTarget target)
      : framing_(static_cast<streams::Framing>(settings.framing)),
        frames_(framing_, settings.maxMessageBytes),
        rows_(static_cast<streams::MessageForm>(settings.format), {"remote"}, context),
        reader_(host, context, std::move(target), settings.reconnect, settings.maxDelay) {}

  Result<Progress> step(StepIo& io) override {
    while (!draining_) {
      if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, kAllPorts);
      WEIR_ASSIGN(const auto step, reader_.next(io.waker(), pieces_));
      switch (step) {
        case streams::StreamReader::Step::pending: {
          auto progress = Progress::blockedOn(0);
          progress.wakeAt = reader_.wakeAt();
          return progress;
        }
        case streams::StreamReader::Step::opened:
          frames_.clear();
          break;
        case streams::StreamReader::Step::over:
          WEIR_TRY(finish(io));
          return Progress::finished();
        case streams::StreamReader::Step::pieces:
          WEIR_TRY(take(io));
          break;
      }
      if (io.budgetSpent()) return Progress::yielded();
    }
    return Progress::finished();
  }
  [[nodiscard]] bool sendsAgain() const override { return false; }
  void drain() override { draining_ = true; }

 private:
  Result<Unit> take(StepIo& io) {
    Result<Unit> emitted;
    for (const auto& piece : pieces_) {
      frames_.add(piece.bytes);
      if (!takeFrames(frames_, rows_, reader_.remote(), io, emitted)) return emitted;
      if (framing_ != streams::Framing::lines && !frames_.empty() && lengthIsWrong()) {
        reader_.drop("a message of " + reader_.remote() + " says it is longer than maxMessageBytes");
        break;
      }
    }
    return rows_.emit(out::rows, io);
  }
  [[nodiscard]] bool lengthIsWrong() {
    std::string_view frame;
    return frames_.next(frame) == FrameReader::Step::tooLong;
  }
  Result<Unit> finish(StepIo& io) {
    std::string_view frame;
    const std::string_view texts[] = {reader_.remote()};
    if (frames_.last(frame)) {
      rows_.add(frame, false, texts, io);
    } else if (!frames_.empty()) {
      rows_.fail({}, "the last message of " + reader_.remote() + " was cut off", io);
    }
    return rows_.emit(out::rows, io);
  }

  streams::Framing framing_;
  FrameReader frames_;
  streams::MessageRows rows_;
  streams::StreamReader reader_;
  std::vector<StreamPiece> pieces_;
  bool draining_ = false;
};

class Listening final : public Task {
 public:
  Listening(const Settings& settings, NodeContext& context, Streams& host)
      : settings_(settings),
        context_(context),
        host_(host),
        rows_(static_cast<streams::MessageForm>(settings.format), {"remote"}, context) {}
  ~Listening() override {
    for (auto& peer : peers_) host_.close(peer->stream);
    if (listener_ >= 0) host_.stop(listener_);
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  Result<Progress> step(StepIo& io) override {
    if (draining_) return Progress::finished();
    if (listener_ < 0) {
      WEIR_ASSIGN(listener_, host_.listen({settings_.url.substr(kListen.size()), settings_.maxConnections,
                                           settings_.idleTimeout}));
      context_.log(LogLevel::info, "listens at tcp://" + host_.address(listener_));
    }
    if (io.room(out::rows).rows <= 0) return Progress::blockedOn(0, kAllPorts);
    if (!accepting_.active()) accepting_ = host_.accept(listener_, io.waker());
    while (accepting_.ready()) {
      WEIR_ASSIGN(auto opened, accepting_.take());
      peers_.push_back(std::make_unique<Peer>(opened, settings_));
      accepting_ = host_.accept(listener_, io.waker());
    }
    for (std::size_t i = 0; i < peers_.size();) {
      WEIR_ASSIGN(const bool stays, serve(*peers_[i], io));
      if (stays) {
        ++i;
        continue;
      }
      host_.close(peers_[i]->stream);
      std::swap(peers_[i], peers_.back());
      peers_.pop_back();
    }
    WEIR_TRY(rows_.emit(out::rows, io));
    return Progress::blockedOn(0);
  }
  [[nodiscard]] bool sendsAgain() const override { return false; }
  void drain() override { draining_ = true; }

 private:
  struct Peer {
    Peer(const StreamOpened& opened, const Settings& settings)
        : stream(opened.stream),
          remote(opened.remote),
          frames(static_cast<streams::Framing>(settings.framing), settings.maxMessageBytes) {}
    StreamId stream;
    std::string remote;
    FrameReader frames;
    Operation<std::vector<StreamPiece>> reading;
  };

  /// False: the peer has gone.
  Result<bool> serve(Peer& peer, StepIo& io) {
    if (!peer.reading.active()) peer.reading = host_.read(peer.stream, io.waker());
    while (peer.reading.ready()) {
      const auto arrived = peer.reading.take();
      if (!arrived || arrived->empty()) {
        finish(peer, io);
        return false;
      }
      for (const auto& piece : *arrived) {
        peer.frames.add(piece.bytes);
        Result<Unit> emitted;
        if (!takeFrames(peer.frames, rows_, peer.remote, io, emitted))
          return std::unexpected(std::move(emitted.error()));
        std::string_view frame;
        if (settings_.framing != Settings::Framing::lines && peer.frames.next(frame) == FrameReader::Step::tooLong)
          return false;
      }
      peer.reading = host_.read(peer.stream, io.waker());
    }
    return true;
  }
  void finish(Peer& peer, StepIo& io) {
    std::string_view frame;
    const std::string_view texts[] = {peer.remote};
    if (peer.frames.last(frame)) {
      rows_.add(frame, false, texts, io);
    } else if (!peer.frames.empty()) {
      rows_.fail({}, "the last message of " + peer.remote + " was cut off", io);
    }
  }

  Settings settings_;
  NodeContext& context_;
  Streams& host_;
  streams::MessageRows rows_;
  ListenerId listener_ = -1;
  Operation<StreamOpened> accepting_;
  std::vector<std::unique_ptr<Peer>> peers_;
  bool draining_ = false;
};

}  // namespace

Result<NodePtr> make(const Settings& settings, NodeContext& context) {
  WEIR_ASSIGN(auto* const host, context.host<Streams>());
  const bool listens = settings.url.starts_with(kListen);
  StreamTarget target;
  if (!listens) {
    const auto url = parseUrl(settings.url);
    if (!url) return fail("settings.type", "/settings/url: " + url.error().message);
    if (url->scheme != "tcp" && url->scheme != "tls") {
      return fail("settings.type", "/settings/url: expected tcp://, tls:// or listen://");
    }
    target.url = settings.url;
    target.caFile = settings.caFile.value_or("");
    target.idleTimeoutMs = settings.idleTimeout;
  }
  auto node = std::make_unique<Node>();
  node->stages.resize(1);
  node->stages[0].makeTask = [settings, &context, host, target, listens]() -> Result<std::unique_ptr<Task>> {
    if (listens) return std::make_unique<Listening>(settings, context, *host);
    return std::make_unique<Connecting>(settings, context, *host, target);
  };
  return node;
}

}  // namespace weir::nodes::tcp_read
