// SQLite: one thread writes, some read, each with a connection of its own.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.h"
#include "service/store/sql/audit-table.h"
#include "service/store/sql/database.h"
#include "service/store/sql/folder-table.h"
#include "service/store/sql/request-key-table.h"
#include "service/store/sql/sqlite-log.h"

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
    return to.bindTextInPlace(place, text);
  }
  Result<void> operator()(Value::Bytes bytes) const { return to.bindBlobInPlace(place, bytes.bytes); }
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
  std::function<void(const Error&)> syncFailed{};

  explicit SqliteSession(sqlite::Database database) : database_(std::move(database)) {}
  [[nodiscard]] Dialect dialect() const override { return Dialect::sqlite; }
  [[nodiscard]] sqlite::Database& database() { return database_; }

  /// Numbers are taken from the database in one go for all the work of a transaction.
  Result<std::int64_t> nextNumber() override {
    if (numbersLeft_ == 0) {
      const auto some = std::max<std::int64_t>(numbersAtOnce_, 1);
      WEIR_ASSIGN(const auto last,
                  queryOne("UPDATE meta SET value = value + ? WHERE name = 'number' RETURNING value", {some}));
      if (!last) return fail("storage.corrupt", "the database has lost its counter");
      lastNumber_ = last->integer(0);
      numbersLeft_ = some;
    }
    return lastNumber_ - --numbersLeft_;
  }
  /// Where a transaction begins, or what it did is undone: what is left of the numbers may not be its own any more.
  /// `atOnce` will probably be asked for.
  void forgetNumbers(std::size_t atOnce) {
    numbersLeft_ = 0;
    numbersAtOnce_ = static_cast<std::int64_t>(atOnce);
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
  std::int64_t numbersAtOnce_ = 1, numbersLeft_ = 0, lastNumber_ = 0;
};

Result<void> stored(Result<void> result) {
  if (!result) return std::unexpected(asStored(std::move(result.error())));
  return result;
}

/// How the jobs of a transaction are kept apart.
enum class Apart : std::uint8_t {
  never,       // none of them changes anything before it fails
  bySavepoint  // what a failed one has done is undone alone
};

/// What came of a batch: of each job, and of the transaction.
struct Outcome {
  std::vector<Result<void>> jobs;
  Result<void> kept;
  bool mixed = false;  // nothing is kept: a job has failed after it had changed something, and was not kept apart
};

void workAll(SqliteSession& session, std::span<const std::unique_ptr<StoreJob>> batch, Apart apart, Outcome& outcome) {
  auto& database = session.database();
  auto& kept = outcome.kept;
  for (std::size_t i = 0; kept && i < batch.size(); ++i) {
    if (apart == Apart::bySavepoint) kept = database.execute("SAVEPOINT one");
    if (!kept) return;
    const auto before = database.changedInAll();
    auto& worked = outcome.jobs[i] = batch[i]->work(session);
    // A full disk and its like undo the whole transaction at once.
    if (!database.inTransaction()) {
      kept = worked ? fail("storage.unavailable", "the transaction has ended by itself") : worked;
      return;
    }
    if (apart == Apart::never) {
      outcome.mixed = !worked && database.changedInAll() != before;
      if (outcome.mixed) return;
      continue;
    }
    if (!worked) {
      kept = database.execute("ROLLBACK TO one");
      session.forgetNumbers(1);
    }
    if (kept) kept = database.execute("RELEASE one");
  }
}

Outcome attempt(SqliteSession& session, std::span<const std::unique_ptr<StoreJob>> batch, Apart apart) {
  auto& database = session.database();
  // Where there was no memory even to undo what came before.
  if (database.inTransaction()) static_cast<void>(database.execute("ROLLBACK"));
  Outcome outcome{std::vector<Result<void>>(batch.size()), database.execute("BEGIN IMMEDIATE")};
  session.forgetNumbers(apart == Apart::never ? batch.size() : 1);
  auto& kept = outcome.kept;
  workAll(session, batch, apart, outcome);
  if (kept && !outcome.mixed) {
    if (session.commits) session.commits(true);
    kept = database.execute("COMMIT");
    if (session.commits) session.commits(false);
  }
  if (database.inTransaction()) static_cast<void>(database.execute("ROLLBACK"));
  return outcome;
}

