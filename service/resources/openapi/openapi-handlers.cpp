// Answers with the OpenAPI document, and with the pages that show it.
#include <array>
#include <string>

#include "engine/node/version.h"
#include "service/api/handlers.h"
#include "service/resources/openapi/docs-files.h"
#include "service/resources/openapi/openapi.h"

namespace weir::api {
namespace {

// The page has no script and no style of its own, so it needs nothing that is inline.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

Job<Response> getOpenApi(Call& call) {
  Response response{.status = 200, .headers = {}, .body = openApiOf(call.services.routes, kEngineVersion)};
  response.with("content-type", std::string(kJson)).with("cache-control", "no-cache");
  return response;
}

Response answerOf(const DocsFile& file) {
  Response response{.status = 200, .headers = {}, .body = std::string(file.content)};
  response.with("content-type", std::string(file.type)).with("cache-control", "no-cache");
  response.with("content-security-policy", std::string(kPolicy)).with("x-content-type-options", "nosniff");
  response.with("referrer-policy", "no-referrer");
  if (file.gzip) response.with("content-encoding", "gzip");
  return response;
}

Job<Response> getDocs(Call&) { return answerOf(*docsFile("index.html")); }

Job<Response> getDocsFile(Call& call) {
  const auto& name = call.parameters.front();
  if (const auto* file = docsFile(name)) return answerOf(*file);
  return toResponse({404, "api.not_found", "there is no page '" + name + "' below /docs"});
}

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/openapi.json",
          .operation = "getOpenApi",
          .permission = "",
          .summary = "The description of this API: OpenAPI 3.1.",
          .takes = "",
          .gives = "OpenApi",
          .handler = getOpenApi},
    Route{.method = "GET",
          .pattern = "/docs",
          .operation = "getDocs",
          .permission = "",
          .summary = "The description as pages, to read and to try.",
          .takes = "",
          .gives = "",
          .type = "text/html",
          .handler = getDocs,
          .atRoot = true},
    Route{.method = "GET",
          .pattern = "/docs/{file...}",
          .operation = "getDocsFile",
          .permission = "",
          .summary = "A file of those pages.",
          .takes = "",
          .gives = "",
          .type = "text/html",
          .handler = getDocsFile,
          .atRoot = true},
};

}  // namespace

std::span<const Route> openApiRoutes() { return kRoutes; }

}  // namespace weir::api
