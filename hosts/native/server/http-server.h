// HttpServer: a listener for HTTP/1.1 that hands requests to a handler, all on one thread of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/data/error.h"
#include "engine/host/waker.h"
#include "hosts/native/network/address.h"
#include "hosts/native/server/http-limits.h"
#include "hosts/native/server/http-turn.h"
#include "hosts/native/server/listen-address.h"

namespace weir::native {

struct HttpServerOptions {
  std::string listen = "127.0.0.1:8080";  // port 0: any free one
  /// In place of `listen`: a socket that listens already. Taken by start().
  std::shared_ptr<Listener> inherited{};
  HttpLimits limits{};
  std::string certificateFile{}, keyFile{};  // PEM; empty: HTTP without TLS
  /// Browsers that were here by TLS do not come back to this host without it, on whatever port.
  bool strictTransport = false;
  /// Proxies of ours: what they say in X-Forwarded-For and X-Forwarded-Proto counts.
  std::vector<AddressRange> trustedProxies{};
};

/// Its methods may be called from any thread, if not said otherwise.
class HttpServer {
 public:
  /// `handler` outlives it.
  HttpServer(HttpServerOptions options, HttpHandler& handler);
  /// Ends what is under way.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Once. `server.listen` if it cannot; `ingress.tls` for a certificate or key that cannot be used.
  [[nodiscard]] Result<Unit> start();
  /// Such as `http://127.0.0.1:8080`.
  [[nodiscard]] std::string address() const;
  /// Brings HttpHandler::work() about; there before start().
  [[nodiscard]] Waker waker() const;
  /// Runs `task` on the server's thread. After the end it is dropped.
  void post(std::function<void()> task);

  /// Reads certificate and key again, for the connections from here on. What cannot be used is refused, and those of
  /// before stay.
  [[nodiscard]] Result<Unit> reloadTls();

  /// Takes no more connections; answers what is under way, and closes each connection after its answer.
  void drain();
  /// Whether, after drain(), nothing is under way any more. Waits for it up to `waitMs`.
  [[nodiscard]] bool drained(std::int64_t waitMs);
  /// Ends the thread and all connections. Turns and sockets are destroyed on the thread that calls.
  void stop();

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::native
