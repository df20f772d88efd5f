// Flows in a real PostgreSQL keep to the contract of stores: tests/end-to-end/server-database.test.py starts one.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "service/store/sql/database.h"
#include "service/store/sql/disk-use.h"
#include "service/store/sql/letter-table.h"
#include "service/store/sql/memory-objects.test.h"
#include "service/store/sql/object-table.h"
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

/// Empty: no server was started for the tests.
std::string urlOfTests() {
  const char* url = std::getenv("WEIR_TEST_POSTGRES");
  return url != nullptr ? url : "";
}

struct Opened {
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<sql::SqlStore> store;
  Store* operator->() const { return store.get(); }
};

sql::PostgresOptions optionsOf(const std::string& url) {
  sql::PostgresOptions options;
  options.url = url;
  return options;
}

Opened opened(Clock& clock) {
  auto database = sql::openPostgres(optionsOf(urlOfTests()));
  REQUIRE_MESSAGE(database.has_value(), database.error().message);
  auto store = std::make_unique<sql::SqlStore>(**database, clock);
  return {std::move(*database), std::move(store)};
}

FlowChange named(std::string name) {
  FlowChange change;
  change.name = std::move(name);
  change.document = "{}";
  return change;
}

Result<Unit> execute(sql::Database& database, std::string text) {
  return waitFor(database.write<Unit>({}, [text = std::move(text)](sql::Session& session) -> Result<Unit> {
    WEIR_TRY(session.exec(text));
    return Unit{};
  }));
}