/// Works the jobs in one transaction; what a failed one has done is undone alone. Savepoints cost as much as the work,
/// and most that fails has not changed anything: so they come only when they were missed.
std::vector<Result<void>> transact(SqliteSession& session, std::span<const std::unique_ptr<StoreJob>> batch) {
  auto outcome = attempt(session, batch, Apart::never);
  if (outcome.mixed && batch.size() > 1) outcome = attempt(session, batch, Apart::bySavepoint);
  for (auto& job : outcome.jobs) {
    if (job) job = outcome.kept;
  }
  return std::move(outcome.jobs);
}

bool syncFailed(const Result<void>& result) { return !result && result.error().code == "files.sync_failed"; }

bool isFull(const Result<void>& result) { return !result && result.error().code == "sql.full"; }

/// The same of what lies beside the database.
bool isRefused(const Result<void>& result) {
  return !result && (result.error().code == "sql.full" || result.error().code == "storage.full");
}

/// A journal that is larger is cut when it is through.
constexpr std::uintmax_t kLargeJournal = std::uintmax_t{24} << 20;

/// What was freed goes back to the disk; not all at once, so that nobody waits for long.
void giveBack(sqlite::Database& database, const std::string& path) {
  auto some = database.prepare("PRAGMA incremental_vacuum(2000)");
  if (some) static_cast<void>(some->run());
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path + "-wal", error);
  if (error || bytes < kLargeJournal) return;
  // While somebody reads it, it stays for the next time.
  auto cut = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
  if (cut) static_cast<void>(cut->run());
}

/// What is left of the disk is for deleting: tells the others so, and leaves the rest.
void refuseGrowth(StoreThread::Batch& batch) {
  for (auto& job : batch) {
    if (job->frees) continue;
    job->tell(fail("storage.full", "the disk is full, and what is left of it is kept for deleting"));
    job.reset();
  }
  std::erase(batch, nullptr);
}

/// All in one transaction. On a full disk each has one of its own, and what makes room goes first.
void runBatch(SqliteSession& session, StoreThread::Batch& batch, const std::string& path,
              const std::function<void()>& freeReserve, const std::function<bool()>& mayGrow,
              const std::function<void(bool)>& grew) {
  const bool grows = std::ranges::any_of(batch, [](const auto& job) { return !job->frees; });
  const bool keptBack = mayGrow && !mayGrow();
  if (keptBack) refuseGrowth(batch);
  if (keptBack && grows && grew) grew(true);
  if (batch.empty()) return;
  auto outcomes = transact(session, batch);
  if (session.syncFailed) {
    const auto failed = std::ranges::find_if(outcomes, syncFailed);
    if (failed != outcomes.end()) {
      cutSqliteLog(path);
      session.syncFailed(failed->error());
    }
  }
  const bool frees = std::ranges::any_of(batch, [](const auto& job) { return job->frees; });
  if (std::ranges::any_of(outcomes, isFull)) {
    for (const bool freeing : {true, false}) {
      for (std::size_t i = 0; i < batch.size(); ++i) {
        if (batch[i]->frees != freeing) continue;
        const auto alone = [&] { return transact(session, std::span(batch).subspan(i, 1)).front(); };
        outcomes[i] = alone();
        // The reserve is for what makes room and has none itself, not for what it waited together with.
        if (!freeing || !isFull(outcomes[i]) || !freeReserve) continue;
        freeReserve();
        outcomes[i] = alone();
      }
    }
  }
  if (grew && grows && !keptBack) grew(std::ranges::any_of(outcomes, isRefused));
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->tell(stored(std::move(outcomes[i])));
  if (frees) giveBack(session.database(), path);
}

