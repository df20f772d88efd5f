// Opened before the run, emptied behind it.
#include "apps/cli/flow-journal.h"

#include <algorithm>
#include <utility>

#include "engine/runtime/run.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kDiskBytes = std::int64_t{1} << 30;
constexpr std::int64_t kSegmentBytes = std::int64_t{16} << 20;

/// A later segment says how far the earlier ones were read, so it goes after them.
Result<void> dropSegments(JournalDisk& disk) {
  WEIR_ASSIGN(const auto files, disk.list());
  for (const auto& file : files) {
    if (file.name.ends_with(".segment") || file.name.ends_with(".making")) WEIR_TRY(disk.remove(file.name));
  }
  return disk.syncFolder();
}

std::unexpected<Error> unfinished(const std::string& folder, std::uint64_t rows) {
  return fail("journal.unfinished",
              "the journal in '" + folder + "' has " + std::to_string(rows) + (rows == 1 ? " row" : " rows") +
                  " that an interrupted run has taken on and not finished. Go on with them: weir run --resume. Or "
                  "throw them away: weir run --anew");
}

}  // namespace

void keepInMemory(Plan& plan) {
  for (auto& edge : plan.edges) edge.durable = false;
  plan.stateStorage = StateStorage::memory;
}

Result<std::unique_ptr<FlowJournal>> FlowJournal::open(const FlowJournalOptions& options, const Plan& plan) {
  if (std::ranges::none_of(plan.edges, &PlannedEdge::durable)) return nullptr;
  auto made = std::make_unique<FlowJournal>();
  WEIR_ASSIGN(made->disk_, native::NativeJournalDisk::open(options.folder));
  if (options.anew) WEIR_TRY(dropSegments(*made->disk_));
  JournalOptions opening;
  opening.run = plan.flowId;
  opening.note = journalNote(plan);
  opening.segmentBytes = kSegmentBytes;
  if (!options.keys.empty()) {
    made->sealer_ = std::make_unique<native::RecordSealer>(options.keys);
    opening.sealer = made->sealer_.get();
  }
  opening.diskBytes = plan.limits.diskBytes > 0 ? std::min(plan.limits.diskBytes, kDiskBytes) : kDiskBytes;
  WEIR_ASSIGN(made->journal_, Journal::open(*made->disk_, std::move(opening), made->contents_));
  const auto waiting = made->contents_.waitingRows();
  if (waiting > 0 && !options.resume) return unfinished(options.folder, waiting);
  return made;
}

void FlowJournal::runEnded() {
  journal_.reset();
  // What cannot be removed has no rows that anybody waits for.
  static_cast<void>(dropSegments(*disk_));
}

}  // namespace weir::cli
