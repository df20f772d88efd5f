// LetterReplay: a run of an engine process that gives dead letters again, in place of what its sources would give.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/dead-letter-store.h"
#include "apps/cli/dead-letters-command.h"
#include "apps/cli/letter-feeds.h"
#include "apps/cli/replay-plan.h"
#include "engine/host/log.h"

namespace weir::cli {

class LetterReplay {
 public:
  /// `asked` is {run, codes, nodes, numbers, editedOnly}, `folder` has the letters of that run. The plan is cut down to
  /// what the letters pass through. Nobody else changes the letters while it lives. Errors: `dead_letters.*`,
  /// `files.busy`.
  [[nodiscard]] static Result<std::unique_ptr<LetterReplay>> make(const std::string& asked, const std::string& folder,
                                                                  const native::FileKeys& keys, Plan& plan);
  [[nodiscard]] LetterFeeds& feeds() { return *feeds_; }
  /// The run is over; if it went well, the letters that it gave are gone.
  void ended(bool well, Log& log);

 private:
  LetterChoice choice_;
  std::optional<LettersLock> lock_;
  std::vector<LetterFile> files_;
  ReplayPlan replay_;
  std::unique_ptr<FileFeeds> feeds_;
};

}  // namespace weir::cli
