// A journal that nobody has open, written anew under other keys.
#pragma once

#include <cstdint>

#include "engine/data/error.h"
#include "engine/host/journal-disk.h"
#include "engine/journal/sealer.h"

namespace weir {

struct ResealReport {
  std::int64_t written = 0;  // segments
  std::int64_t left = 0;     // as they were, because they are damaged: recovery has to see them first
};

/// Each segment whose records `from` opens (null: they are not sealed) is copied with records sealed by `to`, and the
/// copy takes its place once it is on the disk: interrupted at any moment, every segment is there, the old or the new.
/// Those of another key id than that of `from` are passed over. Errors `journal.*`, `files.*`.
[[nodiscard]] Result<ResealReport> resealJournal(JournalDisk& disk, journal::Sealer* from, journal::Sealer& to);

}  // namespace weir
