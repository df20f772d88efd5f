// Http: single requests to servers; the host connects, checks, follows redirects and bounds everything.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/operation.h"

namespace weir {

struct HttpHeader {
  std::string name, value;
};

/// Texts may hold ${secret:NAME} in `url` (user info), header values, `user` and `password`; the host puts the secret
/// in for the target's host, and leaves it out after a redirect to another one.
struct HttpRequest {
  std::string method = "GET";
  std::string url;
  /// Put behind `url` as it is, and may hold ${secret:NAME}: for addresses that are themselves the secret. With
  /// maxRedirects 0; not in a page.
  std::string secretPath{};
  std::vector<HttpHeader> headers{};
  std::string body{};
  std::string user{}, password{};  // basic authentication
  std::string caFile{};            // PEM; empty: the machine's
  std::int64_t timeoutMs = 30'000;
  std::int64_t maxResponseBytes = 16 << 20;  // decompressed
  int maxRedirects = 5;
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers{};  // names in lower case
  std::string body{};
  std::string url{};  // after redirects

  /// Empty if it is not there.
  [[nodiscard]] std::string_view header(std::string_view lowerName) const {
    for (const auto& one : headers) {
      if (one.name == lowerName) return one.value;
    }
    return {};
  }
};

/// Error codes: url.invalid, network.*, tls.*, http.too_large, http.redirects, http.protocol, secret.*. Every status is
/// a response. Thread-safe.
struct Http {
  static constexpr std::string_view kName = "http";
  virtual ~Http() = default;
  virtual Operation<HttpResponse> send(HttpRequest request, Waker waker) = 0;
};

}  // namespace weir
