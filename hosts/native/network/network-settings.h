// NetworkSettings: what one place allows and offers to everything that leaves it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/url.h"
#include "hosts/native/network/network-policy.h"
#include "hosts/native/secrets.h"

namespace weir::native {

class NetworkMeter;

/// The operator's proxies; a flow cannot name one.
struct ProxySettings {
  std::optional<Url> http, https;
  std::vector<std::string> direct;  // NO_PROXY: hosts, .suffixes, addresses; "*" is all

  /// HTTP_PROXY, HTTPS_PROXY, NO_PROXY (lower case too). `url.invalid` names the variable.
  [[nodiscard]] static Result<ProxySettings> fromEnvironment();
  /// Null: connect directly.
  [[nodiscard]] const Url* proxyFor(const Url& target) const;
};

struct NetworkSettings {
  NetworkPolicy policy = NetworkPolicy::commandLine();
  ProxySettings proxies{};
  const Secrets* secrets = nullptr;       // outlives all that uses it
  std::shared_ptr<NetworkMeter> meter{};  // null: connections and what they send are not counted
};

}  // namespace weir::native
