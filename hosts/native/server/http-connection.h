// HttpConnection: what one client's bytes mean and what is answered, without a socket: requests one after the other,
// each with its turn.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hosts/native/network/address.h"
#include "hosts/native/network/request-head.h"
#include "hosts/native/server/answer-encoding.h"
#include "hosts/native/server/http-limits.h"
#include "hosts/native/server/http-turn.h"
#include "hosts/native/server/large-answers.h"
#include "hosts/native/server/out-queue.h"
#include "hosts/native/server/web-socket-wire.h"

namespace weir::native {

/// What all connections of a server share.
struct HttpPlace {
  HttpHandler& handler;
  HttpLimits limits;
  std::string headers;  // of every answer, each with its CR LF
  std::string date;     // Sun, 06 Nov 1994 08:49:37 GMT
  std::vector<AddressRange> trustedProxies{};
  bool draining = false;
  RequestHead head{};  // of the request being read
  AnswerEncoder encoder{};
  std::string spare{};  // of their queues
  std::string piece{};  // of a body that is on its way to one
  LargeAnswers large{limits.unreadBytes, limits.unreadBytes / 2};
};

class HttpConnection {
 public:
  /// `place` outlives it. `waker` brings work() about.
  HttpConnection(HttpPlace& place, std::string remote, bool secure, Waker waker, std::int64_t nowMs);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  /// Whether more bytes of the client may come now.
  [[nodiscard]] bool wantsBytes() const;
  void received(std::string_view bytes, std::int64_t nowMs);
  /// The client says no more; it may still listen.
  void ended();
  /// Goes on as far as it can; true: call it again soon, others first.
  [[nodiscard]] bool work(std::int64_t nowMs);

  [[nodiscard]] OutQueue& out() { return out_; }
  /// All of `out` has gone; true: there is more to do now.
  [[nodiscard]] bool emptied();
  /// Some of `out` has gone, or it begins to go.
  void progressed(std::int64_t nowMs) { progressMs_ = nowMs; }
  /// Close when `out` is empty.
  [[nodiscard]] bool closing() const { return closing_; }
  /// Do not wait for `out` either: nobody listens.
  [[nodiscard]] bool broken() const { return broken_; }
  /// When expire() is due, by the clock of `nowMs`.
  [[nodiscard]] std::int64_t deadlineMs() const;
  void expire(std::int64_t nowMs);
  /// The place is draining: ends what waits for a next request.
  void drain();
  /// Says what is wrong with what the client sent, and closes.
  void refuse(int status, std::string_view detail);

 private:
  static constexpr std::size_t kKeptBytes = 4 << 10;  // of an empty buffer

  enum class Body : std::uint8_t { none, length, chunks };

  [[nodiscard]] bool advance();
  [[nodiscard]] bool takeHead();
  void begin(const RequestHead& head);
  void heedProxy(const RequestHead& head, HttpRequest& request) const;
  [[nodiscard]] bool takeBody();
  void endBody();
  [[nodiscard]] bool takeAnswer();
  [[nodiscard]] bool hasRoomFor(const HttpAnswer& answer);
  void writeHead(const HttpAnswer& answer, bool chunked);
  [[nodiscard]] bool pump();
  [[nodiscard]] bool finishTurn();
  void upgrade(HttpAnswer& answer);
  [[nodiscard]] std::string_view unread() const { return std::string_view(in_).substr(used_); }

  HttpPlace& place_;
  const std::string remote_;
  const Waker waker_;
  OutQueue out_;
  std::string in_;
  std::size_t used_ = 0;  // of in_
  std::unique_ptr<HttpTurn> turn_;
  std::unique_ptr<WebSocketWire> socket_;  // instead of turns, once the connection is one
  std::string socketKey_;                  // of a request that asks for that
  ChunkReader chunks_;
  std::int64_t bodyLeft_ = 0;
  std::size_t bodyBytes_ = 0, dropped_ = 0, large_ = 0;
  std::int64_t nowMs_ = 0, sinceMs_ = 0, progressMs_ = 0;
  Body body_ = Body::none;
  Encoding encoding_ = Encoding::none;  // that the client reads
  bool gzip_ = false;                   // it reads that, whatever else
  const bool secure_;
  bool behindProxy_ = false;  // the other side is a trusted one
  bool first_ = true;         // request of the connection
  bool keepAlive_ = true, old_ = false, isHead_ = false;
  bool answered_ = false, inPieces_ = false, chunked_ = false, answerDone_ = false;
  bool full_ = false;  // `out` has so much that nothing more was made
  bool ended_ = false, closing_ = false, broken_ = false;
};

}  // namespace weir::native
