// The thread that keeps house, and the file that keeps room.
#include "apps/cli/serve/housekeeping.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "apps/cli/numbered-files.h"
#include "apps/cli/serve/fair-share.h"
#include "apps/cli/serve/server-words.h"
#include "hosts/native/descriptor.h"
#include "service/store/sql/log-keep.h"
#include "service/store/sql/object-table.h"
#include "service/store/sql/retention.h"
#include "service/store/sql/version-keep.h"

namespace weir::cli {
namespace {

constexpr std::uintmax_t kBlock = 4096;
/// At most, and of a small disk so much of it.
constexpr std::uintmax_t kLeastRoom = std::uintmax_t{1} << 20;  // a disk with less is full
constexpr std::uintmax_t kReserved = std::uintmax_t{256} << 20, kShare = 10;
/// A folder of a run that no record knows is left over from a change that was interrupted; a new one may be on its way.
constexpr std::chrono::minutes kOrphan{60};
/// A pass ends here; the next one goes on.
constexpr int kMostRounds = 200;

struct RunFolder {
  std::filesystem::path path;
  std::string folder;  // of its flow
};

/// What is kept no longer of files of one kind: the oldest of the folder that has most.
void removeBeyond(const KeptFiles& kept, const std::vector<RunFolder>& runs) {
  namespace fs = std::filesystem;
  struct Found {
    fs::path path;
    fs::file_time_type at;
    std::int64_t bytes = 0;
    std::string folder{};  // of the run's flow
  };
  std::vector<Found> files;
  const auto now = fs::file_time_type::clock::now();
  std::error_code error;
  for (const auto& run : runs) {
    error.clear();
    for (fs::recursive_directory_iterator at(run.path / kept.part, error), end; !error && at != end;
         at.increment(error)) {
      std::error_code inner;
      if (!at->is_regular_file(inner) || at->path().extension() == ".lock") continue;
      files.push_back(
          {at->path(), at->last_write_time(inner), static_cast<std::int64_t>(at->file_size(inner)), run.folder});
    }
  }
  std::ranges::sort(files, [](const Found& a, const Found& b) { return a.at > b.at; });
  const auto remove = [&](const Found& file) { fs::remove(file.path, error); };
  if (kept.keepMs > 0) {
    const auto first = std::ranges::find_if(
        files, [&](const Found& file) { return now - file.at > std::chrono::milliseconds(kept.keepMs); });
    std::for_each(first, files.end(), remove);
    files.erase(first, files.end());
  }
  const auto removeAbove = [&](std::int64_t most, auto&& sizeOf) {
    if (most == 0) return;
    std::vector<KeptItem> items;
    for (const auto& file : files) items.push_back({file.folder, sizeOf(file)});
    for (const auto i : beyondShare(items, most)) {
      remove(files[i]);
      files[i].path.clear();
    }
    std::erase_if(files, [](const Found& file) { return file.path.empty(); });
  };
  removeAbove(kept.keepFiles, [](const Found&) { return std::int64_t{1}; });
  removeAbove(kept.keepBytes, [](const Found& file) { return file.bytes; });
}

}  // namespace

void Reserve::take() {
  const std::scoped_lock locked(mutex_);
  std::error_code error;
  const auto space = std::filesystem::space(std::filesystem::path(path_).parent_path(), error);
  if (error) return;
  const auto wanted = std::min(kReserved, space.capacity / kShare);
  const auto found = std::filesystem::file_size(path_, error);
  const auto size = error ? 0 : found;
  if (size >= wanted) return;
  // Of a disk that is nearly full a part of what is left.
  const auto room = std::min(wanted, (size + space.available) / 4 / kBlock * kBlock);
  if (room <= size || (given_ && room < wanted)) return;
  const native::Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.isOpen()) return;
  // A file system that cannot keep room has no reserve; a part of it would be none.
  if (::fallocate(file.get(), 0, 0, static_cast<off_t>(room)) != 0) {
    static_cast<void>(::ftruncate(file.get(), 0));
    return;
  }
  given_ = false;
}

bool Reserve::mayGrow() {
  if (!given_) return true;
  std::error_code error;
  const auto space = std::filesystem::space(std::filesystem::path(path_).parent_path(), error);
  return error || space.available >= std::min(kReserved, space.capacity / kShare) / 2;
}

bool Reserve::hasRoom() {
  std::error_code error;
  const auto space = std::filesystem::space(std::filesystem::path(path_).parent_path(), error);
  return error || (space.available >= kLeastRoom && mayGrow());
}

