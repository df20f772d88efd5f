// PostgreSQL: one thread writes, some read, each with a connection that is made anew when it was lost.
#include <array>
#include <atomic>
#include <utility>
#include <vector>

#include "service/store/sql/audit-table.h"
#include "service/store/sql/database.h"
#include "service/store/sql/postgres-session.h"
#include "service/store/sql/renewed-address.h"

namespace weir::store::sql {
namespace {

constexpr int kMostTries = 8;
/// "WEIR": who else migrates this database waits for this lock.
constexpr std::int64_t kMigrationLock = 0x57454952;
constexpr const char* kSettings =
    "-c synchronous_commit=on -c statement_timeout=30s -c lock_timeout=10s "
    "-c idle_in_transaction_session_timeout=60s -c enable_seqscan=off -c jit=off";

/// A connection, or why there is none.
class Link {
 public:
  using Renewed = std::function<Result<postgres::ConnectOptions>()>;
  explicit Link(postgres::ConnectOptions options, Objects* objects = nullptr, Renewed renewed = {})
      : options_(std::move(options)), objects_(objects), renewed_(std::move(renewed)) {}
  /// Connects if need be.
  Result<PostgresSession*> session() {
    if (session_ && !session_->lost()) return session_.get();
    session_.reset();
    if (renewed_) {
      if (auto now = renewed_()) options_ = std::move(*now);
    }
    auto made = PostgresSession::open(options_);
    if (!made) {
      auto error = std::move(made.error());
      error.message = "the database at " + options_.target.host + ":" + options_.target.port +
                      " cannot be reached: " + error.message;
      return std::unexpected(std::move(error));
    }
    session_ = std::move(*made);
    session_->objects = objects_;
    return session_.get();
  }
  void drop() { session_.reset(); }

 private:
  postgres::ConnectOptions options_;
  Objects* objects_;
  Renewed renewed_;
  std::unique_ptr<PostgresSession> session_;
};

Result<void> stored(Result<void> result) {
  if (!result) return std::unexpected(asStored(std::move(result.error())));
  return result;
}

Result<void> finished(PostgresSession& session) {
  WEIR_TRY(session.finish());
  return {};
}

/// One attempt at a batch.
struct Attempt {
  std::vector<Result<void>> outcomes;  // of the jobs
  Result<void> kept;                   // of the transaction
  bool again = false;                  // nothing was kept, and another attempt may do better
};

/// Another transaction was in the way, or the connection was lost: all begins anew.
bool isAnew(const PostgresSession& session, const Result<void>& result) {
  return session.lost() || (!result && result.error().code == "sql.busy");
}

Result<void> commit(PostgresSession& session, Attempt& attempt) {
  WEIR_TRY(session.send("COMMIT"));
  auto done = finished(session);
  if (done) return done;
  if (!session.lost()) {
    attempt.again = isAnew(session, done);
    return done;
  }
  return fail("storage.unavailable",
              "the database went away while the change was committed: it may have been made or not; read it again",
              true);
}

Attempt attemptOf(PostgresSession& session, StoreThread::Batch& batch) {
  Attempt attempt;
  attempt.outcomes.resize(batch.size());
  attempt.kept = session.send("BEGIN ISOLATION LEVEL SERIALIZABLE");
  for (std::size_t i = 0; attempt.kept && i < batch.size(); ++i) {
    attempt.kept = session.send("SAVEPOINT one");
    if (!attempt.kept) break;
    auto& outcome = attempt.outcomes[i];
    outcome = batch[i]->work(session);
    if (outcome) outcome = finished(session);  // what it has posted
    if (isAnew(session, outcome)) {
      attempt.kept = outcome;
      attempt.again = true;
      return attempt;
    }
    // What was sent before the failure has to be heard of before anything else is said.
    if (!outcome) static_cast<void>(finished(session));
    if (!outcome) attempt.kept = session.send("ROLLBACK TO one");
    if (attempt.kept) attempt.kept = session.send("RELEASE one");
  }
  if (attempt.kept) {
    attempt.kept = commit(session, attempt);
  } else {
    attempt.again = session.lost();
  }
  return attempt;
}

void tellAll(StoreThread::Batch& batch, const Attempt& attempt) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const bool own = i < attempt.outcomes.size() && !attempt.outcomes[i];
    batch[i]->tell(stored(own ? attempt.outcomes[i] : attempt.kept));
  }
}

/// Works all jobs in one transaction, as if they were alone; what a failed one has done is undone alone.
void runTogether(Link& link, StoreThread::Batch& batch) {
  Attempt attempt;
  for (int tries = 0; tries < kMostTries; ++tries) {
    auto session = link.session();
    if (!session) {
      attempt.outcomes.clear();
      attempt.kept = std::unexpected(std::move(session.error()));
      break;
    }
    attempt = attemptOf(**session, batch);
    if (!attempt.again) {
      if (!attempt.kept) link.drop();
      break;
    }
    // The connection is thrown away with whatever was half done on it.
    link.drop();
  }
  tellAll(batch, attempt);
}

