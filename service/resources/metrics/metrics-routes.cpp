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

/// The figures are of all folders, with the names of their flows and nodes: whoever says who they are has to read them
/// all.
Expected<void> mayRead(const Call& call) {
  if (call.principal.user.empty()) {
    if (fromThisMachine(call)) return {};
    Refusal refusal{401, "auth.required", "from another machine /metrics needs a token; send Authorization: Bearer …"};
    refusal.headers.push_back({"www-authenticate", "Bearer"});
    return std::unexpected(std::move(refusal));
  }
  const auto held = call.permissionsAt({});
  if (held.has(auth::Permission::flowRead) || held.has(auth::Permission::serverAdmin)) return {};
  return refuse(403, "auth.denied",
                "/metrics has the figures of all folders: it needs flow.read in the root folder, or server.admin; the "
                "figures of one run are at /api/v1/runs/{run}/metrics");
}

Job<Response> getMetrics(Call& call) {
  auto* server = call.services.server;
  if (server == nullptr || server->metrics == nullptr) {
    co_return toResponse({404, "api.not_found", "this server keeps no metrics"});
  }
  if (call.services.gate != nullptr) {
    if (auto may = mayRead(call); !may) co_return toResponse(std::move(may.error()));
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
          .summary = "Figures for Prometheus; from another machine it takes a token with flow.read in the root.",
          .takes = "",
          .gives = "",
          .type = "text/plain",
          .handler = getMetrics,
          .atRoot = true,
          .also = "403"},
};

}  // namespace

std::span<const Route> metricsRoutes() { return kRoutes; }

}  // namespace weir::api
