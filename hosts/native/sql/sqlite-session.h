// SqliteSession: SQL on a SQLite file inside a mount.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "adapters/sqlite/database.h"
#include "hosts/native/native-files.h"
#include "hosts/native/sql/row-collector.h"
#include "hosts/native/sql/sql-session.h"

namespace weir::native {

class SqliteSession final : public SqlSession {
 public:
  /// `files` outlives it.
  SqliteSession(SqlTarget target, NativeFiles& files) : target_(std::move(target)), files_(files) {}

  Result<SqlRows> query(SqlQuery query, MemoryAccount& account) override;
  Result<SqlRows> fetch(MemoryAccount& account) override;
  Result<SqlWritten> write(const SqlWrite& write) override;
  Result<SinkCheckpoint> claim(const std::string& sink) override;
  void interrupt() override;

 private:
  /// What a query has left to do.
  struct Reading {
    SqlQuery query;
    sqlite::Statement statement;
    std::optional<RowCollector> rows;
    std::int64_t row = 0;  // of the parameters
    bool stepping = false;
  };
  [[nodiscard]] Result<void> connect();
  [[nodiscard]] Result<void> execute(Reading& reading, SqlRows& rows);
  [[nodiscard]] Result<void> prepareFor(const SqlWrite& write, const Schema& columns);
  [[nodiscard]] Result<SqlWritten> writeRows(const SqlWrite& write);
  [[nodiscard]] Result<std::optional<SinkCheckpoint>> known(const std::string& sink);
  [[nodiscard]] Result<SinkCheckpoint> takeOver(const std::string& sink);
  Result<void> keep(const SinkCheckpoint& checkpoint);
  [[nodiscard]] Error named(Error error) const;

  SqlTarget target_;
  NativeFiles& files_;
  std::mutex mutex_;  // of `database_` as interrupt() sees it
  std::atomic<bool> interrupted_{false};
  sqlite::Database database_;
  std::optional<Reading> reading_;
  std::string writeText_;
  sqlite::Statement write_;
};

}  // namespace weir::native
