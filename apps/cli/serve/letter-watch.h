// LetterWatch: tells the index of dead letters which files of letters have come, changed or gone.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "apps/cli/dead-letter-store.h"
#include "service/store/letter-index.h"

namespace weir::cli {

/// One thread, which may wait for the store and the disk.
class LetterWatch {
 public:
  /// `runs` has a folder for each run, and in it one called `dead-letters`.
  LetterWatch(store::LetterIndex& index, std::string runs, LetterKeys keys)
      : index_(index), runs_(std::move(runs)), keys_(std::move(keys)) {}
  /// Reads what has changed since it looked last, if that was not a moment ago. What cannot be read has no letters
  /// until it changes.
  Result<Unit> look();
  /// Letters were changed here: the next look is none too many.
  void changed() { rests_ = {}; }

 private:
  store::LetterIndex& index_;
  std::string runs_;
  LetterKeys keys_;
  std::chrono::steady_clock::time_point rests_{};  // until then
};

}  // namespace weir::cli
