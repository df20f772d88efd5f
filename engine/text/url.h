// Url: an absolute URL taken apart, as far as clients of HTTP, WebSocket and TCP need it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/data/error.h"

namespace weir {

struct Url {
  std::string scheme;          // lower case
  std::string user, password;  // as they stand, still percent-encoded
  std::string host;            // without brackets
  std::uint16_t port = 0;      // the scheme's own if none is given
  std::string target;          // path and query, at least "/"

  [[nodiscard]] bool secure() const { return scheme == "https" || scheme == "wss"; }
  /// `host:port`, with brackets around an IPv6 address; the port left out where it is the scheme's own.
  [[nodiscard]] std::string authority() const;
  [[nodiscard]] std::string origin() const { return scheme + "://" + authority(); }
};

/// `http`, `https`, `ws`, `wss` and `tcp`, `tls` (which need a port). The fragment is dropped; a character that may not
/// stand in a URL (a space, a control character, beyond ASCII) is percent-encoded in path and query and refused
/// elsewhere. `url.invalid`, without quoting user and password.
[[nodiscard]] Result<Url> parseUrl(std::string_view text);
/// What `reference` (a Location header) means seen from `base`.
[[nodiscard]] Result<Url> resolveUrl(const Url& base, std::string_view reference);

/// Everything but letters, digits and -._~ as %XX.
[[nodiscard]] std::string percentEncoded(std::string_view text);
/// %XX (and with `plusIsSpace` + too) decoded; `url.invalid` for a broken escape.
[[nodiscard]] Result<std::string> percentDecoded(std::string_view text, bool plusIsSpace = false);

}  // namespace weir
