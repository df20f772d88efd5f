// LetterIndex: which runs have dead letters, of which nodes and causes, and how many.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/host/operation.h"
#include "service/auth/grants.h"

namespace weir::store {

/// Letters of one file with the same cause. Times are milliseconds since 1970; 0: nobody knows.
struct LetterCause {
  std::string node, code;
  std::int64_t letters = 0;
  std::int64_t edited = 0;  // of them
  std::int64_t firstAt = 0, lastAt = 0;
};

/// A file of dead letters, as it was when it was read.
struct LetterSegment {
  std::string run, file;
  std::int64_t bytes = 0, modified = 0;
  std::vector<LetterCause> causes{};
};

struct LetterQuery {
  std::string flow{}, run{}, folder{};  // empty: all; a folder with all below it
  std::vector<std::string> nodes{};     // any of them; empty: all
  std::vector<std::string> codes{};
  std::optional<bool> edited{};
  /// Only runs that this reaches; absent: all.
  std::optional<auth::Reach> visible{};
};

/// A run that has some.
struct LetterRun {
  std::string run, flow, folder;
  std::int64_t number = 0;  // of the run: newer ones have higher numbers
};

enum class LetterGroup : std::uint8_t { flow, cause, run };

struct LetterCount {
  std::string flow, folder;
  std::string run;         // of a group by run
  std::string node, code;  // of a group by cause
  std::int64_t letters = 0, edited = 0, runs = 0, firstAt = 0, lastAt = 0;
};

/// What it says of a run is as right as what it was told last. Errors: trouble as in Store.
class LetterIndex {
 public:
  virtual ~LetterIndex() = default;
  /// All files that it knows, without their causes.
  virtual Operation<std::vector<LetterSegment>> segments(Waker waker) = 0;
  /// Files that are new or have changed, and those that are not there any more, in one transaction; what it knows of
  /// runs that have no record any more goes too.
  virtual Operation<Unit> put(std::vector<LetterSegment> changed, std::vector<LetterSegment> gone, Waker waker) = 0;
  /// Newest first; only those with numbers up to `upTo`, if it is not 0.
  virtual Operation<std::vector<LetterRun>> runs(LetterQuery query, std::int64_t upTo, std::int64_t limit,
                                                 Waker waker) = 0;
  /// The largest first.
  virtual Operation<std::vector<LetterCount>> counts(LetterQuery query, LetterGroup group, std::int64_t limit,
                                                     Waker waker) = 0;
};

}  // namespace weir::store
