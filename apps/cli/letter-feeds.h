// LetterFeeds of the files of a run: which rows a replay gives again, and which letters leave when it is done.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/cli/dead-letter-store.h"
#include "apps/cli/dead-letters-command.h"
#include "apps/cli/replay-plan.h"

namespace weir::cli {

/// Each source reads the run's files by itself and keeps what is its own. Both outlive it.
class FileFeeds final : public LetterFeeds {
 public:
  FileFeeds(const std::vector<LetterFile>& files, const LetterChoice& choice) : files_(files), choice_(choice) {}
  /// Before the run.
  void add(const std::string& feeder, LetterPlace place) { feeds_[feeder].place = std::move(place); }
  Result<std::optional<std::vector<DeadLetter>>> next(std::string_view feeder) override;

 private:
  struct Feed {
    LetterPlace place;
    std::size_t file = 0;
    std::int64_t number = 0;  // of the last letter that was read
    std::optional<LetterFileReader> reader;
  };
  const std::vector<LetterFile>& files_;
  const LetterChoice& choice_;
  std::map<std::string, Feed, std::less<>> feeds_;
};

/// How many letters there are for each place.
[[nodiscard]] Result<std::map<LetterPlace, std::int64_t>> countPlaces(const std::vector<LetterFile>& files,
                                                                      const LetterChoice& choice);
/// The letters that went through the run leave their files; those that failed again are dead letters of the new run.
Result<void> removeReplayed(const std::vector<LetterFile>& files, const ReplayPlan& replay, const LetterChoice& choice);

}  // namespace weir::cli
