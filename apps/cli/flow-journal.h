// The journal of a flow with durable edges under `weir run`: its folder, what lies there, and when it goes.
#pragma once

#include <memory>
#include <string>

#include "engine/flow/plan.h"
#include "engine/journal/journal.h"
#include "hosts/native/native-journal-disk.h"
#include "hosts/native/sealing/file-keys.h"

namespace weir::cli {

struct FlowJournalOptions {
  std::string folder;  // of this flow alone
  bool resume = false;
  /// Rows that an earlier run has left are thrown away.
  bool anew = false;
  native::FileKeys keys{};  // its records are sealed with them; none: they are not
};

/// For what is repeated when it was interrupted, and a look at the flow: nothing of it outlives the process.
void keepInMemory(Plan& plan);

class FlowJournal {
 public:
  /// Null if no edge of the plan is durable. `journal.busy` while another process holds the folder;
  /// `journal.unfinished` if it has rows that nobody said what to do with.
  [[nodiscard]] static Result<std::unique_ptr<FlowJournal>> open(const FlowJournalOptions& options, const Plan& plan);

  [[nodiscard]] Journal& journal() { return *journal_; }
  /// For the run that goes on with it.
  [[nodiscard]] JournalContents takeContents() { return std::move(contents_); }
  /// Of the journal's disk.
  [[nodiscard]] const native::NativeJournalDisk& disk() const { return *disk_; }
  /// The run has ended, and nothing of it is needed: the files go, but for those that were set aside.
  void runEnded();

 private:
  std::unique_ptr<native::NativeJournalDisk> disk_;
  std::unique_ptr<native::RecordSealer> sealer_;
  std::unique_ptr<Journal> journal_;
  JournalContents contents_;
};

}  // namespace weir::cli
