// Tests of the audit log and of identities, on SQLite.
#include "service/store/sql/audit-table.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "service/store/sql/identity-table.h"

namespace weir::store::sql {
namespace {

/// A database in a folder that goes with it.
struct Place {
  Place() {
    auto path = (std::filesystem::temp_directory_path() / "weir-audit-XXXXXX").string();
    REQUIRE(mkdtemp(path.data()) != nullptr);
    folder = path;
    auto opened = openSqlite(folder + "/weir.db", {});
    REQUIRE(opened);
    database = std::move(*opened);
  }
  ~Place() {
    database.reset();
    std::filesystem::remove_all(folder);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  std::string folder;
  std::unique_ptr<Database> database;
};

AuditEntry entry(std::string action, std::string folder = {}) {
  AuditEntry made;
  made.at = 1'700'000'000'000;
  made.actor = "anna";
  made.action = std::move(action);
  made.folder = std::move(folder);
  made.detail = R"({"name": "x"})";
  return made;
}

AuditCheck checked(Place& place) {
  SqlAuditLog log(*place.database);
  auto found = waitFor(log.verify({}));
  REQUIRE(found);
  return *found;
}

void damage(Place& place, std::string sql) {
  REQUIRE(waitFor(place.database->write<Unit>({}, [sql](Session& session) -> Result<Unit> {
    WEIR_TRY(session.exec(sql));
    return Unit{};
  })));
}

}  // namespace

TEST_CASE("the audit log lists what was appended, newest first, for those folders that may be seen") {
  Place place;
  SqlAuditLog log(*place.database);
  REQUIRE(waitFor(
      log.append({entry("user.created"), entry("flow.published", "team/a"), entry("flow.published", "b")}, {})));
  const auto numbers = [&](AuditQuery query) {
    std::string text;
    const auto found = waitFor(log.list(std::move(query), {}));
    REQUIRE(found);
    for (const auto& record : *found) text += std::to_string(record.number);
    return text;
  };
  CHECK(numbers({}) == "321");
  CHECK(numbers({.before = 3, .limit = 1}) == "2");
  CHECK(numbers({.visible = {.folders = {"team"}}}) == "2");
  CHECK(numbers({.visible = {.folders = {"tea", "b"}}}) == "3");
  CHECK(numbers({.visible = {.folders = {""}, .within = {"team/a"}}}) == "2");
  CHECK(numbers({.visible = {}}).empty());
  CHECK(numbers({.action = "flow."}) == "32");
  CHECK(numbers({.action = "user.created"}) == "1");
  CHECK(numbers({.actor = "bob"}).empty());
}

TEST_CASE("whoever changes, takes out or cuts off entries of the audit log is found out") {
  const auto afterwards = [](const std::string& sql) {
    Place place;
    SqlAuditLog log(*place.database);
    REQUIRE(waitFor(log.append({entry("a"), entry("b")}, {})));
    REQUIRE(waitFor(log.append({entry("c")}, {})));
    if (!sql.empty()) damage(place, sql);
    return checked(place);
  };
  const auto whole = afterwards("");
  CHECK(whole.problem.empty());
  CHECK(whole.entries == 3);
  CHECK(whole.head.size() == 64);
  CHECK(afterwards("UPDATE audit SET actor = 'bob' WHERE number = 2")
            .problem.contains("entry 2 is not what was written"));
  CHECK(afterwards("DELETE FROM audit WHERE number = 2").problem.contains("from 2 to 2 are missing"));
  CHECK(afterwards("DELETE FROM audit WHERE number = 1").problem.contains("from 1 to 1 are missing"));
  CHECK(afterwards("DELETE FROM audit WHERE number = 3").problem.contains("the last ones are missing"));
  CHECK(afterwards("UPDATE audit SET previous = 'x' WHERE number = 3").problem.contains("does not follow"));
}

TEST_CASE("an entry that was told before a change is kept with it, or not at all") {
  Place place;
  SqlAuditLog log(*place.database);
  const auto change = [&](bool good) {
    return waitFor(place.database->write<Unit>({}, [good](Session& session) -> Result<Unit> {
      WEIR_TRY(session.exec("INSERT INTO identities (kind, id, body) VALUES ('x', 'x', '{}') ON CONFLICT DO NOTHING"));
      if (!good) return fail("storage.invalid", "no");
      return Unit{};
    }));
  };
  takeAlong(*place.database, entry("secret.written"));
  CHECK(!change(false));
  CHECK(checked(place).entries == 0);
  // It went with the change that failed.
  CHECK(change(true));
  CHECK(checked(place).entries == 0);
  takeAlong(*place.database, entry("secret.written"));
  CHECK(change(true));
  CHECK(checked(place).entries == 1);
  // Another thread's change is not that of this one.
  takeAlong(*place.database, entry("secret.removed"));
  std::thread([&] { CHECK(change(true)); }).join();
  CHECK(checked(place).entries == 1);
  CHECK(change(true));
  CHECK(checked(place).entries == 2);
  // The entry cannot be written, so the change is not made either.
  damage(place, "DELETE FROM identities");
  damage(place, "DELETE FROM audit_head");
  takeAlong(*place.database, entry("secret.written"));
  CHECK(!change(true));
  SqlIdentities identities(*place.database);
  CHECK(waitFor(identities.load({}))->empty());
}

TEST_CASE("what remains of an audit log that was trimmed still vouches for itself") {
  constexpr std::int64_t kThen = 1'700'000'000'000, kDay = 86'400'000;
  const auto days = [](std::int64_t count, std::string name) {
    auto made = entry(std::move(name));
    made.at += count * kDay;
    return made;
  };
  const auto trimmed = [&](const std::vector<std::string>& damages = {}, AuditKeep keep = {.keepMs = 10 * kDay}) {
    Place place;
    SqlAuditLog log(*place.database);
    std::vector<AuditEntry> entries;
    // The clock was wrong for the fourth: it protects those behind it, not those before.
    for (int i = 0; i < 10; ++i) entries.push_back(days(i == 3 ? 0 : std::int64_t{3} * i, "e" + std::to_string(i)));
    REQUIRE(waitFor(log.append(entries, {})));
    const auto removed = waitFor(trimAudit(*place.database, keep, kThen + 27 * kDay, {}));
    REQUIRE(removed);
    for (const auto& sql : damages) damage(place, sql);
    if (damages.empty()) CHECK(waitFor(trimmedEntries(*place.database, {})) == *removed);
    return std::pair(*removed, checked(place));
  };
  const auto [removed, whole] = trimmed();
  CHECK(whole.problem.empty());
  CHECK(removed == 6);        // those of the days 0 to 15
  CHECK(whole.entries == 5);  // four, and the one that says so
  CHECK(trimmed({"UPDATE audit SET actor = 'bob' WHERE number = 8"})
            .second.problem.contains("entry 8 is not what was written"));
  CHECK(trimmed({"DELETE FROM audit WHERE number = 7"}).second.problem.contains("from 7 to 7 are missing"));
  CHECK(trimmed({"DELETE FROM audit WHERE number = 11"}).second.problem.contains("the last ones are missing"));
  // Whoever takes more away than was trimmed, and moves the beginning, lacks the entry that says so.
  CHECK(trimmed({"DELETE FROM audit WHERE number = 7",
                 "UPDATE audit_anchor SET number = 7, hash = (SELECT previous FROM audit WHERE number = 8)"})
            .second.problem.contains("no entry says that those before were removed"));
  CHECK(trimmed({}, {}).first == 0);
  CHECK(trimmed({}, {.keepRows = 10}).first == 0);
  const auto [few, shorter] = trimmed({}, {.keepRows = 5});
  CHECK(few == 5);
  CHECK(shorter.entries == 6);  // five, and the one that says so
  CHECK(shorter.problem.empty());
  CHECK(trimmed({}, {.keepMs = 26 * kDay}).first == 0);    // some slack: a few are not worth an entry
  CHECK(trimmed({}, {.keepMs = kDay / 1000}).first == 9);  // the last one stays
  CHECK(trimmed({}, {.keepBytes = 1'000}).first == 8);
}

TEST_CASE("entries are found by folder and by time") {
  Place place;
  SqlAuditLog log(*place.database);
  std::vector<AuditEntry> entries;
  for (const auto* folder : {"", "team", "team/a", "teams", "te_m"}) {
    entries.push_back(entry("flow.created", folder));
    entries.back().at = 1'000 * std::ssize(entries);
  }
  REQUIRE(waitFor(log.append(std::move(entries), {})));
  const auto found = [&log](AuditQuery query) {
    const auto read = waitFor(log.list(std::move(query), {}));
    REQUIRE(read);
    std::string text;
    for (const auto& record : *read) text += std::to_string(record.number) + " ";
    return text;
  };
  CHECK(found({.folder = "team"}) == "3 2 ");
  CHECK(found({.folder = "te_m"}) == "5 ");
  CHECK(found({.folder = ""}) == "5 4 3 2 1 ");
  CHECK(found({.folder = "elsewhere"}).empty());
  CHECK(found({.from = 2'000, .until = 4'000}) == "4 3 2 ");
  CHECK(found({.folder = "team", .from = 3'000}) == "3 ");
  // What is asked for never widens what may be seen.
  CHECK(found({.visible = {.folders = {"teams"}}, .folder = "team"}).empty());
}

TEST_CASE("identities and their audit entries are kept together or not at all") {
  Place place;
  SqlIdentities identities(*place.database);
  REQUIRE(waitFor(
      identities.commit({{"user", "u1", R"({"name": "anna"})"}, {"user", "u2", "{}"}}, {entry("user.created")}, {})));
  REQUIRE(waitFor(identities.commit({{"user", "u2", {}}, {"user", "u1", R"({"name": "Anna"})"}}, {}, {})));
  const auto found = waitFor(identities.load({}));
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().body == R"({"name": "Anna"})");
  CHECK(checked(place).entries == 1);
  // The head of the log is gone: the entry cannot be written, so the user is not either.
  damage(place, "DELETE FROM audit_head");
  const auto failed = waitFor(identities.commit({{"user", "u3", "{}"}}, {entry("user.created")}, {}));
  REQUIRE(!failed);
  CHECK(failed.error().code == "storage.corrupt");
  CHECK(waitFor(identities.load({}))->size() == 1);
}

}  // namespace weir::store::sql
