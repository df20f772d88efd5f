// PostgreSQL: one thread writes, some read, each with a connection that is made anew when it was lost.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "service/store/sql/audit-table.h"
#include "service/store/sql/database.h"
#include "service/store/sql/folder-table.h"
#include "service/store/sql/postgres-link.h"
#include "service/store/sql/postgres-session.h"
#include "service/store/sql/renewed-address.h"
#include "service/store/sql/request-key-table.h"

namespace weir::store::sql {
namespace {

constexpr int kMostTries = 8;
constexpr std::chrono::milliseconds kBetweenConnections{50};
/// A table may be large.
constexpr std::int64_t kMigrationMs = 3'600'000;

/// Statements of people and of migrations; the server ends what nobody waits for any more.
std::string settingsFor(std::int64_t statementMs) {
  return "-c synchronous_commit=on -c statement_timeout=" + std::to_string(statementMs) +
         " -c lock_timeout=" + std::to_string(statementMs) +
         " -c idle_in_transaction_session_timeout=60s -c enable_seqscan=off -c jit=off";
}

/// How long a batch may wait for the database: whoever waits longest has waited for others before.
class Patience {
 public:
  Patience(const StoreThread::Batch& batch, std::int64_t timeoutMs) {
    const auto now = std::chrono::steady_clock::now();
    const std::int64_t waited =
        std::chrono::duration_cast<std::chrono::milliseconds>(now - batch.front()->since).count();
    limitMs_ = std::clamp(timeoutMs - waited, timeoutMs / 5, timeoutMs);
    until_ = now + std::chrono::milliseconds(limitMs_);
  }
  /// Of every wait.
  [[nodiscard]] std::int64_t limitMs() const { return limitMs_; }
  /// No attempt begins any more.
  [[nodiscard]] bool over() const { return std::chrono::steady_clock::now() >= until_; }

 private:
  std::int64_t limitMs_;
  std::chrono::steady_clock::time_point until_;
};

/// As callers are told it.
Result<void> stored(Unreached& unreached, Result<void> result) {
  if (result) return result;
  if (result.error().code == "sql.unavailable") return std::unexpected(unreached.asTold(result.error()));
  return std::unexpected(asStored(std::move(result.error())));
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

void tellAll(Unreached& unreached, StoreThread::Batch& batch, const Attempt& attempt) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const bool own = i < attempt.outcomes.size() && !attempt.outcomes[i];
    batch[i]->tell(stored(unreached, own ? attempt.outcomes[i] : attempt.kept));
  }
}

/// The connection, also if the database is away for a moment only: nothing has been sent to it yet.
Result<PostgresSession*> reached(PostgresLink& link, Unreached& unreached, const Patience& patience) {
  for (;;) {
    auto session = link.session(patience.limitMs());
    if (session) unreached.reached();
    if (session || patience.over() || !unreached.mayReturn()) return session;
    std::this_thread::sleep_for(kBetweenConnections);
  }
}

/// Works all jobs in one transaction, as if they were alone; what a failed one has done is undone alone.
void runTogether(PostgresLink& link, Unreached& unreached, StoreThread::Batch& batch, std::int64_t timeoutMs) {
  Attempt attempt;
  const Patience patience(batch, timeoutMs);
  for (int tries = 0; tries < kMostTries; ++tries) {
    auto session = reached(link, unreached, patience);
    if (!session) {
      attempt.outcomes.clear();
      attempt.kept = std::unexpected(unreached.asTold(session.error()));
      break;
    }
    attempt = attemptOf(**session, batch);
    if (!attempt.again) {
      if (!attempt.kept) link.drop();
      break;
    }
    // The connection is thrown away with whatever was half done on it.
    link.drop();
    if (patience.over()) break;
  }
  tellAll(unreached, batch, attempt);
}

void runReads(PostgresLink& link, Unreached& unreached, StoreThread::Batch& batch, std::int64_t timeoutMs) {
  std::vector<Result<void>> outcomes(batch.size());
  const Patience patience(batch, timeoutMs);
  for (int tries = 0; tries < 2; ++tries) {
    auto session = reached(link, unreached, patience);
    if (!session) {
      const auto told = unreached.asTold(session.error());
      for (auto& outcome : outcomes) outcome = std::unexpected(told);
      break;
    }
    bool lost = false;
    for (std::size_t i = 0; i < batch.size() && !lost; ++i) {
      outcomes[i] = (*session)->send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      if (outcomes[i]) outcomes[i] = batch[i]->work(**session);
      auto ended = (*session)->send("ROLLBACK");
      if (ended) ended = finished(**session);
      lost = (*session)->lost();
      for (auto behind = i + 1; lost && !outcomes[i] && behind < batch.size(); ++behind) outcomes[behind] = outcomes[i];
    }
    if (!lost) break;
    link.drop();
    if (patience.over()) break;
  }
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->tell(stored(unreached, std::move(outcomes[i])));
}

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(const postgres::ConnectOptions& connect, const RenewedOptions& renewed,
                   const PostgresOptions& options)
      : unreached_(options.unreached),
        write_(connect, options.objects, renewed),
        writer_([this, most = options.timeoutMs](StoreThread::Batch& batch) {
          runTogether(write_, unreached_, batch, most);
        }) {
    for (int i = 0; i < options.readers; ++i) {
      reads_.push_back(std::make_unique<PostgresLink>(connect, options.objects, renewed));
    }
    for (const auto& link : reads_) {
      readers_.push_back(
          std::make_unique<StoreThread>([this, at = link.get(), most = options.timeoutMs](StoreThread::Batch& batch) {
            runReads(*at, unreached_, batch, most);
          }));
    }
    if (options.watched) pulse_ = std::make_unique<PostgresPulse>(PostgresLink(connect, nullptr, renewed));
  }
  [[nodiscard]] Dialect dialect() const override { return Dialect::postgres; }
  [[nodiscard]] std::optional<bool> answers() const override {
    return pulse_ ? std::optional(pulse_->beats()) : std::nullopt;
  }

