// Looks at addresses before anybody relies on them.
#include "apps/cli/serve/own-services.h"

#include <string_view>
#include <utility>

namespace weir::cli {
namespace {

struct Service {
  std::string_view setting, first, second, form;
};
constexpr Service kServices[] = {
    {"redis-url", "redis://", "rediss://", "redis://HOST:PORT or rediss://HOST:PORT"},
    {"s3-endpoint-url", "https://", "http://", "https://HOST or https://HOST:PORT"},
};

bool hasHost(std::string_view url) {
  auto rest = url.substr(url.find("://") + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  return !rest.empty() && !rest.starts_with(':') && rest.find(' ') == std::string_view::npos;
}

}  // namespace

Result<std::vector<std::string>> servicesOf(const Config& config) {
  std::vector<std::string> urls{config.text("database-url")};
  for (const auto& service : kServices) {
    const auto& url = config.text(service.setting);
    if (url.empty()) continue;
    if ((!url.starts_with(service.first) && !url.starts_with(service.second)) || !hasHost(url)) {
      return fail("config.value",
                  config.origin(service.setting) + " is no address of the form " + std::string(service.form));
    }
    urls.push_back(url);
  }
  return urls;
}

}  // namespace weir::cli
