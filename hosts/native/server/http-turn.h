// HttpTurn: one request to a server and its answer; HttpHandler: what makes them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/host/waker.h"
#include "engine/host/web-socket.h"

namespace weir::native {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  std::string path;     // percent-encoded
  std::string query;    // behind the '?'
  HttpHeaders headers;  // names in lower case, in the order in which they came
  std::string remote;   // the client's address
  bool secure = false;  // the client speaks TLS, to us or to a proxy that we trust
};

struct HttpAnswer {
  int status = 200;
  HttpHeaders headers;
  /// All of it, unless the body comes in pieces.
  std::string body;
  bool inPieces = false;
  /// Instead of a body: the connection becomes a WebSocket, if the request asks for that (426 otherwise). The turn is
  /// destroyed then; its waker brings work() of the handler about.
  std::unique_ptr<WebSocketHandler> socket;
};

/// All calls come from the server's thread, one at a time.
class HttpTurn {
 public:
  HttpTurn() = default;
  HttpTurn(const HttpTurn&) = delete;
  HttpTurn& operator=(const HttpTurn&) = delete;
  /// Before the answer is at its end: the other side has gone.
  virtual ~HttpTurn() = default;

  /// Whether what still comes of the body counts.
  [[nodiscard]] virtual bool takesBody() const = 0;
  virtual void body(std::string_view piece) = 0;
  virtual void endBody() = 0;
  /// Goes on; called after the waker was woken.
  virtual void step() = 0;
  /// Null: not yet. Its parts may be moved from, once.
  [[nodiscard]] virtual HttpAnswer* answer() = 0;
  enum class Next : std::uint8_t { piece, wait, end };
  /// The next piece of a body in pieces, in place of what `into` held. After `wait` the waker is woken when there is
  /// more.
  [[nodiscard]] virtual Next next(std::string& into) = 0;
};

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// Called from the server's thread. A waker may be woken from any thread, at any time.
  [[nodiscard]] virtual std::unique_ptr<HttpTurn> begin(HttpRequest request, Waker waker) = 0;
  /// What is to be done beside requests, on the server's thread: at the start, after HttpServer::waker() was woken, and
  /// when the time that it gives is over: in so many milliseconds, up to 1,000.
  virtual int work() { return 1'000; }
};

}  // namespace weir::native
