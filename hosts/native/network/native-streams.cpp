// Streams and listeners by number: what arrives waits in bounded queues until it is asked for.
#include "hosts/native/network/native-streams.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <deque>
#include <map>

#include "hosts/native/network/stream-wire.h"

namespace weir::native {
namespace {

constexpr std::size_t kMostQueuedBytes = 1 << 20;
constexpr std::size_t kMostQueuedPieces = 16'384;
using Tcp = asio::ip::tcp;

std::string endpointText(const Tcp::endpoint& endpoint) {
  const auto address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

/// One open connection. Used by the network's thread only.
struct Stream {
  explicit Stream(asio::io_context& io) : room(io, TimePoint::max()) {}
  std::unique_ptr<StreamWire> wire;
  std::vector<StreamPiece> queue;
  std::size_t queuedBytes = 0;
  std::optional<Completion<std::vector<StreamPiece>>> reader;
  std::optional<Error> failed;
  bool ended = false, closed = false;
  bool sentSecrets = false;  // the other side may send them back
  asio::steady_timer room;   // cancelled when there is room again

  [[nodiscard]] bool full() const { return queuedBytes >= kMostQueuedBytes || queue.size() >= kMostQueuedPieces; }

  /// Gives what there is to whoever waits for it.
  void give() {
    if (!reader || (queue.empty() && !ended && !failed)) return;
    auto waiting = std::move(*reader);
    reader.reset();
    if (queue.empty() && failed) return waiting.complete(std::unexpected(*failed));
    queuedBytes = 0;
    waiting.complete(std::exchange(queue, {}));
    room.cancel();
  }
};

struct Listener {
  Listener(Tcp::acceptor made, ListenTarget wanted) : acceptor(std::move(made)), target(std::move(wanted)) {}
  Tcp::acceptor acceptor;
  ListenTarget target;
  std::string address;
  std::deque<StreamOpened> opened;
  std::optional<Completion<StreamOpened>> waiting;
  std::int64_t open = 0;
  bool stopped = false;
};

}  // namespace

class NativeStreams::Hub : public std::enable_shared_from_this<NativeStreams::Hub> {
 public:
  explicit Hub(std::shared_ptr<AsioCore> core) : core_(std::move(core)) {}

  Operation<StreamOpened> open(StreamTarget target, Waker waker) {
    Completion<StreamOpened> completion(std::move(waker));
    auto operation = completion.operation();
    core_->spawn(dialling(shared_from_this(), std::move(target), std::move(completion)));
    return operation;
  }

  Operation<std::vector<StreamPiece>> read(StreamId id, Waker waker) {
    Completion<std::vector<StreamPiece>> completion(std::move(waker));
    auto operation = completion.operation();
    asio::post(core_->io(), [self = shared_from_this(), id, completion = std::move(completion)]() mutable {
      const auto stream = self->find(id);
      if (!stream) return completion.complete(fail("network.closed", "the connection is closed", true));
      stream->reader = std::move(completion);
      stream->give();
    });
    return operation;
  }

  Operation<Unit> write(StreamId id, std::vector<StreamPiece> pieces, Waker waker) {
    Completion<Unit> completion(std::move(waker));
    auto operation = completion.operation();
    core_->spawn(writing(shared_from_this(), id, std::move(pieces), std::move(completion)));
    return operation;
  }

  void close(StreamId id) {
    asio::post(core_->io(), [self = shared_from_this(), id] {
      const auto stream = self->find(id);
      if (!stream) return;
      stream->closed = true;
      stream->wire->cancel();
      stream->room.cancel();
      self->streams_.erase(id);
    });
  }

  Result<ListenerId> listen(ListenTarget target) {
    const auto colon = target.address.rfind(':');
    ErrorCode error;
    auto host = target.address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    const auto address = asio::ip::make_address(host, error);
    const auto port = colon == std::string::npos ? std::string() : target.address.substr(colon + 1);
    if (error || port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos ||
        std::stoi(port) > 65535)
      return fail("ingress.listen", "'" + target.address + "' is not ADDRESS:PORT, such as 127.0.0.1:9000");
    const Tcp::endpoint endpoint(address, static_cast<std::uint16_t>(std::stoi(port)));
    WEIR_TRY(core_->settings().policy.checkListening(endpoint.port()));
    Tcp::acceptor acceptor(core_->io());
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(128, error);
    if (error) return fail("ingress.listen", "cannot listen at " + target.address + ": " + error.message());
    auto listener = std::make_shared<Listener>(std::move(acceptor), std::move(target));
    listener->address = endpointText(listener->acceptor.local_endpoint(error));
    const std::scoped_lock held(lock_);
    listeners_.push_back(listener);
    core_->spawn(accepting(shared_from_this(), listener));
    return static_cast<ListenerId>(listeners_.size()) - 1;
  }

