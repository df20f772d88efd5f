// What the handlers of alerts share.
#pragma once

#include <charconv>
#include <optional>
#include <string>

#include "engine/json/document.h"
#include "service/alerts/alert-book.h"
#include "service/api/flow-text.h"
#include "service/api/handlers.h"
#include "service/resources/alerts/alert-routes.h"
#include "service/resources/server.h"

namespace weir::api {

/// 404 where the server watches nothing.
[[nodiscard]] inline Expected<alerts::AlertBook*> bookOf(const Call& call) {
  auto* server = call.services.server;
  if (server == nullptr || server->alerts == nullptr) {
    return refuse(404, "api.not_found", "this server keeps no alerts");
  }
  return server->alerts;
}

/// The body as an object.
[[nodiscard]] inline Expected<json::Document> objectIn(const Call& call) {
  auto document = jsonOf(call.body);
  if (!document) return document;
  if (!document->root().isObject()) return refuse(400, "api.body", "the body is no object");
  return std::move(*document);
}

/// Answers with `body` once the store has kept the change.
[[nodiscard]] inline Response keptAnswer(const Result<Unit>& kept, std::string body) {
  if (!kept) return toResponse(refusalOf(kept.error()));
  return jsonAnswer(std::move(body));
}

}  // namespace weir::api
