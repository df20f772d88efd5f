// What folders have: nearest first, tenants apart, the same on every store; and whose requests a path answers.
#include "service/folders/folder-book.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "service/folders/hook-index.h"
#include "service/folders/hook-path.h"
#include "service/store/memory/memory-folders.h"
#include "service/store/sql/audit-table.h"
#include "service/store/sql/epochs.h"
#include "service/store/sql/folder-table.h"

namespace {

using namespace weir;
using namespace weir::folders;
using store::FolderChange;
using store::sql::waitFor;

FolderChange mountIn(const std::string& folder, const std::string& name, const std::string& directory) {
  return {folder, std::string(kMount), name, toJson(Mount{folder, name, directory, false}), 1, "anna"};
}

/// The contract of all stores of them.
void checkStore(store::FolderSettings& settings) {
  CHECK(waitFor(settings.load({}))->empty());
  store::AuditEntry entry;
  entry.action = "mount.created";
  REQUIRE(waitFor(settings.commit(
      {mountIn("team", "lake", "/a"), mountIn("team/x", "lake", "/b"), mountIn("", "lake", "/c")}, {entry}, {})));
  REQUIRE(waitFor(settings.commit({mountIn("team", "lake", "/new"),
                                   {"team/x", std::string(kMount), "lake", std::nullopt, 0, {}},
                                   {"none", std::string(kMount), "none", std::nullopt, 0, {}}},
                                  {}, {})));
  const auto records = waitFor(settings.load({}));
  REQUIRE(records.has_value());
  REQUIRE(records->size() == 2);
  CHECK((*records)[0].folder.empty());
  CHECK((*records)[1].folder == "team");
  CHECK(mountOf((*records)[1]).directory == "/new");
  CHECK((*records)[1].changedBy == "anna");
}

void keep(FolderBook& book, std::vector<FolderChange> changes) {
  const auto commit = book.commit(std::move(changes), {}, {});
  book.settle();
  REQUIRE(commit->outcome.has_value());
  REQUIRE(commit->outcome->has_value());
}

TEST_CASE("settings of folders are kept alike in memory, in SQLite and in PostgreSQL") {
  SUBCASE("memory") {
    store::MemoryFolderSettings settings;
    checkStore(settings);
  }
  SUBCASE("SQLite") {
    std::string path = (std::filesystem::temp_directory_path() / "weir-folders-XXXXXX").string();
    REQUIRE(mkdtemp(path.data()) != nullptr);
    {
      static const std::array kKinds{&store::sql::auditKind(), &store::sql::folderKind(), &store::sql::epochKind()};
      store::sql::SqliteOptions options;
      options.kinds = kKinds;
      auto database = store::sql::openSqlite(path + "/folders.db", options);
      REQUIRE_MESSAGE(database.has_value(), database.error().message);
      store::sql::SqlFolderSettings settings(**database);
      checkStore(settings);
    }
    std::filesystem::remove_all(path);
  }
  SUBCASE("PostgreSQL") {
    const char* url = std::getenv("WEIR_TEST_POSTGRES");
    if (url == nullptr) return;
    store::sql::PostgresOptions options;
    options.url = url;
    auto database = store::sql::openPostgres(options);
    REQUIRE_MESSAGE(database.has_value(), database.error().message);
    store::sql::SqlFolderSettings settings(**database);
    checkStore(settings);
  }
}

FolderChange hookIn(const std::string& folder, const std::string& flow, const std::string& path) {
  const std::vector<HookClaim> claims{{{"POST"}, path}};
  return {folder, std::string(kHooks), flow, toJson(claims), 1, "anna"};
}

std::string textOf(const FlowHooks& hooks) { return hooks.flow + hooks.claims.front().path + " "; }

/// Those that are stored.
std::string stored(FolderBook& book) {
  std::string text;
  for (const auto* one : book.hooks()) text += textOf(*one);
  return text;
}

/// Those that somebody else is about to claim.
std::string carriedBeside(FolderBook& book, const std::shared_ptr<store::CarriedChanges>& mine) {
  std::string text;
  for (const auto& one : book.hooksCarried(mine)) text += textOf(one);
  return text;
}

TEST_CASE("claims go with the change that they are of: both are kept, or neither") {
  std::string path = (std::filesystem::temp_directory_path() / "weir-folders-XXXXXX").string();
  REQUIRE(mkdtemp(path.data()) != nullptr);
  {
    static const std::array kKinds{&store::sql::auditKind(), &store::sql::folderKind(), &store::sql::epochKind()};
    store::sql::SqliteOptions options;
    options.kinds = kKinds;
    auto database = store::sql::openSqlite(path + "/folders.db", options);
    REQUIRE_MESSAGE(database.has_value(), database.error().message);
    store::sql::SqlFolderSettings settings(**database);
    FolderBook book(settings);
    const auto begin = [&](bool good, bool claimsGood) {
      return (*database)->write<Unit>({}, [good, claimsGood](store::sql::Session& session) -> Result<Unit> {
        WEIR_TRY(session.exec("CREATE TABLE IF NOT EXISTS changes (n BIGINT NOT NULL)"));
        WEIR_TRY(session.exec("INSERT INTO changes (n) VALUES (1)"));
        if (!claimsGood) WEIR_TRY(session.exec("DROP TABLE folder_settings"));
        if (!good) return fail("storage.changed", "somebody was first");
        return Unit{};
      });
    };
    const auto change = [&](bool good, bool claimsGood = true) { return waitFor(begin(good, claimsGood)); };
    const auto changes = [&] {
      return *waitFor((*database)->read<std::int64_t>({}, [](store::sql::Session& session) -> Result<std::int64_t> {
        WEIR_ASSIGN(const auto row, session.queryOne("SELECT COUNT(*) FROM changes"));
        return row->integer(0);
      }));
    };
    const auto kept = [&] { return waitFor(settings.load({}))->size(); };
    REQUIRE(change(true).has_value());

    auto carried = book.carry();
    carried->changes.push_back(hookIn("team", "orders", "/a"));
    CHECK(book.hooks().empty());
    // Others find it taken, before it is kept.
    CHECK(carriedBeside(book, book.carry()) == "orders/a ");
    CHECK(carriedBeside(book, carried).empty());
    const auto turn = book.turn();
    book.goWithNext(carried);
    CHECK(change(true).has_value());
    CHECK(stored(book) == "orders/a ");
    CHECK(book.turn() > turn);
    CHECK(carriedBeside(book, book.carry()).empty());
    CHECK((kept() == 1 && changes() == 2));

    // The change fails: nothing of either.
    carried = book.carry();
    carried->changes.push_back(hookIn("team", "thief", "/b"));
    book.goWithNext(carried);
    CHECK_FALSE(change(false).has_value());
    CHECK(carried->state == store::CarriedChanges::State::lost);
    CHECK(stored(book) == "orders/a ");
    CHECK(carriedBeside(book, book.carry()).empty());
    CHECK((kept() == 1 && changes() == 2));

    // What goes with it fails: the same.
    carried = book.carry();
    carried->changes.push_back(hookIn("team", "thief", "/b"));
    book.goWithNext(carried);
    CHECK_FALSE(change(true, false).has_value());
    CHECK((kept() == 1 && changes() == 2));

    // Given up before its change: the next change of this thread has nothing to do with it.
    carried = book.carry();
    carried->changes.push_back(hookIn("team", "late", "/c"));
    book.goWithNext(carried);
    carried.reset();
    CHECK(change(true).has_value());
    CHECK(stored(book) == "orders/a ");
    CHECK(carriedBeside(book, book.carry()).empty());
    CHECK((kept() == 1 && changes() == 3));

    // Nobody waits for the change any more: what went with it is seen all the same.
    carried = book.carry();
    carried->changes.push_back({"team", std::string(kHooks), "orders", std::nullopt, 1, "anna"});
    carried->changes.push_back(hookIn("more", "orders", "/a"));
    book.goWithNext(carried);
    auto going = begin(true, true);
    carried.reset();
    CHECK(waitFor(std::move(going)).has_value());
    REQUIRE(book.hooks().size() == 1);
    CHECK(book.hooks().front()->folder == "more");
    CHECK((kept() == 1 && changes() == 4));
  }
  std::filesystem::remove_all(path);
}

TEST_CASE("the turn of the book is another after everything that could make a hook taken or free") {
  store::MemoryFolderSettings settings;
  FolderBook book(settings);
  auto last = book.turn();
  const auto moved = [&] { return std::exchange(last, book.turn()) != last; };
  CHECK_FALSE(moved());
  keep(book, {hookIn("team", "orders", "/a")});
  CHECK(moved());
  auto carried = book.carry();
  CHECK(book.add(*carried, hookIn("team", "late", "/b")) == book.turn());
  CHECK(moved());
  carried.reset();
  CHECK(moved());
  CHECK(carriedBeside(book, nullptr).empty());
  keep(book, {{"team", std::string(kHooks), "orders", std::nullopt, 1, "anna"}});
  CHECK(moved());
  CHECK(book.hooks().empty());
  CHECK_FALSE(moved());
}

TEST_CASE("an index of hooks finds those that clash, as a look at each would") {
  const std::vector<std::string> folders{"", "team", "team/orders"};
  const std::vector<std::string> paths{"/orders", "/orders/new",  "/orders/:id", "/:any", "/:any/new",
                                       "/new",    "/team/orders", "/:",          "/"};
  const std::vector<std::vector<std::string>> methods{{"POST"}, {"PUT", "POST"}, {"GET"}};
  std::vector<FlowHooks> all;
  for (const auto& folder : folders) {
    for (const auto& path : paths) {
      for (const auto& method : methods)
        all.push_back({folder, "flow" + std::to_string(all.size()), {{{"DELETE"}, "/x"}, {method, path}}});
    }
  }
  HookIndex index;
  for (const auto& one : all) index.add(one);
  int clashes = 0;
  for (const auto& mine : all) {
    const auto& claim = mine.claims.back();
    for (const auto& other : all) {
      const bool wanted = std::ranges::any_of(
          other.claims, [&](const HookClaim& theirs) { return hooksClash(claim, mine.folder, theirs, other.folder); });
      const auto* found =
          index.clash(claim, mine.folder, [&other](const FlowHooks& one) { return one.flow == other.flow; });
      CAPTURE(mine.folder + claim.path + " " + other.folder + other.claims.back().path);
      CHECK((found != nullptr) == wanted);
      if (found != nullptr) CHECK(found->flow == other.flow);
      clashes += wanted ? 1 : 0;
    }
  }
  CHECK(clashes > static_cast<int>(all.size()));
}

TEST_CASE("a folder has what it is given or the nearest above it is, and nothing of the root or of others") {
  store::MemoryFolderSettings settings;
  FolderBook book(settings);
  keep(book, {mountIn("", "lake", "/root"), mountIn("team", "lake", "/team"), mountIn("team", "sea", "/sea"),
              mountIn("team/x", "lake", "/x"), mountIn("teams", "pond", "/pond")});
  const auto seen = [&](const char* folder) {
    std::string text;
    for (const auto& mount : book.mountsFor(folder)) text += mount.name + "=" + mount.directory + " ";
    return text;
  };
  CHECK(seen("team/x/y") == "lake=/x sea=/sea ");
  CHECK(seen("team") == "lake=/team sea=/sea ");
  CHECK(seen("") == "lake=/root ");
  CHECK(seen("other").empty());
  CHECK(seen("teams") == "pond=/pond ");
  CHECK(book.in("team", kMount, true).size() == 3);
  CHECK(book.in("team", kMount, false).size() == 2);
  Environment environment{"team", "test", "", json::Value::object()};
  environment.parameters.set("rows", 3);
  keep(book, {{"team", std::string(kEnvironment), "test", toJson(environment), 0, {}}});
  REQUIRE(book.environmentFor("team/x", "test").has_value());
  CHECK(*book.environmentFor("team/x", "test")->parameters.find("rows")->asInt64() == 3);
  CHECK_FALSE(book.environmentFor("", "test").has_value());
  keep(book, {{"team", std::string(kNetwork), "policy", toJson(Network{{"db:5432"}, {"9000"}}), 0, {}}});
  CHECK(book.networkFor("team/x").allow == std::vector<std::string>{"db:5432"});
  CHECK(book.networkFor("other").allow.empty());
}

TEST_CASE("names of settings") {
  for (const char* good : {"lake", "a1", "data_lake-2"}) CHECK(isSettingName(good));
  for (const char* bad : {"", "a", "1a", "_a", "a b", "a/b", "project", "ä1"}) CHECK_FALSE(isSettingName(bad));
}

TEST_CASE("two hooks clash if one request could be for both") {
  const auto clash = [](const char* one, const char* folder, const char* other, const char* otherFolder) {
    return hooksClash({{"POST", "PUT"}, one}, folder, {{"PUT"}, other}, otherFolder);
  };
  CHECK(clash("/orders", "team", "/orders", "team"));
  CHECK(clash("/orders/:id", "team", "/orders/:other", "team"));
  CHECK(clash("/orders/:id", "team", "/orders/new", "team"));
  CHECK(clash("/orders/1", "team", "/1", "team/orders"));
  CHECK(clash("/team/orders", "", "/orders", "team"));
  CHECK_FALSE(clash("/orders", "team", "/orders", "other"));
  CHECK_FALSE(clash("/orders", "team", "/orders/", "team"));
  CHECK_FALSE(hooksClash({{"POST"}, "/a"}, "", {{"PUT"}, "/a"}, ""));
  CHECK(hookMatches("/team/orders/:id", "/team/orders/a%2Fb"));
  CHECK(hookMatches("/my team/a", "/my%20team/a"));
  CHECK_FALSE(hookMatches("/team/orders/:id", "/team/orders/"));
  CHECK_FALSE(hookMatches("/team/a", "/team/a%zz"));
}

}  // namespace