  std::string address(ListenerId id) { return listener(id)->address; }

  Operation<StreamOpened> accept(ListenerId id, Waker waker) {
    Completion<StreamOpened> completion(std::move(waker));
    auto operation = completion.operation();
    asio::post(core_->io(),
               [self = shared_from_this(), found = listener(id), completion = std::move(completion)]() mutable {
                 found->waiting = std::move(completion);
                 giveOpened(*found);
               });
    return operation;
  }

  void stop(ListenerId id) {
    asio::post(core_->io(), [found = listener(id)] {
      found->stopped = true;
      ErrorCode ignored;
      found->acceptor.close(ignored);
    });
  }

 private:
  std::shared_ptr<Stream> find(StreamId id) {
    const auto found = streams_.find(id);
    return found == streams_.end() ? nullptr : found->second;
  }
  std::shared_ptr<Listener> listener(ListenerId id) {
    const std::scoped_lock held(lock_);
    return listeners_[static_cast<std::size_t>(id)];
  }
  static void giveOpened(Listener& listener) {
    if (!listener.waiting || listener.opened.empty()) return;
    auto waiting = std::move(*listener.waiting);
    listener.waiting.reset();
    waiting.complete(std::move(listener.opened.front()));
    listener.opened.pop_front();
  }

  StreamId keep(std::unique_ptr<StreamWire> wire, std::shared_ptr<Listener> of = nullptr, bool sentSecrets = false) {
    auto stream = std::make_shared<Stream>(core_->io());
    stream->sentSecrets = sentSecrets;
    stream->wire = std::move(wire);
    const auto id = next_++;
    streams_[id] = stream;
    core_->spawn(reading(shared_from_this(), stream, std::move(of)));
    return id;
  }

  static asio::awaitable<void> dialling(std::shared_ptr<Hub> self, StreamTarget target,
                                        Completion<StreamOpened> completion) {
    std::optional<Result<std::unique_ptr<StreamWire>>> wire;
    std::string where;
    const bool secrets =
        namesSecret(target.user) || namesSecret(target.password) ||
        std::ranges::any_of(target.headers, [](const HttpHeader& header) { return namesSecret(header.value); });
    try {
      auto url = parseUrl(target.url);
      if (!url) {
        wire = std::unexpected(std::move(url.error()));
      } else {
        where = url->authority();
        wire = co_await self->openWire(std::move(target), std::move(*url));
      }
    } catch (const std::exception& thrown) {
      wire = fail("network.unreachable", std::string("the connection failed: ") + thrown.what(), true);
    }
    if (!*wire) {
      completion.complete(std::unexpected(self->core_->redacted(std::move(wire->error()))));
    } else if (!completion.cancelled()) {
      completion.complete(StreamOpened{self->keep(std::move(**wire), nullptr, secrets), where});
    }
  }

  asio::awaitable<Result<std::unique_ptr<StreamWire>>> openWire(StreamTarget target, Url url) {
    const auto until = afterMs(target.connectTimeoutMs);
    co_await core_->prepare(target.user, url, until);
    co_await core_->prepare(target.password, url, until);
    for (const auto& header : target.headers) co_await core_->prepare(header.value, url, until);
    if (url.scheme == "ws" || url.scheme == "wss")
      co_return co_await openWebSocket(*core_, std::move(target), std::move(url));
    if (url.scheme == "http" || url.scheme == "https")
      co_return co_await openHttpStream(*core_, std::move(target), std::move(url));
    auto link = co_await core_->dial({url.host, url.port, url.scheme == "tls", target.caFile, nullptr},
                                     afterMs(target.connectTimeoutMs));
    if (!link) co_return std::unexpected(std::move(link.error()));
    co_return makeTcpWire(std::move(*link), target.idleTimeoutMs, url.origin());
  }

