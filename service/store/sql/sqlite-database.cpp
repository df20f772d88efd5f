// SQLite: one thread writes, some read, each with a connection of its own.
#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.h"
#include "service/store/sql/database.h"

namespace weir::store::sql {
namespace {

using sqlite::Held;
using sqlite::Statement;

/// Lists are written anew for each number of words and tags.
constexpr std::size_t kMostStatements = 256;

Row::Cell cellOf(const Statement& row, int column) {
  switch (row.held(column)) {
    case Held::null:
      return {};
    case Held::integer:
      return row.integer(column);
    case Held::real:
      return row.real(column);
    case Held::text:
    case Held::blob:
      return std::string(row.text(column));
  }
  return {};
}

struct Bind {
  Statement& to;
  int place;
  Result<void> operator()(std::monostate) const { return to.bindNull(place); }
  Result<void> operator()(std::int64_t number) const { return to.bind(place, number); }
  Result<void> operator()(double number) const { return to.bind(place, number); }
  Result<void> operator()(std::string_view text) const {
    if (text.contains('\0')) return fail("storage.invalid", "a text holds a NUL byte; leave it out");
    return to.bindText(place, text);
  }
  Result<void> operator()(Value::Bytes bytes) const { return to.bindBlob(place, bytes.bytes); }
};

/// Resets the statement when what it has found was looked at.
class Reading {
 public:
  explicit Reading(Statement& statement) : statement_(statement) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { statement_.reset(); }

 private:
  Statement& statement_;
};

class SqliteSession final : public Session {
 public:
  std::function<void(bool)> commits{};  // SqliteOptions

  explicit SqliteSession(sqlite::Database database) : database_(std::move(database)) {}
  [[nodiscard]] Dialect dialect() const override { return Dialect::sqlite; }
  [[nodiscard]] sqlite::Database& database() { return database_; }

  Result<std::int64_t> nextNumber() override {
    WEIR_ASSIGN(const auto next, queryOne("UPDATE meta SET value = value + 1 WHERE name = 'number' RETURNING value"));
    if (!next) return fail("storage.corrupt", "the database has lost its counter");
    return next->integer(0);
  }

 private:
  Result<std::int64_t> run(std::string_view sql, std::span<const Value> values) override {
    WEIR_ASSIGN(auto* statement, bound(sql, values));
    WEIR_TRY(statement->run());
    return database_.changed();
  }
  Result<void> later(std::string_view sql, std::span<const Value> values) override {
    WEIR_TRY(run(sql, values));
    return {};
  }
  Result<std::vector<Row>> read(std::string_view sql, std::span<const Value> values) override {
    WEIR_ASSIGN(auto* statement, bound(sql, values));
    const Reading reading(*statement);
    std::vector<Row> rows;
    for (;;) {
      WEIR_ASSIGN(const bool there, statement->step());
      if (!there) return rows;
      std::vector<Row::Cell> cells;
      const int columns = statement->columns();
      cells.reserve(static_cast<std::size_t>(columns));
      for (int i = 0; i < columns; ++i) cells.push_back(cellOf(*statement, i));
      rows.emplace_back(std::move(cells));
    }
  }

  Result<Statement*> bound(std::string_view sql, std::span<const Value> values) {
    WEIR_ASSIGN(auto* statement, prepared(sql));
    if (statement->parameters() != std::ssize(values)) {
      return fail("sql.statement", "the statement has " + std::to_string(statement->parameters()) +
                                       " parameters, and was given " + std::to_string(values.size()));
    }
    int place = 0;
    for (const auto& value : values) WEIR_TRY(std::visit(Bind{*statement, ++place}, value.held()));
    return statement;
  }

  Result<Statement*> prepared(std::string_view sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return &found->second;
    if (statements_.size() >= kMostStatements) statements_.clear();
    WEIR_ASSIGN(auto made, database_.prepare(sql));
    return &statements_.emplace(sql, std::move(made)).first->second;
  }

