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

IngressPiece put(std::string& text, std::string_view piece) {
  const auto at = static_cast<std::uint32_t>(text.size());
  text.append(piece);
  return {at, static_cast<std::uint32_t>(piece.size())};
}

std::string mediaTypeOf(std::string_view contentType) {
  auto type = contentType.substr(0, contentType.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return utf8::lowerAscii(type);
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

int refusedHead(const WebhookRoute& route, const RequestHead& head, const IpAddress& remote) {
  const auto& settings = route.settings;
  if (!route.allowed.empty()) {
    const auto inside = [&](const AddressRange& range) { return range.contains(remote); };
    if (std::ranges::none_of(route.allowed, inside)) return 403;
  }
  if (!route.auth.allowsHead(head)) return 401;
  if (head.contentLength > settings.maxBodyBytes) return 413;
  if (!settings.contentTypes.empty() && (head.contentLength > 0 || head.chunked)) {
    const auto type = mediaTypeOf(head.header("content-type").value_or(""));
    if (std::ranges::find(settings.contentTypes, type) == settings.contentTypes.end()) return 415;
  }
  return 0;
}

void appendRequest(WebhookRoute& route, const ArrivedRequest& arrived) {
  const auto& head = arrived.head;
  auto& text = route.arriving.text;
  IngressRequest request;
  request.number = ++route.lastNumber;
  request.arrivedMicros = arrived.micros;
  request.body = put(text, arrived.body);
  text.push_back('\0');
  request.contentType = put(text, head.header("content-type").value_or(""));
  request.traceparent = put(text, head.header("traceparent").value_or(""));
  if (route.settings.wantsHead) {
    request.method = put(text, head.method);
    request.path = put(text, arrived.path);
    request.query = put(text, arrived.query);
    request.remote = put(text, addressText(arrived.remote));
    request.parameters = put(text, arrived.parameters);
    const auto at = static_cast<std::uint32_t>(text.size());
    for (std::size_t i = 0; i < head.headerCount; ++i) {
      const auto& header = head.headers[i];
      const auto name = utf8::lowerAscii(header.name);
      if (name == "authorization" || name == "cookie" || name == "proxy-authorization" || route.auth.proves(name))
        continue;
      text.append(name).append(": ").append(header.value).append("\n");
    }
    request.headers = {at, static_cast<std::uint32_t>(text.size() - at)};
  }
  route.arriving.requests.push_back(request);
}

bool mayReply(const std::vector<std::string>& allowed, std::string_view name, std::string_view value) {
  const auto lower = utf8::lowerAscii(name);
  const auto ends = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; };
  return lower != "set-cookie" && std::ranges::contains(allowed, lower) && std::ranges::none_of(value, ends);
}

bool clash(const WebhookRoute& a, const WebhookRoute& b) {
  const auto shared = std::ranges::any_of(a.settings.methods, [&](const std::string& method) {
    return std::ranges::find(b.settings.methods, method) != b.settings.methods.end();
  });
  return shared && std::ranges::equal(a.segments, b.segments, [](const std::string& one, const std::string& other) {
           return (isParameter(one) && isParameter(other)) || one == other;
         });
}

bool isPathText(std::string_view part) {
  return part.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos && utf8::isValid(part);
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
      if (part->empty() || !isPathText(*part)) return false;
      parameters.append(wanted.substr(1)).append(": ").append(*part).append("\n");
    } else if (*part != wanted) {
      return false;
    }
    if (!last) path.remove_prefix(slash + 1);
  }
  return true;
}

}  // namespace weir::native
