// What a restored data folder does not go on with by itself.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/error.h"
#include "hosts/native/sealing/key-ring.h"
#include "service/store/sql/session.h"

namespace weir::cli {

struct HeldRun {
  std::string id, flow, folder;
  /// Of its newest checkpoint: each source, and the rows that it had given. None: it has no checkpoint, and begins
  /// anew.
  std::vector<std::pair<std::string, std::int64_t>> positions{};
};

/// Where the records are, if not in the folder: in the transaction of whoever fills them.
using ElsewhereRecords = store::sql::Session;

struct HeldSchedule {
  std::string id, name, flow, folder;
};

struct Held {
  std::vector<HeldRun> runs{};
  std::vector<HeldSchedule> schedules{};
  std::vector<std::string> channels{};  // of notices
};

/// In the database of a folder that nobody has open: sessions end, leases are dropped, and what would be done twice
/// while the server that was backed up still works is held until people let it go on: runs that go on are held,
/// schedules paused, channels switched off. With `resume` the runs go on at the next start, and all else is as it was.
[[nodiscard]] Result<Held> settleRestored(const std::string& dataFolder, const native::KeyRing& ring, bool resume,
                                          ElsewhereRecords* elsewhere = nullptr);

}  // namespace weir::cli
