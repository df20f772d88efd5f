// State in SQLite: one table, one transaction a commit.
#include "hosts/native/state/file-state-store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace weir::native {

struct FileStateStore::Private {};

namespace {

constexpr std::int64_t kFormatVersion = 1;

/// What SQLite says, as a store says it.
Error stateError(Error error, const std::string& path) {
  if (error.code == "files.sync_failed" || error.code == "sql.key") return error;
  const bool corrupt = error.code == "sql.corrupt";
  return Error{corrupt ? std::string_view("state.corrupt") : std::string_view("state.unavailable"),
               "the state file '" + path + "': " + error.message, !corrupt};
}

std::unexpected<Error> unreachable(const std::string& path, int number) {
  return fail("state.unavailable", "the state file '" + path + "' cannot be opened: " + std::strerror(number), true);
}

Result<void> makeFolders(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const auto folder = path.substr(0, slash);
    if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) return unreachable(path, errno);
  }
  return {};
}

/// The file beside it that says whose it is: SQLite's own locks end when anybody here closes the database file.
Result<Descriptor> takeLock(const std::string& path) {
  const auto name = path + ".lock";
  Descriptor lock(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (!lock.isOpen()) return unreachable(name, errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) {
    const auto owner = std::to_string(::getpid()) + "\n";
    const bool written = ::ftruncate(lock.get(), 0) == 0 &&
                         ::pwrite(lock.get(), owner.data(), owner.size(), 0) == static_cast<ssize_t>(owner.size());
    static_cast<void>(written);  // only for the other's message
    return lock;
  }
  if (errno != EWOULDBLOCK) return unreachable(name, errno);
  std::array<char, 16> digits{};
  const auto size = ::pread(lock.get(), digits.data(), digits.size() - 1, 0);
  std::string owner;
  for (ssize_t i = 0;
       i < size && digits[static_cast<std::size_t>(i)] >= '0' && digits[static_cast<std::size_t>(i)] <= '9'; ++i) {
    owner += digits[static_cast<std::size_t>(i)];
  }
  return fail("state.busy", "another run of this flow" + (owner.empty() ? std::string() : " (process " + owner + ")") +
                                " owns its state '" + path + "'; stop it first");
}

/// The first key in byte order that does not begin with `prefix`; empty if there is none.
std::string behind(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

template <class T, class Work>
Operation<T> onThread(JobThread& thread, Waker waker, Work work) {
  Completion<T> completion(std::move(waker));
  auto operation = completion.operation();
  thread.give([completion, work = std::move(work)]() mutable { completion.complete(work()); });
  return operation;
}

}  // namespace

Result<std::unique_ptr<FileStateStore>> FileStateStore::open(const FileStateOptions& options, Clock& clock) {
  WEIR_TRY(makeFolders(options.path));
  WEIR_ASSIGN(auto lock, takeLock(options.path));
  auto store = std::make_unique<FileStateStore>(Private{}, std::move(lock), clock, options.limitBytes);
  auto begun = store->begin(options);
  if (begun) return store;
  if (begun.error().code.starts_with("state.")) return std::unexpected(std::move(begun.error()));
  return std::unexpected(stateError(std::move(begun.error()), options.path));
}

Result<void> FileStateStore::begin(const FileStateOptions& options) {
  sqlite::OpenOptions opening;
  opening.access = sqlite::Access::create;
  opening.followLinks = true;
  opening.vfs = options.vfs;
  opening.key = options.key;
  WEIR_ASSIGN(database_, sqlite::Database::open(options.path, opening));
  WEIR_ASSIGN(auto versions, database_.prepare("PRAGMA user_version"));
  WEIR_TRY(versions.step());
  const auto version = versions.integer(0);
  versions.reset();
  if (version > kFormatVersion) {
    return fail("state.version", "the state file '" + options.path + "' has format " + std::to_string(version) +
                                     ", and this Weir knows " + std::to_string(kFormatVersion) +
                                     "; use the newer Weir that wrote it");
  }
  // One owner, by the lock file: without shared memory, and no other process between.
  WEIR_TRY(database_.execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"));
  WEIR_TRY(
      database_.execute("BEGIN IMMEDIATE;"
                        "CREATE TABLE IF NOT EXISTS entries(key BLOB PRIMARY KEY, value BLOB NOT NULL,"
                        " expires INTEGER NOT NULL);"
                        "CREATE TABLE IF NOT EXISTS owner(id INTEGER PRIMARY KEY CHECK(id=1), epoch INTEGER NOT NULL);"
                        "INSERT OR IGNORE INTO owner VALUES(1, 0);"
                        "PRAGMA user_version=1;"
                        "COMMIT;"));
  WEIR_ASSIGN(put_, database_.prepare("INSERT INTO entries(key, value, expires) VALUES(?1, ?2, ?3)"
                                      " ON CONFLICT(key) DO UPDATE SET value=?2, expires=?3"));
  WEIR_ASSIGN(drop_, database_.prepare("DELETE FROM entries WHERE key=?1"));
  WEIR_ASSIGN(get_, database_.prepare("SELECT value FROM entries WHERE key=?1 AND (expires=0 OR expires>?2)"));
  WEIR_ASSIGN(list_, database_.prepare("SELECT key, value FROM entries WHERE key>=?1 AND key>?2"
                                       " AND (?3=x'' OR key<?3) AND (expires=0 OR expires>?4) ORDER BY key LIMIT ?5"));
  WEIR_ASSIGN(length_, database_.prepare("SELECT length(key)+length(value)+?2 FROM entries WHERE key=?1"));
  WEIR_ASSIGN(setEpoch_, database_.prepare("UPDATE owner SET epoch=?1"));
  WEIR_ASSIGN(dropExpired_, database_.prepare("DELETE FROM entries WHERE expires<>0 AND expires<=?1"));
  WEIR_ASSIGN(auto epoch, database_.prepare("SELECT epoch FROM owner"));
  WEIR_TRY(epoch.step());
  epoch_ = static_cast<std::uint64_t>(epoch.integer(0));
  WEIR_ASSIGN(bytes_, heldBytes());
  return {};
}

Result<std::int64_t> FileStateStore::heldBytes() {
  WEIR_ASSIGN(auto sum, database_.prepare("SELECT coalesce(sum(length(key)+length(value)+?1), 0) FROM entries"));
  WEIR_TRY(sum.bind(1, kStateEntryBytes));
  WEIR_TRY(sum.step());
  return sum.integer(0);
}

/// In a transaction: what was held before is in `bytes_`, which changes only if all is well.
Result<Unit> FileStateStore::apply(const std::vector<StateChange>& changes, std::uint64_t epoch) {
  WEIR_TRY(dropExpired_.bind(1, clock_.nowMicros()));
  WEIR_TRY(dropExpired_.run());
  auto bytes = bytes_;
  if (database_.changed() > 0) {
    WEIR_ASSIGN(bytes, heldBytes());
  }
  for (const auto& change : changes) {
    WEIR_TRY(length_.bindBlob(1, change.key));
    WEIR_TRY(length_.bind(2, kStateEntryBytes));
    WEIR_ASSIGN(const auto there, length_.step());
    if (there) bytes -= length_.integer(0);
    length_.reset();
    auto& statement = change.value ? put_ : drop_;
    WEIR_TRY(statement.bindBlob(1, change.key));
    if (change.value) {
      bytes += stateBytes(change.key, *change.value);
      WEIR_TRY(statement.bindBlob(2, *change.value));
      WEIR_TRY(statement.bind(3, change.expiresAtMicros));
    }
    WEIR_TRY(statement.run());
  }
  if (bytes > limitBytes_) return stateLimit(bytes, limitBytes_);
  if (epoch != epoch_) {
    WEIR_TRY(setEpoch_.bind(1, static_cast<std::int64_t>(epoch)));
    WEIR_TRY(setEpoch_.run());
  }
  WEIR_TRY(database_.execute("COMMIT"));
  bytes_ = bytes;
  epoch_ = epoch;
  return Unit{};
}

Result<Unit> FileStateStore::commitNow(const std::vector<StateChange>& changes, std::uint64_t epoch) {
  if (broken_) return std::unexpected(*broken_);
  if (epoch < epoch_) return stateFenced(epoch, epoch_);
  auto begun = database_.execute("BEGIN IMMEDIATE");
  Result<Unit> done = begun ? apply(changes, epoch) : Result<Unit>(std::unexpected(std::move(begun.error())));
  if (done) return done;
  if (database_.inTransaction()) static_cast<void>(database_.execute("ROLLBACK"));
  if (done.error().code.starts_with("state.")) return done;
  auto error = stateError(std::move(done.error()), "of this flow");
  if (error.code == "files.sync_failed") {
    error.message = "the flow's state could not be made safe on disk: " + error.message +
                    "; nothing more is written, because nobody knows what the disk holds";
    broken_ = error;
  }
  return std::unexpected(std::move(error));
}

Result<std::optional<std::string>> FileStateStore::getNow(const std::string& key) {
  const auto look = [&]() -> Result<std::optional<std::string>> {
    WEIR_TRY(get_.bindBlob(1, key));
    WEIR_TRY(get_.bind(2, clock_.nowMicros()));
    WEIR_ASSIGN(const auto there, get_.step());
    if (!there) return std::nullopt;
    return std::string(get_.text(0));
  };
  auto found = look();
  get_.reset();
  if (!found) return std::unexpected(stateError(std::move(found.error()), "of this flow"));
  return found;
}

Result<std::vector<StateEntry>> FileStateStore::listNow(const std::string& prefix, const std::string& after,
                                                        std::int64_t most) {
  const auto look = [&]() -> Result<std::vector<StateEntry>> {
    WEIR_TRY(list_.bindBlob(1, prefix));
    // An empty key is none, so every key comes after it.
    WEIR_TRY(list_.bindBlob(2, after));
    WEIR_TRY(list_.bindBlob(3, behind(prefix)));
    WEIR_TRY(list_.bind(4, clock_.nowMicros()));
    WEIR_TRY(list_.bind(5, most));
    std::vector<StateEntry> found;
    for (;;) {
      WEIR_ASSIGN(const auto more, list_.step());
      if (!more) return found;
      found.push_back({std::string(list_.text(0)), std::string(list_.text(1))});
    }
  };
  auto found = look();
  list_.reset();
  if (!found) return std::unexpected(stateError(std::move(found.error()), "of this flow"));
  return found;
}

Operation<Unit> FileStateStore::commit(std::vector<StateChange> changes, std::uint64_t epoch, Waker waker) {
  return onThread<Unit>(thread_, std::move(waker),
                        [this, epoch, changes = std::move(changes)] { return commitNow(changes, epoch); });
}

Operation<std::optional<std::string>> FileStateStore::get(std::string_view key, Waker waker) {
  return onThread<std::optional<std::string>>(thread_, std::move(waker),
                                              [this, key = std::string(key)] { return getNow(key); });
}

Operation<std::vector<StateEntry>> FileStateStore::list(std::string_view prefix, std::string_view after,
                                                        std::int64_t most, Waker waker) {
  return onThread<std::vector<StateEntry>>(
      thread_, std::move(waker),
      [this, prefix = std::string(prefix), after = std::string(after), most] { return listNow(prefix, after, most); });
}

}  // namespace weir::native
