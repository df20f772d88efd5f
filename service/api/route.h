// Route: one row of the table of routes, which is the truth for routing, rights and the description of the API.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/api/job.h"
#include "service/api/query.h"
#include "service/api/services.h"

namespace weir::api {

struct Route;

/// One request, as its handler sees it.
struct Call {
  Services& services;
  const Route& route;
  const Request& request;
  std::vector<std::string> parameters;  // of the path, in order, decoded
  Query query;
  std::string body;  // whole
  Strand& strand;

  [[nodiscard]] const std::string* header(std::string_view name) const { return headerOf(request.headers, name); }
  /// `co_await call.of(store.read(id, call.waker()))`
  template <class T>
  [[nodiscard]] auto of(Operation<T> operation) {
    return strand.of(std::move(operation));
  }
  [[nodiscard]] const Waker& waker() const { return strand.waker(); }
};

using Handler = Job<Response> (*)(Call& call);

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kEvents = "text/event-stream";

struct Route {
  std::string_view method;      // HEAD is answered by GET
  std::string_view pattern;     // behind /api/v1; {name} is one part of the path, {name...} all that is left
  std::string_view operation;   // its id
  std::string_view permission;  // what its caller must hold
  std::string_view summary;
  std::string_view takes;         // the name of the shape of its body; empty: it has none
  std::string_view gives;         // the name of the shape of its answer; empty: it has none
  int status = 200;               // when all is well
  std::string_view type = kJson;  // of the answer
  Handler handler = nullptr;
  std::span<const QueryRule> query{};
  bool atRoot = false;  // also without /api/v1
};

inline constexpr std::string_view kPrefix = "/api/v1";

[[nodiscard]] std::span<const Route> routes();

/// The route of a method and path, or why there is none: 404 `api.not_found`, 405 `api.method` with Allow.
struct Match {
  const Route* route = nullptr;
  std::vector<std::string> parameters;
};
[[nodiscard]] Expected<Match> match(std::string_view method, std::string_view path);
/// The methods of a path for Allow, such as "GET, HEAD, POST"; empty: there is no such path.
[[nodiscard]] std::string methodsOf(std::string_view path);

}  // namespace weir::api
