// What a restored data folder does not go on with by itself.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/error.h"
#include "hosts/native/sealing/key-ring.h"

namespace weir::cli {

struct HeldRun {
  std::string id, flow, folder;
  /// Of its newest checkpoint: each source, and the rows that it had given. None: it has no checkpoint, and begins
  /// anew.
  std::vector<std::pair<std::string, std::int64_t>> positions{};
};

/// In the database of a folder that nobody has open: sessions end, leases are dropped, and runs that go on are held
/// until people resume them, or go on at the next start (`resume`). Gives those runs.
[[nodiscard]] Result<std::vector<HeldRun>> settleRestored(const std::string& dataFolder, const native::KeyRing& ring,
                                                          bool resume);

}  // namespace weir::cli
