// Run by run: journal, state, dead letters.
#include "apps/cli/serve/reseal-runs.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.h"
#include "apps/cli/dead-letter-store.h"
#include "apps/cli/sealed-text.h"
#include "engine/journal/format.h"
#include "engine/journal/reseal.h"
#include "hosts/native/native-journal-disk.h"
#include "hosts/native/sealing/database-key.h"
#include "hosts/native/sealing/private-file.h"
#include "hosts/native/state/sealed-state.h"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;
using native::FileClass;
using native::FileKeys;

std::vector<std::string> runsOf(const std::string& dataFolder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(dataFolder + "/runs", error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) names.push_back(at->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

bool isThere(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

/// The id that stands in the first header of a journal that can be read; nothing: there is none, or it is not sealed.
Result<std::string> chainOf(JournalDisk& disk) {
  WEIR_ASSIGN(const auto files, disk.list());
  for (const auto& file : files) {
    const auto id = journal::segmentOfName(file.name);
    if (id == 0) continue;
    WEIR_ASSIGN(const auto opened, disk.open(file.name));
    std::string bytes(static_cast<std::size_t>(journal::kHeaderBytes), '\0');
    const auto read = disk.read(opened, 0, bytes);
    disk.close(opened);
    bytes.resize(read ? static_cast<std::size_t>(*read) : 0);
    if (auto header = journal::decodeHeader(bytes, id)) return std::move(header->keyId);
  }
  return std::string();
}

Result<void> keepLetters(const std::vector<LetterFile>& files) {
  if (files.empty()) return {};
  return rewriteLetters(files, [](std::int64_t, const DeadLetter& letter) { return std::optional(letter); });
}

/// Segments of recordings and files of traces: their indexes name edges alone, and no row.
Result<void> resealRows(const std::string& folder, const ChainKeys& keys, const FileKeys& otherwise,
                        ResealTotals& totals) {
  for (const auto* part : {"/recordings", "/traces"}) {
    std::vector<std::string> paths;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder + part, error), end; !error && at != end; at.increment(error)) {
      const auto ending = at->path().extension();
      if (ending == ".zst" || ending == ".ndjson") paths.push_back(at->path().string());
    }
    for (const auto& path : paths) {
      WEIR_ASSIGN(const auto written, resealText(path, keys, otherwise));
      totals.files += written ? 1 : 0;
    }
  }
  return {};
}

/// What both ways have in common.
struct Walk {
  const std::string& dataFolder;
  ResealTotals totals{};

  Result<void> journal(const std::string& folder, native::RecordSealer* from, native::RecordSealer& to) {
    WEIR_ASSIGN(const auto disk, native::NativeJournalDisk::open(folder));
    WEIR_ASSIGN(const auto report, resealJournal(*disk, from, to));
    totals.files += report.written;
    totals.left += report.left;
    return {};
  }
};

Result<void> rewriteState(const std::string& path, const std::vector<FileKeys>& classes, ResealTotals& totals) {
  for (const auto& keys : classes) {
    for (const auto& key : keys.keys) {
      WEIR_ASSIGN(const bool fits, native::opensWith(path, &key));
      if (!fits) continue;
      if (key == keys.current()) return {};
      WEIR_TRY(native::recodeState(path, &key, keys.current()));
      ++totals.files;
      return {};
    }
  }
  return fail("state.corrupt", "'" + path + "' opens with no key of this data folder; nothing of it was changed");
}

Result<std::map<std::string, std::string>> foldersOf(const std::string& dataFolder, const sodium::Key* key) {
  std::map<std::string, std::string> folders;
  sqlite::OpenOptions options;
  options.access = sqlite::Access::write;
  if (key != nullptr) options.key = *key;
  WEIR_ASSIGN(auto database, sqlite::Database::open(native::databasePath(dataFolder), options));
  WEIR_ASSIGN(auto known,
              database.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'runs'"));
  WEIR_TRY(known.step());
  if (known.integer(0) == 0) return folders;
  WEIR_ASSIGN(auto rows, database.prepare("SELECT id, folder FROM runs"));
  for (;;) {
    WEIR_ASSIGN(const auto more, rows.step());
    if (!more) return folders;
    folders.emplace(std::string(rows.text(0)), std::string(rows.text(1)));
  }
}

}  // namespace

Result<ResealTotals> rewriteRuns(const std::string& dataFolder, const native::KeyRing& ring,
                                 const ResealProgress& tell) {
  Walk walk{dataFolder};
  const auto states = ring.filesOf(FileClass::state);
  const LetterKeys letters = [&ring](const std::string& chain) { return ring.filesOfChain(chain); };
  const auto names = runsOf(dataFolder);
  for (const auto& name : names) {
    const auto folder = dataFolder + "/runs/" + name;
    if (isThere(folder + "/journal")) {
      std::string chain;
      {
        WEIR_ASSIGN(const auto disk, native::NativeJournalDisk::open(folder + "/journal"));
        WEIR_ASSIGN(chain, chainOf(*disk));
      }
      if (!chain.empty()) {
        WEIR_ASSIGN(auto keys, ring.filesOfChain(chain));
        native::RecordSealer sealer(std::move(keys));
        WEIR_TRY(walk.journal(folder + "/journal", &sealer, sealer));
      }
    }
    if (isThere(folder + "/state")) WEIR_TRY(rewriteState(folder + "/state", states, walk.totals));
    WEIR_ASSIGN(const auto files, letterFiles(folder + "/dead-letters", letters));
    WEIR_TRY(keepLetters(files));
    walk.totals.files += std::ssize(files);
    WEIR_TRY(resealRows(folder, letters, {}, walk.totals));
    tell(++walk.totals.runs, std::ssize(names));
  }
  return walk.totals;
}

Result<ResealTotals> encryptRuns(const std::string& dataFolder, native::KeyRing& ring, const sodium::Key* database,
                                 std::int64_t nowMs, const ResealProgress& tell) {
  Walk walk{dataFolder};
  WEIR_ASSIGN(const auto folders, foldersOf(dataFolder, database));
  const auto names = runsOf(dataFolder);
  for (const auto& name : names) {
    const auto folder = dataFolder + "/runs/" + name;
    const auto found = folders.find(name);
    const auto of = found == folders.end() ? std::string() : found->second;
    if (isThere(folder + "/journal")) {
      WEIR_ASSIGN(auto keys, ring.files(of, FileClass::journal, nowMs));
      native::RecordSealer sealer(std::move(keys));
      WEIR_TRY(walk.journal(folder + "/journal", nullptr, sealer));
    }
    if (isThere(folder + "/state")) {
      WEIR_ASSIGN(const auto keys, ring.files(of, FileClass::state, nowMs));
      WEIR_ASSIGN(const bool plain, native::opensWith(folder + "/state", nullptr));
      if (plain) WEIR_TRY(native::recodeState(folder + "/state", nullptr, keys.current()));
      walk.totals.files += plain ? 1 : 0;
    }
    WEIR_ASSIGN(const auto keys, ring.files(of, FileClass::deadLetters, nowMs));
    WEIR_ASSIGN(auto files, letterFiles(folder + "/dead-letters"));
    std::erase_if(files, [](const LetterFile& file) { return isSealedLetter(file); });
    for (auto& file : files) file.sealAs = keys;
    WEIR_TRY(keepLetters(files));
    walk.totals.files += std::ssize(files);
    WEIR_ASSIGN(const auto rows, ring.files(of, FileClass::recording, nowMs));
    const ChainKeys chains = [&ring](const std::string& chain) { return ring.filesOfChain(chain); };
    WEIR_TRY(resealRows(folder, chains, rows, walk.totals));
    tell(++walk.totals.runs, std::ssize(names));
  }
  return walk.totals;
}

}  // namespace weir::cli
