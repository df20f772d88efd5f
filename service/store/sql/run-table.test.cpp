// Runs in the database: made once for a request, owned by one server at a time, listed newest first.
#include "service/store/sql/run-table.h"

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "service/store/sql/run-log-table.h"

namespace {

using namespace weir;
using namespace weir::store;
using sql::waitFor;

struct SetClock final : Clock {
  std::int64_t nowMicros() override { return 1'700'000'000'000'000 + ms * 1000; }
  std::int64_t steadyNanos() override { return ms * 1'000'000; }
  std::int64_t ms = 0;
};

struct Place {
  Place() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-runs-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
    static const std::array kKinds{&sql::runKind(), &sql::runLogKind()};
    sql::SqliteOptions options;
    options.kinds = kKinds;
    auto opened = sql::openSqlite(path + "/runs.db", options);
    REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
    database = std::move(*opened);
    runs = std::make_unique<sql::SqlRuns>(*database, clock);
  }
  ~Place() {
    runs.reset();
    database.reset();
    std::filesystem::remove_all(path);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  RunRecord made(const std::string& id, const std::string& folder = "", const std::string& key = "") {
    StoredRun run;
    run.record.id = id;
    run.record.flow = "flow-of-" + folder;
    run.record.folder = folder;
    run.record.requestKey = key;
    run.record.owner = "first";
    run.record.leaseUntil = 1000;
    run.document = "{}";
    auto record = waitFor(runs->create(std::move(run), {}));
    REQUIRE_MESSAGE(record.has_value(), record.error().message);
    return *record;
  }

  SetClock clock;
  std::string path;
  std::unique_ptr<sql::Database> database;
  std::unique_ptr<Runs> runs;
};

TEST_CASE("R15: a run that is held for its server comes to that one, and to no other") {
  Place place;
  auto run = place.made("a");
  place.clock.ms = 2000;
  REQUIRE(waitFor(place.runs->takeOver("second", 1000, false, {}, {}))->size() == 1);
  run = *waitFor(place.runs->read("a", {}));
  run.state = RunState::held;
  run.errorCode = kElsewhere;
  run.why = "its journal is in another place";
  REQUIRE(waitFor(place.runs->save(run, {})));
  const auto none = [](const std::string&) { return false; };
  place.clock.ms = 9000;
  CHECK(waitFor(place.runs->takeOver("third", 1000, false, none, {}))->empty());
  CHECK(waitFor(place.runs->takeOver("third", 1000, false, {}, {}))->empty());
  const auto here = [](const std::string& id) { return id == "a"; };
  const auto taken = waitFor(place.runs->takeOver("home", 1000, false, here, {}));
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().record.epoch == run.epoch + 1);
  CHECK(taken->front().record.state == RunState::starting);
  CHECK(taken->front().record.why.empty());
  CHECK(taken->front().record.errorCode.empty());
  CHECK(waitFor(place.runs->save(run, {})).error().code == "run.fenced");
}

TEST_CASE("R14: a request that comes twice has made one run") {
  Place place;
  CHECK(place.made("a", "", "key").id == "a");
  CHECK(place.made("b", "", "key").id == "a");
  CHECK(place.made("c", "other", "key").id == "c");
  CHECK(place.made("d").id == "d");
  CHECK(place.made("e").id == "e");
}

TEST_CASE("R15: a run is taken over when its lease has ended, and its earlier owner is refused") {
  Place place;
  auto mine = place.made("a");
  CHECK(waitFor(place.runs->takeOver("second", 1000, false, {}, {}))->empty());
  place.clock.ms = 900;
  REQUIRE(waitFor(place.runs->renew("first", 1000, {})));
  place.clock.ms = 1500;
  CHECK(waitFor(place.runs->takeOver("second", 1000, false, {}, {}))->empty());
  place.clock.ms = 2000;
  const auto taken = waitFor(place.runs->takeOver("second", 1000, false, {}, {}));
  REQUIRE(taken->size() == 1);
  CHECK(taken->front().record.epoch == mine.epoch + 1);
  CHECK(taken->front().document == "{}");
  mine.state = RunState::done;
  CHECK(waitFor(place.runs->save(mine, {})).error().code == "run.fenced");
  CHECK(waitFor(place.runs->read("a", {}))->state == RunState::starting);
  auto theirs = taken->front().record;
  theirs.state = RunState::done;
  CHECK(waitFor(place.runs->save(theirs, {})));
  CHECK(waitFor(place.runs->takeOver("third", 1000, true, {}, {}))->empty());
}

TEST_CASE("R18: runs that an owner was not told of are its own to find") {
  Place place;
  for (const auto* id : {"a", "b", "c", "d"}) static_cast<void>(place.made(id));
  auto held = *waitFor(place.runs->read("b", {}));
  held.state = RunState::held;
  REQUIRE(waitFor(place.runs->save(held, {})));
  auto over = *waitFor(place.runs->read("d", {}));
  over.state = RunState::done;
  REQUIRE(waitFor(place.runs->save(over, {})));
  const auto found = waitFor(place.runs->strays("first", {"a"}, {}));
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().record.id == "c");
  CHECK(found->front().document == "{}");
  CHECK(waitFor(place.runs->strays("first", {"a", "c"}, {}))->empty());
  CHECK(waitFor(place.runs->strays("second", {}, {}))->empty());
}

TEST_CASE("who is alone takes over at once") {
  Place place;
  static_cast<void>(place.made("a"));
  CHECK(waitFor(place.runs->takeOver("second", 1000, true, {}, {}))->size() == 1);
}

TEST_CASE("what is wanted is apart from what is, and nothing is wanted of a run that is over") {
  Place place;
  auto run = place.made("a");
  CHECK(!waitFor(place.runs->want("a", false, {}))->wanted);
  run.state = RunState::running;
  REQUIRE(waitFor(place.runs->save(run, {})));
  CHECK(!waitFor(place.runs->read("a", {}))->wanted);
  CHECK(waitFor(place.runs->remove("a", {})).error().code == "run.goes_on");
  run.state = RunState::stopped;
  REQUIRE(waitFor(place.runs->save(run, {})));
  CHECK(!waitFor(place.runs->want("a", true, {}))->wanted);
  CHECK(waitFor(place.runs->remove("a", {})));
  CHECK(waitFor(place.runs->read("a", {})).error().code == "storage.not_found");
}

TEST_CASE("runs are listed newest first, page by page, where somebody may see them") {
  Place place;
  for (const auto& [id, folder] :
       {std::pair("a", ""), std::pair("b", "team"), std::pair("c", "team/reports"), std::pair("d", "teams")}) {
    static_cast<void>(place.made(id, folder));
  }
  const auto ids = [&place](RunQuery query) {
    std::string text;
    for (;;) {
      const auto page = waitFor(place.runs->list(query, {}));
      REQUIRE(page.has_value());
      for (const auto& run : page->runs) text += run.id;
      if (page->cursor.empty()) return text;
      query.cursor = page->cursor;
    }
  };
  RunQuery query;
  query.limit = 3;
  CHECK(ids(query) == "dcba");
  query.folder = "team";
  CHECK(ids(query) == "cb");
  query.folder.clear();
  query.folders = {"team/reports", "teams"};
  CHECK(ids(query) == "dc");
  query.flows = {"flow-of-"};
  CHECK(ids(query) == "dca");
  query.state = RunState::done;
  CHECK(ids(query).empty());
  RunQuery broken;
  broken.cursor = "x";
  CHECK(waitFor(place.runs->list(broken, {})).error().code == "storage.invalid");
}

}  // namespace
