// Log lines go by age, and above a bound those of the folder that has most, in both databases.
#include "service/store/sql/log-keep.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "service/store/sql/both-databases.test.h"
#include "service/store/sql/run-log-table.h"
#include "service/store/sql/run-table.h"

namespace {

using namespace weir;
using namespace weir::store;
using sql::waitFor;

struct SetClock final : Clock {
  std::int64_t nowMicros() override { return ms * 1'000; }
  std::int64_t steadyNanos() override { return ms * 1'000'000; }
  std::int64_t ms = 1'700'000'000'000;
};

struct Place {
  sql::Database& database;
  SetClock clock{};
  sql::SqlRuns runs{database, clock};
  sql::SqlRunLogs logs{database};

  explicit Place(sql::Database& opened) : database(opened) {
    const auto emptied = waitFor(database.write<Unit>({}, [](sql::Session& session) -> Result<Unit> {
      WEIR_TRY(session.exec("DELETE FROM runs WHERE id LIKE 'logged-%'"));
      WEIR_TRY(session.exec("DELETE FROM run_documents WHERE run LIKE 'logged-%'"));
      WEIR_TRY(session.exec("DELETE FROM run_logs"));
      WEIR_TRY(session.exec("DELETE FROM run_log_use"));
      return Unit{};
    }));
    REQUIRE_MESSAGE(emptied.has_value(), emptied.error().message);
  }
  void run(const std::string& id, const std::string& folder) {
    StoredRun made;
    made.record.id = id;
    made.record.flow = "logged";
    made.record.folder = folder;
    made.record.owner = "here";
    made.document = "{}";
    auto kept = waitFor(runs.create(std::move(made), {}));
    REQUIRE_MESSAGE(kept.has_value(), kept.error().message);
    kept->state = RunState::done;
    kept->endedAt = clock.ms;
    REQUIRE(waitFor(runs.save(*kept, {})));
  }
  /// Lines of 100 bytes each, one a second, numbered on from `from`.
  void say(const std::string& id, int from, int count) {
    std::vector<RunLogLine> lines;
    for (int i = from; i < from + count; ++i) {
      auto text = std::to_string(i);
      text.resize(40, ' ');
      lines.push_back({id, 1, clock.ms += 1'000, std::move(text), i});
    }
    REQUIRE(waitFor(logs.add(std::move(lines), {})));
  }
  void trim(sql::LogKeep keep) {
    for (;;) {
      const auto gone = sql::trimRunLogs(database, keep, clock.ms);
      REQUIRE_MESSAGE(gone.has_value(), gone.error().message);
      if (*gone == 0) return;
    }
  }
  /// "51-60": the numbers of what is left, the oldest first; empty: nothing.
  std::string left(const std::string& id) {
    const auto lines = waitFor(logs.list({.run = id, .limit = 10'000}, {}));
    REQUIRE(lines);
    if (lines->empty()) return {};
    const auto first = lines->back().place.seq, last = lines->front().place.seq;
    CHECK(last - first + 1 == std::ssize(*lines));
    return std::to_string(first) + "-" + std::to_string(last);
  }
  /// "LINES BYTES" as they are counted.
  std::string counted(const std::string& id) {
    const auto told = waitFor(database.read<std::string>({}, [id](sql::Session& session) -> Result<std::string> {
      WEIR_ASSIGN(const auto row, session.queryOne("SELECT lines, bytes FROM run_log_use WHERE run = ?", {id}));
      if (!row) return std::string();
      return std::to_string(row->integer(0)) + " " + std::to_string(row->integer(1));
    }));
    REQUIRE(told);
    return *told;
  }
};

void check(sql::Database& database) {
  Place place(database);
  place.run("logged-quiet", "quiet");
  place.run("logged-loud", "loud");
  place.say("logged-quiet", 1, 50);
  place.say("logged-loud", 1, 900);
  place.trim({});
  CHECK(place.left("logged-loud") == "1-900");
  CHECK(place.counted("logged-loud") == "900 90000");
  // The one that has most gives, however old the other's are.
  place.trim({.keepRows = 200});
  CHECK(place.left("logged-quiet") == "1-50");
  CHECK(place.left("logged-loud") == "751-900");
  CHECK(place.counted("logged-loud") == "150 15000");
  // Down to an equal share.
  place.trim({.keepRows = 60});
  CHECK(place.left("logged-quiet") == "21-50");
  CHECK(place.left("logged-loud") == "871-900");
  place.trim({.keepBytes = 2'000});
  CHECK(place.left("logged-quiet") == "41-50");
  CHECK(place.left("logged-loud") == "891-900");
  CHECK(place.counted("logged-quiet") == "10 1000");

  // Of two runs of a folder the older lines go, whichever run's they are.
  place.run("logged-more", "loud");
  place.say("logged-more", 1, 10);
  place.say("logged-loud", 901, 10);
  place.trim({.keepRows = 20});
  CHECK(place.left("logged-quiet") == "41-50");
  CHECK(place.left("logged-more").empty());
  CHECK(place.left("logged-loud") == "901-910");
  CHECK(place.counted("logged-more").empty());

  place.say("logged-quiet", 51, 5);
  place.trim({.keepMs = 4'500});
  CHECK(place.left("logged-quiet") == "51-55");
  CHECK(place.left("logged-loud").empty());
  // Lines of a run that is gone, or that nobody knows, have no folder.
  REQUIRE(waitFor(place.runs.remove("logged-quiet", {})));
  CHECK(place.counted("logged-quiet").empty());
  place.say("logged-unknown", 1, 600);
  place.trim({.keepRows = 7});
  CHECK(place.left("logged-unknown") == "594-600");
}

TEST_CASE("log lines in SQLite: each folder has its share") { sql::inSqlite(check); }

TEST_CASE("log lines in PostgreSQL: each folder has its share" * doctest::skip(!sql::hasPostgres())) {
  sql::inPostgres(check);
}

}  // namespace
