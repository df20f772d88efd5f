// Servers on one database: what one changes the other sees, and nobody decides on what is known no longer.
#include "service/store/sql/epochs.h"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "service/api/fake-place.test.h"
#include "service/auth/directory.h"
#include "service/auth/secret-text.h"
#include "service/folders/folder-book.h"
#include "service/store/sql/flow-table.h"
#include "service/store/sql/folder-table.h"
#include "service/store/sql/identity-table.h"
#include "service/store/sql/sql-store.h"

namespace weir::store::sql {
namespace {

const char* urlOfTests() {
  const auto* url = std::getenv("WEIR_TEST_POSTGRES");
  return url == nullptr ? "" : url;
}

/// A database in a folder that goes with it; or the PostgreSQL of the tests, without what is in the way.
struct Place {
  explicit Place(bool shared) {
    if (shared) {
      auto there = openPostgres({.url = urlOfTests()});
      REQUIRE(there);
      database = std::move(*there);
      for (const auto* table : {"flows", "identities", "folder_settings", "epochs"}) {
        REQUIRE(waitFor(database->write<Unit>({}, [table](Session& session) -> Result<Unit> {
          WEIR_TRY(session.exec(std::string("DELETE FROM ") + table));
          return Unit{};
        })));
      }
      return;
    }
    auto path = (std::filesystem::temp_directory_path() / "weir-epochs-XXXXXX").string();
    REQUIRE(mkdtemp(path.data()) != nullptr);
    folder = path;
    auto opened = openSqlite(folder + "/weir.db", {});
    REQUIRE(opened);
    database = std::move(*opened);
  }
  ~Place() {
    database.reset();
    if (!folder.empty()) std::filesystem::remove_all(folder);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  std::string folder;
  std::unique_ptr<Database> database;
};

/// One of the servers, which asks only when a test says so.
struct Front {
  Front(Place& place, Clock& clock)
      : identities(*place.database), directory(identities, clock), kept(*place.database), book(kept) {
    const auto people = waitFor(identities.load({}));
    REQUIRE(people);
    REQUIRE(directory.fill(*people));
    auto settings = waitFor(kept.load({}));
    REQUIRE(settings);
    book.fill(std::move(*settings));
  }
  Result<Unit> keep(auth::DirectoryChange change) {
    const auto commit = directory.commit(std::move(change), {}, {});
    while (!commit->outcome) {
      directory.settle();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return *commit->outcome;
  }
  Result<Unit> keep(std::vector<FolderChange> changes) {
    const auto commit = book.commit(std::move(changes), {}, {});
    while (!commit->outcome) {
      book.settle();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return *commit->outcome;
  }
  /// With `due` false it only looks because it knows that something is old.
  void follow(bool due = true) {
    bool people = directory.follow(due, {}), folders = book.follow(due, {});
    while (people || folders) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      people = directory.follow(false, {});
      folders = book.follow(false, {});
    }
  }

  SqlIdentities identities;
  auth::Directory directory;
  SqlFolderSettings kept;
  folders::FolderBook book;
};

auth::User user(std::string id, std::string name) {
  auth::User made;
  made.id = std::move(id);
  made.name = std::move(name);
  return made;
}

FolderChange mount(const std::string& name, const std::string& directory) {
  return {"team", std::string(folders::kMount),
          name,   folders::toJson(folders::Mount{"team", name, directory, false}),
          1,      "anna"};
}

std::string code(const Result<Unit>& result) { return result ? "" : std::string(result.error().code); }

void checkPeople(Place& place) {
  api::SetClock clock;
  Front a(place, clock), b(place, clock);
  REQUIRE(a.keep({.users = {user("1", "eve"), user("2", "root")}}));
  CHECK(b.directory.user("1") == nullptr);
  // B does not know of eve yet, and makes another one.
  CHECK(code(b.keep({.users = {user("3", "eve")}})) == "storage.elsewhere");
  b.follow(false);
  REQUIRE(b.directory.userNamed("eve") != nullptr);
  CHECK(b.directory.userNamed("eve")->id == "1");
  CHECK(b.directory.user("3") == nullptr);

  // What has been decided here may be changed here again, without asking.
  REQUIRE(b.keep({.users = {user("4", "carl")}}));
  REQUIRE(b.keep({.goneUsers = {"4"}}));
  a.follow();
  CHECK(a.directory.user("4") == nullptr);

  auto disabled = user("1", "eve");
  disabled.disabled = true;
  const auto before = b.directory.epoch();
  int told = 0;
  b.directory.whenRightsChange([&told] { ++told; });
  REQUIRE(a.keep({.users = {disabled}}));
  auto stale = user("1", "eve");
  stale.fullName = "Eve";
  CHECK(code(b.keep({.users = {stale}})) == "storage.elsewhere");
  b.follow(false);
  CHECK(b.directory.user("1")->disabled);
  CHECK(b.directory.epoch() > before);
  CHECK(told == 1);
  // Nothing has changed since.
  b.follow();
  CHECK(told == 1);
  Front c(place, clock);
  CHECK(c.directory.user("1")->disabled);
  CHECK(c.directory.users().size() == 2);
}

void checkSessions(Place& place) {
  api::SetClock clock;
  Front a(place, clock);
  REQUIRE(a.keep({.users = {user("1", "eve")}}));
  Front b(place, clock);
  auth::Session session;
  session.id = auth::keptOf("secret");
  session.user = "1";
  session.createdAt = session.seenAt = a.directory.nowMs();
  REQUIRE(a.keep({.sessions = {session}}));
  // Who signs in at one server is in nobody's way at the other.
  REQUIRE(b.keep({.groups = {auth::Group{"g", "team", {}, {}}}}));
  CHECK(b.directory.enter("secret") == nullptr);
  b.follow();
  CHECK(b.directory.enter("secret") != nullptr);
  // But a change of a user ends all sessions, so that it has to know of them.
  session.id = auth::keptOf("other");
  REQUIRE(a.keep({.sessions = {session}}));
  CHECK(code(b.keep({.users = {user("1", "eve")}})) == "storage.elsewhere");
  b.follow(false);
  REQUIRE(b.keep({.goneSessions = {auth::keptOf("secret")}}));
  // A counts it as used, and has not heard.
  clock.passMs(6 * 60'000);
  CHECK(a.directory.enter("secret") != nullptr);
  a.follow();
  CHECK(a.directory.enter("secret") == nullptr);
  CHECK(a.directory.enter("other") != nullptr);
  Front c(place, clock);
  CHECK(c.directory.session(auth::keptOf("secret")) == nullptr);
}

void checkFolders(Place& place) {
  api::SetClock clock;
  Front a(place, clock), b(place, clock);
  REQUIRE(a.keep({mount("lake", "/a")}));
  // Reserved on what is known no longer: nothing of the flow's change is made either.
  SqlStore flows(*place.database, clock);
  auto carried = b.book.carry();
  carried->changes = {mount("sea", "/b")};
  b.follow();
  b.book.goWithNext(carried);
  const auto refused = waitFor(flows.create("orders", {}, {}));
  REQUIRE(!refused);
  CHECK(refused.error().code == "storage.elsewhere");
  carried.reset();
  b.follow(false);
  REQUIRE(b.book.mountsFor("team").size() == 1);
  CHECK(b.book.mountsFor("team").front().directory == "/a");
  CHECK(waitFor(flows.read("orders", {})).error().code == "storage.not_found");

  carried = b.book.carry();
  carried->changes = {mount("sea", "/b")};
  b.book.goWithNext(carried);
  REQUIRE(waitFor(flows.create("orders", {}, {})));
  b.book.settle();
  CHECK(code(a.keep({mount("lake", "/c")})) == "storage.elsewhere");
  a.follow(false);
  CHECK(a.book.mountsFor("team").size() == 2);
  REQUIRE(a.keep({mount("lake", "/c")}));
  b.follow();
  CHECK(b.book.find("team", folders::kMount, "lake")->body.contains("/c"));
}

TEST_CASE("what one server changes of people another one sees, and changes nothing on what it knew before") {
  Place place(false);
  checkPeople(place);
}

TEST_CASE("sessions come and go at all servers, and none that was ended comes back") {
  Place place(false);
  checkSessions(place);
}

TEST_CASE("settings of folders and claims of hooks are those of all servers") {
  Place place(false);
  checkFolders(place);
}

TEST_CASE("servers on one PostgreSQL see each other's changes" * doctest::skip(*urlOfTests() == 0)) {
  Place place(true);
  SUBCASE("of people") { checkPeople(place); }
  SUBCASE("of sessions") { checkSessions(place); }
  SUBCASE("of folders") { checkFolders(place); }
}

}  // namespace
}  // namespace weir::store::sql
