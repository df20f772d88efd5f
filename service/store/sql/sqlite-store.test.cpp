// Flows in SQLite keep to the contract of stores, also over a restart and from several threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.h"
#include "service/store/sql/disk-use.h"
#include "service/store/sql/letter-table.h"
#include "service/store/sql/operation-table.h"
#include "service/store/sql/request-key-table.h"
#include "service/store/sql/retention.h"
#include "service/store/sql/run-table.h"
#include "service/store/sql/sql-store.h"
#include "service/store/suite/suite.h"

namespace {

using namespace weir;
using namespace weir::store;
using sql::waitFor;

struct WallClock final : Clock {
  std::int64_t nowMicros() override { return micros += 1'000; }
  std::int64_t steadyNanos() override { return nowMicros() * 1'000; }
  std::atomic<std::int64_t> micros = 1'700'000'000'000'000;
};

/// A folder that is gone with it.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-store-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string file() const { return path + "/weir.db"; }
  std::string path;
};

FlowChange named(std::string name) {
  FlowChange change;
  change.name = std::move(name);
  change.document = "{}";
  return change;
}

/// A store with its database.
struct Opened {
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<sql::SqlStore> store;
  Store* operator->() const { return store.get(); }
};

Opened opened(const std::string& path, Clock& clock) {
  auto database = sql::openSqlite(path, {});
  REQUIRE_MESSAGE(database.has_value(), database.error().message);
  auto store = std::make_unique<sql::SqlStore>(**database, clock);
  return {std::move(*database), std::move(store)};
}

TEST_CASE("R18: the store in SQLite keeps to the contract of stores") {
  const Folder folder;
  WallClock clock;
  const auto store = opened(folder.file(), clock);
  api::Strand strand;
  for (const auto check : {checkStore, checkVisible}) {
    auto job = check(*store.store, strand);
    job.start();
    while (!job.done()) {
      strand.step();
      std::this_thread::yield();
    }
    for (const auto& complaint : job.take()) FAIL_CHECK(complaint);
  }
}

TEST_CASE("R18: logs of operations in SQLite keep to the contract") {
  const Folder folder;
  WallClock clock;
  const auto store = opened(folder.file(), clock);
  const OperationBounds bounds{.mostOperations = 20, .mostBytes = 9'000};
  sql::SqlOperations log(*store.database, clock, bounds);
  api::Strand strand;
  auto job = checkOperations(log, bounds, *store.store, strand);
  job.start();
  while (!job.done()) {
    strand.step();
    std::this_thread::yield();
  }
  for (const auto& complaint : job.take()) FAIL_CHECK(complaint);
}

TEST_CASE("R18: keys of requests in SQLite go with their changes") {
  const Folder folder;
  WallClock clock;
  const auto store = opened(folder.file(), clock);
  sql::SqlRequestKeys keys(*store.database, clock);
  api::Strand strand;
  auto job = checkRequestKeys(*store.store, keys, strand);
  job.start();
  while (!job.done()) {
    strand.step();
    std::this_thread::yield();
  }
  for (const auto& complaint : job.take()) FAIL_CHECK(complaint);
}

TEST_CASE("R18: the index of dead letters in SQLite keeps to its contract") {
  const Folder folder;
  WallClock clock;
  const auto store = opened(folder.file(), clock);
  sql::SqlLetterIndex index(*store.database);
  sql::SqlRuns runs(*store.database, clock);
  api::Strand strand;
  auto job = checkLetterIndex(index, runs, strand);
  job.start();
  while (!job.done()) {
    strand.step();
    std::this_thread::yield();
  }
  for (const auto& complaint : job.take()) FAIL_CHECK(complaint);
}

TEST_CASE("keys of requests are kept for a day, so many of each caller, and over a start") {
  const Folder folder;
  WallClock clock;
  const auto keyed = [&clock](sql::Database& database, sql::SqlStore& store, const std::string& caller,
                              const std::string& name) {
    sql::SqlRequestKeys keys(database, clock);
    keys.takeAlong({name, caller, "request"}, [](const Given&) { return KeptAnswer{201, "", "made"}; });
    return waitFor(store.create("keyed-" + name, named(name), {}));
  };
  {
    const auto store = opened(folder.file(), clock);
    for (int i = 0; i < 5; ++i) REQUIRE(keyed(*store.database, *store.store, "anna", "a" + std::to_string(i)));
    REQUIRE(keyed(*store.database, *store.store, "bert", "b"));
  }
  const auto store = opened(folder.file(), clock);
  sql::SqlRequestKeys keys(*store.database, clock);
  const auto known = [&keys](const std::string& name) { return waitFor(keys.find(name, {}))->has_value(); };
  CHECK(known("a0"));
  auto kind = *std::ranges::find(sql::allRetentions(), "request-keys", &sql::Retention::name);
  CHECK(kind.keepRowsPer == RequestKeys::kMostOfCaller);
  kind.keepRowsPer = 2;
  const std::array kinds{kind};
  REQUIRE(waitFor(sql::removeOld(*store.database, kinds, clock.nowMicros() / 1000, {})));
  CHECK_FALSE(known("a2"));
  CHECK(known("a3"));
  CHECK(known("a4"));
  CHECK(known("b"));
  // A day later it is as if it was never there, swept or not.
  clock.micros += RequestKeys::kKeptMs * 1'000;
  CHECK_FALSE(known("b"));
  REQUIRE(waitFor(store->purge("keyed-b", waitFor(store->bin("keyed-b", {}, {}))->revision, {})));
  REQUIRE(keyed(*store.database, *store.store, "bert", "b"));
  CHECK(known("b"));
  REQUIRE(waitFor(sql::removeOld(*store.database, kinds, clock.nowMicros() / 1000, {})));
  CHECK_FALSE(known("a4"));
  CHECK(known("b"));
}

TEST_CASE("what was told is there when the file is opened again, and revisions go on growing") {
  const Folder folder;
  WallClock clock;
  std::int64_t revision = 0;
  {
    const auto store = opened(folder.file(), clock);
    const auto made = waitFor(store->create("a", named("First"), {}));
    REQUIRE(made);
    revision = made->revision;
    REQUIRE(waitFor(store->appendVersion("a", {}, {"1.0.0", "the first", true}, {})));
  }
  const auto store = opened(folder.file(), clock);
  const auto read = waitFor(store->read("a", {}));
  REQUIRE(read);
  CHECK(read->head.name == "First");
  CHECK(read->head.publishedVersion == 1);
  const auto changed = waitFor(store->replace("a", revision, named("Second"), {}));
  REQUIRE(changed);
  CHECK(changed->revision > revision);
}

TEST_CASE("of changes of one revision from many threads one wins, and changes that fail undo nothing of the others") {
  const Folder folder;
  WallClock clock;
  const auto store = opened(folder.file(), clock);
  constexpr int kThreads = 8, kRounds = 40;
  std::atomic<int> won = 0, lost = 0;
  REQUIRE(waitFor(store->create("shared", named("0"), {})));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < kRounds; ++round) {
        const auto own = std::to_string(t) + "-" + std::to_string(round);
        if (!waitFor(store->create(own, named(own), {}))) std::abort();
        const auto seen = waitFor(store->read("shared", {}));
        if (!seen) std::abort();
        const auto done = waitFor(store->replace("shared", seen->head.revision, named(own), {}));
        (done ? won : lost).fetch_add(1);
        if (!done && done.error().code != "storage.changed") std::abort();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(won >= kRounds);
  CHECK(won + lost == kThreads * kRounds);
  FlowQuery query;
  query.limit = 1'000;
  const auto all = waitFor(store->list(query, {}));
  REQUIRE(all);
  CHECK(std::ssize(all->flows) == kThreads * kRounds + 1);
}

void execute(const std::string& path, const char* text) {
  sqlite::OpenOptions options;
  options.access = sqlite::Access::create;
  auto database = sqlite::Database::open(path, options);
  REQUIRE(database);
  const auto done = database->execute(text);
  REQUIRE_MESSAGE(done.has_value(), done.error().message);
}

TEST_CASE("a database of a newer program is refused, and stays as it is") {
  for (const auto& [change, said] : {std::pair("UPDATE meta SET value = 99 WHERE name = 'format'", "format 99"),
                                     std::pair("UPDATE migrations SET step = 77 WHERE kind = 'flows'", "format 77"),
                                     std::pair("INSERT INTO migrations VALUES ('dreams', 1)", "'dreams'")}) {
    const Folder folder;
    REQUIRE(sql::openSqlite(folder.file(), {}));
    execute(folder.file(), change);
    const auto refused = sql::openSqlite(folder.file(), {});
    REQUIRE(!refused);
    CHECK(refused.error().code == "storage.newer");
    CHECK(refused.error().message.contains(said));
  }
}

TEST_CASE("an older database is brought up to date, all of it or nothing") {
  const Folder folder;
  constexpr sql::Step kFirst[] = {{"CREATE TABLE things (id TEXT PRIMARY KEY); INSERT INTO things VALUES ('a;b')"}};
  constexpr sql::Step kBroken[] = {kFirst[0], {"ALTER TABLE things ADD COLUMN n BIGINT"}, {"no such statement"}};
  constexpr sql::Step kSecond[] = {kFirst[0], {"ALTER TABLE things ADD COLUMN n BIGINT NOT NULL DEFAULT 7"}};
  const auto openWith = [&folder](std::span<const sql::Step> steps) {
    const sql::Kind kind{"things", steps};
    const std::array kinds{&kind};
    sql::SqliteOptions options;
    options.kinds = kinds;
    return sql::openSqlite(folder.file(), options);
  };
  REQUIRE(openWith(kFirst));
  REQUIRE(!openWith(kBroken));
  const auto database = openWith(kSecond);
  REQUIRE(database);
  const auto row = waitFor((*database)->read<std::string>({}, [](sql::Session& session) -> Result<std::string> {
    WEIR_ASSIGN(const auto found, session.queryOne("SELECT id, n FROM things"));
    return found->text(0) + " " + std::to_string(found->integer(1));
  }));
  REQUIRE(row);
  CHECK(*row == "a;b 7");
}

TEST_CASE("who keeps a copy is asked before an older database is brought up to date, and may refuse") {
  const Folder folder;
  constexpr sql::Step kFirst[] = {{"CREATE TABLE things (id TEXT PRIMARY KEY)"}};
  constexpr sql::Step kSecond[] = {kFirst[0], {"ALTER TABLE things ADD COLUMN n BIGINT NOT NULL DEFAULT 7"}};
  std::vector<std::int64_t> asked;
  bool mayGoOn = false;
  const auto openWith = [&](std::span<const sql::Step> steps) {
    const sql::Kind kind{"things", steps};
    const std::array kinds{&kind};
    sql::SqliteOptions options;
    options.kinds = kinds;
    options.beforeMigration = [&](const sql::Steps& from) -> Result<void> {
      asked.push_back(sql::versionOf(from));
      return mayGoOn ? Result<void>{} : fail("files.full", "no room");
    };
    return sql::openSqlite(folder.file(), options);
  };
  REQUIRE(openWith(kFirst));
  REQUIRE(openWith(kFirst));
  CHECK(asked.empty());  // a new one, and one that is as it should be
  const auto refused = openWith(kSecond);
  REQUIRE(!refused);
  CHECK(refused.error().code == "files.full");
  REQUIRE(openWith(kFirst));
  mayGoOn = true;
  REQUIRE(openWith(kSecond));
  CHECK(asked == std::vector<std::int64_t>{1, 1});
}

TEST_CASE("the tables of kinds are told in an order in which they can be filled") {
  const auto all = sql::stepsOf(sql::allKinds());
  const auto tables = sql::tablesOf(sql::allKinds(), all);
  const auto place = [&](std::string_view name) { return std::ranges::find(tables, name) - tables.begin(); };
  CHECK(place("meta") == 0);
  CHECK(place("flows") < place("versions"));
  CHECK(place("run_logs") < std::ssize(tables));
  CHECK(sql::tablesOf(sql::allKinds(), {}) == std::vector<std::string>{"meta", "migrations"});
  auto fewer = all;
  fewer["audit"] = 1;
  CHECK(sql::tablesOf(sql::allKinds(), fewer).size() + 1 == tables.size());
  fewer["audit"] = 99;
  CHECK(sql::checkSteps(fewer, sql::allKinds()).error().code == "storage.newer");
}

FlowChange large(char fill) {
  FlowChange change;
  change.document = "\"" + std::string(100'000, fill) + "\"";
  return change;
}

TEST_CASE("deleting gives room back to the disk") {
  const Folder folder;
  WallClock clock;
  const auto store = opened(folder.file(), clock);
  for (int i = 0; i < 40; ++i) REQUIRE(waitFor(store->create(std::to_string(i), large('x'), {})));
  const auto bytes = [&] {
    execute(folder.file(), "PRAGMA wal_checkpoint(TRUNCATE)");
    return std::filesystem::file_size(folder.file());
  };
  const auto before = bytes();
  CHECK(before > 40 * 100'000);
  for (int i = 0; i < 40; ++i) {
    REQUIRE(waitFor(store->bin(std::to_string(i), {}, {})));
    REQUIRE(waitFor(store->purge(std::to_string(i), {}, {})));
  }
  // What is given back follows the answer: the next one waits for it.
  REQUIRE(waitFor(store->create("last", named("last"), {})));
  CHECK(bytes() < before / 4);
}

TEST_CASE("R8: a full disk is said to be full, loses nothing, and lets in what makes room") {
  const Folder folder;
  WallClock clock;
  std::atomic<int> freed = 0;
  sql::SqliteOptions options;
  options.mostPages = 400;
  options.freeReserve = [&freed] { ++freed; };
  std::atomic<bool> refuses = false;
  options.grew = [&refuses](bool refused) { refuses = refused; };
  auto database = sql::openSqlite(folder.file(), options);
  REQUIRE(database);
  sql::SqlStore store(**database, clock);
  int made = 0;
  Result<FlowHead> last;
  while (made < 100) {
    last = waitFor(store.create(std::to_string(made), large('x'), {}));
    if (!last) break;
    ++made;
  }
  REQUIRE(!last);
  CHECK(last.error().code == "storage.full");
  CHECK(refuses);
  CHECK(made > 5);
  for (int i = 0; i < made; ++i) CHECK(waitFor(store.read(std::to_string(i), {})));
  // What is too large takes nothing from what waits with it, and that is let in.
  auto tooLarge = store.create("large", large('y'), {});
  auto binned = store.bin("0", {}, {});
  CHECK(waitFor(std::move(tooLarge)).error().code == "storage.full");
  CHECK(waitFor(std::move(binned)));
  CHECK(waitFor(store.purge("0", {}, {})));
  CHECK(waitFor(store.create("again", large('z'), {})));
  CHECK(!refuses);
}

TEST_CASE("R8: while what is left of the disk is for deleting, nothing else is let in") {
  const Folder folder;
  WallClock clock;
  std::atomic<bool> grows = true;
  sql::SqliteOptions options;
  options.mayGrow = [&grows] { return grows.load(); };
  auto database = sql::openSqlite(folder.file(), options);
  REQUIRE(database);
  sql::SqlStore store(**database, clock);
  REQUIRE(waitFor(store.create("one", named("one"), {})));
  grows = false;
  auto made = store.create("two", named("two"), {});
  auto binned = store.bin("one", {}, {});
  CHECK(waitFor(std::move(made)).error().code == "storage.full");
  CHECK(waitFor(std::move(binned)));
  CHECK(waitFor(store.read("one", {})));
  CHECK(waitFor(store.purge("one", {}, {})));
  grows = true;
  CHECK(waitFor(store.create("two", named("two"), {})));
}

TEST_CASE("the journal of a large change is cut when room is made") {
  const Folder folder;
  WallClock clock;
  auto database = sql::openSqlite(folder.file(), {});
  REQUIRE(database);
  sql::SqlStore store(**database, clock);
  // Those that wait together are one transaction.
  std::vector<weir::Operation<FlowHead>> made;
  for (int i = 0; i < 20; ++i) {
    FlowChange change;
    change.document = "\"" + std::string(std::size_t{4} << 20, 'x') + "\"";
    made.push_back(store.create(std::to_string(i), std::move(change), {}));
  }
  for (auto& one : made) REQUIRE(waitFor(std::move(one)));
  for (int i = 0; i < 20; ++i) {
    REQUIRE(waitFor(store.bin(std::to_string(i), {}, {})));
    REQUIRE(waitFor(store.purge(std::to_string(i), {}, {})));
  }
  // What is given back follows the answer: the next one waits for it.
  REQUIRE(waitFor(store.create("last", named("last"), {})));
  CHECK(std::filesystem::file_size(folder.file() + "-wal") <= (std::uintmax_t{25} << 20));
}

TEST_CASE("what is kept no longer is removed, the oldest first: by age, by number and by bytes") {
  const Folder folder;
  WallClock clock;
  const auto store = opened(folder.file(), clock);
  const auto fill = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      const auto id = "bin-" + std::to_string(i);
      REQUIRE(waitFor(store->create(id, named(id), {})));
      REQUIRE(waitFor(store->bin(id, {}, {})));
    }
  };
  REQUIRE(waitFor(store->create("kept", named("kept"), {})));
  fill(0, 10);
  const auto bin = sql::allRetentions().front();
  const auto remove = [&](sql::Retention kind, std::int64_t nowMs) {
    std::int64_t rows = 0;
    const std::array kinds{kind};
    const auto removed = waitFor(sql::removeOld(*store.database, kinds, nowMs, {}));
    REQUIRE_MESSAGE(removed.has_value(), removed.error().message);
    for (const auto& one : *removed) rows += one.rows;
    return rows;
  };
  const auto nowMs = clock.nowMicros() / 1000;
  CHECK(remove(bin, nowMs) == 0);
  CHECK(remove(bin, nowMs + bin.keepMs + 60'000) == 10);
  CHECK(waitFor(store->read("kept", {})));
  fill(10, 20);
  auto few = bin;
  few.keepRows = 4;
  CHECK(remove(few, nowMs) == 6);
  CHECK(!waitFor(store->read("bin-15", {})));
  CHECK(waitFor(store->read("bin-16", {})));
  auto little = bin;
  little.keepBytes = 6;  // of documents of two bytes
  CHECK(remove(little, nowMs) == 1);
  CHECK(!waitFor(store->read("bin-16", {})));
  CHECK(waitFor(store->read("bin-17", {})));
}

TEST_CASE("what uses the disk is said: records and files, with how long they are kept") {
  const Folder folder;
  WallClock clock;
  const auto store = opened(folder.file(), clock);
  REQUIRE(waitFor(store->create("a", large('x'), {})));
  REQUIRE(waitFor(store->create("b", named("b"), {})));
  REQUIRE(waitFor(store->bin("b", {}, {})));
  std::filesystem::create_directories(folder.path + "/objects/aa");
  std::FILE* file = std::fopen((folder.path + "/objects/aa/one").c_str(), "w");
  REQUIRE(file != nullptr);
  std::fputs("12345", file);
  std::fclose(file);
  sql::DataFolderUse use(*store.database, folder.path);
  const auto report = waitFor(use.report({}));
  REQUIRE(report);
  const auto of = [](const std::vector<api::DiskUse>& uses, std::string_view name) {
    for (const auto& one : uses) {
      if (one.name == name) return one;
    }
    FAIL("there is no " << name);
    return api::DiskUse{};
  };
  CHECK(of(report->records, "flows").bytes == 100'002);
  CHECK(of(report->records, "flows").count == 1);
  CHECK(of(report->records, "bin").count == 1);
  CHECK(of(report->records, "bin").keepMs > 0);
  CHECK(of(report->files, "objects").bytes == 5);
  CHECK(of(report->files, "weir.db-wal").bytes > 100'000);
  CHECK(report->free > 0);
  CHECK(report->capacity >= report->free);
}

}  // namespace
