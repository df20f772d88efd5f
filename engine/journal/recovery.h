// Recovery: from the files of a journal, whatever became of them, to what can be gone on with; and a report of what
// could not.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host/journal-disk.h"
#include "engine/journal/segments.h"

namespace weir::journal {

struct Trouble {
  enum class Kind : std::uint8_t {
    cut,          // the end of what was being written when the power went; nobody was told that it is safe
    quarantined,  // bytes in the middle are damaged: the segment was set aside, its sound records are kept
    missing       // rows are not there, though later ones are
  };
  Kind kind = Kind::cut;
  std::string file{};  // that was cut, or to which the segment was set aside
  std::int64_t offset = 0, bytes = 0;
  std::string edge{};  // missing: the rows firstRow.. of this edge
  std::uint64_t firstRow = 0, rows = 0;
  /// For a person.
  [[nodiscard]] std::string sentence() const;
};

struct Recovered {
  std::vector<SegmentInfo> segments;  // in order, none open for writing
  EdgeTable edges;
  std::uint64_t nextSegment = 1, lastEpoch = 0;
  std::string run;  // of the segments; empty if there are none
  std::vector<Trouble> troubles;
};

struct RecoverOptions {
  std::uint64_t epoch = 0;  // of the owner; 0: one more than the last
  std::string run;          // whose journal it must be; empty: anybody's
  Sealer* sealer = nullptr;
  /// By the ids of edges: how far they are known to be read, if further than the journal itself says.
  std::map<std::string, std::uint64_t, std::less<>> positions{};
};

/// Reads all segments. The tail of the last is cut behind its last valid record and the segment ended, so that nothing
/// is ever written behind old bytes; a damaged middle is set aside. May be interrupted anywhere and begun again.
/// Errors, before anything is changed: `journal.newer_version`, `journal.fenced` (an owner with a higher epoch),
/// `journal.other_run`, `journal.sealed` (there is no such key here); later, the disk's.
[[nodiscard]] Result<Recovered> recover(JournalDisk& disk, const RecoverOptions& options);

}  // namespace weir::journal
