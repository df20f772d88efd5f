// Runs in the database: made once for a request, owned by one server at a time, listed newest first.
#include "service/store/sql/run-table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "service/store/sql/retention.h"
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

  RunRecord made(const std::string& id, const std::string& folder = "", const std::string& key = "",
                 std::int64_t flowMadeAt = 7) {
    StoredRun run;
    run.record.id = id;
    run.record.flow = "flow-of-" + folder;
    run.record.folder = folder;
    run.record.flowMadeAt = flowMadeAt;
    run.record.requestKey = key;
    run.record.rowsKept = R"({"trace":{"rows":5}})";
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

TEST_CASE("S1: a run knows which flow it is of, and a request finds no run of an earlier flow of that id") {
  Place place;
  CHECK(place.made("a", "", "key", 7).flowMadeAt == 7);
  CHECK(waitFor(place.runs->read("a", {}))->flowMadeAt == 7);
  CHECK(waitFor(place.runs->read("a", {}))->rowsKept == R"({"trace":{"rows":5}})");
  const auto later = place.made("b", "", "key", 8);
  CHECK(later.id == "b");
  CHECK(later.flowMadeAt == 8);
  CHECK(place.made("c", "", "key", 8).id == "b");
  CHECK(waitFor(place.runs->read("a", {}))->requestKey.empty());
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

TEST_CASE("lines of a log are listed from the newest on, those of each owner in their order") {
  Place place;
  sql::SqlRunLogs logs(*place.database);
  // The later owner's lines came to the store before the last ones of the earlier.
  std::vector<RunLogLine> lines{{"a", 1, 100, "1.1", 1}, {"a", 2, 110, "2.1", 1}, {"a", 1, 120, "1.2", 2}};
  lines.push_back({"b", 1, 130, "another", 1});
  lines.push_back({"a", 2, 140, "2.2", 2});
  // From before lines were counted.
  lines.push_back({"a", 0, 10, "old 1", 0});
  lines.push_back({"a", 0, 20, "old 2", 0});
  REQUIRE(waitFor(logs.add(std::move(lines), {})));
  const auto listed = [&logs](RunLogQuery query) {
    std::string text;
    query.run = "a";
    for (int pages = 0; pages < 20; ++pages) {
      const auto read = waitFor(logs.list(query, {}));
      REQUIRE_MESSAGE(read.has_value(), read.error().message);
      for (const auto& line : *read) text += line.json + ",";
      if (std::ssize(*read) < query.limit) return text;
      query.before = read->back().place;
    }
    return text + "and so on";
  };
  for (const std::int64_t limit : {1, 2, 3, 100}) {
    CHECK(listed({.run = {}, .limit = limit}) == "2.2,2.1,1.2,1.1,old 2,old 1,");
  }
  CHECK(listed({.run = {}, .from = 110, .until = 140, .limit = 1}) == "2.1,1.2,");
  CHECK(listed({.run = {}, .before = RunLogPlace{1, 2, 0}}) == "1.1,old 2,old 1,");
}

TEST_CASE("runs that are too many go from the folder that has most, and of it the oldest") {
  Place place;
  const auto ended = [&place](const std::string& id, const std::string& folder) {
    auto run = place.made(id, folder);
    run.state = RunState::done;
    run.endedAt = ++place.clock.ms;
    const auto saved = waitFor(place.runs->save(run, {}));
    REQUIRE_MESSAGE(saved.has_value(), saved.error().message);
  };
  ended("quiet-1", "quiet");
  ended("quiet-2", "quiet");
  for (int i = 0; i < 6; ++i) ended("loud-" + std::to_string(i), "loud");
  sql::Retention kind;
  const auto gone = [&](std::int64_t most) {
    kind.keepMs = kind.keepBytes = 0;
    kind.keepRows = most;
    auto ids = waitFor(sql::expiredRuns(*place.database, kind, place.clock.ms, {}));
    REQUIRE_MESSAGE(ids.has_value(), ids.error().message);
    std::ranges::sort(*ids);
    return *ids;
  };
  using Ids = std::vector<std::string>;
  CHECK(gone(8) == Ids{});
  CHECK(gone(5) == Ids{"loud-0", "loud-1", "loud-2"});
  CHECK(gone(4) == Ids{"loud-0", "loud-1", "loud-2", "loud-3"});
  CHECK(gone(2) == Ids{"loud-0", "loud-1", "loud-2", "loud-3", "loud-4", "quiet-1"});
  const auto over = waitFor(sql::endedRuns(*place.database, {}));
  REQUIRE(over);
  CHECK(over->front().id == "loud-5");
  CHECK(over->back().folder == "quiet");
}

}  // namespace
