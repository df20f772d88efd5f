// How a kind of record is written over the database, and what the database promises it.
#include "service/store/sql/database.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace weir;
using namespace weir::store;
using sql::waitFor;

struct Note {
  std::string id, text;
  std::int64_t at = 0;
};

/// The interface of a kind: service/store/notes.h, if it was a real one.
class Notes {
 public:
  virtual ~Notes() = default;
  /// `storage.changed`: a newer one is there.
  virtual Operation<Unit> put(Note note, Waker waker) = 0;
  virtual Operation<Note> get(std::string id, Waker waker) = 0;
};

/// Its tables: service/store/sql/note-table.cpp, with a line in kinds.cpp.
constexpr sql::Step kNoteSteps[] = {
    {"CREATE TABLE notes (id TEXT PRIMARY KEY, text TEXT NOT NULL, at BIGINT NOT NULL) WITHOUT ROWID"}};
constexpr sql::Kind kNoteKind{"notes", kNoteSteps};

/// Its one implementation.
class SqlNotes final : public Notes {
 public:
  explicit SqlNotes(sql::Database& database) : database_(database) {}

  Operation<Unit> put(Note note, Waker waker) override {
    return database_.write<Unit>(std::move(waker), [note = std::move(note)](sql::Session& session) -> Result<Unit> {
      WEIR_ASSIGN(const auto old, session.queryOne("SELECT at FROM notes WHERE id = ?", {note.id}));
      if (old && old->integer(0) > note.at) return fail("storage.changed", "a newer note is there; read it again");
      WEIR_TRY(
          session.exec("INSERT INTO notes (id, text, at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
                       "text = excluded.text, at = excluded.at",
                       {note.id, note.text, note.at}));
      return Unit{};
    });
  }

  Operation<Note> get(std::string id, Waker waker) override {
    return database_.read<Note>(std::move(waker), [id = std::move(id)](sql::Session& session) -> Result<Note> {
      WEIR_ASSIGN(const auto row, session.queryOne("SELECT id, text, at FROM notes WHERE id = ?", {id}));
      if (!row) return fail("storage.not_found", "there is no note '" + id + "'");
      return Note{row->text(0), row->text(1), row->integer(2)};
    });
  }

 private:
  sql::Database& database_;
};

/// A folder that is gone with it.
struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-sql-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path;
};

std::unique_ptr<sql::Database> opened(const Folder& folder) {
  static constexpr std::array kKinds{&kNoteKind};
  sql::SqliteOptions options;
  options.kinds = kKinds;
  auto database = sql::openSqlite(folder.path + "/notes.db", options);
  REQUIRE_MESSAGE(database.has_value(), database.error().message);
  return std::move(*database);
}

TEST_CASE("a kind of record writes and reads, and says no in its own words") {
  const Folder folder;
  const auto database = opened(folder);
  SqlNotes notes(*database);
  REQUIRE(waitFor(notes.put({"a", "first", 2}, {})));
  const auto late = waitFor(notes.put({"a", "late", 1}, {}));
  REQUIRE(!late);
  CHECK(late.error().code == "storage.changed");
  const auto read = waitFor(notes.get("a", {}));
  REQUIRE(read);
  CHECK(read->text == "first");
  CHECK(waitFor(notes.get("b", {})).error().code == "storage.not_found");
}

TEST_CASE("work that gives an error has done nothing, and takes nothing from those that wait with it") {
  const Folder folder;
  const auto database = opened(folder);
  SqlNotes notes(*database);
  const auto half = [](sql::Session& session) -> Result<Unit> {
    WEIR_TRY(session.exec("INSERT INTO notes VALUES ('half', '', 0)"));
    return fail("storage.invalid", "not this one");
  };
  const auto twice = [](sql::Session& session) -> Result<Unit> {
    WEIR_TRY(session.exec("INSERT INTO notes VALUES ('twice', '', 0)"));
    WEIR_TRY(session.exec("INSERT INTO notes VALUES ('twice', '', 0)"));
    return Unit{};
  };
  auto before = notes.put({"before", "", 0}, {});
  auto failing = database->write<Unit>({}, half);
  auto refused = database->write<Unit>({}, twice);
  auto after = notes.put({"after", "", 0}, {});
  CHECK(waitFor(std::move(before)));
  CHECK(waitFor(std::move(failing)).error().code == "storage.invalid");
  CHECK(waitFor(std::move(refused)).error().code == "storage.unavailable");
  CHECK(waitFor(std::move(after)));
  CHECK(waitFor(notes.get("before", {})));
  CHECK(waitFor(notes.get("after", {})));
  CHECK(!waitFor(notes.get("half", {})));
  CHECK(!waitFor(notes.get("twice", {})));
}

