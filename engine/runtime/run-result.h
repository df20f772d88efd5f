// How a run ended, and the exit codes of semantics.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/error.h"

namespace weir {

enum class Outcome : std::uint8_t {
  done,           // 0, or 3 with dead letters
  failed,         // 1
  tooManyErrors,  // 4
  limit,          // 5: memory, disk, time
  deadlock,       // 5
  cancelled,      // 130 or 143
  syncFailed      // 74
};

struct RunResult {
  Outcome outcome = Outcome::done;
  std::optional<Error> error;
  std::string node;  // where it failed
  std::int64_t deadLetters = 0;
  std::vector<std::pair<std::string, std::int64_t>> errorsByCode;  // sorted by code; dead letters only
  std::int64_t elapsedMicros = 0;

  [[nodiscard]] int exitCode() const {
    switch (outcome) {
      case Outcome::done:
        return deadLetters > 0 ? 3 : 0;
      case Outcome::failed:
        return 1;
      case Outcome::tooManyErrors:
        return 4;
      case Outcome::limit:
      case Outcome::deadlock:
        return 5;
      case Outcome::cancelled:
        return 130;
      case Outcome::syncFailed:
        return 74;
    }
    return 70;
  }
};

}  // namespace weir
