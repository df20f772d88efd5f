// Copying what is wanted of a segment into a new file: for compaction, and to get around damage.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/journal/segment-scan.h"
#include "engine/journal/segments.h"

namespace weir::journal {

/// The payload as it was before it was sealed; `opened` holds it if that takes room.
[[nodiscard]] Result<std::string_view> plainPayload(Sealer* sealer, const SealPlace& place, const FoundRecord& found,
                                                    std::string& opened);

/// Writes those sound records of a segment up to info.usedBytes that are `wanted` (asked of batches only) to
/// `<id>.making`, ended and synced, and says what is in it.
[[nodiscard]] Result<SegmentInfo> copySegment(JournalDisk& disk, Sealer* sealer, SegmentScan& from,
                                              const SegmentInfo& info,
                                              const std::function<bool(const RecordHead&)>& wanted);

}  // namespace weir::journal
