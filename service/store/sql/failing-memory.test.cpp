// R8: the n-th allocation of a change, for each n, fails in the database: it says so, nothing is half applied, and all
// goes on.
#include <doctest/doctest.h>
#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "service/store/sql/database.h"
#include "service/store/sql/sql-store.h"

namespace {

using namespace weir;
using namespace weir::store;
using sql::waitFor;

/// Allocations that are let through; at zero one fails, or all from then on.
struct Failing {
  sqlite3_mem_methods real{};
  std::atomic<std::int64_t> left = -1;  // below zero: none fails
  std::atomic<bool> all = false;
  std::atomic<std::int64_t> failed = 0;

  bool fails() {
    auto now = left.load();
    while (now >= 0) {
      if (now == 0 && all.load()) {
        ++failed;
        return true;
      }
      if (!left.compare_exchange_weak(now, now - 1)) continue;
      if (now == 0) ++failed;
      return now == 0;
    }
    return false;
  }
  void arm(std::int64_t after, bool forGood) {
    failed = 0;
    all = forGood;
    left = after;
  }
  void disarm() { left = -1; }
};

Failing& failing() {
  static Failing one;
  return one;
}

void* failingMalloc(int size) { return failing().fails() ? nullptr : failing().real.xMalloc(size); }
void* failingRealloc(void* old, int size) { return failing().fails() ? nullptr : failing().real.xRealloc(old, size); }

/// SQLite with these allocations, while nobody has a database open.
class FailingSqlite {
 public:
  FailingSqlite() {
    // Whoever was first has started it.
    sqlite3_initialize();
    REQUIRE(sqlite3_shutdown() == SQLITE_OK);
    auto& ours = failing();
    REQUIRE(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &ours.real) == SQLITE_OK);
    auto methods = ours.real;
    methods.xMalloc = failingMalloc;
    methods.xRealloc = failingRealloc;
    REQUIRE(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK);
    REQUIRE(sqlite3_initialize() == SQLITE_OK);
  }
  ~FailingSqlite() {
    failing().disarm();
    sqlite3_shutdown();
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing().real);
    sqlite3_initialize();
  }
  FailingSqlite(const FailingSqlite&) = delete;
  FailingSqlite& operator=(const FailingSqlite&) = delete;
};

