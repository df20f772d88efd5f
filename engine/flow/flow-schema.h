// The JSON Schema of flow documents, made from the same tables that read them.
#pragma once

#include "engine/json/value.h"

namespace weir::flow {

/// Draft 2020-12; published as docs/schemas/flow.schema.json.
[[nodiscard]] json::Value flowSchema();

}  // namespace weir::flow