 private:
  void giveWrite(std::unique_ptr<StoreJob> job) override {
    writer_.give(withKey(*this, withEntry(*this, withCarried(*this, std::move(job)))));
  }
  void giveRead(std::unique_ptr<StoreJob> job) override {
    readers_[turn_.fetch_add(1, std::memory_order_relaxed) % readers_.size()]->give(std::move(job));
  }

  Unreached unreached_;
  PostgresLink write_;
  std::vector<std::unique_ptr<PostgresLink>> reads_;
  std::atomic<std::size_t> turn_ = 0;
  StoreThread writer_;  // threads are the last members: they end first
  std::vector<std::unique_ptr<StoreThread>> readers_;
  std::unique_ptr<PostgresPulse> pulse_;
};

Result<void> migrateAlone(PostgresSession& session, std::span<const Kind* const> kinds) {
  WEIR_TRY(session.send("BEGIN"));
  WEIR_TRY(lockForMigration(session));
  WEIR_TRY(migrate(session, kinds));
  WEIR_TRY(session.send("COMMIT"));
  return finished(session);
}

Result<std::unique_ptr<Database>> openedPostgres(const PostgresOptions& options,
                                                 std::function<Result<std::string>()> urlNow) {
  const auto settings = settingsFor(options.timeoutMs);
  WEIR_ASSIGN(const auto connect, connectOptionsOf(options, settings));
  {
    auto first = connect;
    first.settings = settingsFor(kMigrationMs);
    PostgresLink link(std::move(first));
    WEIR_ASSIGN(auto* session, link.session(options.timeoutMs));
    session->waitAtMost(kMigrationMs);
    if (!options.asItIs) {
      WEIR_TRY(beforeMigrating(*session, options.kinds, options.beforeMigration));
      WEIR_TRY(migrateAlone(*session, options.kinds));
    }
  }
  RenewedOptions renewed;
  if (urlNow) {
    renewed = [options, settings, urlNow = std::move(urlNow)]() -> Result<postgres::ConnectOptions> {
      auto now = options;
      WEIR_ASSIGN(now.url, urlNow());
      return connectOptionsOf(now, settings);
    };
  }
  return std::make_unique<PostgresDatabase>(connect, renewed, options);
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
