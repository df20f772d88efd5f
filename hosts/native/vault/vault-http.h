// What the clients of vaults share: a request that is waited for, and when its connection may be in the clear.
#pragma once

#include <string>
#include <string_view>

#include "engine/data/error.h"
#include "engine/host/http.h"

namespace weir::native {

/// A value, and how long the vault lets it be used; 0: it does not say.
struct VaultValue {
  std::string value;
  std::int64_t leaseMs = 0;
};

/// Waits for the answer: never on a thread that others wait for. Every failure is `secret.unavailable`, recoverable.
[[nodiscard]] Result<HttpResponse> askVault(Http& http, HttpRequest request, std::string_view who);
/// `url` is https, leads to this machine, or it was said that the network is safe; else `server.insecure`.
Result<void> checkTransport(const std::string& url, std::string_view setting, bool insecureTransport);

}  // namespace weir::native
