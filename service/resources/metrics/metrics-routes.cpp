// GET /metrics.
#include "service/resources/metrics/metrics-routes.h"

#include <array>

#include "service/api/handlers.h"
#include "service/metrics/registry.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

/// A program of this machine asks, and no proxy for somebody else.
bool fromThisMachine(const Call& call) {
  const auto& remote = call.request.remote;
  if (call.header("x-forwarded-for") != nullptr || call.header("forwarded") != nullptr) return false;
  return remote == "::1" || remote.starts_with("127.") || remote.starts_with("::ffff:127.");
}

Job<Response> getMetrics(Call& call) {
  auto* server = call.services.server;
  if (server == nullptr || server->metrics == nullptr) {
    co_return toResponse({404, "api.not_found", "this server keeps no metrics"});
  }
  if (call.services.gate != nullptr && call.principal.user.empty() && !fromThisMachine(call)) {
    Refusal refusal{401, "auth.required", "from another machine /metrics needs a token; send Authorization: Bearer …"};
    refusal.headers.push_back({"www-authenticate", "Bearer"});
    co_return toResponse(std::move(refusal));
  }
  Response response{.status = 200, .headers = {}, .body = server->metrics->text(), .stream = nullptr};
  response.with("content-type", std::string(metrics::Exposition::kContentType)).with("cache-control", "no-store");
  co_return response;
}

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/metrics",
          .operation = "getMetrics",
          .permission = "",
          .summary = "Figures for Prometheus; from another machine it takes a token.",
          .takes = "",
          .gives = "",
          .type = "text/plain",
          .handler = getMetrics,
          .atRoot = true},
};

}  // namespace

std::span<const Route> metricsRoutes() { return kRoutes; }

}  // namespace weir::api
