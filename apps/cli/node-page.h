// What `weir nodes ID` prints: all that a person needs to write a node's settings.
#pragma once

#include <string>

#include "engine/node/catalogue.h"

namespace weir::cli {

/// Ports, every setting with type, default, bounds and meaning, the settings of its first example, other versions.
[[nodiscard]] std::string nodePage(const NodeType& type, const Catalogue& catalogue);

}  // namespace weir::cli
