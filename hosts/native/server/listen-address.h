// Where a server listens: ADDRESS:PORT, and the socket that is bound there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "hosts/native/descriptor.h"

namespace weir::native {

struct ListenAddress {
  std::string host;  // without brackets
  std::uint16_t port = 0;

  /// Nobody outside this machine can reach it.
  [[nodiscard]] bool isLoopback() const;
};

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, `*:8080` (all addresses), or a port alone, which is one of
/// 127.0.0.1. `server.listen`.
[[nodiscard]] Result<ListenAddress> parseListenAddress(std::string_view text);

struct Listener {
  Descriptor socket;    // does not block
  std::string address;  // with the port that it has
  bool six = false;
};

/// `server.listen`: the place is taken, is none of this machine's, or is not allowed; says which.
[[nodiscard]] Result<Listener> listenAt(const std::string& text);

/// The socket that whoever started this process listens with already (systemd's LISTEN_FDS and LISTEN_PID), so that
/// nobody is refused while a server ends and the next one begins. Null: there is none. The variables are gone
/// afterwards. `server.listen`: what was handed over is no socket to listen with, or more than one.
[[nodiscard]] Result<std::optional<Listener>> takeInherited();

}  // namespace weir::native
