// Shapes: what bodies and answers look like, as JSON Schema (draft 2020-12), by the names that routes say.
#pragma once

#include <span>
#include <string_view>

namespace weir::api {

/// `schema` is JSON; it names others as {"$ref": "#/components/schemas/NAME"}. Answers may have more members than it
/// says: clients pass over what they do not know.
struct Shape {
  std::string_view name, schema;
};

// One group a resource, listed in shape-table.cpp.
[[nodiscard]] std::span<const Shape> placeShapes();
[[nodiscard]] std::span<const Shape> flowShapes();
[[nodiscard]] std::span<const Shape> executionShapes();
[[nodiscard]] std::span<const Shape> runShapes();
[[nodiscard]] std::span<const Shape> liveShapes();
[[nodiscard]] std::span<const Shape> letterShapes();
[[nodiscard]] std::span<const Shape> identityShapes();
[[nodiscard]] std::span<const Shape> alertShapes();

/// All groups.
[[nodiscard]] std::span<const std::span<const Shape>> shapeGroups();
/// Null if there is none of that name.
[[nodiscard]] const Shape* shapeOf(std::string_view name);

}  // namespace weir::api
