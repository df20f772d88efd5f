// State in a file: lasting, owned by one, honest about its disk.
#include "hosts/native/state/file-state-store.h"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "hosts/native/state/state-stores.test.h"

namespace weir::native::testing {
namespace {

namespace fs = std::filesystem;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "weir-state-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] FileStateOptions options() const { return {(path / ".weir/state/flow.db").string(), 1 << 20, {}}; }
  fs::path path;
};

/// A disk whose syncs fail while `failing` is set: the system's VFS with another xSync.
struct FailingSyncs {
  FailingSyncs() {
    sqlite3_initialize();
    auto* base = sqlite3_vfs_find(nullptr);
    vfs = *base;
    vfs.zName = "failing-syncs";
    vfs.pAppData = base;
    vfs.xOpen = [](sqlite3_vfs* self, const char* name, sqlite3_file* file, int flags, int* out) {
      auto* under = static_cast<sqlite3_vfs*>(self->pAppData);
      const int code = under->xOpen(under, name, file, flags, out);
      if (code == SQLITE_OK && file->pMethods != nullptr) {
        realSync = file->pMethods->xSync;
        static sqlite3_io_methods methods;
        methods = *file->pMethods;
        methods.xSync = [](sqlite3_file* synced, int how) {
          return failing ? SQLITE_IOERR_FSYNC : realSync(synced, how);
        };
        file->pMethods = &methods;
      }
      return code;
    };
    sqlite3_vfs_register(&vfs, 0);
  }
  ~FailingSyncs() {
    failing = false;
    sqlite3_vfs_unregister(&vfs);
  }
  FailingSyncs(const FailingSyncs&) = delete;
  FailingSyncs& operator=(const FailingSyncs&) = delete;
  sqlite3_vfs vfs{};
  static inline bool failing = false;
  static inline int (*realSync)(sqlite3_file*, int) = nullptr;
};

}  // namespace

TEST_CASE("R18: state in memory keeps the contract of state stores") {
  keepsTheContract(
      [](SetClock& clock, std::int64_t limit) { return std::make_unique<MemoryStateStore>(clock, limit); });
}

TEST_CASE("R18: state in a file keeps the contract of state stores") {
  const Folder folder;
  keepsTheContract([&](SetClock& clock, std::int64_t limit) {
    auto options = folder.options();
    options.limitBytes = limit;
    auto store = FileStateStore::open(options, clock);
    REQUIRE(store);
    return std::move(*store);
  });
}

TEST_CASE("state in a file is there again after a restart, with its epoch and its bytes") {
  const Folder folder;
  SetClock clock;
  {
    const auto store = FileStateStore::open(folder.options(), clock);
    REQUIRE(store);
    CHECK(commit(**store, {{"a", "1"}, {"b", "2"}}, 7));
  }
  auto options = folder.options();
  options.limitBytes = 200;
  const auto store = FileStateStore::open(options, clock);
  REQUIRE(store);
  CHECK(listed(**store, "") == "a=1;b=2;");
  CHECK(commit(**store, {{"a", "x"}}, 6).error().code == "state.fenced");
  CHECK(commit(**store, {{"c", "3"}, {"d", "4"}}, 7).error().code == "state.limit");
}

TEST_CASE("a state file has one owner, and the message names it") {
  const Folder folder;
  SetClock clock;
  auto first = FileStateStore::open(folder.options(), clock);
  REQUIRE(first);
  const auto second = FileStateStore::open(folder.options(), clock);
  REQUIRE(!second);
  CHECK(second.error().code == "state.busy");
  CHECK(second.error().message.contains("process " + std::to_string(::getpid())));
  first->reset();
  CHECK(FileStateStore::open(folder.options(), clock));
}

TEST_CASE("R1: what was committed before a kill is there, again and again") {
  const Folder folder;
  SetClock clock;
  for (int round = 0; round < 20; ++round) {
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0);
    const auto child = ::fork();
    if (child == 0) {
      const auto store = FileStateStore::open(folder.options(), clock);
      for (int i = 0; store; ++i) {
        const auto text = std::to_string(round) + "." + std::to_string(i);
        if (!commit(**store, {{"a", text}, {"b", text}})) break;
        if (::write(pipe[1], &i, sizeof i) != sizeof i) break;
      }
      ::_exit(1);
    }
    ::close(pipe[1]);
    int last = -1;
    for (int seen = 0; seen < 3 + round % 5; ++seen) REQUIRE(::read(pipe[0], &last, sizeof last) == sizeof last);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(pipe[0], &last, sizeof last) == sizeof last) {
    }
    ::close(pipe[0]);
    const auto store = FileStateStore::open(folder.options(), clock);
    REQUIRE(store);
    const auto got = get(**store, "a");
    CHECK(got == get(**store, "b"));
    const auto one = std::to_string(round) + "." + std::to_string(last);
    const auto next = std::to_string(round) + "." + std::to_string(last + 1);
    CHECK((got == one || got == next));
  }
}

