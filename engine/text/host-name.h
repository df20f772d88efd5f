// Names of hosts, as people write them in settings.
#pragma once

#include <string_view>

namespace weir {

/// Whether it may be the name or the address of a host: ASCII letters, digits, - and _ in parts with dots between, 253
/// bytes at most; an IPv6 address stands in brackets. Nobody is asked whether there is such a host.
[[nodiscard]] bool isHostName(std::string_view text);

/// The same with a port from 1 to 65535 behind a colon.
[[nodiscard]] bool isHostWithPort(std::string_view text);

}  // namespace weir
