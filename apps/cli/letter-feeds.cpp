// Letters of a run, as the sources of a replay read them.
#include "apps/cli/letter-feeds.h"

#include <utility>

namespace weir::cli {
namespace {

LetterPlace placeOf(const DeadLetter& letter) { return {letter.packet.nodeId, letter.packet.input}; }

/// A row that could not be read is none.
bool isFed(std::int64_t number, const DeadLetter& letter, const LetterChoice& choice) {
  return choice.takes(number, letter) && letter.packet.row.kind() == ValueKind::map;
}

}  // namespace

Result<std::optional<std::vector<DeadLetter>>> FileFeeds::next(std::string_view feeder) {
  // The map is whole before the run begins; each source uses its own entry.
  auto& feed = feeds_.find(feeder)->second;
  std::vector<DeadLetter> letters;
  while (letters.empty()) {
    if (!feed.reader) {
      if (feed.file == files_.size()) return std::nullopt;
      WEIR_ASSIGN(auto reader, LetterFileReader::open(files_[feed.file++]));
      feed.reader.emplace(std::move(reader));
    }
    WEIR_ASSIGN(const auto batch, feed.reader->next());
    if (!batch) {
      feed.reader.reset();
      continue;
    }
    for (std::int64_t row = 0; row < batch->rows(); ++row) {
      auto letter = deadLetterOf(*batch, row);
      if (isFed(++feed.number, letter, choice_) && placeOf(letter) == feed.place) letters.push_back(std::move(letter));
    }
  }
  return letters;
}

Result<std::map<LetterPlace, std::int64_t>> countPlaces(const std::vector<LetterFile>& files,
                                                        const LetterChoice& choice) {
  std::map<LetterPlace, std::int64_t> counts;
  WEIR_TRY(visitLetters(files, [&](std::int64_t number, const DeadLetter& letter) -> Result<bool> {
    if (isFed(number, letter, choice)) ++counts[placeOf(letter)];
    return true;
  }));
  return counts;
}

Result<void> removeReplayed(const std::vector<LetterFile>& files, const ReplayPlan& replay,
                            const LetterChoice& choice) {
  return rewriteLetters(files, [&](std::int64_t number, const DeadLetter& letter) -> std::optional<DeadLetter> {
    const bool fed = isFed(number, letter, choice) && !replay.left.contains(placeOf(letter));
    return fed ? std::nullopt : std::optional(letter);
  });
}

}  // namespace weir::cli
