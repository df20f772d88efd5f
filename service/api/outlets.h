// The ports whose rows an execution tells, if it was not said which.
#pragma once

#include <vector>

#include "engine/flow/document.h"
#include "engine/node/catalogue.h"
#include "service/api/runner.h"

namespace weir::api {

/// The ends of the flow: the first output of a node that leads nowhere, and what flows into a sink.
[[nodiscard]] std::vector<PortName> endsOf(const flow::FlowDocument& flow, const Catalogue& catalogue);

}  // namespace weir::api
