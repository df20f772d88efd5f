// The two policies, and the tables of addresses behind them.
#include "hosts/native/network/network-policy.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/data/check.h"

namespace weir::native {
namespace {

// Where AWS (instances, containers, pods), Google, Azure, Alibaba and Oracle answer with credentials.
constexpr std::array<std::string_view, 9> kMetadata{"169.254.169.254", "169.254.170.2",   "169.254.170.23",
                                                    "168.63.129.16",   "100.100.100.200", "192.0.0.192",
                                                    "fd00:ec2::254",   "fd00:ec2::23",    "fd20:ce::254"};

// IANA's special-purpose registry of IPv4.
constexpr std::array<std::string_view, 15> kNotGlobalV4{
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4"};

// Of IPv6 only 2000::/3 is global, and of that not: Teredo and its kin, documentation, 6to4.
constexpr std::array<std::string_view, 4> kNotGlobalV6{"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"};

AddressRange rangeOf(std::string_view text) {
  const auto range = parseRange(text);
  WEIR_CHECK(range.has_value());
  return *range;
}

template <std::size_t Count>
bool anyContains(const std::array<std::string_view, Count>& ranges, const IpAddress& address) {
  return std::ranges::any_of(ranges, [&](std::string_view text) { return rangeOf(text).contains(address); });
}

bool portIn(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return out;
}

}  // namespace

bool isMetadataService(const IpAddress& address) {
  if (anyContains(kMetadata, address)) return true;
  const auto inside = embeddedV4(address);
  return inside && anyContains(kMetadata, *inside);
}

bool isGlobalUnicast(const IpAddress& address) {
  if (!address.six) return !anyContains(kNotGlobalV4, address);
  static constexpr std::string_view kGlobalV6 = "2000::/3";
  return rangeOf(kGlobalV6).contains(address) && !anyContains(kNotGlobalV6, address) && !embeddedV4(address);
}

NetworkPolicy NetworkPolicy::commandLine() { return {}; }

Result<NetworkPolicy> NetworkPolicy::server(std::span<const std::string> allow) {
  NetworkPolicy policy;
  policy.onlyGlobal_ = true;
  for (const auto& entry : allow) {
    if (entry.find('/') != std::string::npos) {
      const auto range = parseRange(entry);
      if (!range)
        return fail("network.policy",
                    "'" + entry + "' is no address range; write it like 10.1.0.0/16, without bits behind the prefix");
      policy.ranges_.push_back(*range);
      continue;
    }
    const auto colon = entry.rfind(':');
    std::uint16_t port = 0;
    const char* end = entry.data() + entry.size();
    const auto digits = colon == std::string::npos ? std::string_view() : std::string_view(entry).substr(colon + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (colon == std::string::npos || colon == 0 || digits.empty() || read.ec != std::errc() || read.ptr != end ||
        port == 0)
      return fail("network.policy", "'" + entry + "' is neither host:port nor an address range");
    auto host = lower(std::string_view(entry).substr(0, colon));
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    policy.hosts_.push_back({std::move(host), port});
  }
  return policy;
}

Result<void> NetworkPolicy::keepFrom(std::span<const std::string> own) {
  for (const auto& text : own) {
    const auto colon = text.rfind(':');
    std::uint16_t port = 0;
    auto host = colon == std::string::npos ? std::string() : text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    const auto address = parseAddress(host);
    if (!address || !portIn(std::string_view(text).substr(colon + 1), port))
      return fail("network.policy", "'" + text + "' is no address with a port");
    own_.push_back({*address, port});
  }
  return {};
}

Result<void> NetworkPolicy::mayListenAt(std::span<const std::string> ports) {
  anyPort_ = false;
  for (const auto& text : ports) {
    const auto dash = text.find('-');
    Ports range;
    const bool good =
        portIn(std::string_view(text).substr(0, dash), range.first) &&
        portIn(dash == std::string::npos ? std::string_view(text) : std::string_view(text).substr(dash + 1),
               range.last);
    if (!good || range.first > range.last || range.first < 1024)
      return fail("network.policy", "'" + text + "' is no port from 1024 to 65535, nor a range such as 9000-9010");
    ports_.push_back(range);
  }
  return {};
}

bool NetworkPolicy::isOwn(const IpAddress& address, std::uint16_t port) const {
  const auto inside = embeddedV4(address);
  return std::ranges::any_of(own_, [&](const Own& own) {
    return own.port == port && (own.address == address || (inside && own.address == *inside));
  });
}

Result<void> NetworkPolicy::checkListening(std::uint16_t port) const {
  const auto inside = [port](const Ports& range) { return range.first <= port && port <= range.last; };
  if (anyPort_ || std::ranges::any_of(ports_, inside)) return {};
  return fail("network.refused", "flows of this folder may not listen at port " + std::to_string(port) +
                                     "; an administrator can grant it ports (network, listen)");
}

bool NetworkPolicy::listed(std::string_view host, std::uint16_t port) const {
  const auto name = lower(host);
  return std::ranges::any_of(hosts_, [&](const HostPort& entry) { return entry.host == name && entry.port == port; });
}

Result<Unit> NetworkPolicy::check(std::string_view host, std::uint16_t port, const IpAddress& address) const {
  if (listed(host, port)) return Unit{};
  if (isOwn(address, port)) {
    return fail("network.refused", "'" + std::string(host) + ":" + std::to_string(port) +
                                       "' is this server's own; an administrator can allow exactly that in "
                                       "network.allow, not by a range");
  }
  const auto named = "'" + std::string(host) + "' leads to " + addressText(address);
  if (isMetadataService(address)) {
    return fail("network.refused", named + ", where a cloud hands out its credentials; flows do not connect there");
  }
  if (!onlyGlobal_ || isGlobalUnicast(address)) return Unit{};
  if (std::ranges::any_of(ranges_, [&](const AddressRange& range) { return range.contains(address); })) return Unit{};
  return fail("network.refused", named + ", which is not a public address; an administrator can allow '" +
                                     std::string(host) + ":" + std::to_string(port) + "' in network.allow");
}

}  // namespace weir::native
