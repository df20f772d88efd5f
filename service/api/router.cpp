// Finds the route of a request.
#include <algorithm>
#include <optional>

#include "engine/text/url.h"
#include "service/api/route.h"

namespace weir::api {
namespace {

/// Takes the first part of a path that begins with '/'.
std::string_view takePart(std::string_view& path) {
  path.remove_prefix(1);
  const auto end = std::min(path.find('/'), path.size());
  const auto part = path.substr(0, end);
  path.remove_prefix(end);
  return part;
}

/// The path's parameters, if it is one of the pattern's.
std::optional<std::vector<std::string>> fits(std::string_view pattern, std::string_view path) {
  std::vector<std::string> parameters;
  const auto keep = [&parameters](std::string_view text) {
    auto decoded = percentDecoded(text);
    if (!decoded || decoded->empty()) return false;
    parameters.push_back(std::move(*decoded));
    return true;
  };
  while (!pattern.empty()) {
    if (path.empty()) return std::nullopt;
    const auto wanted = takePart(pattern);
    if (wanted.ends_with("...}")) {
      if (!keep(path.substr(1))) return std::nullopt;
      return parameters;
    }
    const auto part = takePart(path);
    if (wanted.starts_with('{') ? !keep(part) : part != wanted) return std::nullopt;
  }
  if (!path.empty()) return std::nullopt;
  return parameters;
}

std::optional<std::vector<std::string>> fits(const Route& route, std::string_view path) {
  if (path.starts_with(kPrefix) && path.substr(kPrefix.size()).starts_with('/')) {
    return fits(route.pattern, path.substr(kPrefix.size()));
  }
  return route.atRoot && path.starts_with('/') ? fits(route.pattern, path) : std::nullopt;
}

}  // namespace

RouteTable::RouteTable(std::initializer_list<std::span<const Route>> groups) {
  for (const auto& group : groups) {
    for (const auto& route : group) {
      const auto same = [&route](const Route* other) {
        return other->method == route.method && other->pattern == route.pattern;
      };
      // Of two with one method and pattern the one of the earlier group counts.
      if (std::ranges::none_of(routes_, same)) routes_.push_back(&route);
    }
  }
}

std::string RouteTable::methodsOf(std::string_view path) const {
  std::vector<std::string_view> methods;
  for (const auto* route : routes_) {
    if (!fits(*route, path)) continue;
    methods.push_back(route->method);
    if (route->method == "GET") methods.push_back("HEAD");
  }
  if (!methods.empty()) methods.push_back("OPTIONS");
  std::string text;
  for (const auto method : methods) text.append(text.empty() ? "" : ", ").append(method);
  return text;
}

Expected<Match> RouteTable::match(std::string_view method, std::string_view path) const {
  const auto wanted = method == "HEAD" ? std::string_view("GET") : method;
  for (const auto* route : routes_) {
    if (route->method != wanted) continue;
    if (auto parameters = fits(*route, path)) return Match{route, std::move(*parameters)};
  }
  auto allowed = methodsOf(path);
  if (allowed.empty()) {
    return refuse(404, "api.not_found",
                  "there is nothing at '" + std::string(path) + "'; the routes begin with " + std::string(kPrefix));
  }
  Refusal refusal{405, "api.method",
                  "'" + std::string(path) + "' does not take " + std::string(method) + ", but " + allowed};
  refusal.headers.push_back({"allow", std::move(allowed)});
  return std::unexpected(std::move(refusal));
}

}  // namespace weir::api
