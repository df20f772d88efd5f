// What a request to run a flow says beside the flow, checked.
#pragma once

#include <span>

#include "engine/flow/document.h"
#include "engine/json/value.h"
#include "engine/node/catalogue.h"
#include "service/api/refusal.h"
#include "service/api/runner.h"

namespace weir::api {

/// The members that RunRequest reads: each is of its kind, or left out. `api.body` names the one that is not.
[[nodiscard]] Expected<void> checkRunOptions(const json::Value& root);
/// Each names a node of the flow and a port of it; `api.body` (422) names the one that does not.
[[nodiscard]] Expected<void> checkOutlets(std::span<const PortName> outlets, const flow::FlowDocument& document,
                                          const Catalogue& catalogue);

}  // namespace weir::api
