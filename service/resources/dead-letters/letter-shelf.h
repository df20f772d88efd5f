// LetterShelf: the dead letters of runs, where a server keeps them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/data/error.h"
#include "engine/host/operation.h"

namespace weir::api {

struct LetterFilter {
  std::string run;  // its whole id
  std::vector<std::string> codes{}, nodes{};
  std::vector<std::int64_t> numbers{};  // of letters; empty: all
  bool editedOnly = false;
  std::int64_t after = 0, limit = 50;  // of a page
  bool withRows = true;                // else rows are left out, for who may not see them
  bool uneditedOnly = false;
  std::int64_t fromMs = 0, untilMs = 0;  // when they failed; 0: no bound
};

/// A run whose letters are listed among those of others.
struct LetterSource {
  std::string run, flow;
  bool withRows = false;
};

struct LetterPage {
  std::string letters;     // a JSON array of letters, each with its run and flow
  std::size_t source = 0;  // where the next page begins: in which run,
  std::int64_t after = 0;  // and behind which letter of it
  bool more = false;       // there is one
};

/// Errors: `dead_letters.unknown_run` if a run has none, `dead_letters.live` for a change of one that a run has still
/// in its hands, `dead_letters.edit`, `files.*`.
class LetterShelf {
 public:
  virtual ~LetterShelf() = default;
  /// {letters: [{number, time, nodeId, code, message, traceId, recoverable, tries, edited, row?}], next?}
  [[nodiscard]] virtual Operation<std::string> list(LetterFilter filter, Waker waker) = 0;
  /// Letters of several runs, in their order; `filter.after` is of the first. Runs whose letters are not here have
  /// none.
  [[nodiscard]] virtual Operation<LetterPage> listOf(std::vector<LetterSource> runs, LetterFilter filter,
                                                     Waker waker) = 0;
  /// Waits until the index knows what lies on the shelf.
  [[nodiscard]] virtual Operation<Unit> refresh(Waker waker) = 0;
  /// Of a letter that has this trace id; `row` is a JSON object. Gives the letter.
  [[nodiscard]] virtual Operation<std::string> edit(std::string run, std::int64_t number, std::string traceId,
                                                    std::string row, Waker waker) = 0;
  /// Waits until what a run that goes on had written when it was asked to is no longer in its hands.
  [[nodiscard]] virtual Operation<Unit> settle(std::string /*run*/, Waker /*waker*/) {
    return Operation<Unit>::finished(Unit{});
  }
  /// How many there were.
  [[nodiscard]] virtual Operation<std::int64_t> discard(LetterFilter filter, Waker waker) = 0;
};

}  // namespace weir::api
