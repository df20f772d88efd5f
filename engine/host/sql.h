// Sql: databases that understand SQL, as nodes see them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/data/batch.h"
#include "engine/host/operation.h"
#include "engine/host/sink-checkpoint.h"

namespace weir {

/// Where a database is: a SQLite file inside a mount, or a PostgreSQL server. Exactly one is given.
struct SqlTarget {
  std::string file;                 // a path as Files takes it
  std::string connection;           // postgresql://USER@HOST:PORT/NAME?sslmode=…; may hold ${secret:NAME}
  bool reading = false;             // nothing is written: the database is opened so
  bool create = false;              // a file that is not there is made
  std::int64_t timeoutMs = 30'000;  // of connecting, and of one statement
};

struct SqlQuery {
  /// One statement; its parameters are $1, $2 … (SQLite also takes ?1 and ?).
  std::string statement;
  /// The statement is executed for each row; column i is parameter i+1. A row without columns is an execution without
  /// parameters.
  Batch parameters;
};

/// A row that the database refused, and why.
struct SqlRefusal {
  std::uint32_t row = 0;
  Error error;
};

/// Some rows of what a query gives.
struct SqlRows {
  Batch rows;                       // tells the columns even if there are none; empty for statements without a result
  std::vector<std::uint32_t> from;  // for each, the row of parameters it belongs to; increasing
  std::vector<SqlRefusal> refused;
  std::int64_t changed = 0;  // rows inserted, updated or deleted
  bool more = false;         // fetch() has the next ones
};

enum class SqlWriteMode : std::uint8_t { insert, upsert, update, remove };

struct SqlWrite {
  SqlWriteMode mode = SqlWriteMode::insert;
  std::string table;              // NAME or SCHEMA.NAME
  std::vector<std::string> keys;  // none for insert
  std::vector<Batch> rows;        // dense; their fields are the columns, the keys among them
  /// Kept in the table weir_checkpoints of the same database; `state.fenced` if another run has taken the sink over.
  std::optional<SinkCheckpoint> checkpoint{};
};

struct SqlWritten {
  std::int64_t changed = 0;
  std::vector<SqlRefusal> refused;  // rows counted over all batches; they alone were not written
  bool already = false;             // the checkpoint had been written before, so nothing was done
};

/// One call at a time. The destructor ends what is under way and closes. Errors besides those of adapters:
/// `sql.unavailable` (recoverable; the next call connects again), `sql.statement`, `sql.denied`, `sql.limit`,
/// `settings.invalid` for a target that cannot be, secret.*, network.*, files.*.
class SqlConnection {
 public:
  virtual ~SqlConnection() = default;
  /// The first rows: about `kSqlFetchRows`.
  virtual Operation<SqlRows> query(SqlQuery query, MemoryAccount& account, Waker waker) = 0;
  virtual Operation<SqlRows> fetch(MemoryAccount& account, Waker waker) = 0;
  /// One transaction.
  virtual Operation<SqlWritten> write(SqlWrite write, Waker waker) = 0;
  /// Takes a sink over: its epoch goes up by one, and writes with a lower one are refused from then on. Gives what was
  /// written of it.
  virtual Operation<SinkCheckpoint> claim(std::string sink, Waker waker) = 0;
};

inline constexpr std::int64_t kSqlFetchRows = 4'096;
inline constexpr std::int64_t kSqlFetchBytes = 4 << 20;

struct Sql {
  static constexpr std::string_view kName = "sql";
  virtual ~Sql() = default;
  /// Connects with the first call. Error `settings.invalid`.
  [[nodiscard]] virtual Result<std::unique_ptr<SqlConnection>> open(SqlTarget target) = 0;
};

}  // namespace weir
