// The thread that keeps house, and the file that keeps room.
#include "apps/cli/serve/housekeeping.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "hosts/native/descriptor.h"
#include "service/store/sql/retention.h"

namespace weir::cli {
namespace {

constexpr std::int64_t kReserved = std::int64_t{256} << 20;
constexpr std::chrono::seconds kPause{60};
/// A pass ends here; the next one goes on.
constexpr int kMostRounds = 200;

}  // namespace

void Reserve::take() {
  const std::scoped_lock locked(mutex_);
  std::error_code error;
  const auto size = std::filesystem::file_size(path_, error);
  if (!error && size == static_cast<std::uintmax_t>(kReserved)) return;
  const auto space = std::filesystem::space(std::filesystem::path(path_).parent_path(), error);
  if (error || space.available < 4 * static_cast<std::uintmax_t>(kReserved)) return;
  const native::Descriptor file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.isOpen()) return;
  // A file system that cannot keep room has no reserve; a part of it would be none.
  if (::fallocate(file.get(), 0, 0, kReserved) != 0) static_cast<void>(::ftruncate(file.get(), 0));
}

void Reserve::give() {
  const std::scoped_lock locked(mutex_);
  if (::truncate(path_.c_str(), 0) == 0) {
    std::fprintf(stderr, "weir: the disk is full; room that was kept for deleting is used now\n");
  }
}

Housekeeping::Housekeeping(store::sql::Database& database, store::Store& flows, Clock& clock,
                           std::shared_ptr<Reserve> reserve)
    : database_(database), flows_(flows), clock_(clock), reserve_(std::move(reserve)), thread_([this] { loop(); }) {}

Housekeeping::~Housekeeping() {
  {
    const std::scoped_lock locked(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Housekeeping::loop() {
  std::unique_lock locked(mutex_);
  while (!changed_.wait_for(locked, kPause, [this] { return ending_; })) {
    locked.unlock();
    reserve_->take();
    removeOld();
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
  for (const auto& kind : sql::allRetentions()) {
    if (kind.name == "bin") {
      emptyBin(kind.keepMs);
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