struct Ticking final : Clock {
  std::int64_t nowMicros() override { return micros += 1'000; }
  std::int64_t steadyNanos() override { return nowMicros() * 1'000; }
  std::atomic<std::int64_t> micros = 1'700'000'000'000'000;
};

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-memory-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path;
};

FlowChange documentOf(std::string text) {
  FlowChange change;
  change.name = "of " + text;
  change.document = R"({"notes":")" + text + std::string(3'000, 'x') + R"("})";
  change.tags = std::vector<std::string>{"a", "b"};
  return change;
}

/// All that is to be seen of a flow, as a text; "gone" if it is not there.
std::string seen(Store& store, const std::string& id) {
  const auto flow = waitFor(store.read(id, {}));
  if (!flow) {
    CHECK(flow.error().code == "storage.not_found");
    return "gone";
  }
  const auto versions = waitFor(store.listVersions(id, 0, 100, {}));
  REQUIRE(versions);
  auto text = flow->head.name + "|" + flow->head.folder + "|" + std::to_string(flow->head.revision) + "|" +
              (flow->head.binnedAt ? "binned" : "there") + "|" + std::to_string(flow->head.publishedVersion) + "|" +
              std::to_string(versions->size()) + "|" + flow->document;
  return text;
}

/// One kind of change, of a flow that `prepare` has made as it has to be.
struct Kind {
  std::string name;
  std::function<void(Store&, const std::string&)> prepare;
  std::function<Result<void>(Store&, const std::string&, std::int64_t revision)> change;
};

template <class T>
Result<void> outcomeOf(Operation<T> operation) {
  auto done = waitFor(std::move(operation));
  if (!done) return std::unexpected(std::move(done.error()));
  return {};
}

void made(Store& store, const std::string& id) { REQUIRE(waitFor(store.create(id, documentOf("one"), {}))); }

std::vector<Kind> kinds() {
  const auto binned = [](Store& store, const std::string& id) {
    made(store, id);
    REQUIRE(waitFor(store.bin(id, {}, {})));
  };
  const auto version = [] {
    NewVersion kept;
    kept.label = "1.0.0";
    kept.published = true;
    return kept;
  };
  return {
      {"create", [](Store&, const std::string&) {},
       [](Store& store, const std::string& id, std::int64_t) {
         return outcomeOf(store.create(id, documentOf("one"), {}));
       }},
      {"replace", made,
       [](Store& store, const std::string& id, std::int64_t revision) {
         return outcomeOf(store.replace(id, revision, documentOf("two"), {}));
       }},
      {"publish", made,
       [version](Store& store, const std::string& id, std::int64_t) {
         return outcomeOf(store.appendVersion(id, {}, version(), {}));
       }},
      {"bin", made, [](Store& store, const std::string& id, std::int64_t) { return outcomeOf(store.bin(id, {}, {})); }},
      {"restore", binned,
       [](Store& store, const std::string& id, std::int64_t) { return outcomeOf(store.restore(id, {}, {})); }},
      {"purge", binned,
       [](Store& store, const std::string& id, std::int64_t) { return outcomeOf(store.purge(id, {}, {})); }},
  };
}

/// True: the change had all the memory that it wanted.
bool tryOnce(Store& store, const Kind& kind, const std::string& id, std::int64_t after, bool forGood) {
  kind.prepare(store, id);
  const auto before = seen(store, id);
  const auto flow = waitFor(store.read(id, {}));
  const auto revision = flow ? flow->head.revision : 0;
  failing().arm(after, forGood);
  const auto outcome = kind.change(store, id, revision);
  failing().disarm();
  const bool had = failing().failed == 0;
  const auto now = seen(store, id);
  if (outcome) {
    CHECK(now != before);
  } else {
    CHECK(!had);
    CHECK(outcome.error().code == "storage.unavailable");
    CHECK(outcome.error().message.contains("out of memory"));
    CHECK(now == before);
    // And all goes on.
    const auto again = kind.change(store, id, revision);
    REQUIRE_MESSAGE(again.has_value(), again.error().message);
    CHECK(seen(store, id) != before);
  }
  return had;
}

constexpr std::int64_t kMostAllocations = 5'000;

TEST_CASE("R8: where the database has no memory for a change, the change is refused as a whole") {
  const FailingSqlite sqlite;
  const Folder folder;
  Ticking clock;
  auto database = sql::openSqlite(folder.path + "/weir.db", {});
  REQUIRE(database);
  sql::SqlStore store(**database, clock);
  for (const bool forGood : {false, true}) {
    for (const auto& kind : kinds()) {
      CAPTURE(kind.name);
      CAPTURE(forGood);
      std::int64_t after = 0;
      for (bool had = false; !had && after < kMostAllocations; ++after) {
        CAPTURE(after);
        const auto id = kind.name + (forGood ? "-g" : "-o") + std::to_string(after);
        had = tryOnce(store, kind, id, after, forGood);
      }
      CHECK(after > 1);
      CHECK(after < kMostAllocations);
    }
  }
}

TEST_CASE("R8: where the database has no memory for a question, that is said, and the next one is answered") {
  const FailingSqlite sqlite;
  const Folder folder;
  Ticking clock;
  auto database = sql::openSqlite(folder.path + "/weir.db", {});
  REQUIRE(database);
  sql::SqlStore store(**database, clock);
  for (int i = 0; i < 5; ++i) made(store, "flow-" + std::to_string(i));
  const auto listed = [&store] {
    FlowQuery query;
    query.limit = 3;
    return waitFor(store.list(query, {}));
  };
  for (std::int64_t after = 0; after < kMostAllocations; ++after) {
    CAPTURE(after);
    failing().arm(after, true);
    const auto page = listed();
    failing().disarm();
    const bool had = failing().failed == 0;
    if (page) CHECK(page->flows.size() == 3);
    if (!page) CHECK(page.error().code == "storage.unavailable");
    const auto again = listed();
    REQUIRE_MESSAGE(again.has_value(), again.error().message);
    CHECK(again->flows.size() == 3);
    if (had) return;
  }
  FAIL("it never had enough");
}

TEST_CASE("R8: a database that is opened without enough memory says so, and opens when there is more") {
  const FailingSqlite sqlite;
  const Folder folder;
  const auto path = folder.path + "/weir.db";
  REQUIRE(sql::openSqlite(path, {}));
  for (std::int64_t after = 0; after < 100'000; after += 1 + after / 20) {
    CAPTURE(after);
    failing().arm(after, true);
    const auto opened = sql::openSqlite(path, {});
    failing().disarm();
    if (!opened) CHECK(opened.error().code.starts_with("storage."));
    if (failing().failed == 0) {
      CHECK(opened.has_value());
      return;
    }
  }
  FAIL("it never had enough");
}

}  // namespace
