// What the commands of `weir dead-letters` share: which letters are meant.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "apps/cli/command.h"
#include "apps/cli/dead-letter-store.h"

namespace weir::cli {

struct LetterChoice {
  std::string folder = ".", run;  // of the flow
  std::vector<std::string> codes, nodes;
  bool editedOnly = false;
  std::vector<std::int64_t> numbers{};  // empty: all

  /// Whether the letter of that number is among those that were asked for.
  [[nodiscard]] bool takes(std::int64_t number, const DeadLetter& letter) const;
};

/// RUN, --in, --code, --node.
void addLetterChoice(CLI::App& command, LetterChoice& choice);

/// `{"number": …, "time": …, "nodeId": …, "code": …, "message": …, "traceId": …, "recoverable": …, "tries": …,
/// "edited": …, "row": …}` and a line end: what show prints and edit takes.
[[nodiscard]] std::string letterLine(std::int64_t number, const DeadLetter& letter);

/// A run that goes on writes its letters itself: `dead_letters.live`.
Result<void> refuseLive(const std::vector<LetterFile>& files);

void addLettersEdit(CLI::App& letters, int& exitCode);
void addLettersReplay(CLI::App& letters, Shared& shared, int& exitCode);

}  // namespace weir::cli
