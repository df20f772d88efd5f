// Changes to a batch that spare the way through a new one, for who makes many small batches.
#pragma once

#include <cstdint>
#include <span>

#include "engine/data/batch.h"

namespace weir {

/// As Batch::rearranged, in the batch itself; false, and nothing happened, if somebody else shares the batch or its own
/// columns do not keep their places.
[[nodiscard]] bool rearrangeInPlace(Batch& batch, const SchemaRef& schema, std::span<const std::int32_t> sources,
                                    std::span<Column> made);

/// Says of the rows of a batch that is there who made them, and the first one's sequence; what else its envelope says
/// stays. In place, where nobody else holds the batch.
void setOrigin(Batch& batch, std::uint32_t origin, std::uint64_t firstSequence);

}  // namespace weir
