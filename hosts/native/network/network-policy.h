// NetworkPolicy: which addresses a place may connect to, as data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/error.h"
#include "hosts/native/network/address.h"

namespace weir::native {

/// `weir run` allows everything but the addresses from which clouds hand out credentials; a server allows only what is
/// reachable for the whole world, and what its administrator listed.
class NetworkPolicy {
 public:
  [[nodiscard]] static NetworkPolicy commandLine();
  /// `allow`: `host:port` (also `[::1]:443`) or a range such as `10.1.0.0/16`. `network.policy` for anything else.
  [[nodiscard]] static Result<NetworkPolicy> server(std::span<const std::string> allow);

  /// `network.refused` with the reason. `host` is what the flow named, `address` one of what it leads to.
  [[nodiscard]] Result<Unit> check(std::string_view host, std::uint16_t port, const IpAddress& address) const;

 private:
  struct HostPort {
    std::string host;  // lower case
    std::uint16_t port = 0;
  };

  [[nodiscard]] bool listed(std::string_view host, std::uint16_t port) const;

  bool onlyGlobal_ = false;
  std::vector<HostPort> hosts_;
  std::vector<AddressRange> ranges_;
};

/// Whether the whole internet agrees about this address: no private, shared (CGNAT), local, documentation, multicast or
/// translating range (NAT64, 6to4, Teredo, mapped).
[[nodiscard]] bool isGlobalUnicast(const IpAddress& address);

/// Cloud metadata services, also inside an IPv6 spelling.
[[nodiscard]] bool isMetadataService(const IpAddress& address);

}  // namespace weir::native
