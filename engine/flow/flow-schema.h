// The JSON Schema of flow documents, made from the same tables that read them.
#pragma once

#include <string_view>

#include "engine/json/value.h"

namespace weir::flow {

struct Shape;

/// Draft 2020-12, of documents of this shape.
[[nodiscard]] json::Value schemaOf(const Shape& shape, std::string_view title);
/// Published as docs/schemas/flow.schema.json.
[[nodiscard]] json::Value flowSchema();

}  // namespace weir::flow