  sqlite::Database database_;
  std::map<std::string, Statement, std::less<>> statements_;
};

Result<void> stored(Result<void> result) {
  if (!result) return std::unexpected(asStored(std::move(result.error())));
  return result;
}

/// Works the jobs in one transaction; what a failed one has done is undone alone.
std::vector<Result<void>> transact(SqliteSession& session, std::span<const std::unique_ptr<StoreJob>> batch) {
  auto& database = session.database();
  std::vector<Result<void>> outcomes(batch.size());
  Result<void> kept = database.execute("BEGIN IMMEDIATE");
  for (std::size_t i = 0; kept && i < batch.size(); ++i) {
    kept = database.execute("SAVEPOINT one");
    if (!kept) break;
    outcomes[i] = batch[i]->work(session);
    // A full disk and its like undo the whole transaction at once.
    if (!database.inTransaction()) {
      kept = outcomes[i] ? fail("storage.unavailable", "the transaction has ended by itself") : outcomes[i];
      break;
    }
    if (!outcomes[i]) kept = database.execute("ROLLBACK TO one");
    if (kept) kept = database.execute("RELEASE one");
  }
  if (kept) {
    if (session.commits) session.commits(true);
    kept = database.execute("COMMIT");
    if (session.commits) session.commits(false);
  }
  if (!kept && database.inTransaction()) static_cast<void>(database.execute("ROLLBACK"));
  for (auto& outcome : outcomes) {
    if (outcome) outcome = kept;
  }
  return outcomes;
}

bool isFull(const Result<void>& result) { return !result && result.error().code == "sql.full"; }

/// What was freed goes back to the disk; not all at once, so that nobody waits for long.
void giveBack(sqlite::Database& database) {
  auto some = database.prepare("PRAGMA incremental_vacuum(2000)");
  if (some) static_cast<void>(some->run());
}

/// All in one transaction. On a full disk each has one of its own, and what makes room goes first.
void runBatch(SqliteSession& session, StoreThread::Batch& batch, const std::function<void()>& freeReserve) {
  auto outcomes = transact(session, batch);
  const bool frees = std::ranges::any_of(batch, [](const auto& job) { return job->frees; });
  if (std::ranges::any_of(outcomes, isFull)) {
    if (frees && freeReserve) freeReserve();
    for (const bool freeing : {true, false}) {
      for (std::size_t i = 0; i < batch.size(); ++i) {
        if (batch[i]->frees == freeing) outcomes[i] = transact(session, std::span(batch).subspan(i, 1)).front();
      }
    }
  }
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->tell(stored(std::move(outcomes[i])));
  if (frees) giveBack(session.database());
}

/// All see one state, that of the batch's beginning.
void runReads(SqliteSession& session, StoreThread::Batch& batch) {
  Result<void> begun = session.database().execute("BEGIN");
  for (const auto& job : batch) job->tell(stored(begun ? job->work(session) : begun));
  if (begun) static_cast<void>(session.database().execute("COMMIT"));
}

Result<void> prepareFile(SqliteSession& session, std::span<const Kind* const> kinds) {
  auto& database = session.database();
  // auto_vacuum is decided before the first table; it gives room back as it is freed.
  WEIR_TRY(
      database.execute("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                       "PRAGMA foreign_keys = ON"));
  WEIR_TRY(database.execute("BEGIN IMMEDIATE"));
  auto migrated = migrate(session, kinds);
  if (migrated) return database.execute("COMMIT");
  static_cast<void>(database.execute("ROLLBACK"));
  return migrated;
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::unique_ptr<SqliteSession> write, std::vector<std::unique_ptr<SqliteSession>> reads,
                 std::function<void()> freeReserve)
      : freeReserve_(std::move(freeReserve)),
        write_(std::move(write)),
        reads_(std::move(reads)),
        writer_([this](StoreThread::Batch& batch) { runBatch(*write_, batch, freeReserve_); }) {
    for (auto& session : reads_) {
      readers_.push_back(
          std::make_unique<StoreThread>([&session](StoreThread::Batch& batch) { runReads(*session, batch); }));
    }
  }
  [[nodiscard]] Dialect dialect() const override { return Dialect::sqlite; }

 private:
  void giveWrite(std::unique_ptr<StoreJob> job) override { writer_.give(std::move(job)); }
  void giveRead(std::unique_ptr<StoreJob> job) override {
    readers_[turn_.fetch_add(1, std::memory_order_relaxed) % readers_.size()]->give(std::move(job));
  }

  std::function<void()> freeReserve_;
  std::unique_ptr<SqliteSession> write_;
  std::vector<std::unique_ptr<SqliteSession>> reads_;
  std::atomic<std::size_t> turn_ = 0;
  StoreThread writer_;  // threads are the last members: they end first
  std::vector<std::unique_ptr<StoreThread>> readers_;
};

Result<std::unique_ptr<SqliteSession>> sessionOf(const std::string& path, sqlite::Access access,
                                                 const SqliteOptions& how) {
  sqlite::OpenOptions options;
  options.access = access;
  options.key = how.key;
  WEIR_ASSIGN(auto database, sqlite::Database::open(path, options));
  return std::make_unique<SqliteSession>(std::move(database));
}

Result<std::unique_ptr<Database>> openedSqlite(const std::string& path, const SqliteOptions& options) {
  WEIR_ASSIGN(auto write, sessionOf(path, sqlite::Access::create, options));
  WEIR_TRY(prepareFile(*write, options.kinds));
  write->commits = options.commits;
  if (options.mostPages > 0) {
    WEIR_TRY(write->database().execute(("PRAGMA max_page_count = " + std::to_string(options.mostPages)).c_str()));
  }
  std::vector<std::unique_ptr<SqliteSession>> reads;
  for (int i = 0; i < options.readers; ++i) {
    WEIR_ASSIGN(auto read, sessionOf(path, sqlite::Access::read, options));
    reads.push_back(std::move(read));
  }
  return std::make_unique<SqliteDatabase>(std::move(write), std::move(reads), options.freeReserve);
}

}  // namespace

Error asStored(Error error) {
  if ((!error.code.starts_with("sql.") && error.code != "files.sync_failed") || error.code == "sql.key") return error;
  if (error.code == "sql.full")
    error.code = "storage.full";
  else if (error.code == "sql.corrupt")
    error.code = "storage.corrupt";
  else
    error.code = "storage.unavailable";
  error.message = "the database says: " + error.message;
  return error;
}

Result<std::unique_ptr<Database>> openSqlite(const std::string& path, const SqliteOptions& options) {
  auto opened = openedSqlite(path, options);
  if (!opened) return std::unexpected(asStored(std::move(opened.error())));
  return opened;
}

}  // namespace weir::store::sql
