// Finds the route of a request.
#include <algorithm>
#include <optional>

#include "engine/data/check.h"
#include "engine/text/url.h"
#include "service/api/checked-text.h"
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

/// Whether the path has the parts of the pattern; those that stand for parameters go to `parameter`, undecoded.
template <class Parameter>
bool fits(std::string_view pattern, std::string_view path, Parameter parameter) {
  while (!pattern.empty()) {
    if (path.empty()) return false;
    const auto wanted = takePart(pattern);
    if (wanted.ends_with("...}")) return parameter(path.substr(1));
    const auto part = takePart(path);
    if (wanted.starts_with('{') ? !parameter(part) : part != wanted) return false;
  }
  return path.empty();
}

/// The path's parameters, if it is one of the pattern's.
std::optional<std::vector<std::string>> parametersOf(std::string_view pattern, std::string_view path) {
  // Most patterns do not fit: nothing is decoded for those.
  if (!fits(pattern, path, [](std::string_view) { return true; })) return std::nullopt;
  std::vector<std::string> parameters;
  const auto keep = [&parameters](std::string_view text) {
    auto decoded = percentDecoded(text);
    if (!decoded || decoded->empty()) return false;
    parameters.push_back(std::move(*decoded));
    return true;
  };
  if (!fits(pattern, path, keep)) return std::nullopt;
  return parameters;
}

std::string_view firstPart(std::string_view path) { return path.empty() ? path : takePart(path); }

/// A path as patterns are written.
struct Asked {
  std::string_view path;
  bool atRoot = false;  // without the prefix
};

Asked askedFor(std::string_view path) {
  if (path.starts_with(kPrefix) && path.substr(kPrefix.size()).starts_with('/')) {
    return {path.substr(kPrefix.size())};
  }
  return {path.starts_with('/') ? path : std::string_view(), true};
}

bool isOpen(const Route& route, const Asked& asked) { return !asked.path.empty() && (!asked.atRoot || route.atRoot); }

}  // namespace

RouteTable::RouteTable(std::initializer_list<std::span<const Route>> groups) {
  for (const auto& group : groups) {
    for (const auto& route : group) {
      const auto same = [&route](const Route* other) {
        return other->method == route.method && other->pattern == route.pattern;
      };
      // Of two with one method and pattern the one of the earlier group counts.
      if (std::ranges::any_of(routes_, same)) continue;
      routes_.push_back(&route);
      const auto first = firstPart(route.pattern);
      WEIR_CHECK(!first.starts_with('{'));
      byFirstPart_[first].push_back(&route);
    }
  }
}

std::span<const Route* const> RouteTable::candidates(std::string_view pattern) const {
  const auto found = byFirstPart_.find(firstPart(pattern));
  return found == byFirstPart_.end() ? std::span<const Route* const>() : found->second;
}

std::string RouteTable::methodsOf(std::string_view path) const {
  std::vector<std::string_view> methods;
  const auto asked = askedFor(path);
  for (const auto* route : candidates(asked.path)) {
    if (!isOpen(*route, asked) || !parametersOf(route->pattern, asked.path)) continue;
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
  const auto asked = askedFor(path);
  for (const auto* route : candidates(asked.path)) {
    if (route->method != wanted || !isOpen(*route, asked)) continue;
    auto parameters = parametersOf(route->pattern, asked.path);
    if (!parameters) continue;
    for (const auto& parameter : *parameters) {
      if (auto text = checkText(parameter, "the path"); !text) return std::unexpected(std::move(text.error()));
    }
    return Match{route, std::move(*parameters)};
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
