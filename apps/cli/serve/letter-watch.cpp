// Compares the files of letters with what the index knows, and reads those that differ.
#include "apps/cli/serve/letter-watch.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <vector>

#include "service/store/sql/database.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;
using store::LetterCause;
using store::LetterSegment;

/// Many who ask at a time share a look.
constexpr std::chrono::milliseconds kPause{250};

std::vector<LetterCause> causesOf(const LetterFile& file) {
  std::map<std::pair<std::string, std::string>, LetterCause> causes;
  const auto visited = visitLetters({file}, [&causes](std::int64_t, const DeadLetter& letter) -> Result<bool> {
    auto& cause = causes[{letter.packet.nodeId, letter.packet.code}];
    const auto at = letter.timeMicros / 1000;
    ++cause.letters;
    if (letter.edited) ++cause.edited;
    if (at > 0) cause.firstAt = cause.firstAt == 0 ? at : std::min(cause.firstAt, at);
    cause.lastAt = std::max(cause.lastAt, at);
    return true;
  });
  std::vector<LetterCause> all;
  // What is damaged further on still has what was read.
  static_cast<void>(visited);
  for (auto& [key, cause] : causes) {
    cause.node = key.first;
    cause.code = key.second;
    all.push_back(std::move(cause));
  }
  return all;
}

}  // namespace

Result<Unit> LetterWatch::look() {
  if (std::chrono::steady_clock::now() < rests_) return Unit{};
  WEIR_ASSIGN(const auto known, store::sql::waitFor(index_.segments(Waker())));
  std::map<std::pair<std::string, std::string>, const LetterSegment*> before;
  for (const auto& segment : known) before[{segment.run, segment.file}] = &segment;
  std::vector<LetterSegment> changed, gone;
  std::set<std::string> here;
  std::error_code error;
  for (fs::directory_iterator at(runs_, error), end; !error && at != end; at.increment(error)) {
    const auto run = at->path().filename().string();
    here.insert(run);
    const auto files = letterFiles((at->path() / "dead-letters").string(), keys_);
    // It was removed meanwhile: the next look tells.
    if (!files) continue;
    for (const auto& file : *files) {
      LetterSegment segment{.run = run,
                            .file = fs::path(file.path).filename().string(),
                            .bytes = file.bytes,
                            .modified = file.modifiedMicros};
      const auto found = before.find({run, segment.file});
      const bool same =
          found != before.end() && found->second->bytes == segment.bytes && found->second->modified == segment.modified;
      if (found != before.end()) before.erase(found);
      if (same) continue;
      segment.causes = causesOf(file);
      changed.push_back(std::move(segment));
    }
  }
  // Runs without a folder here are another server's, as long as there is a record of them.
  for (const auto& [key, segment] : before) {
    if (here.contains(key.first)) gone.push_back({key.first, key.second});
  }
  if (!changed.empty() || !gone.empty()) {
    WEIR_TRY(store::sql::waitFor(index_.put(std::move(changed), std::move(gone), Waker())));
  }
  rests_ = std::chrono::steady_clock::now() + kPause;
  return Unit{};
}

}  // namespace weir::cli
