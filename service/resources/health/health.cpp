// For whoever restarts a server that hangs (live), and whoever sends it requests (ready).
#include "service/resources/health/health.h"

#include <array>

#include "service/api/handlers.h"
#include "service/resources/health/store-watch.h"
#include "service/resources/server.h"

namespace weir::api {
namespace {

/// That it answers is the answer.
Job<Response> getLive(Call&) { return jsonAnswer(R"({"status":"live"})"); }

/// Ready is who can read what is stored, and change it in a time that somebody would wait for. The reason stays in the
/// log: anybody may ask.
Job<Response> getReady(Call& call) {
  const auto* server = call.services.server;
  const auto* watch = server != nullptr ? server->storeWatch : nullptr;
  // What is known is not asked for: the question would wait behind all that waits already.
  auto answers = watch != nullptr ? watch->answers() : std::nullopt;
  const auto slow = [watch] { return watch != nullptr && watch->slow(); };
  if (!answers && !slow()) {
    store::FlowQuery query;
    query.limit = 1;
    answers = (co_await call.of(call.services.store.list(std::move(query), call.waker()))).has_value();
  }
  const bool reached = answers.value_or(true);
  if (reached && watch != nullptr && watch->readOnly()) {
    Refusal refusal{503, "storage.read_only",
                    "the disk is read-only: what is there can be read, and changes are refused; mount it for writing "
                    "again"};
    refusal.headers.push_back({"retry-after", "5"});
    co_return toResponse(std::move(refusal));
  }
  if (reached && watch != nullptr && watch->full()) {
    Refusal refusal{503, "storage.full",
                    "the disk is full: what is there can be read and deleted, and changes are refused; free some room"};
    refusal.headers.push_back({"retry-after", "5"});
    co_return toResponse(std::move(refusal));
  }
  if (reached && !slow()) co_return jsonAnswer(R"({"status":"ready"})");
  Refusal refusal{503, "storage.unavailable",
                  reached ? "what the server stores takes too long to get to the disk; try again later"
                          : "the server cannot reach what it stores; try again later"};
  refusal.headers.push_back({"retry-after", "5"});
  co_return toResponse(std::move(refusal));
}

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/health/live",
          .operation = "getLive",
          .permission = "",
          .summary = "Whether the process answers.",
          .takes = "",
          .gives = "Health",
          .handler = getLive,
          .atRoot = true},
    Route{
        .method = "GET",
        .pattern = "/health/ready",
        .operation = "getReady",
        .permission = "",
        .summary = "Whether it can take work: 503 while what it stores cannot be reached, or has no room for changes.",
        .takes = "",
        .gives = "Health",
        .handler = getReady,
        .atRoot = true},
};

}  // namespace

std::span<const Route> healthRoutes() { return kRoutes; }

}  // namespace weir::api
