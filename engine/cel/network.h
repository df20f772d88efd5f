// IP addresses and ranges: reading and writing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::cel {

/// 4 or 16 bytes in network order; nothing for text that is no address, has a zone, or is an IPv4 address mapped
/// into IPv6 (::ffff:1.2.3.4).
[[nodiscard]] std::optional<std::string> parseAddress(std::string_view text);
/// The address's bytes and one byte of prefix length.
[[nodiscard]] std::optional<std::string> parseRange(std::string_view text);
/// As RFC 5952 writes it.
[[nodiscard]] std::string addressText(std::string_view bytes);
[[nodiscard]] std::string rangeText(std::string_view bytes);

}  // namespace weir::cel
