// The files of runs under other keys, while no server has them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hosts/native/sealing/key-ring.h"

namespace weir::cli {

struct ResealTotals {
  std::int64_t runs = 0, files = 0;
  std::int64_t left = 0;  // damaged, and as they were
};

/// Told after each run: how many are done, of how many.
using ResealProgress = std::function<void(std::int64_t done, std::int64_t all)>;

/// Journals, checkpoints and dead letters of all runs are written anew with the newest keys of their classes. Each file
/// is there at any moment, the old or the new; interrupted, it is begun again. Errors `journal.*`, `state.*`, `seal.*`,
/// `files.*`, `sql.*`.
[[nodiscard]] Result<ResealTotals> rewriteRuns(const std::string& dataFolder, const native::KeyRing& ring,
                                               const ResealProgress& tell);
/// The same for files that are not sealed yet; those that are, are passed over. `database` opens with `key` (null:
/// without one): it says in which folder the flow of a run is.
[[nodiscard]] Result<ResealTotals> encryptRuns(const std::string& dataFolder, native::KeyRing& ring,
                                               const sodium::Key* database, std::int64_t nowMs,
                                               const ResealProgress& tell);

}  // namespace weir::cli
