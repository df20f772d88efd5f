// Previews over HTTP: what a node of a flow gives, from the first rows of its sources.
#pragma once

#include <span>
#include <string>

#include "engine/flow/document.h"
#include "engine/node/catalogue.h"
#include "service/api/route.h"
#include "service/resources/openapi/shapes.h"

namespace weir::api {

[[nodiscard]] std::span<const Route> previewRoutes();
[[nodiscard]] std::span<const Shape> previewShapes();
/// Tests are previews of the whole flow.
[[nodiscard]] std::span<const Route> testRoutes();
[[nodiscard]] std::span<const Shape> testShapes();

/// The part of a flow that leads to an output of a node, with its sources cut to so many rows.
struct PreviewPart {
  std::string node, port;
  std::int64_t sourceRows = 10'000;
  bool effects = false;  // nodes that change something elsewhere are let run too
};
/// The text of that flow, and the port, if none was named. 422 `preview.node`, `preview.effects`.
[[nodiscard]] Expected<std::string> previewOf(const flow::FlowDocument& document, const Catalogue& catalogue,
                                              PreviewPart& part);

}  // namespace weir::api
