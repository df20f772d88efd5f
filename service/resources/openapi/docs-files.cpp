// Swagger UI as it comes from npm (Apache-2.0), compressed when the build is configured, and the page around it.
#include "service/resources/openapi/docs-files.h"

#include <algorithm>
#include <array>

namespace weir::api {
namespace {

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
constexpr char kScript[] = {
#embed "docs-ui/swagger-ui-bundle.js.gz"
};
constexpr char kStyle[] = {
#embed "docs-ui/swagger-ui.css.gz"
};
#pragma clang diagnostic pop

// Relative to the document's own place, so that it also works behind a proxy that puts all of us below a path.
constexpr std::string_view kPage = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Weir: the HTTP API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<main id="docs"></main>
<noscript>This page needs JavaScript; the description itself is at <a href="api/v1/openapi.json">api/v1/openapi.json</a>.</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
)";

constexpr std::string_view kStart = R"("use strict";
const below = window.location.pathname.replace(/(\/api\/v1)?\/docs\/?$/, "");
SwaggerUIBundle({
  url: below + "/api/v1/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  filter: true,
  // Nothing of this leaves the machine.
  validatorUrl: null,
  // What is sent with the session of this browser needs the token that its page was given.
  requestInterceptor: async (request) => {
    if (request.method === "GET" || request.headers.Authorization) return request;
    const session = await fetch(below + "/api/v1/session", { headers: { Accept: "application/json" } });
    if (session.ok) request.headers["X-Weir-CSRF"] = (await session.json()).csrf;
    return request;
  },
});
)";

constexpr std::array kFiles = {
    DocsFile{"index.html", "text/html; charset=utf-8", kPage},
    DocsFile{"start.js", "text/javascript; charset=utf-8", kStart},
    DocsFile{"swagger-ui-bundle.js", "text/javascript; charset=utf-8", {kScript, sizeof kScript}, true},
    DocsFile{"swagger-ui.css", "text/css; charset=utf-8", {kStyle, sizeof kStyle}, true},
};

}  // namespace

const DocsFile* docsFile(std::string_view name) {
  const auto* const found = std::ranges::find(kFiles, name, &DocsFile::name);
  return found == kFiles.end() ? nullptr : found;
}

}  // namespace weir::api
