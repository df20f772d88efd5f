// Database: the service's records in SQL. A kind of record is written once, as its interface and one class over a
// Database, and works on SQLite and PostgreSQL; service/store/sql/database.test.cpp shows a whole one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include "adapters/sodium/sodium.h"
#include "engine/host/operation.h"
#include "service/store/sql/kinds.h"
#include "service/store/sql/session.h"
#include "service/store/sql/store-thread.h"

namespace weir::store::sql {

/// Thread-safe. The destructor lets what was asked for finish.
///
/// `write`: the work runs in a transaction as if it was alone, and is told when what it did is on the disk; one that
/// gives an error has done nothing. Those that wait at the same time share a synced transaction. It may be run again
/// from the beginning, so it changes nothing but the database. `read`: the work sees one state of the database, with
/// all that was told before; it changes nothing.
///
/// Errors: those of the work; `sql.*` that it hands up come out as `storage.full`, `storage.corrupt`,
/// `storage.unavailable`.
class Database {
 public:
  /// Whether work adds to the database: what only frees room is let in when the disk is full.
  enum class Room : std::uint8_t { takes, frees };
  template <class T>
  using Work = std::function<Result<T>(Session&)>;

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;

  [[nodiscard]] virtual Dialect dialect() const = 0;
  /// Whether it answers, as it is known without asking it now; nothing where only asking tells.
  [[nodiscard]] virtual std::optional<bool> answers() const { return std::nullopt; }

  template <class T>
  [[nodiscard]] Operation<T> write(Waker waker, Work<T> work, Room room = Room::takes) {
    auto job = std::make_unique<StoreCall<T>>(std::move(waker), std::move(work));
    auto operation = job->operation();
    job->frees = room == Room::frees;
    giveWrite(std::move(job));
    return operation;
  }
  template <class T>
  [[nodiscard]] Operation<T> read(Waker waker, Work<T> work) {
    auto job = std::make_unique<StoreCall<T>>(std::move(waker), std::move(work));
    auto operation = job->operation();
    giveRead(std::move(job));
    return operation;
  }

 private:
  virtual void giveWrite(std::unique_ptr<StoreJob> job) = 0;
  virtual void giveRead(std::unique_ptr<StoreJob> job) = 0;
};

/// Told how far an older database is before it is brought up to date, while nobody changes it: a copy of it can be
/// kept. With an error nothing is changed.
using BeforeMigration = std::function<Result<void>(const Steps& from)>;

struct SqliteOptions {
  /// Called when the disk is full and something waits that makes room: gives back what was kept for that.
  std::function<void()> freeReserve{};
  /// Asked before each transaction: false while what is left of that is for deleting alone.
  std::function<bool()> mayGrow{};
  /// Told after a transaction that wanted room whether there was none for a part of it.
  std::function<void(bool refused)> grew{};
  /// Told before and after each commit of changes, from the thread that writes.
  std::function<void(bool before)> commits{};
  /// Told that a commit could not be brought to the disk, before anybody hears of it; it does not return: what the disk
  /// has is known by nobody until the file is read anew.
  std::function<void(const Error& why)> syncFailed{};
  std::int64_t mostPages = 0;                       // of 4 KiB; above that the disk is full; 0: no bound
  int readers = 2;                                  // threads with a connection each
  std::span<const Kind* const> kinds = allKinds();  // tests may have their own
  std::optional<sodium::Key> key{};                 // the file is encrypted with it
  Objects* objects = nullptr;                       // where large texts lie, outlives it; null: in the database
  bool asItIs = false;                              // it is there, and is neither made nor brought up to date
  BeforeMigration beforeMigration{};
};

/// Makes the file, or brings an older one up to date; the folder is there. `storage.newer`: a newer program wrote it;
/// `sql.key`: it is encrypted with another key, or not at all.
[[nodiscard]] Result<std::unique_ptr<Database>> openSqlite(const std::string& path, const SqliteOptions& options);

struct PostgresOptions {
  /// postgresql://USER:PASSWORD@HOST:PORT/NAME
  std::string url;
  /// TLS with a verified certificate is asked for except on loopback; this lets other machines do without.
  bool insecureTransport = false;
  std::string rootFile{};      // certificates that the server's may be signed by; empty: the system's
  int readers = 4;             // threads with a connection each
  Objects* objects = nullptr;  // as of SqliteOptions; no other server may have a folder of its own
  std::span<const Kind* const> kinds = allKinds();
  bool asItIs = false;  // no table is made or changed
  BeforeMigration beforeMigration{};
  /// So long a statement may take, and a caller wait for more than one; then the connection is dropped.
  std::int64_t timeoutMs = 10'000;
  bool watched = false;  // answers() is known: a connection of its own asks every half a second
  /// Told, on any thread, why the database cannot be reached, with its address; callers are told only that it cannot.
  /// The same reason at most once in ten seconds.
  std::function<void(const std::string& why)> unreached{};
};

/// PostgreSQL 15 or newer. A database that goes away and comes back is found again; meanwhile all is
/// `storage.unavailable`; so it is with one that does not answer within the time. A change whose commit was under way
/// when it went may have been made: the message says so. `settings.invalid`: the address is none, or would be talked to
/// in the clear.
[[nodiscard]] Result<std::unique_ptr<Database>> openPostgres(const PostgresOptions& options);

/// For a start and for tests: never on the thread that answers requests.
template <class T>
[[nodiscard]] Result<T> waitFor(Operation<T> operation) {
  for (int looks = 0; !operation.ready(); ++looks) {
    if (looks < 200) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
  return operation.take();
}

/// The database's codes as a store says them; those of a store go through.
[[nodiscard]] Error asStored(Error error);

}  // namespace weir::store::sql
