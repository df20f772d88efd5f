// TlsServer: the listener's certificate and key; TlsSession: one client's encrypted connection over them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/data/error.h"

struct ssl_st;
struct ssl_ctx_st;

namespace weir::native {

/// What became of reading or writing some bytes on a socket that does not block.
struct Moved {
  enum class How : std::uint8_t {
    some,
    mustRead,   // later, when the socket can be read
    mustWrite,  // later, when it can be written
    ended,      // the other side says no more
    plain,      // the other side speaks HTTP without TLS
    broken
  };
  How how = How::broken;
  std::size_t bytes = 0;
};

/// TLS 1.2 or later over a socket that stays the caller's. Used by one thread.
class TlsSession {
 public:
  explicit TlsSession(ssl_st* session) : session_(session) {}
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  [[nodiscard]] Moved read(std::span<char> into);
  [[nodiscard]] Moved write(std::string_view bytes);
  /// The handshake is done.
  [[nodiscard]] bool agreed() const;
  /// Tells the other side, as far as the socket takes it, that no more comes.
  void end();

 private:
  [[nodiscard]] Moved moved(int result, std::size_t bytes);

  ssl_st* session_;
};

class TlsServer {
 public:
  /// PEM files: the certificate with those between it and its authority, and its key without a password. `ingress.tls`
  /// says which file is wrong, and how: not there, no PEM, another key, or not valid now.
  [[nodiscard]] static Result<std::unique_ptr<TlsServer>> load(const std::string& certificateFile,
                                                               const std::string& keyFile);
  struct Private;
  TlsServer(const Private&, ssl_ctx_st* context) : context_(context) {}
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  /// Null: out of memory.
  [[nodiscard]] std::unique_ptr<TlsSession> accept(int socket) const;

 private:
  ssl_ctx_st* context_;
};

}  // namespace weir::native