TEST_CASE("a file that is no database, or of a newer Weir, is refused by name") {
  const Folder folder;
  SetClock clock;
  const auto path = folder.options().path;
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << std::string(8192, 'x');
  auto refused = FileStateStore::open(folder.options(), clock);
  REQUIRE(!refused);
  CHECK(refused.error().code == "state.corrupt");
  CHECK(refused.error().message.contains(path));
  fs::remove(path);
  CHECK(FileStateStore::open(folder.options(), clock));
  {
    auto database = sqlite::Database::open(path, {sqlite::Access::write, 1000, false, true, {}});
    REQUIRE(database);
    CHECK(database->execute("PRAGMA user_version=9"));
  }
  refused = FileStateStore::open(folder.options(), clock);
  REQUIRE(!refused);
  CHECK(refused.error().code == "state.version");
  CHECK(refused.error().message.contains("format 9"));
}

TEST_CASE("R6: after a sync that failed once no further commit is taken") {
  const Folder folder;
  SetClock clock;
  const FailingSyncs disk;
  auto options = folder.options();
  options.vfs = "failing-syncs";
  {
    const auto store = FileStateStore::open(options, clock);
    REQUIRE(store);
    CHECK(commit(**store, {{"a", "safe"}}));
    FailingSyncs::failing = true;
    const auto first = commit(**store, {{"a", "lost"}});
    REQUIRE(!first);
    CHECK(first.error().code == "files.sync_failed");
    CHECK(!first.error().recoverable);
    FailingSyncs::failing = false;
    const auto second = commit(**store, {{"b", "later"}});
    REQUIRE(!second);
    CHECK(second.error().code == "files.sync_failed");
    CHECK(get(**store, "b") == "(none)");
  }
  const auto again = FileStateStore::open(folder.options(), clock);
  REQUIRE(again);
  CHECK(commit(**again, {{"b", "works"}}));
}

TEST_CASE("R8: state on a disk that became read-only is an error with its cause, and works again when it is not") {
  const Folder folder;
  SetClock clock;
  if (::mount("tmpfs", folder.path.c_str(), "tmpfs", 0, "size=16m") != 0) {
    MESSAGE("skipped: no file system can be mounted here");
    return;
  }
  {
    const auto store = FileStateStore::open(folder.options(), clock);
    REQUIRE(store);
    CHECK(commit(**store, {{"a", "1"}}));
  }
  REQUIRE(::mount("", folder.path.c_str(), "", MS_REMOUNT | MS_RDONLY, "") == 0);
  const auto refused = FileStateStore::open(folder.options(), clock);
  REQUIRE(!refused);
  CHECK(refused.error().code == "state.unavailable");
  CHECK(refused.error().recoverable);
  CHECK(refused.error().message.contains("Read-only"));
  REQUIRE(::mount("", folder.path.c_str(), "", MS_REMOUNT, "size=16m") == 0);
  {
    const auto store = FileStateStore::open(folder.options(), clock);
    REQUIRE(store);
    CHECK(get(**store, "a") == "1");
  }
  CHECK(::umount(folder.path.c_str()) == 0);
}

TEST_CASE("R7: a full disk refuses a commit whole, and later ones work when there is room") {
  const Folder folder;
  SetClock clock;
  if (::mount("tmpfs", folder.path.c_str(), "tmpfs", 0, "size=2m") != 0) {
    MESSAGE("skipped: no file system can be mounted here");
    return;
  }
  {
    auto options = folder.options();
    options.limitBytes = 64 << 20;
    const auto store = FileStateStore::open(options, clock);
    REQUIRE(store);
    CHECK(commit(**store, {{"a", "1"}}));
    const auto refused = commit(**store, {{"a", "2"}, {"big", std::string(8 << 20, 'x')}});
    REQUIRE(!refused);
    CHECK(refused.error().code == "state.unavailable");
    CHECK(refused.error().message.contains("full"));
    CHECK(get(**store, "a") == "1");
    CHECK(commit(**store, {{"a", "3"}}));
  }
  CHECK(::umount(folder.path.c_str()) == 0);
}

}  // namespace weir::native::testing
