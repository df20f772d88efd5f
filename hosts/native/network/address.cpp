// Addresses: reading, writing, and the IPv4 address that hides in an IPv6 one.
#include "hosts/native/network/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace weir::native {
namespace {

IpAddress v4From(std::span<const std::uint8_t> four, std::uint8_t mask = 0) {
  IpAddress address;
  for (std::size_t i = 0; i < 4; ++i) address.bytes[i] = static_cast<std::uint8_t>(four[i] ^ mask);
  return address;
}

bool beginsWith(const IpAddress& address, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), address.bytes.begin());
}

}  // namespace

std::optional<IpAddress> parseAddress(std::string_view text) {
  const std::string zeroEnded(text);
  IpAddress address;
  if (::inet_pton(AF_INET, zeroEnded.c_str(), address.bytes.data()) == 1) return address;
  address.six = true;
  if (::inet_pton(AF_INET6, zeroEnded.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::string addressText(const IpAddress& address) {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(address.six ? AF_INET6 : AF_INET, address.bytes.data(), text, sizeof text);
  return text;
}

std::optional<IpAddress> addressOf(const sockaddr& socket) {
  IpAddress address;
  if (socket.sa_family == AF_INET) {
    sockaddr_in four{};
    std::memcpy(&four, &socket, sizeof four);
    std::memcpy(address.bytes.data(), &four.sin_addr, 4);
    return address;
  }
  if (socket.sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 six{};
  std::memcpy(&six, &socket, sizeof six);
  std::memcpy(address.bytes.data(), &six.sin6_addr, 16);
  address.six = true;
  return address;
}

std::optional<IpAddress> embeddedV4(const IpAddress& address) {
  if (!address.six) return std::nullopt;
  const std::span<const std::uint8_t> bytes(address.bytes);
  const auto last = bytes.subspan(12, 4);
  const bool zeroHead = std::ranges::all_of(bytes.first(10), [](std::uint8_t byte) { return byte == 0; });
  const bool oneOrNone = std::ranges::all_of(bytes.subspan(10, 5), [](std::uint8_t byte) { return byte == 0; });
  if (zeroHead && bytes[10] == 0xFF && bytes[11] == 0xFF) return v4From(last);          // mapped
  if (zeroHead && bytes[10] == 0 && bytes[11] == 0 && !oneOrNone) return v4From(last);  // compatible
  if (beginsWith(address, {0x00, 0x64, 0xFF, 0x9B})) return v4From(last);               // NAT64
  if (beginsWith(address, {0x20, 0x02})) return v4From(bytes.subspan(2, 4));            // 6to4
  if (beginsWith(address, {0x20, 0x01, 0x00, 0x00})) return v4From(last, 0xFF);         // Teredo
  if ((bytes[8] == 0x00 || bytes[8] == 0x02) && bytes[9] == 0 && bytes[10] == 0x5E && bytes[11] == 0xFE)
    return v4From(last);  // ISATAP
  return std::nullopt;
}

bool AddressRange::contains(const IpAddress& address) const {
  if (address.six != network.six) return false;
  for (int bit = 0; bit < bits; bit += 8) {
    const auto at = static_cast<std::size_t>(bit / 8);
    const int left = std::min(8, bits - bit);
    const auto mask = static_cast<std::uint8_t>(0xFF << (8 - left));
    if (((address.bytes[at] ^ network.bytes[at]) & mask) != 0) return false;
  }
  return true;
}

std::optional<AddressRange> parseRange(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parseAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int most = address->six ? 128 : 32;
  AddressRange range{*address, most};
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string_view::npos)
      return std::nullopt;
    range.bits = 0;
    for (const char digit : digits) range.bits = range.bits * 10 + (digit - '0');
    if (range.bits > most) return std::nullopt;
  }
  // Bits behind the prefix are a slip that would silently allow other addresses than were written.
  for (int bit = range.bits; bit < most; ++bit) {
    const auto at = static_cast<std::size_t>(bit / 8);
    if ((range.network.bytes[at] >> (7 - bit % 8) & 1) != 0) return std::nullopt;
  }
  return range;
}

}  // namespace weir::native