TEST_CASE("what is bound comes back as it was: numbers, texts, bytes and nothing") {
  const Folder folder;
  const auto database = opened(folder);
  const std::string bytes("\0\xFF\n", 3);
  const auto good = waitFor(database->write<bool>({}, [&bytes](sql::Session& session) -> Result<bool> {
    WEIR_TRY(session.exec("CREATE TABLE kept (n BIGINT, d DOUBLE PRECISION, t TEXT, b BLOB, o TEXT)"));
    WEIR_TRY(session.exec("INSERT INTO kept VALUES (?, ?, ?, ?, ?)",
                          {-7, 0.5, "\xC3\xA4\xE2\x82\xAC", sql::Value::Bytes{bytes}, std::optional<std::string>()}));
    WEIR_ASSIGN(const auto row, session.queryOne("SELECT n, d, t, b, o FROM kept WHERE n = ?1 AND d < ?2", {-7, 1.0}));
    return row && row->integer(0) == -7 && row->real(1) == 0.5 && row->text(2) == "\xC3\xA4\xE2\x82\xAC" &&
           row->text(3) == bytes && row->null(4) && !row->null(3);
  }));
  REQUIRE_MESSAGE(good.has_value(), good.error().message);
  CHECK(*good);
  const auto nul = waitFor(database->write<Unit>({}, [](sql::Session& session) -> Result<Unit> {
    WEIR_TRY(session.exec("INSERT INTO kept (t) VALUES (?)", {std::string("a\0b", 3)}));
    return Unit{};
  }));
  REQUIRE(!nul);
  CHECK(nul.error().code == "storage.invalid");
}

TEST_CASE("numbers grow, also over a restart") {
  const Folder folder;
  const auto next = [](sql::Session& session) { return session.nextNumber(); };
  std::int64_t last = 0;
  for (int i = 0; i < 3; ++i) {
    const auto database = opened(folder);
    for (int k = 0; k < 3; ++k) {
      const auto number = waitFor(database->write<std::int64_t>({}, next));
      REQUIRE(number);
      CHECK(*number > last);
      last = *number;
    }
  }
}

TEST_CASE("of work that waits together what fails late is undone alone, and numbers stay everybody's own") {
  const Folder folder;
  const auto database = opened(folder);
  for (const bool late : {false, true}) {
    CAPTURE(late);
    std::promise<void> gate;
    const auto opens = gate.get_future().share();
    std::atomic<int> worked = 0;
    // The writer stands here until all others wait.
    auto first = database->write<Unit>({}, [opens](sql::Session&) -> Result<Unit> {
      opens.wait();
      return Unit{};
    });
    std::vector<Operation<std::int64_t>> operations;
    for (int i = 0; i < 20; ++i) {
      operations.push_back(
          database->write<std::int64_t>({}, [i, late, &worked](sql::Session& session) -> Result<std::int64_t> {
            ++worked;
            if (i % 5 == 4) return fail("storage.changed", "this one comes too late");
            WEIR_ASSIGN(const auto number, session.nextNumber());
            const auto id = (late ? "late" : "early") + std::to_string(i);
            WEIR_TRY(session.exec("INSERT INTO notes VALUES (?, '', ?)", {id, number}));
            if (late && i % 5 == 3) return fail("storage.invalid", "not this one");
            return number;
          }));
    }
    gate.set_value();
    CHECK(waitFor(std::move(first)));
    std::int64_t last = 0;
    for (int i = 0; i < 20; ++i) {
      const auto number = waitFor(std::move(operations[static_cast<std::size_t>(i)]));
      const bool fails = i % 5 == 4 || (late && i % 5 == 3);
      REQUIRE(number.has_value() != fails);
      CHECK(waitFor(SqlNotes(*database).get((late ? "late" : "early") + std::to_string(i), {})).has_value() != fails);
      if (fails) continue;
      CHECK(*number > last);
      last = *number;
    }
    // What has changed nothing before it failed costs nobody a second time.
    if (!late) CHECK(worked == 20);
    const auto next =
        waitFor(database->write<std::int64_t>({}, [](sql::Session& session) { return session.nextNumber(); }));
    REQUIRE(next);
    CHECK(*next > last);
  }
}

TEST_CASE("a file that is no database is corrupt, and one that cannot be made is unavailable") {
  const Folder folder;
  const auto path = folder.path + "/weir.db";
  {
    std::FILE* file = std::fopen(path.c_str(), "w");
    REQUIRE(file != nullptr);
    for (int i = 0; i < 1'000; ++i) std::fputs("no database", file);
    std::fclose(file);
  }
  const auto broken = sql::openSqlite(path, {});
  REQUIRE(!broken);
  CHECK(broken.error().code == "storage.corrupt");
  const auto nowhere = sql::openSqlite(folder.path + "/no/such/folder/weir.db", {});
  REQUIRE(!nowhere);
  CHECK(nowhere.error().code == "storage.unavailable");
}

TEST_CASE("a step is put in PostgreSQL's words") {
  CHECK(sql::postgresOf({"CREATE TABLE a (b BLOB, t TEXT, n INTEGER, s TEXT DEFAULT 'TEXT') WITHOUT ROWID"}) ==
        "CREATE TABLE a (b BYTEA, t TEXT COLLATE \"C\", n BIGINT, s TEXT COLLATE \"C\" DEFAULT 'TEXT')  ");
  CHECK(sql::postgresOf({"CREATE TABLE a (b BLOB)", "CREATE TABLE b (c BYTEA)"}) == "CREATE TABLE b (c BYTEA)");
}

}  // namespace