void runReads(Link& link, StoreThread::Batch& batch) {
  std::vector<Result<void>> outcomes(batch.size());
  for (int tries = 0; tries < 2; ++tries) {
    auto session = link.session();
    if (!session) {
      for (auto& outcome : outcomes) outcome = std::unexpected(session.error());
      break;
    }
    bool lost = false;
    for (std::size_t i = 0; i < batch.size() && !lost; ++i) {
      outcomes[i] = (*session)->send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      if (outcomes[i]) outcomes[i] = batch[i]->work(**session);
      auto ended = (*session)->send("ROLLBACK");
      if (ended) ended = finished(**session);
      lost = (*session)->lost();
    }
    if (!lost) break;
    link.drop();
  }
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->tell(stored(std::move(outcomes[i])));
}

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const postgres::ConnectOptions& options, const Link::Renewed& renewed, int readers, Objects* objects)
      : write_(options, objects, renewed), writer_([this](StoreThread::Batch& batch) { runTogether(write_, batch); }) {
    for (int i = 0; i < readers; ++i) reads_.push_back(std::make_unique<Link>(options, objects, renewed));
    for (const auto& link : reads_) {
      readers_.push_back(
          std::make_unique<StoreThread>([at = link.get()](StoreThread::Batch& batch) { runReads(*at, batch); }));
    }
  }
  [[nodiscard]] Dialect dialect() const override { return Dialect::postgres; }

 private:
  void giveWrite(std::unique_ptr<StoreJob> job) override { writer_.give(withEntry(*this, std::move(job))); }
  void giveRead(std::unique_ptr<StoreJob> job) override {
    readers_[turn_.fetch_add(1, std::memory_order_relaxed) % readers_.size()]->give(std::move(job));
  }

  Link write_;
  std::vector<std::unique_ptr<Link>> reads_;
  std::atomic<std::size_t> turn_ = 0;
  StoreThread writer_;  // threads are the last members: they end first
  std::vector<std::unique_ptr<StoreThread>> readers_;
};

bool isLoopback(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

Result<postgres::ConnectOptions> connectOptionsOf(const PostgresOptions& options) {
  postgres::ConnectOptions connect;
  WEIR_ASSIGN(connect.target, postgres::Target::parse(options.url));
  auto& mode = connect.target.sslMode;
  if (!isLoopback(connect.target.host) && !options.insecureTransport) {
    if (mode == "prefer") mode = "verify-full";
    if (mode != "verify-full") {
      return fail("settings.invalid", "the database at " + connect.target.host +
                                          " would be talked to with sslmode=" + mode +
                                          ", which does not verify who answers; leave sslmode out, or start with "
                                          "--insecure-transport");
    }
  }
  connect.settings = kSettings;
  connect.rootFile = options.rootFile;
  return connect;
}

Result<void> migrateAlone(PostgresSession& session, std::span<const Kind* const> kinds) {
  WEIR_TRY(session.send("BEGIN"));
  WEIR_TRY(session.queryOne("SELECT pg_advisory_xact_lock(?)", {kMigrationLock}));
  WEIR_TRY(migrate(session, kinds));
  WEIR_TRY(session.send("COMMIT"));
  return finished(session);
}

Result<std::unique_ptr<Database>> openedPostgres(const PostgresOptions& options,
                                                 std::function<Result<std::string>()> urlNow) {
  WEIR_ASSIGN(const auto connect, connectOptionsOf(options));
  {
    Link link(connect);
    WEIR_ASSIGN(auto* session, link.session());
    if (!options.asItIs) WEIR_TRY(migrateAlone(*session, options.kinds));
  }
  Link::Renewed renewed;
  if (urlNow) {
    renewed = [options, urlNow = std::move(urlNow)]() -> Result<postgres::ConnectOptions> {
      auto now = options;
      WEIR_ASSIGN(now.url, urlNow());
      return connectOptionsOf(now);
    };
  }
  return std::make_unique<PostgresDatabase>(connect, renewed, options.readers, options.objects);
}

}  // namespace

Result<std::unique_ptr<Database>> openPostgres(const PostgresOptions& options) { return openPostgres(options, {}); }

Result<std::unique_ptr<Database>> openPostgres(const PostgresOptions& options,
                                               std::function<Result<std::string>()> urlNow) {
  auto opened = openedPostgres(options, std::move(urlNow));
  if (!opened) return std::unexpected(asStored(std::move(opened.error())));
  return opened;
}

}  // namespace weir::store::sql
