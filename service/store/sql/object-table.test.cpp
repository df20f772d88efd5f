// Large documents lie beside the database: each once, as long as something names it, over failures too.
#include "service/store/sql/object-table.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "service/store/sql/memory-objects.test.h"
#include "service/store/sql/run-table.h"
#include "service/store/sql/sql-store.h"
#include "service/store/suite/suite.h"

namespace {

using namespace weir;
using namespace weir::store;
using sql::waitFor;

struct SetClock final : Clock {
  std::int64_t nowMicros() override { return ms * 1000; }
  std::int64_t steadyNanos() override { return ms * 1'000'000; }
  std::int64_t ms = 1'700'000'000'000;
};

struct Place {
  Place() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-objects-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
    open();
  }
  ~Place() {
    database.reset();
    std::filesystem::remove_all(path);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  void open(bool withObjects = true) {
    runs.reset();
    store.reset();
    database.reset();
    sql::SqliteOptions options;
    if (withObjects) options.objects = &objects;
    auto opened = sql::openSqlite(path + "/weir.db", options);
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    database = std::move(*opened);
    store = std::make_unique<sql::SqlStore>(*database, clock);
    runs = std::make_unique<sql::SqlRuns>(*database, clock);
  }
  /// As housekeeping does, after so long; how many went.
  std::int64_t swept(std::int64_t afterMs = 1'000) {
    clock.ms += afterMs;
    auto strays = waitFor(sql::unknownObjects(*database, *objects.list(), {}));
    REQUIRE(strays);
    const auto gone = waitFor(sql::sweepObjects(*database, *strays, clock.ms, 1'000, {}));
    REQUIRE_MESSAGE(gone.has_value(), gone.error().message);
    return *gone;
  }
  [[nodiscard]] std::size_t count() { return objects.list()->size(); }

  void purge(const std::string& id) {
    REQUIRE(waitFor(store->bin(id, {}, {})));
    REQUIRE(waitFor(store->purge(id, {}, {})));
  }
  Result<RunRecord> run(const std::string& id, std::string document) {
    StoredRun run;
    run.record.id = id;
    run.record.flow = "a";
    run.record.owner = "first";
    run.record.leaseUntil = 1000;
    run.document = std::move(document);
    return waitFor(runs->create(std::move(run), {}));
  }

  SetClock clock;
  std::string path;
  MemoryObjects objects;
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<Store> store;
  std::unique_ptr<Runs> runs;
};

FlowChange documentOf(std::string text) {
  FlowChange change;
  change.document = std::move(text);
  return change;
}

std::string large(char c) { return std::string(100'000, c); }

TEST_CASE("R18: a store whose large documents are objects keeps to the contract of stores, and leaves none") {
  Place place;
  api::Strand strand;
  auto job = checkStore(*place.store, strand);
  job.start();
  while (!job.done()) {
    strand.step();
    std::this_thread::yield();
  }
  for (const auto& complaint : job.take()) FAIL_CHECK(complaint);
  CHECK(place.objects.puts == 2);
  CHECK(place.swept() == 2);
  CHECK(place.count() == 0);
}

TEST_CASE("one object stands for a flow, its versions and its runs, and goes with the last of them") {
  Place place;
  REQUIRE(waitFor(place.store->create("a", documentOf(large('x')), {})));
  REQUIRE(waitFor(place.store->appendVersion("a", {}, {"1", "", true}, {})));
  REQUIRE(place.run("r", large('x')));
  CHECK(place.objects.puts == 1);
  place.purge("a");
  CHECK(place.swept() == 0);
  place.clock.ms = 1'800'000'000'000;
  const auto taken = waitFor(place.runs->takeOver("second", 1000, true, {}, {}));
  REQUIRE(taken);
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().document == large('x'));
  auto over = taken->front().record;
  over.state = RunState::done;
  REQUIRE(waitFor(place.runs->save(over, {})));
  REQUIRE(waitFor(place.runs->remove("r", {})));
  CHECK(place.swept(0) == 0);  // somebody may still read the state before
  CHECK(place.swept() == 1);
  CHECK(place.count() == 0);
}

TEST_CASE("a small document lies in the database, and what no row names is not kept") {
  Place place;
  const auto made = waitFor(place.store->create("a", documentOf(std::string(sql::kMostInRow, 's')), {}));
  REQUIRE(made);
  CHECK(place.count() == 0);
  auto next = waitFor(place.store->replace("a", made->revision, documentOf(large('1')), {}));
  REQUIRE(next);
  next = waitFor(place.store->replace("a", next->revision, documentOf(large('2')), {}));
  REQUIRE(next);
  CHECK(place.count() == 2);
  CHECK(place.swept() == 1);
  CHECK(waitFor(place.store->read("a", {}))->document == large('2'));
}

TEST_CASE("an object that is named again before it was swept stays") {
  Place place;
  const auto made = waitFor(place.store->create("a", documentOf(large('1')), {}));
  REQUIRE(made);
  const auto next = waitFor(place.store->replace("a", made->revision, documentOf("{}"), {}));
  REQUIRE(next);
  REQUIRE(waitFor(place.store->create("b", documentOf(large('1')), {})));
  CHECK(place.swept() == 0);
  CHECK(waitFor(place.store->read("b", {}))->document == large('1'));
}

TEST_CASE("what a change has written that was not made, or a process that was killed, is swept") {
  Place place;
  REQUIRE(waitFor(place.store->create("a", documentOf("{}"), {})));
  // The object is there when the transaction fails, as when it was ended in between.
  const auto failed = waitFor(place.database->write<Unit>({}, [&place](sql::Session& session) -> Result<Unit> {
    WEIR_TRY(sql::rowText(session, large('f'), place.clock.ms));
    return fail("test.killed", "between object and transaction");
  }));
  CHECK(failed.error().code == "test.killed");
  REQUIRE(place.objects.put("half.making", "…"));
  CHECK(place.count() == 2);
  place.open();
  CHECK(place.swept(0) == 2);
  CHECK(place.count() == 0);
  // And a change of the same text later is as any other.
  REQUIRE(waitFor(place.store->create("b", documentOf(large('f')), {})));
  CHECK(waitFor(place.store->read("b", {}))->document == large('f'));
}

TEST_CASE("nothing is removed while a backup is made") {
  Place place;
  REQUIRE(waitFor(place.store->create("a", documentOf(large('1')), {})));
  place.purge("a");
  place.objects.copied = true;
  CHECK(place.swept() == 0);
  place.objects.copied = false;
  CHECK(place.swept() == 1);
}

TEST_CASE("an object that has come to harm is named with its flow, and is whole again when its text is written again") {
  Place place;
  const auto made = waitFor(place.store->create("a", documentOf(large('1')), {}));
  REQUIRE(made);
  REQUIRE(waitFor(place.store->appendVersion("a", {}, {}, {})));
  const auto name = place.objects.list()->front();
  REQUIRE(place.objects.remove(name));
  for (const auto& error :
       {waitFor(place.store->read("a", {})).error(), waitFor(place.store->readVersion("a", 1, {})).error()}) {
    CHECK(error.code == "storage.corrupt");
    CHECK_MESSAGE(error.message.contains("flow 'a'"), error.message);
    CHECK_MESSAGE(error.message.contains(name), error.message);
  }
  REQUIRE(waitFor(place.store->replace("a", made->revision, documentOf(large('1')), {})));
  CHECK(waitFor(place.store->read("a", {}))->document == large('1'));
  CHECK(waitFor(place.store->readVersion("a", 1, {}))->document == large('1'));
}

TEST_CASE("a run whose document has come to harm is held, and the others are taken over") {
  Place place;
  REQUIRE(place.run("harmed", large('h')));
  REQUIRE(place.run("whole", large('w')));
  const auto names = *place.objects.list();
  for (const auto& name : names) {
    if (*place.objects.get(name) == large('h')) REQUIRE(place.objects.remove(name));
  }
  const auto taken = waitFor(place.runs->takeOver("second", 1000, true, {}, {}));
  REQUIRE_MESSAGE(taken.has_value(), taken.error().message);
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().record.id == "whole");
  const auto held = waitFor(place.runs->read("harmed", {}));
  REQUIRE(held);
  CHECK(held->state == RunState::held);
  CHECK(held->why.contains("document of run 'harmed'"));
}

TEST_CASE("a full disk refuses a large document, and nothing of the change is made") {
  Place place;
  const auto made = waitFor(place.store->create("a", documentOf("{}"), {}));
  REQUIRE(made);
  place.objects.full = true;
  CHECK(waitFor(place.store->replace("a", made->revision, documentOf(large('1')), {})).error().code == "storage.full");
  CHECK(waitFor(place.store->create("b", documentOf(large('1')), {})).error().code == "storage.full");
  CHECK(waitFor(place.store->read("a", {}))->document == "{}");
  CHECK(waitFor(place.store->read("b", {})).error().code == "storage.not_found");
}

}  // namespace
