// Paths of webhooks: checked, compared, matched.
#include "hosts/native/network/ingress-routes.h"

#include <algorithm>

#include "engine/text/url.h"
#include "engine/text/utf8.h"

namespace weir::native {
namespace {

std::vector<std::string> segmentsOf(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool isParameter(std::string_view segment) { return segment.size() > 1 && segment.front() == ':'; }

}  // namespace

Result<std::shared_ptr<WebhookRoute>> makeRoute(IngressRoute settings, std::vector<std::string> secrets, Waker waker) {
  const auto& path = settings.path;
  if (!path.starts_with('/') || path.find_first_of("?# \t\r\n") != std::string::npos)
    return fail("ingress.path", "the path '" + path + "' begins with / and has no ?, # or space");
  auto route = std::make_shared<WebhookRoute>();
  route->segments = segmentsOf(path);
  for (const auto& segment : route->segments) {
    if (segment == "." || segment == ".." || segment == ":")
      return fail("ingress.path", "the path '" + path + "' has a part '" + segment + "'");
  }
  for (const auto& text : settings.allowedRanges) {
    const auto range = parseRange(text);
    if (!range) return fail("network.policy", "'" + text + "' is no address or range such as 10.1.0.0/16");
    route->allowed.push_back(*range);
  }
  WEIR_ASSIGN(route->auth, WebhookAuth::make(settings, std::move(secrets)));
  route->waker = std::move(waker);
  route->settings = std::move(settings);
  return route;
}

bool clash(const WebhookRoute& a, const WebhookRoute& b) {
  const auto shared = std::ranges::any_of(a.settings.methods, [&](const std::string& method) {
    return std::ranges::find(b.settings.methods, method) != b.settings.methods.end();
  });
  return shared && std::ranges::equal(a.segments, b.segments, [](const std::string& one, const std::string& other) {
           return (isParameter(one) && isParameter(other)) || one == other;
         });
}

bool matches(const WebhookRoute& route, std::string_view path, std::string& parameters) {
  if (path == route.settings.path && path.find(':') == std::string_view::npos) return true;
  parameters.clear();
  path.remove_prefix(1);
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    const auto slash = path.find('/');
    const bool last = slash == std::string_view::npos;
    if (last != (i + 1 == route.segments.size())) return false;
    const auto part = percentDecoded(path.substr(0, slash));
    const auto& wanted = route.segments[i];
    if (!part) return false;
    if (isParameter(wanted)) {
      if (part->empty() || part->find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos ||
          !utf8::isValid(*part))
        return false;
      parameters.append(wanted.substr(1)).append(": ").append(*part).append("\n");
    } else if (*part != wanted) {
      return false;
    }
    if (!last) path.remove_prefix(slash + 1);
  }
  return true;
}

}  // namespace weir::native
