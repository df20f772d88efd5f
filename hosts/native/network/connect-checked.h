// connectChecked: the one way out: resolve a name, check all its addresses, connect to a checked one.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "hosts/native/network/network-policy.h"

namespace weir::native {

/// An address to connect to, as the system wants it.
struct Endpoint {
  sockaddr_storage socket{};
  socklen_t bytes = 0;
  IpAddress address;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&socket); }
};

/// All addresses of `host` (a name, or an address in any spelling, also in brackets), every one allowed by `policy`:
/// one that is not refuses them all (`network.refused`). `network.unknown_host` for a name without address,
/// `network.timeout` when the name server is silent. Blocks for at most `timeoutMs`.
[[nodiscard]] Result<std::vector<Endpoint>> resolveChecked(std::string_view host, std::uint16_t port,
                                                           const NetworkPolicy& policy, int timeoutMs = 10'000);

/// A connected TCP socket (blocking mode, close-on-exec, TCP_NODELAY), made with one of the addresses that were
/// checked. The caller closes it. `network.unreachable` (recoverable) if none answers. Blocks for at most `timeoutMs`.
[[nodiscard]] Result<int> connectChecked(std::string_view host, std::uint16_t port, const NetworkPolicy& policy,
                                         int timeoutMs);

}  // namespace weir::native
