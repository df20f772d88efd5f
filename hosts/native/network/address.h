// IpAddress and AddressRange: addresses as bytes, so that every spelling of one is the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace weir::native {

struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};  // network order; of IPv4 the first four
  bool six = false;

  [[nodiscard]] bool operator==(const IpAddress&) const = default;
};

/// Canonical spellings only (1.2.3.4, 2001:db8::1); nothing else.
[[nodiscard]] std::optional<IpAddress> parseAddress(std::string_view text);
[[nodiscard]] std::string addressText(const IpAddress& address);
/// Of AF_INET or AF_INET6.
[[nodiscard]] std::optional<IpAddress> addressOf(const sockaddr& socket);

/// The IPv4 address inside an IPv6 one: mapped, compatible, NAT64 (both prefixes), 6to4, Teredo, ISATAP.
[[nodiscard]] std::optional<IpAddress> embeddedV4(const IpAddress& address);

struct AddressRange {
  IpAddress network;
  int bits = 0;

  [[nodiscard]] bool contains(const IpAddress& address) const;
};

/// `10.0.0.0/8`, `fd00::/8`, or one address. Nothing if it is neither or has bits behind its prefix.
[[nodiscard]] std::optional<AddressRange> parseRange(std::string_view text);

}  // namespace weir::native