/// All see one state, that of the batch's beginning.
void runReads(SqliteSession& session, StoreThread::Batch& batch) {
  if (session.database().inTransaction()) static_cast<void>(session.database().execute("ROLLBACK"));
  Result<void> begun = session.database().execute("BEGIN");
  for (const auto& job : batch) job->tell(stored(begun ? job->work(session) : begun));
  if (begun) static_cast<void>(session.database().execute("COMMIT"));
}

Result<void> prepareFile(SqliteSession& session, std::span<const Kind* const> kinds) {
  auto& database = session.database();
  // auto_vacuum is decided before the first table; it gives room back as it is freed.
  WEIR_TRY(
      database.execute("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                       "PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 16777216"));
  // Pages that are changed again and again are read once, and go from the log into the file once for many changes.
  WEIR_TRY(database.execute("PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000"));
  WEIR_TRY(database.execute("BEGIN IMMEDIATE"));
  auto migrated = migrate(session, kinds);
  if (migrated) return database.execute("COMMIT");
  static_cast<void>(database.execute("ROLLBACK"));
  return migrated;
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::unique_ptr<SqliteSession> write, std::vector<std::unique_ptr<SqliteSession>> reads,
                 std::string path, const SqliteOptions& options)
      : path_(std::move(path)),
        freeReserve_(options.freeReserve),
        mayGrow_(options.mayGrow),
        grew_(options.grew),
        write_(std::move(write)),
        reads_(std::move(reads)),
        writer_([this](StoreThread::Batch& batch) { runBatch(*write_, batch, path_, freeReserve_, mayGrow_, grew_); }) {
    for (auto& session : reads_) {
      readers_.push_back(
          std::make_unique<StoreThread>([&session](StoreThread::Batch& batch) { runReads(*session, batch); }));
    }
  }
  [[nodiscard]] Dialect dialect() const override { return Dialect::sqlite; }

 private:
  void giveWrite(std::unique_ptr<StoreJob> job) override {
    writer_.give(withKey(*this, withEntry(*this, withCarried(*this, std::move(job)))));
  }
  void giveRead(std::unique_ptr<StoreJob> job) override {
    readers_[turn_.fetch_add(1, std::memory_order_relaxed) % readers_.size()]->give(std::move(job));
  }

  std::string path_;
  std::function<void()> freeReserve_;
  std::function<bool()> mayGrow_;
  std::function<void(bool)> grew_;
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
  auto session = std::make_unique<SqliteSession>(std::move(database));
  session->objects = how.objects;
  return session;
}

Result<std::unique_ptr<Database>> openedSqlite(const std::string& path, const SqliteOptions& options) {
  WEIR_ASSIGN(auto write, sessionOf(path, options.asItIs ? sqlite::Access::write : sqlite::Access::create, options));
  if (!options.asItIs) {
    WEIR_TRY(beforeMigrating(*write, options.kinds, options.beforeMigration));
    WEIR_TRY(prepareFile(*write, options.kinds));
  }
  write->commits = options.commits;
  write->syncFailed = options.syncFailed;
  if (options.mostPages > 0) {
    WEIR_TRY(write->database().execute(("PRAGMA max_page_count = " + std::to_string(options.mostPages)).c_str()));
  }
  std::vector<std::unique_ptr<SqliteSession>> reads;
  for (int i = 0; i < options.readers; ++i) {
    WEIR_ASSIGN(auto read, sessionOf(path, sqlite::Access::read, options));
    reads.push_back(std::move(read));
  }
  return std::make_unique<SqliteDatabase>(std::move(write), std::move(reads), path, options);
}

}  // namespace

Error asStored(Error error) {
  if ((!error.code.starts_with("sql.") && error.code != "files.sync_failed") || error.code == "sql.key") return error;
  if (error.code == "sql.full")
    error.code = "storage.full";
  else if (error.code == "sql.corrupt")
    error.code = "storage.corrupt";
  else if (error.code == "sql.read_only")
    return {"storage.read_only",
            "the disk that the server keeps its data on is read-only: what is there can be read, and nothing can be "
            "changed until it is mounted for writing again",
            true};
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
