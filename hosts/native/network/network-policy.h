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

  /// Addresses of the server itself (`127.0.0.1:8080`): a range does not open them, only who names one by one.
  [[nodiscard]] Result<void> keepFrom(std::span<const std::string> own);
  /// Only at these ports from here on: `9000` or `9000-9010`. `network.policy` for anything else.
  [[nodiscard]] Result<void> mayListenAt(std::span<const std::string> ports);

  /// `network.refused` with the reason. `host` is what the flow named, `address` one of what it leads to.
  [[nodiscard]] Result<Unit> check(std::string_view host, std::uint16_t port, const IpAddress& address) const;
  /// `network.refused`: a flow may not listen at this port.
  [[nodiscard]] Result<void> checkListening(std::uint16_t port) const;

 private:
  struct HostPort {
    std::string host;  // lower case
    std::uint16_t port = 0;
  };

  [[nodiscard]] bool listed(std::string_view host, std::uint16_t port) const;

  struct Own {
    IpAddress address;
    std::uint16_t port = 0;
  };
  struct Ports {
    std::uint16_t first = 0, last = 0;
  };
  [[nodiscard]] bool isOwn(const IpAddress& address, std::uint16_t port) const;

  bool onlyGlobal_ = false, anyPort_ = true;
  std::vector<Own> own_;
  std::vector<Ports> ports_;
  std::vector<HostPort> hosts_;
  std::vector<AddressRange> ranges_;
};

/// Whether the whole internet agrees about this address: no private, shared (CGNAT), local, documentation, multicast or
/// translating range (NAT64, 6to4, Teredo, mapped).
[[nodiscard]] bool isGlobalUnicast(const IpAddress& address);

/// Cloud metadata services, also inside an IPv6 spelling.
[[nodiscard]] bool isMetadataService(const IpAddress& address);

}  // namespace weir::native
