// The operator's proxies, read from the environment as other programs do.
#include "hosts/native/network/network-settings.h"

#include <algorithm>
#include <cstdlib>

namespace weir::native {
namespace {

std::string variable(const char* lower, const char* upper) {
  if (const char* value = std::getenv(lower); value != nullptr && *value != '\0') return value;
  if (const char* value = std::getenv(upper); value != nullptr) return value;
  return {};
}

Result<std::optional<Url>> proxyOf(const std::string& text, std::string_view name) {
  if (text.empty()) return std::nullopt;
  auto url = parseUrl(text.find("://") == std::string::npos ? "http://" + text : text);
  if (!url || url->scheme != "http")
    return fail("url.invalid",
                std::string(name) + " is no proxy that can be used; write it like http://proxy.example:3128");
  return std::move(*url);
}

bool goesDirect(std::string_view entry, std::string_view host) {
  if (entry == "*" || entry == host) return true;
  if (entry.starts_with('.')) entry.remove_prefix(1);
  return host.size() > entry.size() && host.ends_with(entry) && host[host.size() - entry.size() - 1] == '.';
}

}  // namespace

Result<ProxySettings> ProxySettings::fromEnvironment() {
  ProxySettings settings;
  // In a CGI program HTTP_PROXY comes from a request's Proxy header; there it must not count.
  if (std::getenv("REQUEST_METHOD") == nullptr) {
    WEIR_ASSIGN(settings.http, proxyOf(variable("http_proxy", "HTTP_PROXY"), "HTTP_PROXY"));
  }
  WEIR_ASSIGN(settings.https, proxyOf(variable("https_proxy", "HTTPS_PROXY"), "HTTPS_PROXY"));
  const auto list = variable("no_proxy", "NO_PROXY");
  std::string entry;
  for (const char c : list + ",") {
    if (c == ',' || c == ' ') {
      if (!entry.empty()) settings.direct.push_back(std::move(entry));
      entry.clear();
    } else {
      entry += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
  }
  return settings;
}

const Url* ProxySettings::proxyFor(const Url& target) const {
  const auto& proxy = target.secure() ? https : http;
  if (!proxy) return nullptr;
  const bool near =
      std::ranges::any_of(direct, [&](const std::string& entry) { return goesDirect(entry, target.host); });
  return near ? nullptr : &*proxy;
}

}  // namespace weir::native
