// PostgresLink: a connection that is made anew when it was lost, and one that watches.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "service/store/sql/database.h"
#include "service/store/sql/postgres-session.h"

namespace weir::store::sql {

/// How a database is connected to: verified TLS except on loopback, and `settings` (`-c NAME=VALUE …`) of the session.
[[nodiscard]] Result<postgres::ConnectOptions> connectOptionsOf(const PostgresOptions& options,
                                                                const std::string& settings);

/// Until the end of the transaction nobody else makes or changes tables.
Result<void> lockForMigration(PostgresSession& session);

/// Asked with each new connection, since the address may be another one by then; an error leaves what was known.
using RenewedOptions = std::function<Result<postgres::ConnectOptions>()>;

/// What callers are told of a database that is away, while its operators are told why. Thread-safe.
class Unreached {
 public:
  explicit Unreached(std::function<void(const std::string& why)> tell) : tell_(std::move(tell)) {}
  /// `storage.unavailable` without a word of where the database is.
  [[nodiscard]] Error asTold(const Error& why);
  /// A connection could not be made: whether one may soon be, as after a restart of the database. Nobody waits for one
  /// that is away for longer than kBridgeMs.
  [[nodiscard]] bool mayReturn();
  void reached() { awaySinceMs_.store(0, std::memory_order_relaxed); }

  static constexpr std::int64_t kBridgeMs = 2'000;

 private:
  std::function<void(const std::string& why)> tell_;
  std::mutex mutex_;
  std::string last_;
  std::int64_t lastAtMs_ = 0;
  std::atomic<std::int64_t> awaySinceMs_ = 0;  // of the steady clock; 0: it is not away
};

/// A connection, or why there is none. Used by one thread.
class PostgresLink {
 public:
  explicit PostgresLink(postgres::ConnectOptions options, Objects* objects = nullptr, RenewedOptions renewed = {})
      : options_(std::move(options)), objects_(objects), renewed_(std::move(renewed)) {}
  /// Connects if need be; every wait of it ends after so long.
  Result<PostgresSession*> session(std::int64_t timeoutMs);
  void drop() { session_.reset(); }

 private:
  postgres::ConnectOptions options_;
  Objects* objects_;
  RenewedOptions renewed_;
  std::unique_ptr<PostgresSession> session_;
};

/// Asks the database every half a second, on a thread and a connection of its own, whether it answers.
class PostgresPulse {
 public:
  explicit PostgresPulse(PostgresLink link);
  ~PostgresPulse();
  PostgresPulse(const PostgresPulse&) = delete;
  PostgresPulse& operator=(const PostgresPulse&) = delete;
  /// Whether it did lately. Any thread.
  [[nodiscard]] bool beats() const;

 private:
  void loop();
  bool ask();

  PostgresLink link_;
  std::atomic<std::int64_t> answeredAt_;  // milliseconds of the steady clock; 0: not the last time
  std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread thread_;  // the last member: it begins when the others are there
};

}  // namespace weir::store::sql