void Reserve::give() {
  const std::scoped_lock locked(mutex_);
  if (::truncate(path_.c_str(), 0) == 0 && !given_.exchange(true)) {
    say(LogLevel::warning, "the disk is full; room that was kept for deleting is used now");
  }
}

Housekeeping::Housekeeping(store::sql::Database& database, store::Store& flows, store::Runs& runs, Clock& clock,
                           std::shared_ptr<Reserve> reserve, HouseRules rules)
    : database_(database),
      flows_(flows),
      runs_(runs),
      clock_(clock),
      reserve_(std::move(reserve)),
      rules_(std::move(rules)),
      thread_([this] { loop(); }) {}

Housekeeping::~Housekeeping() {
  {
    const std::scoped_lock locked(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Housekeeping::loop() {
  sweepObjects();
  std::unique_lock locked(mutex_);
  while (!changed_.wait_for(locked, std::chrono::milliseconds(rules_.everyMs), [this] { return ending_; })) {
    locked.unlock();
    reserve_->take();
    removeOld();
    removeFiles();
    removeAboveBytes();
    sweepObjects();
    locked.lock();
  }
}

bool Housekeeping::isEnding() {
  const std::scoped_lock locked(mutex_);
  return ending_;
}

void Housekeeping::emptyBin(std::int64_t keepMs) {
  const auto before = clock_.nowMicros() / 1000 - keepMs;
  store::FlowQuery query;
  query.bin = true;
  query.limit = 500;
  do {
    const auto page = store::sql::waitFor(flows_.list(query, Waker()));
    if (!page) return;
    for (const auto& flow : page->flows) {
      if (isEnding()) return;
      // One that somebody has taken out meanwhile has another revision, and stays.
      if (!flow.binnedAt || *flow.binnedAt >= before) continue;
      static_cast<void>(store::sql::waitFor(flows_.purge(flow.id, flow.revision, Waker())));
    }
    query.cursor = page->cursor;
  } while (!query.cursor.empty());
}

void Housekeeping::removeOld() {
  namespace sql = store::sql;
  std::vector<sql::Retention> others;
  for (const auto& kind : rules_.records) {
    if (kind.name == "bin") {
      if (kind.keepMs > 0) emptyBin(kind.keepMs);
    } else if (kind.name == "runs") {
      removeRuns(kind);
      removeRunsAbove(kind.keepBytes);
    } else if (kind.name == "versions") {
      trim([&](std::int64_t now) { return sql::trimVersions(database_, {kind.keepMs, kind.keepRows}, now); });
    } else if (kind.name == "run-logs") {
      const sql::LogKeep keep{kind.keepMs, kind.keepRows, kind.keepBytes};
      trim([&](std::int64_t now) { return sql::trimRunLogs(database_, keep, now); });
    } else if (kind.name == "audit") {
      trimAudit({kind.keepMs, kind.keepRows, kind.keepBytes});
    } else {
      others.push_back(kind);
    }
  }
  for (int round = 0; round < kMostRounds && !others.empty() && !isEnding(); ++round) {
    const auto removed = sql::waitFor(sql::removeOld(database_, others, clock_.nowMicros() / 1000, Waker()));
    // A database that is away is asked again at the next pass.
    if (!removed || removed->empty()) return;
  }
}

void Housekeeping::trimAudit(store::sql::AuditKeep keep) {
  if (keep.keepMs == 0 && keep.keepRows == 0 && keep.keepBytes == 0) return;
  trim([&](std::int64_t now) { return store::sql::waitFor(store::sql::trimAudit(database_, keep, now, Waker())); });
}

/// Again and again, until nothing goes.
void Housekeeping::trim(const std::function<Result<std::int64_t>(std::int64_t now)>& some) {
  for (int round = 0; round < kMostRounds && !isEnding(); ++round) {
    const auto removed = some(clock_.nowMicros() / 1000);
    if (!removed || *removed == 0) return;
  }
}

void Housekeeping::removeRuns(const store::sql::Retention& kind) {
  for (int round = 0; round < kMostRounds && !isEnding(); ++round) {
    const auto ids = store::sql::waitFor(store::sql::expiredRuns(database_, kind, clock_.nowMicros() / 1000, Waker()));
    if (!ids || ids->empty()) return;
    std::size_t gone = 0;
    for (const auto& id : *ids) {
      if (isEnding()) return;
      if (removeRun(id)) ++gone;
    }
    if (gone == 0) return;
  }
}

bool Housekeeping::removeRun(const std::string& id) {
  if (!store::sql::waitFor(runs_.remove(id, Waker()))) return false;
  std::error_code ignored;
  std::filesystem::remove_all(rules_.runsFolder + "/" + id, ignored);
  return true;
}

void Housekeeping::removeRunsAbove(std::int64_t bytes) {
  if (bytes == 0) return;
  const auto ended = store::sql::waitFor(store::sql::endedRuns(database_, Waker()));
  if (!ended) return;
  std::vector<KeptItem> items;
  for (const auto& run : *ended) {
    if (isEnding()) return;
    items.push_back({run.folder, bytesBelow(rules_.runsFolder + "/" + run.id)});
  }
  for (const auto i : beyondShare(items, bytes)) {
    if (isEnding()) return;
    // What came last can be looked at, however much it is.
    if (i > 0) static_cast<void>(removeRun((*ended)[i].id));
  }
}

void Housekeeping::removeFiles() {
  namespace fs = std::filesystem;
  // The folder is read first: what begins meanwhile is not in it.
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator at(rules_.runsFolder, error), end; !error && at != end; at.increment(error)) {
    if (at->is_directory(error)) folders.push_back(at->path());
  }
  if (folders.empty()) return;
  const auto going = store::sql::waitFor(store::sql::runsThatGoOn(database_, Waker()));
  if (!going) return;
  const auto over = store::sql::waitFor(store::sql::endedRuns(database_, Waker()));
  if (!over) return;
  std::map<std::string, std::string, std::less<>> owners;
  for (const auto& run : *over) owners.emplace(run.id, run.folder);
  std::vector<RunFolder> ended;
  const auto now = fs::file_time_type::clock::now();
  for (const auto& folder : folders) {
    if (isEnding()) return;
    const auto id = folder.filename().string();
    if (std::ranges::find(*going, id) != going->end()) continue;
    const auto changed = fs::last_write_time(folder, error);
    if (!error && now - changed > kOrphan) {
      const auto known = store::sql::waitFor(runs_.read(id, Waker()));
      if (!known && known.error().code == "storage.not_found") {
        fs::remove_all(folder, error);
        continue;
      }
    }
    const auto owner = owners.find(id);
    ended.push_back({folder, owner == owners.end() ? std::string() : owner->second});
  }
  for (const auto& kept : rules_.files) removeBeyond(kept, ended);
}

/// Of flows that say how much the files of their runs may take: the oldest go, with their records.
void Housekeeping::removeAboveBytes() {
  const auto bounded = store::sql::waitFor(store::sql::runsBoundByBytes(database_, Waker()));
  if (!bounded) return;
  std::string flow;
  std::int64_t bytes = 0;
  for (const auto& run : *bounded) {
    if (isEnding()) return;
    if (run.flow != flow) bytes = 0;
    flow = run.flow;
    bytes += bytesBelow(rules_.runsFolder + "/" + run.id);
    if (bytes > run.keepBytes && run.isOver) static_cast<void>(removeRun(run.id));
  }
}

void Housekeeping::sweepObjects() {
  namespace sql = store::sql;
  if (rules_.objects == nullptr || rules_.objects->isCopied()) return;
  auto files = rules_.objects->list();
  if (!files) return;
  auto strays = sql::waitFor(sql::unknownObjects(database_, std::move(*files), Waker()));
  if (!strays) return;
  for (int round = 0; round < kMostRounds && !isEnding(); ++round) {
    const auto gone = sql::waitFor(
        sql::sweepObjects(database_, std::exchange(*strays, {}), clock_.nowMicros() / 1000, rules_.everyMs, Waker()));
    if (!gone || *gone == 0) return;
  }
}

void clearTemporary(const std::string& dataFolder) {
  namespace fs = std::filesystem;
  std::error_code error, ignored;
  for (fs::directory_iterator at(dataFolder + "/tmp", error), end; !error && at != end; at.increment(error)) {
    fs::remove_all(at->path(), ignored);
  }
  // Of a new key for a database, and of the files of runs. What a journal has in the making is its own to look at.
  std::vector<fs::path> halves{dataFolder + "/weir.db.making"};
  for (fs::recursive_directory_iterator at(dataFolder + "/runs", error), end; !error && at != end;
       at.increment(error)) {
    const auto name = at->path().filename().string();
    const bool half = name == "state.making" || name.ends_with(".weir-edit") || name.starts_with("weir-spill-");
    if (half && at->is_regular_file(ignored)) halves.push_back(at->path());
  }
  for (const auto& path : halves) fs::remove(path, ignored);
}

}  // namespace weir::cli