  static asio::awaitable<void> reading(std::shared_ptr<Hub> self, std::shared_ptr<Stream> stream,
                                       std::shared_ptr<Listener> of) {
    while (!stream->closed) {
      while (stream->full() && !stream->closed) co_await stream->room.async_wait(kTuple);
      if (stream->closed) break;
      auto piece = co_await stream->wire->read();
      if (!piece) {
        stream->failed = self->core_->redacted(std::move(piece.error()));
      } else if (stream->wire->isEnd(*piece)) {
        stream->ended = true;
      } else {
        if (stream->sentSecrets) piece->bytes = self->core_->redacted(std::move(piece->bytes));
        stream->queuedBytes += piece->bytes.size();
        stream->queue.push_back(std::move(*piece));
      }
      stream->give();
      if (stream->failed || stream->ended) break;
    }
    if (of) --of->open;
  }

  static asio::awaitable<void> writing(std::shared_ptr<Hub> self, StreamId id, std::vector<StreamPiece> pieces,
                                       Completion<Unit> completion) {
    const auto stream = self->find(id);
    if (!stream) {
      completion.complete(fail("network.closed", "the connection is closed", true));
      co_return;
    }
    for (const auto& piece : pieces) {
      auto written = co_await stream->wire->write(piece);
      if (!written) {
        completion.complete(std::unexpected(self->core_->redacted(std::move(written.error()))));
        co_return;
      }
    }
    completion.complete(Unit{});
  }

  static asio::awaitable<void> accepting(std::shared_ptr<Hub> self, std::shared_ptr<Listener> listener) {
    while (!listener->stopped) {
      Tcp::socket socket(self->core_->io());
      const auto [error] = co_await listener->acceptor.async_accept(socket, kTuple);
      if (error) {
        if (listener->stopped || error == asio::error::operation_aborted) co_return;
        // Out of descriptors, most likely: others wait a moment.
        asio::steady_timer pause(self->core_->io(), std::chrono::milliseconds(500));
        co_await pause.async_wait(kTuple);
        continue;
      }
      if (listener->open >= listener->target.mostConnections) continue;  // closed at once
      ErrorCode ignored;
      const auto remote = endpointText(socket.remote_endpoint(ignored));
      ++listener->open;
      Link link;
      if (const auto& meter = self->core_->settings().meter) link.place = meter->attend(socket.native_handle());
      link.plain = std::make_unique<PlainStream>(std::move(socket));
      const auto id = self->keep(makeTcpWire(std::move(link), listener->target.idleTimeoutMs, remote), listener);
      listener->opened.push_back({id, remote});
      giveOpened(*listener);
    }
  }

  std::shared_ptr<AsioCore> core_;
  std::map<StreamId, std::shared_ptr<Stream>> streams_;  // of the network's thread
  StreamId next_ = 1;
  std::mutex lock_;
  std::vector<std::shared_ptr<Listener>> listeners_;
};

NativeStreams::NativeStreams(std::shared_ptr<AsioCore> core) : hub_(std::make_shared<Hub>(std::move(core))) {}
NativeStreams::~NativeStreams() = default;

Operation<StreamOpened> NativeStreams::open(StreamTarget target, Waker waker) {
  return hub_->open(std::move(target), std::move(waker));
}
Operation<std::vector<StreamPiece>> NativeStreams::read(StreamId stream, Waker waker) {
  return hub_->read(stream, std::move(waker));
}
Operation<Unit> NativeStreams::write(StreamId stream, std::vector<StreamPiece> pieces, Waker waker) {
  return hub_->write(stream, std::move(pieces), std::move(waker));
}
void NativeStreams::close(StreamId stream) { hub_->close(stream); }
Result<ListenerId> NativeStreams::listen(ListenTarget target) { return hub_->listen(std::move(target)); }
std::string NativeStreams::address(ListenerId listener) { return hub_->address(listener); }
Operation<StreamOpened> NativeStreams::accept(ListenerId listener, Waker waker) {
  return hub_->accept(listener, std::move(waker));
}
void NativeStreams::stop(ListenerId listener) { hub_->stop(listener); }

}  // namespace weir::native