TEST_CASE("R18: the store in PostgreSQL keeps to the contract of stores" * doctest::skip(urlOfTests().empty())) {
  WallClock clock;
  const auto store = opened(clock);
  REQUIRE(execute(*store.database, "DELETE FROM flows"));
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

TEST_CASE("R18: logs of operations in PostgreSQL keep to the contract" * doctest::skip(urlOfTests().empty())) {
  WallClock clock;
  const auto store = opened(clock);
  REQUIRE(execute(*store.database, "DELETE FROM flows"));
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

TEST_CASE("R18: keys of requests in PostgreSQL go with their changes" * doctest::skip(urlOfTests().empty())) {
  WallClock clock;
  const auto store = opened(clock);
  REQUIRE(execute(*store.database, "DELETE FROM flows"));
  REQUIRE(execute(*store.database, "DELETE FROM request_keys"));
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

TEST_CASE("R18: the index of dead letters in PostgreSQL keeps to its contract" * doctest::skip(urlOfTests().empty())) {
  WallClock clock;
  const auto store = opened(clock);
  for (const auto* table : {"runs", "letter_causes", "letter_segments"}) {
    REQUIRE(execute(*store.database, std::string("DELETE FROM ") + table));
  }
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

TEST_CASE("R18: PostgreSQL with objects keeps to the contract of stores" * doctest::skip(urlOfTests().empty())) {
  WallClock clock;
  MemoryObjects objects;
  auto options = optionsOf(urlOfTests());
  options.objects = &objects;
  auto database = sql::openPostgres(options);
  REQUIRE_MESSAGE(database.has_value(), database.error().message);
  REQUIRE(execute(**database, "DELETE FROM flows"));
  sql::SqlStore store(**database, clock);
  api::Strand strand;
  auto job = checkStore(store, strand);
  job.start();
  while (!job.done()) {
    strand.step();
    std::this_thread::yield();
  }
  for (const auto& complaint : job.take()) FAIL_CHECK(complaint);
  REQUIRE(objects.put("half.making", "it was being written"));
  auto strays = waitFor(sql::unknownObjects(**database, *objects.list(), {}));
  REQUIRE(strays);
  CHECK(*strays == std::vector<std::string>{"half.making"});
  CHECK(waitFor(sql::sweepObjects(**database, *strays, clock.micros / 1000, 0, {})) == 3);
  CHECK(objects.list()->empty());
}

TEST_CASE("PostgreSQL: what is bound comes back as it was" * doctest::skip(urlOfTests().empty())) {
  WallClock clock;
  const auto store = opened(clock);
  const std::string bytes("\0\xFF\n", 3);
  REQUIRE(execute(*store.database, "CREATE TABLE kept (n BIGINT, d DOUBLE PRECISION, t TEXT, b BYTEA, o TEXT)"));
  const auto good = waitFor(store.database->write<bool>({}, [&bytes](sql::Session& session) -> Result<bool> {
    WEIR_TRY(session.post("INSERT INTO kept VALUES (?, ?, ?, ?, ?)",
                          {-7, 0.5, "\xC3\xA4\xE2\x82\xAC", sql::Value::Bytes{bytes}, std::optional<std::string>()}));
    WEIR_ASSIGN(const auto row, session.queryOne("SELECT n, d, t, b, o FROM kept WHERE n = ?1 AND d < ?2", {-7, 1.0}));
    return row && row->integer(0) == -7 && row->real(1) == 0.5 && row->text(2) == "\xC3\xA4\xE2\x82\xAC" &&
           row->text(3) == bytes && row->null(4) && !row->null(3);
  }));
  REQUIRE_MESSAGE(good.has_value(), good.error().message);
  CHECK(*good);
  CHECK(execute(*store.database, "DROP TABLE kept"));
}

TEST_CASE(
    "PostgreSQL: work that fails takes nothing from those that wait with it, also when nobody waited for what failed" *
    doctest::skip(urlOfTests().empty())) {
  WallClock clock;
  const auto store = opened(clock);
  REQUIRE(execute(*store.database, "DELETE FROM flows"));
  const auto posted = [](sql::Session& session) -> Result<Unit> {
    WEIR_TRY(session.post("INSERT INTO flow_documents VALUES ('nobody', '')"));
    return Unit{};
  };
  auto before = store->create("before", named("b"), {});
  auto failing = store.database->write<Unit>({}, posted);
  auto refused = store->replace("before", 1, named("c"), {});
  auto after = store->create("after", named("a"), {});
  CHECK(waitFor(std::move(before)));
  CHECK(!waitFor(std::move(failing)));
  CHECK(waitFor(std::move(refused)).error().code == "storage.changed");
  CHECK(waitFor(std::move(after)));
  CHECK(waitFor(store->read("before", {})));
  CHECK(waitFor(store->read("after", {})));
}

TEST_CASE("PostgreSQL: of two servers that change one state one wins, each time" *
          doctest::skip(urlOfTests().empty())) {
  WallClock clock;
  const auto first = opened(clock);
  const auto second = opened(clock);
  REQUIRE(execute(*first.database, "DELETE FROM flows"));
  REQUIRE(waitFor(first->create("shared", named("0"), {})));
  constexpr int kThreads = 4, kRounds = 25;
  std::atomic<int> won = 0, lost = 0, other = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto& store = t % 2 == 0 ? first : second;
      for (int round = 0; round < kRounds; ++round) {
        const auto seen = waitFor(store->read("shared", {}));
        if (!seen) {
          ++other;
          continue;
        }
        const auto done = waitFor(store->replace("shared", seen->head.revision, named(std::to_string(t)), {}));
        if (done) waitFor(store->appendVersion("shared", {}, {}, {})) ? ++won : ++other;
        if (!done) done.error().code == "storage.changed" ? ++lost : ++other;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(won + lost + other == kThreads * kRounds);
  // Those that gave up under contention are told so; none is lost, none is made twice.
  const auto flow = waitFor(first->read("shared", {}));
  REQUIRE(flow);
  CHECK(flow->head.latestVersion >= won);
  CHECK(won > 0);
}

TEST_CASE("PostgreSQL: connections that were ended are made again" * doctest::skip(urlOfTests().empty())) {
  WallClock clock;
  const auto store = opened(clock);
  REQUIRE(execute(*store.database, "DELETE FROM flows"));
  const auto other = opened(clock);
  for (int i = 0; i < 3; ++i) {
    const auto name = "again-" + std::to_string(i);
    REQUIRE(waitFor(store->create(name, named(name), {})));
    REQUIRE(waitFor(store->read(name, {})));
    static_cast<void>(execute(*other.database,
                              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'weir' "
                              "AND pid <> pg_backend_pid()"));
  }
  CHECK(waitFor(store->read("again-2", {})));
  CHECK(waitFor(store->create("again-3", named("3"), {})));
}

TEST_CASE("PostgreSQL: a database that is away is said to be away, and is found when it is back" *
          doctest::skip(urlOfTests().empty() || std::getenv("WEIR_TEST_POSTGRES_STOP") == nullptr)) {
  WallClock clock;
  const auto store = opened(clock);
  REQUIRE(execute(*store.database, "DELETE FROM flows"));
  const auto made = waitFor(store->create("kept", named("kept"), {}));
  REQUIRE(made);
  REQUIRE(std::system(std::getenv("WEIR_TEST_POSTGRES_STOP")) == 0);
  const auto away = waitFor(store->read("kept", {}));
  const auto unmade = waitFor(store->replace("kept", made->revision, named("lost"), {}));
  REQUIRE(std::system(std::getenv("WEIR_TEST_POSTGRES_START")) == 0);
  REQUIRE(!away);
  CHECK(away.error().code == "storage.unavailable");
  REQUIRE(!unmade);
  CHECK(unmade.error().code == "storage.unavailable");
  const auto back = waitFor(store->read("kept", {}));
  REQUIRE_MESSAGE(back.has_value(), back.error().message);
  CHECK(back->head.name == "kept");
  CHECK(waitFor(store->replace("kept", made->revision, named("found"), {})));
}

TEST_CASE("PostgreSQL: what is kept no longer is removed, and what is kept is counted" *
          doctest::skip(urlOfTests().empty())) {
  WallClock clock;
  const auto store = opened(clock);
  REQUIRE(execute(*store.database, "DELETE FROM flows"));
  for (int i = 0; i < 6; ++i) {
    const auto id = "bin-" + std::to_string(i);
    REQUIRE(waitFor(store->create(id, named(id), {})));
    REQUIRE(waitFor(store->bin(id, {}, {})));
  }
  auto kind = sql::allRetentions().front();
  kind.keepRows = 4;
  kind.keepBytes = 6;
  const std::array kinds{kind};
  const auto removed = waitFor(sql::removeOld(*store.database, kinds, clock.nowMicros() / 1000, {}));
  REQUIRE_MESSAGE(removed.has_value(), removed.error().message);
  REQUIRE(removed->size() == 1);
  CHECK(removed->front().rows == 3);
  sql::DataFolderUse use(*store.database, "/no/such/folder");
  const auto report = waitFor(use.report({}));
  REQUIRE_MESSAGE(report.has_value(), report.error().message);
  for (const auto& one : report->records) {
    if (one.name == "bin") CHECK(one.bytes == 6);
  }
}

TEST_CASE("PostgreSQL: who answers is verified unless it is this machine, or somebody says otherwise") {
  for (const auto* mode : {"disable", "allow", "require", "verify-ca"}) {
    const auto refused =
        sql::openPostgres(optionsOf("postgresql://u:secret@db.example:5432/weir?sslmode=" + std::string(mode)));
    REQUIRE(!refused);
    CHECK(refused.error().code == "settings.invalid");
    CHECK(refused.error().message.contains("--insecure-transport"));
    CHECK(!refused.error().message.contains("secret"));
  }
  const auto none = sql::openPostgres(optionsOf("mysql://u@localhost/x"));
  REQUIRE(!none);
  CHECK(none.error().code == "settings.invalid");
  const auto nobody = sql::openPostgres(optionsOf("postgresql://u@127.0.0.1:1/weir"));
  REQUIRE(!nobody);
  CHECK(nobody.error().code == "storage.unavailable");
  CHECK(nobody.error().message.contains("127.0.0.1:1"));
}

}  // namespace
